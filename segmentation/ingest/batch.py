"""One batch of raw files, labelled: every canonical table, and every raw table that only others join."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import reduce

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError
from segmentation.ingest.canonical import VITAL, label_raw, label_table, run_select, set_apart, unreadable_by
from segmentation.ingest.examples import shown
from segmentation.ingest.existing import moves
from segmentation.ingest.labels import ACCEPTED, DUPLICATE, QUARANTINED
from segmentation.ingest.ledger import STORED, Counts, Entry, RowCount, Tally, check_lost, check_raw, entry, tally
from segmentation.ingest.parse import ROW, parse, record_of
from segmentation.ingest.quality_rules import Standards, that_warn
from segmentation.ingest.strategy import looks_around
from segmentation.ingest.unusable import why_empty
from segmentation.keys import aside, same_key
from segmentation.progress import Facts, Progress
from segmentation.raw import RawInput, as_raw, read_raw
from segmentation.raw.fingerprint import known_again
from segmentation.raw.values import check_types
from segmentation.schemas import CANONICAL, ORDER_LINES, ORDERS
from segmentation.session import checkpointed
from segmentation.source import Source

FEW = 20  # rows
AT_A_TIME = 3  # tables judged side by side: much of the time goes into planning, which one core does


@dataclass(frozen=True)
class Batch:
    """What is to be labelled, and beside what.

    `earlier` are records of earlier batches that are judged again, by name of the raw table; `held` is what the
    canonical tables hold already, `refused` what the quarantine holds: both None where all is labelled anew.
    """

    id: str
    inputs: Mapping[str, RawInput]
    earlier: Mapping[str, DataFrame] = field(default_factory=dict)
    held: Mapping[str, DataFrame] | None = None
    refused: DataFrame | None = None

    def speaks_of(self, source: Source, name: str) -> bool:
        """Whether anything came for a table: files, or (for lines) files of the orders that they wait for."""
        raws = [select.counted_on for select in source.tables[name]]
        if name == "order_lines":
            raws += [select.counted_on for select in source.tables["orders"]]
        return any(self.inputs[raw].files for raw in raws)


@dataclass(frozen=True)
class LabelledTable:
    """A table's rows with their labels, and what was counted of them.

    `before` is what the table held, where all batches are labelled anew.
    """

    name: str
    rows: DataFrame
    tally: Tally
    before: RowCount | None = None

    @property
    def counts(self) -> Counts:
        """Rows and GMV by origin and label."""
        return self.tally.counts

    @property
    def identical(self) -> RowCount:
        """Rows of the batch that are equal in full to another of their file, without a number of their own, and their
        money.
        """
        return self.tally.identical

    @property
    def entry(self) -> Entry:
        """The table's line of the ledger."""
        return entry(self.name, self.counts, self.before)

    @property
    def meets_stored(self) -> bool:
        """Whether any of its rows has the key of one that the table holds."""
        return any(count.rows for (origin, _), count in self.counts.items() if origin == STORED)

    @property
    def refuses_any(self) -> bool:
        """Whether any of its rows, of whatever batch, is refused."""
        return any(count.rows for (_, label), count in self.counts.items() if label == QUARANTINED)

    def changes_table(self) -> bool:
        """Whether its table must change: rows come in, or stored lines go to another seller of their order."""
        if self.entry.accepted.rows + self.entry.released.rows:
            return True
        is_moved = self.name == ORDER_LINES.name and self.meets_stored
        return is_moved and not self.rows.where(moves(F.col("_stored"))).isEmpty()

    def counted_from(self, before: RowCount | None) -> LabelledTable:
        """These labels, where the table held `before` and is made anew of them."""
        return replace(self, before=before)

    @property
    def accepted(self) -> DataFrame:
        """The rows that the table will hold, with `_batch` for batch_id."""
        rows = self.rows.where(F.col("_label") == ACCEPTED)
        return rows.select(*[name for name in rows.columns if name == "_batch" or not name.startswith("_")])


def labelled_batch(
    spark: SparkSession, source: Source, batch: Batch, standards: Standards, progress: Progress
) -> dict[str, LabelledTable]:
    """Every table of the batch by name: labelled once, then split as often as one likes."""
    parsed = {name: _parsed(spark, raw, batch, source) for name, raw in batch.inputs.items()}
    held = batch.held or {}

    def labelled(name: str, accepted: Mapping[str, DataFrame], apart: DataFrame | None = None) -> LabelledTable:
        with progress.step(f"judge {name}", "ingest") as facts:
            if name not in CANONICAL:
                table = _counted(name, label_raw(parsed[name]), batch, standards)
            else:
                rows = label_table(spark, name, source, parsed, accepted, standards, held.get(name), apart)
                try:
                    table = _counted(name, rows, batch, standards)
                except PySparkException as error:
                    raise unreadable_by(name, error) or error from None
                _check_partners(table, source)
                _check_vital(spark, table, source, batch, parsed, accepted)
            _check_rows(spark, table, source, batch, parsed)
            _tell(table.entry, facts)
        return table

    names = [*(name for name in CANONICAL if name in source.tables), *source.joined_only]
    if batch.held is not None:  # of tables that nothing came for nothing changes
        names = [name for name in names if batch.speaks_of(source, name)]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        first = {name: pool.submit(labelled, name, {}) for name in names if name != "order_lines"}
        if "order_lines" in names:  # whose orders must be known
            came = first["orders"].result() if "orders" in first else None
            orders = _known_orders(came, held.get("orders"))
            apart = set_apart(came.rows) if came and source.grain == "line" else None
            first["order_lines"] = pool.submit(labelled, "order_lines", {"orders": orders}, apart)
        return {name: first[name].result() for name in names}


