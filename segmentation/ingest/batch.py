"""One batch of raw files, labelled: every canonical table, and every raw table that only others join."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError
from segmentation.ingest.canonical import VITAL, label_raw, label_table
from segmentation.ingest.judge import judge
from segmentation.ingest.ledger import Entry, check_raw, count_labels, entry
from segmentation.progress import Progress
from segmentation.raw import RawInput, count_lines, read_raw
from segmentation.schemas import CANONICAL
from segmentation.session import computed
from segmentation.source import Source

AT_A_TIME = 3  # tables judged side by side: much of the time goes into planning, which one core does


@dataclass(frozen=True)
class Labelled:
    """A table's rows with their labels, and what they add up to."""

    name: str
    rows: DataFrame
    entry: Entry

    @property
    def accepted(self) -> DataFrame:
        """The rows that the table will hold, without batch_id."""
        return self.rows.where("_label = 'accepted'").drop("_label", "_reasons", "_warnings", "_file", "_record")


def labelled_batch(
    spark: SparkSession,
    source: Source,
    inputs: Mapping[str, RawInput],
    years: tuple[int, int],
    progress: Progress,
) -> dict[str, Labelled]:
    """Every table of the batch by name: labelled once, then split as often as one likes."""
    judged = {name: judge(read_raw(spark, raw), raw.table) for name, raw in inputs.items()}

    def labelled(name: str, accepted: Mapping[str, DataFrame]) -> Labelled:
        with progress.step(f"judge {name}") as facts:
            if name not in CANONICAL:
                table = _counted(name, label_raw(judged[name]))
                _check_rows(name, table.entry)
            else:
                table = _counted(name, label_table(spark, name, source, judged, accepted, years))
                _check_vital(table, source)
                _check_complete(spark, table, source, inputs)
            facts += _facts(table.entry)
        return table

    names = [*(name for name in CANONICAL if name in source.tables), *source.joined_only]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        first = {name: pool.submit(labelled, name, {}) for name in names if name != "order_lines"}
        if "order_lines" in names:  # whose orders must be known
            orders = first["orders"].result()
            first["order_lines"] = pool.submit(labelled, "order_lines", {"orders": orders.accepted})
        return {name: first[name].result() for name in names}


def quarantine(tables: Iterable[Labelled]) -> DataFrame:
    """Every refused row of the batch: table_name, reasons, record, source_file."""
    refused = [
        table.rows.where("_label = 'quarantined'").select(
            F.lit(table.name).alias("table_name"),
            F.col("_reasons").alias("reasons"),
            F.col("_record").alias("record"),
            F.col("_file").alias("source_file"),
        )
        for table in tables
    ]
    return reduce(DataFrame.unionByName, refused)


def warnings(tables: Iterable[Labelled]) -> DataFrame:
    """Rows per table and warning: table_name, warning, rows."""
    warned = [
        table.rows.where("_label = 'accepted'").select(
            F.lit(table.name).alias("table_name"), F.explode("_warnings").alias("warning")
        )
        for table in tables
    ]
    return reduce(DataFrame.unionByName, warned).groupBy("table_name", "warning").agg(F.count("*").alias("rows"))


def _counted(name: str, rows: DataFrame) -> Labelled:
    rows = computed(rows)
    return Labelled(name, rows, entry(name, count_labels(rows)))


def _facts(line: Entry) -> list[str]:
    facts = [f"{line.read.rows:,} rows"]
    if line.quarantined.rows:
        facts.append(f"{line.quarantined.rows:,} quarantined")
    if line.duplicate.rows:
        facts.append(f"{line.duplicate.rows:,} duplicate")
    return facts


def _check_vital(table: Labelled, source: Source) -> None:
    _check_rows(", ".join(select.counted_on for select in source.tables[table.name]), table.entry)
    vital = VITAL[table.name]
    known = table.rows.agg(*[F.count(name).alias(name) for name in vital]).first()
    for name in vital:
        if known is not None and known[name] == 0:
            raise InputError(
                f"{table.name}.{name}: found it empty or unreadable in every row, expected values; "
                "mend the export, or the SELECT in the source file"
            )


def _check_rows(raw: str, line: Entry) -> None:
    if not line.read.rows:
        raise InputError(f"{raw}: found no rows, expected at least one; mend the export")


def _check_complete(spark: SparkSession, table: Labelled, source: Source, inputs: Mapping[str, RawInput]) -> None:
    lines = [count_lines(spark, inputs[select.counted_on]) for select in source.tables[table.name]]
    if None not in lines:
        check_raw(table.name, table.entry.read.rows, sum(line for line in lines if line is not None))
