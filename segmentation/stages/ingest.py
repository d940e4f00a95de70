"""The first stage: raw files that were not taken in yet, into the canonical tables, quarantine and ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial, reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.errors import GateError
from segmentation.ingest.batch import Batch, LabelledTable, copies_to_tell, labelled_batch, quarantine
from segmentation.ingest.existing import changes, difference
from segmentation.ingest.ledger import Entry, RowCount, check_committed, check_quarantine, rows_after
from segmentation.ingest.raw_rows import new_raw_rows, undeclared_to_tell
from segmentation.ingest.reconcile import order_warnings
from segmentation.ingest.released import quarantine_changes, waiting, waiting_rows
from segmentation.ingest.strategy import Strategy, stands_alone, strategy
from segmentation.lake.failpoints import reach
from segmentation.lake.tables import Lake, as_rows, merge_bounds
from segmentation.progress import Progress
from segmentation.raw import ListedFile, RawInput, find_inputs
from segmentation.raw.file_order import in_order
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.session import in_parallel, in_parallel_by_name
from segmentation.stages.as_of import check_as_of
from segmentation.stages.ingest_log import (
    tell_copies,
    tell_empty,
    tell_passed_over,
    tell_refused,
    tell_undeclared,
    tell_warning,
)
from segmentation.stages.undo import announce, replaced_rows

AROUND = (schemas.LEDGER, schemas.FILES, schemas.WARNINGS, schemas.RELEASED)  # what is told of a batch


def ingest(run: Run) -> date | None:
    """Take in what is new in the input as one batch; returns the last day of its accepted orders where these are all
    that the lake has, else None.
    """
    spark, config, lake, progress, source = run.spark, run.config, run.lake, run.progress, run.source
    taken = _taken(lake)
    inputs = find_inputs(spark, source, config.input, taken)
    tell_passed_over(progress, inputs)
    if not any(raw.files for raw in inputs.values()):
        progress.line(f"  already ingested: {config.input} holds nothing that is not in {lake.location}")
        return None
    _tell_files(inputs, progress)
    how = strategy(spark, source, is_new=not taken)
    batch = _batch(run, inputs, how)
    tables = labelled_batch(spark, source, batch, config.standards(run.today), progress)
    tell_empty(progress, source, tables, inputs)
    before = {**_held(lake, list(tables)), **_booked(lake, list(tables))} if how != "first" else {}
    if how == "rebuild":
        tables = {name: table.counted_from(before.get(name)) for name, table in tables.items()}
    if source.has_orders and how != "merge":  # the lake has earlier ones
        check_as_of(config, tables["orders"].accepted)
    entries = [table.entry for table in tables.values()]
    try:
        # Lines may come before their orders; where orders came with them, an export that lacks many is broken.
        waits = waiting_rows(tables, batch.id) if how != "first" else {}
        check_quarantine(entries, config.max_quarantine_share, waits, config.share_is_in)
    except GateError as error:
        raise tell_refused(run, error, tables, inputs) from None
    reach("judged")
    with progress.step("write tables", "ingest"):
        if how == "first":
            _write_first(run, batch, tables)
        else:
            _write_changes(run, batch, tables, how)
        reach("tables")
        held = before if how == "merge" else {}
        expected = {name: rows_after(table.counts, held.get(name)) for name, table in tables.items()}
        _check_committed(run, entries, expected)
        lines = [line.row(run.run_id) for line in entries]
        in_parallel(
            lambda: lake.append_rows(schemas.LEDGER, lines),
            lambda: lake.append_rows(schemas.FILES, _file_rows(inputs, run)),
        )
        reach("ledger")
    _warn(run, tables, inputs, how)
    return tables["orders"].tally.last_day if how == "first" and "orders" in tables else None


def _taken(lake: Lake) -> dict[str, list[ListedFile]]:
    """Files taken in before, in that order, by name of the raw table: as many as there are files, not rows."""
    taken: dict[str, list[ListedFile]] = {}
    if lake.exists(schemas.FILES.name):
        rows = lake.read(schemas.FILES).collect()
        for row in sorted(rows, key=lambda row: (row["batch_id"], in_order(row["file"]))):
            seen = ListedFile(row["file"], row["size"], row["modified_at"], row["content"])
            taken.setdefault(row["raw_name"], []).append(seen)
    return taken


def _file_rows(inputs: Mapping[str, RawInput], run: Run) -> list[tuple[object, ...]]:
    return [
        (raw.name, file.path, file.seen.size, file.seen.modified, file.seen.content, run.run_id)
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


def _batch(run: Run, inputs: Mapping[str, RawInput], how: Strategy) -> Batch:
    lake, source = run.lake, run.source
    if how == "first":
        return Batch(run.run_id, inputs)
    if how == "rebuild":
        rows = lake.read(schemas.RAW_ROWS)
        return Batch(run.run_id, inputs, {name: rows.where(F.col("raw_name") == name) for name in inputs})
    refused = lake.read(schemas.QUARANTINE)
    held = {name: lake.read(source.table(name)) for name in source.tables}
    earlier = {}
    if "order_lines" in source.tables:
        earlier = {source.tables["order_lines"][0].counted_on: waiting(refused)}
    return Batch(run.run_id, inputs, earlier, held, refused)


def _write_first(run: Run, batch: Batch, tables: Mapping[str, LabelledTable]) -> None:
    """Every table of a lake in which nothing is yet; one that the source does not have is there all the same, empty."""
    spark, lake, source = run.spark, run.lake, run.source
    refused = quarantine(tables.values()).withColumn("quarantined_at", F.lit(run.id_at))
    raw_rows = _new_raw_rows(run, batch, tables)
    around = [table.name for table in (schemas.QUARANTINE, *AROUND)]
    announce(lake, run.run_id, [*schemas.CANONICAL, *around, *([schemas.RAW_ROWS.name] if raw_rows else [])])

    def writer(table: Table) -> Callable[[], None]:
        labelled = tables.get(table.name)
        rows = labelled.accepted.withColumnRenamed("_batch", "batch_id") if labelled else as_rows(spark, table, [])
        return _reached(lambda: lake.overwrite(table, rows), table.name)

    in_parallel(
        lambda: lake.overwrite(schemas.QUARANTINE, refused),
        lambda: lake.overwrite(schemas.RELEASED, as_rows(spark, schemas.RELEASED, [])),
        *[writer(source.table(name)) for name in schemas.CANONICAL],
        *([lambda: lake.append(schemas.RAW_ROWS, raw_rows)] if raw_rows else []),
    )


def _write_changes(run: Run, batch: Batch, tables: Mapping[str, LabelledTable], how: Strategy) -> None:
    """Into every table what changes in it, after the rows that are replaced were logged."""
    lake, source, run_id = run.lake, run.source, run.run_id
    changed: dict[str, DataFrame] = {}
    for name, labelled in tables.items():
        if name in schemas.CANONICAL:
            table = source.table(name)
            if how == "rebuild":
                changed[name] = difference(lake.read(table), labelled.accepted, table, run_id)
            elif labelled.changes_table():
                changed[name] = changes(labelled.rows, table, run_id)
    there = lake.read(schemas.QUARANTINE) if how == "rebuild" else None
    added, leaving = quarantine_changes(run.spark, source, batch, tables, there)
    refused, left = added.withColumns({"quarantined_at": F.lit(run.id_at), "_gone": F.lit(False)}), None
    if leaving is not None:
        left = lake.computed(leaving.withColumn("run_id", F.lit(run_id)), schemas.RELEASED.name)
        # Real copies of one file have the same key, and leave together.
        gone = left.select(*schemas.QUARANTINE.key).distinct().withColumn("_gone", F.lit(True))
        refused = refused.unionByName(gone, allowMissingColumns=True)
    pinned = _computed(lake, {**changed, schemas.QUARANTINE.name: refused})
    changed = {name: frame for name, frame in pinned.items() if not frame.isEmpty()}
    meets = {name for name in changed if name not in tables or how == "rebuild" or tables[name].meets_stored}
    before = {
        name: replaced_rows(lake.read(source.table(name)), frame, source.table(name))
        for name, frame in changed.items()
        if name in meets and (name != schemas.QUARANTINE.name or leaving is not None)
    }
    replaced = _computed(lake, before, "_before")
    raw_rows = _new_raw_rows(run, batch, tables)
    names = [*changed, *(table.name for table in AROUND), *([schemas.RAW_ROWS.name] if raw_rows else [])]
    announce(lake, run_id, names, replaced)
    in_parallel(
        *[_merger(lake, source.table(name), frame, replaced.get(name)) for name, frame in changed.items()],
        *([lambda: lake.append(schemas.RELEASED, left)] if left is not None else []),
        *([lambda: lake.append(schemas.RAW_ROWS, raw_rows)] if raw_rows else []),
    )


def _computed(lake: Lake, frames: Mapping[str, DataFrame], suffix: str = "") -> dict[str, DataFrame]:
    """The rows of each frame as they are now."""
    return in_parallel_by_name({name: partial(lake.computed, frame, name + suffix) for name, frame in frames.items()})


def _new_raw_rows(run: Run, batch: Batch, tables: Mapping[str, LabelledTable]) -> DataFrame | None:
    """The batch's raw rows as they came, each once, for later batches to be labelled with them; None where rows stand
    alone.
    """
    if stands_alone(run.spark, run.source):
        return None
    earlier = run.lake.read(schemas.RAW_ROWS) if batch.earlier else None
    return new_raw_rows(run.spark, run.source, batch, tables, earlier)


def _merger(lake: Lake, table: Table, changed: DataFrame, replaced: DataFrame | None) -> Callable[[], None]:
    """Brings a table's changes in; a MERGE only where they speak of rows that it holds (`replaced`)."""

    def write() -> None:
        if replaced is None:
            lake.append(table, changed)
        else:
            lake.merge(table, changed, merge_bounds(table, changed, replaced))

    return _reached(write, table.name)