def quarantine(tables: Iterable[LabelledTable]) -> DataFrame:
    """Every refused row: table_name, reasons, record, source_file, batch_id and fingerprint.

    Tables of which nothing was refused are not looked at.
    """
    every = list(tables)
    refused = [
        table.rows.where(F.col("_label") == QUARANTINED).select(
            F.lit(table.name).alias("table_name"),
            F.col("_reasons").alias("reasons"),
            F.col("_record").alias("record"),
            F.col("_file").alias("source_file"),
            F.col("_batch").alias("batch_id"),
            F.col("_raw_fingerprint").alias("fingerprint"),
        )
        for table in [each for each in every if each.refuses_any] or every[:1]
    ]
    return reduce(DataFrame.unionByName, refused)


def copies_to_tell(
    source: Source, tables: Mapping[str, LabelledTable], inputs: Mapping[str, RawInput]
) -> dict[str, RowCount]:
    """Rows of a batch that are equal in full and have no number of their own, and their money, by table, where the
    source does not say what they are.
    """
    if source.identical_rows is not None:
        return {}
    found = {
        name: table.identical
        for name, table in tables.items()
        # Where the batch has a file twice, all of its rows are.
        if table.identical.rows and not any(inputs[each.counted_on].repeated for each in source.tables[name])
    }
    if "order_lines" in found:  # of a source whose rows are lines, orders are made of the same ones
        found.pop("orders", None)
    return found


def _parsed(spark: SparkSession, raw: RawInput, batch: Batch, source: Source) -> DataFrame:
    """The batch's raw rows and those of earlier batches that are judged again, each read by the types of its day."""
    rows = read_raw(spark, raw, batch.id, raw.name in source.real_copies)
    check_types(raw.name, rows.schema, raw.table)
    parsed = parse(rows, raw.table)
    if raw.name not in batch.earlier:
        return parsed
    earlier = parse(as_raw(batch.earlier[raw.name], raw.table, rows.schema), raw.table)
    # As they stood is in their records.
    nothing = F.lit(None).cast(parsed.select(f"{ROW}.raw").schema["raw"].dataType)
    return parsed.unionByName(earlier.withColumn(ROW, F.col(ROW).withField("raw", nothing)))


def _counted(name: str, rows: DataFrame, batch: Batch, standards: Standards) -> LabelledTable:
    if batch.refused is not None:
        rows = _refused_once(rows, batch.refused.where(F.col("table_name") == name), batch.id)
    rows = checkpointed(rows, at_once=False)  # they are counted next, all of them
    vital = [column for column in VITAL.get(name, ()) if column in rows.columns]
    return LabelledTable(name, rows, tally(rows, batch.id, vital, that_warn(name, standards)))


def _refused_once(rows: DataFrame, refused: DataFrame, batch: str) -> DataFrame:
    """A row that is refused and stands in the quarantine already is a duplicate."""
    known = known_again(refused).select(F.col("fingerprint").alias("_known")).distinct()
    is_new = (F.col("_label") == QUARANTINED) & (F.col("_batch") == batch)
    same = is_new & (F.col("_raw_fingerprint") == F.col("_known"))
    label = F.when(F.col("_known").isNotNull(), DUPLICATE).otherwise(F.col("_label"))
    return rows.join(known, on=same, how="left").withColumn("_label", label).drop("_known")


def _known_orders(orders: LabelledTable | None, held: DataFrame | None) -> DataFrame:
    """Orders that lines may belong to: the accepted ones, and those held of which the batch says nothing."""
    if orders is None:
        assert held is not None
        return held
    accepted = orders.accepted.select("order_id", "seller_id", "gmv", F.lit(True).alias("_spoken_of"))
    if held is None:
        return accepted
    spoken_of = orders.rows.where("_stored").select(*aside(ORDERS.key, "_spoken_"))
    others = held.select("order_id", "seller_id", "gmv", F.lit(False).alias("_spoken_of")).join(
        spoken_of, on=same_key(ORDERS.key, "_spoken_"), how="left_anti"
    )
    return accepted.unionByName(others)


def _tell(line: Entry, facts: Facts) -> None:
    facts.add(f"{line.read.rows:,} rows", rows=line.read.rows)
    for name, count in (("quarantined", line.quarantined.rows), ("duplicate", line.duplicate.rows)):
        facts.add(f"{count:,} {name}" if count else "", **{name: count})


