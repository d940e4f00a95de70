"""Keys of two or more columns, some of which may be unknown, put aside under other names and compared; cells by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F


def aside(names: Iterable[str], prefix: str) -> list[Column]:
    """The columns under names with a prefix, so that a join can tell both sides apart."""
    return [F.col(name).alias(prefix + name) for name in names]


def same_key(names: Iterable[str], prefix: str) -> Column:
    """Whether the columns are those that were put aside; an unknown one is the same as an unknown one."""
    return reduce(Column.__and__, [F.col(name).eqNullSafe(F.col(prefix + name)) for name in names])


def by_segment(values: Mapping[int, object], kind: str) -> Column:
    """The value of each row's segment, in a Spark SQL type; NULL where there is none.

    For a handful of segments: as a CASE, which costs no join.
    """
    found = F.lit(None).cast(kind)
    for segment, value in values.items():
        found = F.when(F.col("segment") == segment, _literal(value).cast(kind)).otherwise(found)
    return found


def _literal(value: object) -> Column:
    if isinstance(value, Mapping):
        return F.create_map(*[F.lit(part) for entry in value.items() for part in entry])
    return F.lit(value)