def _reached(write: Callable[[], None], name: str) -> Callable[[], None]:
    def written() -> None:
        write()
        reach(name)

    return written


def _held(lake: Lake, names: Sequence[str]) -> dict[str, RowCount]:
    """Rows (and GMV) that canonical tables hold."""
    return in_parallel_by_name({name: partial(_count, lake, name) for name in names if name in schemas.CANONICAL})


def _booked(lake: Lake, names: Sequence[str]) -> dict[str, RowCount]:
    """Rows of raw tables that only others join, which no table holds: by what the ledger says so far."""
    joined = [name for name in names if name not in schemas.CANONICAL]
    if not joined:
        return {}
    sums = (
        lake.read(schemas.LEDGER)
        .groupBy("table_name")
        .agg(F.sum(F.col("rows_accepted") + F.col("rows_released") - F.col("rows_outranked")).alias("rows"))
    )
    found = {row["table_name"]: row["rows"] for row in sums.collect()}
    return {name: RowCount(found.get(name, 0)) for name in joined}


def _count(lake: Lake, name: str) -> RowCount:
    held = _counted(lake, name).first()
    return RowCount(held["rows"], held["gmv"]) if held else RowCount()


def _counted(lake: Lake, name: str) -> DataFrame:
    """One row: rows, and gmv where the table has any."""
    rows = lake.read(schemas.CANONICAL[name])
    gmv = F.coalesce(F.sum("gmv"), F.lit(0)) if "gmv" in rows.columns else F.lit(None)
    return rows.agg(F.count("*").alias("rows"), gmv.cast(schemas.SUM).alias("gmv"))