def _is_first(batch: Batch) -> bool:
    """Whether nothing came before it."""
    return batch.held is None and not batch.earlier


def _check_vital(
    spark: SparkSession,
    table: LabelledTable,
    source: Source,
    batch: Batch,
    parsed: Mapping[str, DataFrame],
    accepted: Mapping[str, DataFrame],
) -> None:
    """Stop where a column without which a row is nothing is empty in every row that came in.

    A few rows that come late may all be broken by chance: they are left to the limit on refused rows.
    """
    rows = table.entry.read.rows
    if not rows or (not _is_first(batch) and rows < FEW):
        return
    empty = next((name for name, known in table.tally.known.items() if not known), None)
    if empty is None:
        return
    selects = source.tables[table.name]
    is_part = not all(batch.inputs[select.counted_on].is_whole for select in selects)
    if is_part and all(batch.inputs[name].is_whole for name in source.partners(table.name)):
        return  # of rows that were not looked at some may have it

    def statuses() -> list[tuple[str, int]]:
        views = [run_select(spark, table.name, source, parsed, accepted, at) for at in range(len(selects))]
        said = reduce(DataFrame.unionAll, [view.select(F.col("status").cast("string")) for view in views])
        counts = said.groupBy("status").agg(F.count("*").alias("rows")).orderBy(F.col("rows").desc(), "status")
        return [(row["status"], row["rows"]) for row in counts.limit(FEW).collect()]

    raws = [(name, parsed[name], source.raw[name]) for name in dict.fromkeys(each.counted_on for each in selects)]
    mine = table.rows.where(F.col("_batch") == batch.id)
    raise InputError(
        "; ".join(
            [
                f"{table.name}.{empty}: found it empty or unreadable in every row, expected values",
                "mend the export, or the SELECT in the source file",
                *filter(None, [why_empty(table.name, mine, raws, statuses)]),
            ]
        )
    )


def _check_partners(table: LabelledTable, source: Source) -> None:
    """Stop where one raw row became several of one key with different amounts: which one is right nobody knows."""
    if not table.tally.torn:
        return
    row = table.rows.where("_torn").select("order_id").orderBy("order_id").first()
    joined = ", ".join(source.partners(table.name))
    where = f"finds several rows of {joined} that give other amounts" if joined else "becomes several rows"
    raise InputError(
        f"source: tables.{table.name}.select: a raw row of order {row['order_id'] if row else ''!r} {where} "
        f"({table.tally.torn:,} rows), expected one for each key; mend the export, or let the SELECT "
        "take one of them (GROUP BY and max_by), or number the lines (line_no)"
    )


def _check_rows(
    spark: SparkSession, table: LabelledTable, source: Source, batch: Batch, parsed: Mapping[str, DataFrame]
) -> None:
    """Stop where the first files of a lake hold no row, or where a SELECT loses some."""
    name, read = table.name, table.entry.read.rows
    raws = [select.counted_on for select in source.tables[name]] if name in CANONICAL else [name]
    came = [batch.inputs[raw] for raw in raws if batch.inputs[raw].files]
    if came and not read and _is_first(batch):
        raise InputError(f"{', '.join(raws)}: found no rows, expected at least one; mend the export")
    if name not in CANONICAL:
        return
    if any(looks_around(select.select) for select in source.tables[name]):
        _check_each_row(table, source, parsed)
    else:  # of which none makes several rows of one
        check_raw(name, read, sum(_rows_of(spark, raw, source) for raw in came))


def _check_each_row(table: LabelledTable, source: Source, parsed: Mapping[str, DataFrame]) -> None:
    """Stop where a raw row, of whatever batch, is in none that its SELECT yields."""
    selects, lost = source.tables[table.name], []
    for number, select in enumerate(selects):
        mine = table.rows.where(F.col("_select") == number) if len(selects) > 1 else table.rows
        judged = mine.select(F.col("_raw_fingerprint").alias("fingerprint"))
        raw = parsed[select.counted_on].select(f"{ROW}.fingerprint").join(judged, on="fingerprint", how="left_anti")
        lost.append(raw.select(F.lit(number).alias("number"), "fingerprint"))
    found = reduce(DataFrame.unionAll, lost).groupBy("number")
    first = found.agg(F.count("*").alias("rows"), F.min("fingerprint").alias("fingerprint")).orderBy("number").first()
    if first is None:
        return
    raw = selects[first["number"]].counted_on
    row = (
        parsed[raw]
        .where(F.col(f"{ROW}.fingerprint") == first["fingerprint"])
        .select(record_of().alias("record"))
        .first()
    )
    check_lost(table.name, raw, first["rows"], shown(row["record"] if row else ""))


def _rows_of(spark: SparkSession, raw: RawInput, source: Source) -> int:
    """How many rows came in of a raw table; they are counted where its files do not say it."""
    lines = [file.seen.lines for file in raw.files]
    if None not in lines:
        return sum(count for count in lines if count is not None)
    return read_raw(spark, raw, copies_are_real=raw.name in source.real_copies).count()
