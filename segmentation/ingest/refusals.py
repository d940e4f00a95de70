"""Why rows are refused: how many for each reason, and one of them to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import functions as F

from segmentation.ingest.batch import LabelledTable, quarantine
from segmentation.ingest.examples import shown
from segmentation.ingest.quality_rules import sentences
from segmentation.raw.inputs import file_name


@dataclass(frozen=True)
class Refusal:
    """One reason of one table: rows that have it (a row may have several), and one of them, raw, with its file."""

    table: str
    reason: str
    rows: int
    record: str
    file: str

    @property
    def sentence(self) -> str:
        """What the reason says."""
        return sentences(self.table).get(self.reason, self.reason)

    @property
    def example(self) -> str:
        """The record as a line that can be read: what is unknown in it left out, and no longer than need be.

        >>> Refusal("orders", "bad_date", 1, '{"order_id":"o1","gmv":"10"}', "df_order.csv").example
        'order_id: o1, gmv: 10'
        """
        return shown(self.record)


@dataclass(frozen=True)
class RefusedGroup:
    """Refused rows of one table that have the same reasons: how many, and one of them, raw, with its file."""

    table: str
    reasons: tuple[str, ...]
    rows: int
    record: str
    file: str


def refused_alike(tables: Iterable[LabelledTable], batch: str) -> list[RefusedGroup]:
    """A batch's refused rows, put together by their reasons."""
    refused = quarantine(tables).where(F.col("batch_id") == batch)
    counts = refused.groupBy("table_name", "reasons").agg(
        F.count("*").alias("rows"), F.min(F.struct("source_file", "record")).alias("first")
    )
    return [
        RefusedGroup(
            row["table_name"],
            tuple(row["reasons"]),
            row["rows"],
            row["first"]["record"] or "",
            file_name(row["first"]["source_file"]),
        )
        for row in counts.collect()
    ]


def refusals(refused: Iterable[RefusedGroup]) -> dict[str, tuple[Refusal, ...]]:
    """Reasons of refused rows by table, the commonest first."""
    by_reason: dict[tuple[str, str], list[RefusedGroup]] = {}
    for alike in refused:
        for reason in alike.reasons:
            by_reason.setdefault((alike.table, reason), []).append(alike)
    found: dict[str, list[Refusal]] = {}
    for (table, reason), rows in by_reason.items():
        # Of rows that have nothing else the example shows best what is meant.
        clearest = min(rows, key=lambda each: (len(each.reasons), each.file, each.record))
        refusal = Refusal(table, reason, sum(each.rows for each in rows), clearest.record, clearest.file)
        found.setdefault(table, []).append(refusal)
    return {name: tuple(sorted(each, key=lambda one: (-one.rows, one.reason))) for name, each in found.items()}
