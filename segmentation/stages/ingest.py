"""The first stage: raw files that were not taken in yet, into the canonical tables, quarantine and ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import Config
from segmentation.errors import GateError
from segmentation.failpoints import reach
from segmentation.ingest.batch import Batch, Labelled, labelled_batch, quarantine, warnings
from segmentation.ingest.drift import unreadable
from segmentation.ingest.held import changes
from segmentation.ingest.judge import judge
from segmentation.ingest.ledger import Count, Entry, check_committed, check_quarantine, held_after, plus
from segmentation.ingest.released import released, waiting
from segmentation.ingest.rules import sentences
from segmentation.ingest.strategy import Strategy, stands_alone, strategy
from segmentation.ingest.worth import order_warnings
from segmentation.progress import Progress
from segmentation.raw import RawInput, Seen, as_records, find_inputs, read_raw
from segmentation.record import Record
from segmentation.schemas import Table
from segmentation.session import together
from segmentation.tables import Lake, as_rows


def ingest(
    spark: SparkSession, config: Config, lake: Lake, record: Record, progress: Progress,
    check: Callable[[DataFrame], None] = lambda orders: None,
) -> None:
    """Take in what is new in the input as one batch.

    `check` looks at the accepted orders before anything is written.
    """
    source, quality = config.source, config.quality
    taken = _taken(lake)
    inputs = find_inputs(spark, source, config.input, taken)
    if not any(raw.files for raw in inputs.values()):
        progress.line(f"  already ingested: {config.input} holds nothing that is not in {lake.location}")
        return
    _tell_files(inputs, progress)
    how = strategy(spark, source, is_new=not taken)
    batch = _batch(lake, record, inputs, how)
    tables = labelled_batch(spark, source, batch, quality.standards, progress)
    before = _held(lake, list(tables)) if how != "first" else {}
    if how == "rebuild":
        tables = {name: table.counted_from(before.get(name)) for name, table in tables.items()}
    if source.has_orders and how != "merge":  # the lake has earlier ones
        check(tables["orders"].accepted)
    entries = [table.entry for table in tables.values()]
    try:
        check_quarantine(entries, config.max_quarantine_share)
    except GateError as error:
        raise GateError("; ".join([str(error), *_retyped(spark, inputs)])) from None
    reach("judged")
    with progress.step("write tables", "ingest"):
        if how == "merge":
            _merge(spark, config, lake, record, batch, tables)
        else:
            _overwrite(spark, config, lake, record, batch, tables, how)
        reach("tables")
        expected = {name: _expected(table, before.get(name), how) for name, table in tables.items()}
        _check_committed(lake, record, entries, expected)
        lines = as_rows(spark, schemas.LEDGER, [line.row(record.run_id) for line in entries])
        files = as_rows(spark, schemas.FILES, _file_rows(inputs, record))
        together(lambda: lake.append(schemas.LEDGER, lines), lambda: lake.append(schemas.FILES, files))
        reach("ledger")
    _warn(spark, config, lake, record, tables, progress)


def _retyped(spark: SparkSession, inputs: Mapping[str, RawInput]) -> list[str]:
    """Columns that became something else, where that may be why so much is refused."""
    found = [unreadable(judge(read_raw(spark, raw), raw.table), raw.table) for raw in inputs.values() if raw.files]
    return [sentence for sentence in found if sentence]


def _taken(lake: Lake) -> dict[str, list[Seen]]:
    """Files taken in before, by name of the raw table: as many as there are files, not rows."""
    taken: dict[str, list[Seen]] = {}
    if lake.exists(schemas.FILES):
        for row in lake.read(schemas.FILES).collect():
            seen = Seen(row["file"], row["size"], row["modified_at"], row["content"])
            taken.setdefault(row["raw_name"], []).append(seen)
    return taken


def _file_rows(inputs: Mapping[str, RawInput], record: Record) -> list[tuple[object, ...]]:
    return [
        (raw.name, file.path, file.seen.size, file.seen.modified, file.seen.content, record.run_id)
        for raw in inputs.values()
        for file in raw.files
    ]


def _tell_files(inputs: Mapping[str, RawInput], progress: Progress) -> None:
    for raw in inputs.values():
        if not raw.files:
            progress.line(f"  {raw.name}: nothing new")
        if raw.unexpected:
            text = f"  {raw.name}: columns that the source does not use: {', '.join(raw.unexpected)}"
            progress.warning(text, table=raw.name, columns=raw.unexpected)


def _batch(lake: Lake, record: Record, inputs: Mapping[str, RawInput], how: Strategy) -> Batch:
    source = record.config.source
    if how == "first":
        return Batch(record.run_id, inputs)
    if how == "rebuild":
        rows = lake.read(schemas.RAW_ROWS)
        return Batch(record.run_id, inputs, {name: rows.where(F.col("raw_name") == name) for name in inputs})
    refused = lake.read(schemas.QUARANTINE)
    held = {name: lake.read(source.table(name)) for name in source.tables}
    earlier = {}
    if "order_lines" in source.tables:
        earlier = {source.tables["order_lines"][0].counted_on: waiting(refused)}
    return Batch(record.run_id, inputs, earlier, held, refused)


def _overwrite(
    spark: SparkSession, config: Config, lake: Lake, record: Record, batch: Batch, tables: Mapping[str, Labelled],
    how: Strategy,
) -> None:
    """Every table anew from all that is labelled."""
    source = config.source
    refused = _since(quarantine(tables.values()), lake, record)
    if how == "first":
        lake.overwrite(schemas.RELEASED, as_rows(spark, schemas.RELEASED, []))
    else:
        left = lake.read(schemas.QUARANTINE).join(
            refused.select("table_name", "record"), on=["table_name", "record"], how="left_anti"
        )
        rows = left.withColumns({"why": F.lit("accepted"), "run_id": F.lit(record.run_id)})
        lake.append(schemas.RELEASED, rows)
    raw_rows = []
    if not stands_alone(spark, source):
        raw_rows = [_raw_writer(spark, lake, batch)]
    together(
        lambda: lake.overwrite(schemas.QUARANTINE, refused),
        *[_overwriter(spark, lake, source.table(name), tables.get(name)) for name in schemas.CANONICAL],
        *raw_rows,
    )


def _since(refused: DataFrame, lake: Lake, record: Record) -> DataFrame:
    """Refused rows with the time at which each was refused first."""
    at = F.lit(record.started_at)
    if not lake.exists(schemas.QUARANTINE):
        return refused.withColumn("quarantined_at", at)
    known = lake.read(schemas.QUARANTINE).groupBy("batch_id").agg(F.min("quarantined_at").alias("_at"))
    return refused.join(known, on="batch_id", how="left").withColumn("quarantined_at", F.coalesce("_at", at))


def _overwriter(spark: SparkSession, lake: Lake, table: Table, labelled: Labelled | None) -> Callable[[], None]:
    """Writes a canonical table; one that the source does not have is there all the same, empty."""
    rows = labelled.accepted.withColumnRenamed("_batch", "batch_id") if labelled else as_rows(spark, table, [])

    def write() -> None:
        lake.overwrite(table, rows)
        reach(table.name)

    return write


def _raw_writer(spark: SparkSession, lake: Lake, batch: Batch) -> Callable[[], None]:
    """Keeps the raw rows as they came, for the batches after this one to be labelled with them."""
    rows = [
        as_records(read_raw(spark, raw, batch.id)).withColumn("raw_name", F.lit(raw.name))
        for raw in batch.inputs.values()
        if raw.files
    ]
    return lambda: lake.append(schemas.RAW_ROWS, reduce(DataFrame.unionByName, rows))


def _merge(
    spark: SparkSession, config: Config, lake: Lake, record: Record, batch: Batch, tables: Mapping[str, Labelled]
) -> None:
    """Into every table what changes in it."""
    source = config.source
    assert batch.refused is not None
    refused = quarantine(tables.values())
    is_new = (F.col("batch_id") == record.run_id) | F.col("source_file").isNull()
    added = refused.where(is_new).withColumn("quarantined_at", F.lit(record.started_at))
    leaving = released(spark, source, tables, batch.inputs, batch.refused)
    if leaving is not None:
        lake.append(schemas.RELEASED, leaving.withColumn("run_id", F.lit(record.run_id)))
        gone = lake.read(schemas.RELEASED).where(F.col("run_id") == record.run_id).select(*schemas.QUARANTINE.key)
        changed = added.withColumn("_gone", F.lit(False)).unionByName(
            gone.withColumn("_gone", F.lit(True)), allowMissingColumns=True
        )
    together(
        lambda: lake.append(schemas.QUARANTINE, added) if leaving is None else lake.merge(schemas.QUARANTINE, changed),
        *[
            _merger(lake, source.table(name), table, record)
            for name, table in tables.items()
            if name in schemas.CANONICAL and table.entry.accepted.rows + table.entry.released.rows
        ],
    )


def _merger(lake: Lake, table: Table, labelled: Labelled, record: Record) -> Callable[[], None]:
    """Brings a table's changes in; a MERGE only where the batch speaks of rows that it holds."""

    def write() -> None:
        changed = changes(labelled.rows, table, record.run_id)
        if not labelled.meets_stored:
            lake.append(table, changed)
        elif not table.sorted_by:
            lake.merge(table, changed)
        else:
            column = F.col(table.sorted_by)
            touched = labelled.rows.where("_stored OR _label = 'accepted'")
            ends = touched.agg(F.min(column).alias("least"), F.max(column).alias("greatest")).first()
            lake.merge(table, changed, (table.sorted_by, ends["least"], ends["greatest"]) if ends else None)
        reach(table.name)

    return write


