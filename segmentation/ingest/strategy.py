"""How a batch meets what the lake holds: merged row by row, or all of it labelled anew."""

from __future__ import annotations

import re
from typing import Literal

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation.source import Source
from segmentation.sql import resolves

Strategy = Literal["first", "merge", "rebuild"]
# A SELECT without these looks at each raw row by itself.
AROUND = (
    "join",
    "over",
    "group",
    "union",
    "intersect",
    "except",
    "distinct",
    "limit",
    "exists",
    "explode",
    "lateral",
    "with",
)
LOOKS_AROUND = re.compile(rf"\b({'|'.join(AROUND)})\b", re.IGNORECASE)


def strategy(spark: SparkSession, source: Source, is_new: bool) -> Strategy:
    """`first` on a new lake; `merge` where each raw row stands for itself; else `rebuild`.

    A table that joins raw tables may change in rows that a batch says nothing of (an order whose items come a
    day later): such a source keeps its raw rows in the lake, and is labelled anew from all of them.
    """
    if is_new:
        return "first"
    return "merge" if stands_alone(spark, source) else "rebuild"


def stands_alone(spark: SparkSession, source: Source) -> bool:
    """Whether every table is one SELECT that looks at each row by itself, ranked by the table's own columns."""
    if source.joined_only or source.grain == "line" or source.real_copies:
        return False
    for name, selects in source.tables.items():
        if len(selects) > 1 or not _plain(selects[0].select, {*source.raw, *source.tables}, selects[0].counted_on):
            return False
        rank = selects[0].version_rank
        types = ", ".join(f"{column.name} {column.type}" for column in source.table(name).columns)
        if rank and not resolves(spark.createDataFrame([], types), F.expr(rank)):
            return False
    counted = [selects[0].counted_on for selects in source.tables.values()]
    return len(set(counted)) == len(counted)


def looks_around(select: str) -> bool:
    """Whether a SELECT does more than look at each row by itself, so that a row may become several."""
    return LOOKS_AROUND.search(select) is not None


def _plain(select: str, names: set[str], own: str) -> bool:
    others = [name for name in names if name != own and re.search(rf"\b{re.escape(name)}\b", select)]
    return not others and not looks_around(select) and len(re.findall(r"\bselect\b", select, re.IGNORECASE)) == 1
