"""Keys of two or more columns, some of which may be unknown: put aside under other names, and compared."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F


def aside(names: Iterable[str], prefix: str) -> list[Column]:
    """The columns under names with a prefix, so that a join can tell both sides apart."""
    return [F.col(name).alias(prefix + name) for name in names]


def same_key(names: Iterable[str], prefix: str) -> Column:
    """Whether the columns are those that were put aside; an unknown one is the same as an unknown one."""
    return reduce(Column.__and__, [F.col(name).eqNullSafe(F.col(prefix + name)) for name in names])
