"""Segments as CSV files for campaign tools and spreadsheets: who is in them, and what to do."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, groupby, permutations
from pathlib import Path
from typing import Any, TypeVar

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.entities import Entity
from segmentation.files import atomic_write
from segmentation.keys import aside, same_key
from segmentation.profiles.profile import MAY_LACK

E = TypeVar("E", bound=str)

FIGURES = ("count_orders", "total_gmv", "avg_order_value", "recency_days")
PLACES = ("province", "city", "top_category")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet may take a text for a formula by
LONGEST = 60  # of a segment's name in the name of its file


@dataclass(frozen=True)
class ExportedFile:
    """One file and how many rows are in it."""

    path: Path
    rows: int


@dataclass(frozen=True)
class Form:
    """How a CSV is written: what parts its cells, and what parts whole numbers from fractions."""

    separator: str = ","
    decimal: str = "."


def members(
    segments: DataFrame,
    features: DataFrame,
    profiles: DataFrame,
    entity: Entity,
    names: Sequence[str],
    attributes: Sequence[str] = (),
) -> DataFrame:
    """One row per entity, by segment and in it those with the most GMV first.

    Returns segment, the id, segment_name, confidence, previous_segment, segment_since, key figures, the features
    `names` and the source's `attributes`, province, city, top_category (those that there are), last_order (a day) and
    recommendation.
    """
    known = [name for name in dict.fromkeys((*FIGURES, *names, *attributes, *PLACES)) if name in features.columns]
    last = [F.to_date("last_order_at").alias("last_order")] if "last_order_at" in features.columns else []
    value = F.col("total_gmv") if "total_gmv" in features.columns else F.lit(None).cast(MAY_LACK["total_gmv"])
    advice = F.broadcast(profiles.select("segment", "recommendation"))
    return (
        segments.select(entity.id, "segment", "segment_name", "confidence", "previous_segment", "segment_since")
        .join(features.select(entity.id, *known, *last, value.alias("_value")), on=entity.id, how="inner")
        .join(advice, on="segment", how="left")
        .orderBy("segment", F.desc_nulls_last("_value"), entity.id)
        .select(
            "segment",
            entity.id,
            "segment_name",
            F.round("confidence", 4).alias("confidence"),
            "previous_segment",
            "segment_since",
            *known,
            *[column for column in ("last_order",) if last],
            "recommendation",
        )
    )


def write_segments(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], called: str, folder: Path, form: Form
) -> list[ExportedFile]:
    """Write one CSV per segment, row by row as they come (sorted by segment); files of an earlier export make way.

    called: what they are (buyers, stores), with which the files' names begin.

    UTF-8 with a byte order mark, which spreadsheets need to see; a text that a spreadsheet would take for a
    formula has an apostrophe before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for segment, group in groupby(rows, key=lambda row: row["segment"]):
        first = next(group)
        path = folder / file_name(called, segment, str(first["segment_name"]))
        written.append(_write(path, chain([first], group), columns, form))  # noqa: B031 (read once, here)
    _make_way(written, folder, called, r"\d+(_.*)?")
    return written


def movers(moved: DataFrame, migrations: DataFrame, entity: Entity) -> DataFrame:
    """One row per entity that moved between the last two snapshots, by path and on it those with the most GMV first.

    Returns segment_from, segment_to, the id, the days, the segments' names, cause, the feature that crossed the border
    with its values, and total GMV on either day.
    """
    path = ["as_of_from", "as_of_to", "segment_from", "segment_to", "cause"]
    # Movers hold those alone who moved: of the last snapshots that may be nobody.
    last = migrations.agg(F.max("as_of_to").alias("_last"))
    names = F.broadcast(migrations.select(*aside(path, "_"), "name_from", "name_to"))
    worth = F.coalesce("gmv_to", "gmv_from")
    return (
        moved.join(F.broadcast(last), on=F.col("as_of_to") == F.col("_last"), how="inner")
        .join(names, on=same_key(path, "_"), how="left")
        .orderBy(F.asc_nulls_first("segment_from"), F.asc_nulls_last("segment_to"), F.desc(worth), "id")
        .select(
            "segment_from",
            "segment_to",
            F.col("id").alias(entity.id),
            "as_of_from",
            "as_of_to",
            "name_from",
            "name_to",
            "cause",
            "feature",
            "from_value",
            "to_value",
            "boundary",
            "gmv_from",
            "gmv_to",
        )
    )