def _expected(table: Labelled, before: Count | None, how: Strategy) -> Count:
    if how == "merge" and before is not None:
        return held_after(table.counts, before)
    return plus(table.counts["new", "accepted"], table.counts["earlier", "accepted"])


def _held(lake: Lake, names: Sequence[str]) -> dict[str, Count]:
    """Rows (and GMV) that canonical tables hold."""
    canonical = [name for name in names if name in schemas.CANONICAL]
    counts = together(*[partial(_count, lake, name) for name in canonical])
    return dict(zip(canonical, counts, strict=True))


def _count(lake: Lake, name: str) -> Count:
    rows = lake.read(schemas.CANONICAL[name])
    gmv = F.coalesce(F.sum("gmv"), F.lit(0)).cast(schemas.SUM) if "gmv" in rows.columns else F.lit(None)
    held = rows.agg(F.count("*").alias("rows"), gmv.alias("gmv")).first()
    return Count(held["rows"], held["gmv"]) if held else Count()


def _check_committed(lake: Lake, record: Record, entries: Sequence[Entry], expected: Mapping[str, Count]) -> None:
    """The tables as they were committed hold what the ledger says."""
    mine = lake.read(schemas.QUARANTINE).where(F.col("batch_id") == record.run_id)
    refused = {row["table_name"]: row["count"] for row in mine.groupBy("table_name").count().collect()}
    found = _held(lake, [line.table for line in entries])
    for line in entries:
        check_committed(
            line, expected[line.table], found.get(line.table, expected[line.table]), refused.get(line.table, 0)
        )


def _warn(
    spark: SparkSession, config: Config, lake: Lake, record: Record, tables: Mapping[str, Labelled], progress: Progress
) -> None:
    """Count the warnings of the batch, and say them."""
    found = warnings(tables.values(), record.run_id)
    if {"orders", "order_lines"} <= set(tables):
        orders = lake.read(schemas.ORDERS).where(F.col("batch_id") == record.run_id)
        found = found.unionByName(
            order_warnings(orders, lake.read(schemas.ORDER_LINES), config.quality.standards.switched)
        )
    rows = sorted((row["table_name"], row["warning"], row["rows"]) for row in found.collect())
    lake.append(schemas.WARNINGS, as_rows(spark, schemas.WARNINGS, [(record.run_id, *row) for row in rows]))
    for table, warning, count in rows:
        text = f"  {table}: {count:,} accepted rows where {sentences()[warning]}"
        progress.warning(text, table=table, warning=warning, rows=count)
