"""Raw rows that a lake keeps, each once: of exports that are written anew each day only what they bring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from segmentation.ingest.batch import Batch, LabelledTable
from segmentation.ingest.canonical import WORTH
from segmentation.ingest.labels import DUPLICATE, QUARANTINED
from segmentation.ingest.ledger import RowCount
from segmentation.raw import RawInput, as_records, read_raw
from segmentation.raw.file_order import name_in_order
from segmentation.raw.fingerprint import known_again, of_declared, of_record
from segmentation.schemas import LATEST, SUM
from segmentation.source import RawTable, Source

KNOWN = ["raw_name", "fingerprint"]


def new_raw_rows(
    spark: SparkSession, source: Source, batch: Batch, tables: Mapping[str, LabelledTable], kept: DataFrame | None
) -> DataFrame:
    """The batch's raw rows that are not among those `kept`: raw_name, record, source_file, batch_id, fingerprint.

    A row that is kept already comes anew where a table that knows the latest took it from this batch: somebody who
    moved away and came back says what was said before, but later.
    """
    files = [raw for raw in batch.inputs.values() if raw.files]
    rows_of = {raw.name: read_raw(spark, raw, batch.id, raw.name in source.real_copies) for raw in files}
    parts = [as_records(rows).withColumn("raw_name", F.lit(name)) for name, rows in rows_of.items()]
    first = Window.partitionBy(*KNOWN).orderBy(name_in_order(F.col("source_file")), "source_file")
    alike = Window.partitionBy(*KNOWN, "source_file").orderBy("source_file")
    rows = reduce(DataFrame.unionByName, parts).select(
        "*", (F.dense_rank().over(first) == 1).alias("_is_new"), F.row_number().over(alike).alias("_number")
    )
    rows = rows.where("_number = 1")
    if kept is not None:
        known = known_again(kept).select(*KNOWN).distinct().withColumn("_is_kept", F.lit(True))
        is_new = F.col("_is_new") & F.col("_is_kept").isNull()
        rows = rows.join(known, on=KNOWN, how="left").withColumn("_is_new", is_new)
    said = [
        table.rows.where((F.col("_batch") == batch.id) & ~F.col("_stored") & (F.col("_label") != DUPLICATE)).select(
            F.col("_raw_fingerprint").alias("fingerprint"), F.col("_file").alias("source_file")
        )
        for table in tables.values()
        if table.name in LATEST
    ]
    if said:
        taken = reduce(DataFrame.unionByName, said).distinct().withColumn("_is_taken", F.lit(True))
        rows = rows.join(taken, on=["fingerprint", "source_file"], how="left")
        rows = rows.withColumn("_is_new", F.col("_is_new") | F.col("_is_taken").isNotNull())
    return rows.where("_is_new").select("raw_name", "record", "source_file", "batch_id", "fingerprint")


def undeclared_apart(rows: DataFrame, batch: str, table: RawTable) -> DataFrame:
    """Fingerprints of a batch's raw rows that only what is not declared tells apart from earlier rows: columns beside
    the declared ones, and how numbers are written (12.0 where an earlier export had 12).

    `rows` are all that the lake keeps of one raw table, those of the batch among them. A further copy of an earlier row
    is none of them.
    """
    record = F.col("record")
    rows = rows.select(
        "batch_id", "fingerprint", of_record(record).alias("_own"), of_declared(record, table).alias("_declared")
    )
    earlier, new = rows.where(F.col("batch_id") != batch), rows.where(F.col("batch_id") == batch)
    alike = new.join(earlier.select("_declared").distinct(), on="_declared", how="left_semi")
    return alike.join(earlier.select("_own").distinct(), on="_own", how="left_anti").select("fingerprint")


def undeclared_to_tell(
    source: Source,
    kept: DataFrame,
    batch: str,
    tables: Mapping[str, LabelledTable],
    inputs: Mapping[str, RawInput],
) -> dict[str, tuple[RowCount, list[str]]]:
    """Rows of a batch that only undeclared columns tell apart from earlier batches' rows, and these columns, by table.

    `kept` are all raw rows of the lake, those of the batch among them. Of tables that such rows add to: lines, and raw
    tables that are only joined. Others have keys.
    """
    adding = "order_lines" if "order_lines" in source.tables else "orders" if source.grain == "line" else None
    raws = {adding: {select.counted_on for select in source.tables[adding]}} if adding else {}
    found = {}
    for name, of in {**raws, **{name: {name} for name in source.joined_only}}.items():
        came = [inputs[raw] for raw in of if inputs[raw].files]
        if not came:
            continue
        parts = [undeclared_apart(kept.where(F.col("raw_name") == raw.name), batch, raw.table) for raw in came]
        apart = reduce(DataFrame.unionByName, parts).withColumnRenamed("fingerprint", "_raw_fingerprint")
        mine = (F.col("_batch") == batch) & ~F.col("_stored") & (F.col("_label") != QUARANTINED)
        rows = tables[name].rows.where(mine).dropDuplicates(["_raw_fingerprint"])
        own = ["_part"] if "_part" in rows.columns else []  # of an order that lines of earlier batches are in too
        money = F.coalesce(F.sum(F.coalesce(*own, WORTH[name])), F.lit(0)) if name in WORTH else F.lit(None)
        count = (
            rows.join(apart, on="_raw_fingerprint", how="left_semi")
            .agg(F.count("*").alias("rows"), money.cast(SUM).alias("money"))
            .first()
        )
        if count and count["rows"]:
            unexpected = dict.fromkeys(column for raw in came for column in raw.unexpected)
            found[name] = (RowCount(count["rows"], count["money"]), list(unexpected))
    return found