def write_movers(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], called: str, folder: Path, form: Form
) -> list[ExportedFile]:
    """Write one CSV per path from segment to segment, from rows sorted by it; files of an earlier export make way."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for (start, end), group in groupby(rows, key=lambda row: (row["segment_from"], row["segment_to"])):
        path = folder / path_name(called, start, end)
        written.append(_write(path, group, columns, form))
    _make_way(written, folder, called, r"from_(\d+|new)_to_(\d+|gone)")
    return written


def _make_way(written: Iterable[ExportedFile], folder: Path, called: str, pattern: str) -> None:
    """Remove what an earlier export left: files whose names go on with `pattern`, but for those just written."""
    new, begins = {one.path for one in written}, _prefix(called)
    for old in folder.glob(f"{begins}_*.csv"):
        if old not in new and re.fullmatch(rf"{begins}_{pattern}\.csv", old.name):
            old.unlink()


def path_name(called: str, start: int | None, end: int | None) -> str:
    """The file of those who went from a segment to another; None: they were new, or are gone.

    >>> path_name("buyers", 1, 3), path_name("buyers", None, 2)
    ('buyers_from_1_to_3.csv', 'buyers_from_new_to_2.csv')
    """
    ends = ("new" if start is None else start, "gone" if end is None else end)
    return f"{_prefix(called)}_from_{ends[0]}_to_{ends[1]}.csv"


def file_name(called: str, segment: int, name: str) -> str:
    """A plain file name, whatever a segment is called.

    >>> file_name("buyers", 2, "High-Spending Café / ../x"), file_name("stores", 0, "متجر")
    ('buyers_2_high_spending_cafe_x.csv', 'stores_0.csv')
    """
    return "_".join(part for part in (_prefix(called), str(segment), _slug(name)) if part) + ".csv"


def beginnings(called: Mapping[E, str]) -> dict[E, str]:
    """What the names of files begin with, by entity: what it is called, after the entity itself where the files of one
    would pass for the other's, as of names of no plain letters.

    >>> beginnings({"buyers": "members", "sellers": "stores"})
    {'buyers': 'members', 'sellers': 'stores'}
    >>> beginnings({"buyers": "members", "sellers": "Members"})
    {'buyers': 'buyers members', 'sellers': 'sellers Members'}
    """
    prefixes = [_prefix(name) for name in called.values()]
    alike = any(re.fullmatch(rf"{one}(_\d.*)?", other) for one, other in permutations(prefixes, 2))
    return {entity: f"{entity} {name}" if alike else name for entity, name in called.items()}


def _prefix(called: str) -> str:
    """What the names of files begin with; a name of no plain letters has none of its own."""
    return _slug(called) or "segment"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name[: 4 * LONGEST]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain)[:LONGEST].strip("_")


def cell(value: Any, form: Form) -> str:
    """A value as the text of a cell: numbers stay numbers, texts stay texts.

    >>> cell(Decimal("-5.50"), Form(decimal=",")), cell("=1+1", Form()), cell(None, Form())
    ('-5,50', "'=1+1", '')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return format(value, "f" if isinstance(value, Decimal) else "").replace(".", form.decimal)
    text = str(value).replace("\0", "")
    return f"'{text}" if text.startswith(FORMULA) else text


def _write(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: Form) -> ExportedFile:
    count = 0
    with atomic_write(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=form.separator, quoting=csv.QUOTE_MINIMAL)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(row[name], form) for name in columns])
            count += 1
    return ExportedFile(path, count)
