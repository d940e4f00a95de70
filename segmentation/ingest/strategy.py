"""How a batch meets what the lake holds: merged row by row, or all of it labelled anew."""

from __future__ import annotations

import re
from typing import Literal

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation.source import Source
from segmentation.sql import resolves, unquoted

Strategy = Literal["first", "merge", "rebuild"]
# A SELECT with one of these does more than look at each raw row by itself.
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
    "lateral",
    "with",
)
LOOKS_AROUND = re.compile(rf"\b({'|'.join(AROUND)})\b", re.IGNORECASE)
# Functions that make several rows of one.
GENERATES = re.compile(r"\b(\w*explode\w*|inline\w*|stack|json_tuple)\s*\(", re.IGNORECASE)
# A SELECT from one table and nothing else, where # stands for what is in brackets.
OF_ONE_TABLE = re.compile(
    r"SELECT\b.*?\bFROM\s+[\w.]+(\s+(AS\s+)?\w+)?(\s+WHERE\b((?!\|>).)*)?", re.IGNORECASE | re.DOTALL
)


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
    """Whether a SELECT may do more than look at each row by itself, so that a row may become several.

    It does not where it is seen to take one table, without joins (a comma is one) or functions that make several rows.
    """
    text = unquoted(select).strip().rstrip(";").strip()
    if LOOKS_AROUND.search(select) or generates(select) or len(re.findall(r"\bselect\b", text, re.IGNORECASE)) != 1:
        return True
    outer, inner = "", text
    while outer != inner:
        outer, inner = inner, re.sub(r"\([^()]*\)", "#", inner)
    return OF_ONE_TABLE.fullmatch(outer) is None


def generates(select: str) -> bool:
    """Whether a SELECT makes several rows of one by a function, as of a column that lists what was bought."""
    return GENERATES.search(unquoted(select)) is not None


def _plain(select: str, names: set[str], own: str) -> bool:
    others = [name for name in names if name != own and re.search(rf"\b{re.escape(name)}\b", select)]
    return not others and not looks_around(select)