def _check_committed(run: Run, entries: Sequence[Entry], expected: Mapping[str, RowCount]) -> None:
    """The tables as they were committed hold what the ledger says; asked in one query."""
    lake = run.lake
    mine = lake.read(schemas.QUARANTINE).where(F.col("batch_id") == run.run_id).groupBy("table_name")
    refusals = mine.agg(F.count("*").alias("rows")).select(
        "table_name", F.lit(True).alias("refused"), "rows", F.lit(None).cast(schemas.SUM).alias("gmv")
    )
    canonical = [line.table for line in entries if line.table in schemas.CANONICAL]
    counts = [
        _counted(lake, name).select(F.lit(name).alias("table_name"), F.lit(False).alias("refused"), "rows", "gmv")
        for name in canonical
    ]
    rows = reduce(DataFrame.unionByName, counts, refusals).collect()
    refused = {row["table_name"]: row["rows"] for row in rows if row["refused"]}
    found = {row["table_name"]: RowCount(row["rows"], row["gmv"]) for row in rows if not row["refused"]}
    for line in entries:
        check_committed(
            line, expected[line.table], found.get(line.table, expected[line.table]), refused.get(line.table, 0)
        )


def _warn(run: Run, tables: Mapping[str, LabelledTable], inputs: Mapping[str, RawInput], how: Strategy) -> None:
    """Count the warnings of the batch, those of rows by themselves and of others, and say them."""
    lake, source = run.lake, run.source
    found = [
        (name, rule, rows, table.tally.worth.get(rule))
        for name, table in tables.items()
        for rule, rows in table.tally.warned.items()
    ]
    if {"orders", "order_lines"} <= set(tables):
        if how == "first":  # what was written is all that there is
            orders, lines = tables["orders"].accepted, tables["order_lines"].accepted
        else:
            orders = lake.read(schemas.ORDERS).where(F.col("batch_id") == run.run_id)
            lines = lake.read(schemas.ORDER_LINES)
        warned = order_warnings(orders, lines, run.config.quality.rules).collect()
        found += [(row["table_name"], row["warning"], row["rows"], None) for row in warned]
    rows = sorted(found, key=lambda row: row[:2])
    copies = copies_to_tell(source, tables, inputs)
    of_copies = [(name, "identical_rows", count.rows, count.amount) for name, count in copies.items()]
    undeclared: dict[str, tuple[RowCount, list[str]]] = {}
    if how == "rebuild":
        undeclared = undeclared_to_tell(source, lake.read(schemas.RAW_ROWS), run.run_id, tables, inputs)
    of_undeclared = [(name, "undeclared_columns", count.rows, count.amount) for name, (count, _) in undeclared.items()]
    told = [*rows, *of_copies, *of_undeclared]
    lake.append_rows(schemas.WARNINGS, [(run.run_id, *row) for row in told])
    for name, count in copies.items():
        tell_copies(run.progress, name, count, source)
    for name, (count, columns) in undeclared.items():
        tell_undeclared(run.progress, name, count, columns, source)
    for table, warning, number, money in rows:
        tell_warning(run.progress, table, warning, number, money, source.currency)
