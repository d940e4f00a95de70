"""What a bounded part of each raw file would come to: judged by the same code as ingest, and nothing is written."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError
from segmentation.ingest.batch import Batch, LabelledTable, copies_to_tell, labelled_batch
from segmentation.ingest.ledger import ZERO, Entry, RowCount
from segmentation.ingest.quality_rules import LINE_WITHOUT_ORDER, Standards
from segmentation.ingest.refusals import Refusal, RefusedGroup, refusals, refused_alike
from segmentation.progress import Progress
from segmentation.raw import RawInput, bounded, read_raw
from segmentation.source import Source
from segmentation.sql import quoted

BATCH = "check"
ROWS = 1000  # of each file
# Of raw tables that SELECTs of others join many more are read, so that most rows find their partners.
TIMES_LOOKED_UP = 100
# What a row may be refused for only because the row that it joins was not looked at.
BY_JOIN = ("missing_key", "missing_value", "unknown_status", "unknown_role")
BY_ORDER = (LINE_WITHOUT_ORDER,)


@dataclass(frozen=True)
class TableCheck:
    """A table's rows that were looked at, and why some of them are refused.

    Not judged are those that may only lack a partner that was not looked at.
    """

    entry: Entry
    refused: int
    not_judged: int
    refusals: tuple[Refusal, ...]
    unsure: tuple[Refusal, ...]
    warned: Mapping[str, int]  # accepted rows that break each rule which only warns

    @property
    def name(self) -> str:
        """The table's name."""
        return self.entry.table


@dataclass(frozen=True)
class RawCheck:
    """A raw table's columns that are of no use: those that no one declared, and those that hold nothing."""

    name: str
    files: int
    is_whole: bool
    unused: tuple[str, ...]
    empty: tuple[str, ...]


@dataclass(frozen=True)
class Totals:
    """Accepted orders that were looked at: their first and last day, and their GMV."""

    first: date | None
    last: date | None
    gmv_of_sales: Decimal
    gmv: Decimal


@dataclass(frozen=True)
class Report:
    """All that a look at a part of the input says."""

    tables: tuple[TableCheck, ...]
    raws: tuple[RawCheck, ...]
    totals: Totals | None  # None where there are no orders
    part: Mapping[str, RawInput]  # the rows
    copies: Mapping[str, RowCount]  # by table, where the source does not say what rows are that are equal in full

    @property
    def entries(self) -> list[Entry]:
        """The lines that a ledger would have, with those refused that are refused for certain."""
        return [replace(table.entry, quarantined=RowCount(table.refused)) for table in self.tables]

    @property
    def is_whole(self) -> bool:
        """Whether the part is all there is."""
        return all(raw.is_whole for raw in self.raws)


def check(
    spark: SparkSession, source: Source, inputs: Mapping[str, RawInput], standards: Standards, rows: int
) -> Report:
    """The first rows of each file, judged."""
    silent = Progress(io.StringIO())  # whose steps would count as refused what is not judged
    looked_up = {name for name in source.raw if any(name in source.partners(table) for table in source.tables)}
    looked_up |= set(source.joined_only)
    part = {
        name: bounded(spark, raw, rows * TIMES_LOOKED_UP if name in looked_up else rows) for name, raw in inputs.items()
    }
    try:
        tables = labelled_batch(spark, source, Batch(BATCH, part), standards, silent)
    except InputError:
        if all(part[name].is_whole for name in looked_up):
            raise
        # A column may be empty in every row only for want of partners.
        part |= {name: inputs[name] for name in looked_up}
        tables = labelled_batch(spark, source, Batch(BATCH, part), standards, silent)
    unsure = _unsure(source, part)
    refused = refused_alike(tables.values(), BATCH)
    return Report(
        tuple(_table_check(table, unsure.get(name, ()), refused) for name, table in tables.items()),
        _raw_checks(spark, part.values()),
        _totals(tables["orders"], source.sales) if "orders" in tables else None,
        part,
        copies_to_tell(source, tables, part),
    )


def _unsure(source: Source, part: Mapping[str, RawInput]) -> dict[str, tuple[str, ...]]:
    """Per table the reasons that a row may have only because its partner was not looked at."""
    unsure: dict[str, tuple[str, ...]] = {}
    for table in source.tables:
        if any(not part[name].is_whole for name in source.partners(table)):
            unsure[table] = BY_JOIN
        if table == "order_lines":
            orders = source.tables["orders"]
            known = {select.counted_on for select in orders} | {*source.partners("orders")}
            if any(not part[name].is_whole for name in known):
                unsure[table] = unsure.get(table, ()) + BY_ORDER
    return unsure


def _table_check(table: LabelledTable, unsure: Collection[str], refused: Iterable[RefusedGroup]) -> TableCheck:
    mine = [each for each in refused if each.table == table.name]
    sure = [each for each in mine if not set(each.reasons) <= set(unsure)]
    found = refusals(mine).get(table.name, ())
    return TableCheck(
        table.entry,
        sum(each.rows for each in sure),
        sum(each.rows for each in mine) - sum(each.rows for each in sure),
        tuple(each for each in found if each.reason not in unsure),
        tuple(each for each in found if each.reason in unsure),
        table.tally.warned,
    )


def _raw_checks(spark: SparkSession, raws: Iterable[RawInput]) -> tuple[RawCheck, ...]:
    raws = list(raws)
    filled = [_filled(read_raw(spark, raw), raw).select(F.lit(raw.name).alias("name"), "filled") for raw in raws]
    counts = {row["name"]: row["filled"] for row in reduce(DataFrame.unionAll, filled).collect()}
    return tuple(
        RawCheck(
            raw.name,
            len(raw.files),
            raw.is_whole,
            tuple(raw.unexpected),
            tuple(name for name, count in zip(raw.table.columns, counts[raw.name], strict=True) if not count),
        )
        for raw in raws
    )


def _filled(rows: DataFrame, raw: RawInput) -> DataFrame:
    """One row: in how many rows each declared column holds anything, as an array."""
    is_text = {field.name: field.dataType.simpleString() == "string" for field in rows.schema.fields}
    counts = []
    for name in raw.table.columns:
        value = F.col(quoted(name)) if name in is_text else F.lit(None)
        known = ~F.trim(value).isin(*raw.table.nulls) if is_text.get(name) else value.isNotNull()
        counts.append(F.count_if(F.coalesce(known, F.lit(False))))
    return rows.agg(F.array(*counts).alias("filled"))


def _totals(orders: LabelledTable, sales: Collection[str]) -> Totals:
    day = F.to_date("ordered_at")
    row = orders.accepted.agg(
        F.min(day).alias("first"),
        F.max(day).alias("last"),
        F.sum(F.when(F.col("status").isin(*sales), F.col("gmv"))).alias("gmv_of_sales"),
        F.sum("gmv").alias("gmv"),
    ).first()
    assert row is not None
    return Totals(row["first"], row["last"], row["gmv_of_sales"] or ZERO, row["gmv"] or ZERO)
