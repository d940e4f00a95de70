"""Rows of the quarantine that are looked at again: lines whose order came, rows that a corrected export brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.ingest.batch import Batch, LabelledTable, quarantine
from segmentation.ingest.canonical import as_canonical, run_select
from segmentation.ingest.labels import ACCEPTED, QUARANTINED
from segmentation.ingest.parse import parse
from segmentation.ingest.quality_rules import CONFLICTING_VERSIONS, LINE_WITHOUT_ORDER
from segmentation.keys import aside
from segmentation.raw import RawInput, as_raw
from segmentation.raw.fingerprint import known_again, of_record
from segmentation.schemas import CANONICAL, LATEST, QUARANTINE
from segmentation.source import Source


def waiting(refused: DataFrame) -> DataFrame:
    """Rows of the quarantine that only lack their order."""
    return refused.where((F.col("table_name") == "order_lines") & _waits())


def waiting_rows(tables: Mapping[str, LabelledTable], batch: str) -> dict[str, int]:
    """How many rows of the batch only lack their order, by name of the table."""
    found = {}
    for table in tables.values():
        if table.name == "order_lines" and table.entry.quarantined.rows:
            mine = (F.col("_label") == QUARANTINED) & (F.col("_batch") == batch)
            found[table.name] = table.rows.where(mine & _waits("_reasons")).count()
    return found


def _waits(reasons: str = "reasons") -> Column:
    return F.col(reasons) == F.array(F.lit(LINE_WITHOUT_ORDER))


def quarantine_changes(
    spark: SparkSession,
    source: Source,
    batch: Batch,
    tables: Mapping[str, LabelledTable],
    there: DataFrame | None = None,
) -> tuple[DataFrame, DataFrame | None]:
    """Rows that come into the quarantine with a batch, and those that leave it, with `why`; None where none could.

    `there`: the quarantine, where all rows of all batches were judged anew; else the batch knows what it refused.
    """
    refused = quarantine(tables.values())
    if there is not None:
        same = ["table_name", "fingerprint"]
        added = refused.join(known_again(there).select(*same), on=same, how="left_anti")
        return added, left_out(there, refused.select(*same)).withColumn("why", F.lit("accepted"))
    assert batch.refused is not None
    is_new = (F.col("batch_id") == batch.id) | F.col("source_file").isNull()
    return refused.where(is_new), released(spark, source, tables, batch.inputs, batch.refused)


def released(
    spark: SparkSession,
    source: Source,
    tables: Mapping[str, LabelledTable],
    inputs: Mapping[str, RawInput],
    refused: DataFrame,
) -> DataFrame | None:
    """Rows of the quarantine that leave it with this batch: its columns, and `why`; None where none could.

    `accepted`: a line whose order came. `corrected`: the batch brought an accepted row of the same key.
    `outranked`: of two conflicting rows neither is the highest version any more. A line without a number of its
    own is corrected by any new line of its order.
    """
    counts = refused.groupBy("table_name", _waits().alias("waits")).count().collect()
    there = {(row["table_name"], row["waits"]) for row in counts}
    found = []
    for table in tables.values():
        if (table.name, True) in there:
            found.append(_accepted(table, refused))
        if (table.name, False) in there and table.name in CANONICAL and _says_anything(table):
            found.append(_overtaken(spark, source, table, inputs, refused))
    if not found:
        return None
    columns = [name for name in QUARANTINE.names if name != "quarantined_at"]
    return reduce(DataFrame.unionByName, [part.select(*columns, "why") for part in found])


def _accepted(lines: LabelledTable, refused: DataFrame) -> DataFrame:
    """Waiting lines that wait no more."""
    still = lines.rows.where(F.col("_label") == QUARANTINED).select(F.col("_raw_fingerprint").alias("fingerprint"))
    return left_out(waiting(refused), still).withColumn("why", F.lit("accepted"))


def left_out(refused: DataFrame, still: DataFrame) -> DataFrame:
    """Rows of the quarantine whose fingerprint (and whatever else `still` has) is not among those refused still."""
    others = [name for name in still.columns if name != "fingerprint"]
    mine = refused.withColumn("_known", F.coalesce("fingerprint", of_record(F.col("record"))))
    same = reduce(
        Column.__and__,
        [F.col("_known") == F.col("_still_fingerprint"), *[F.col(name) == F.col(f"_still_{name}") for name in others]],
    )
    return mine.join(still.select(*aside(still.columns, "_still_")), on=same, how="left_anti").drop("_known")


def _overtaken(
    spark: SparkSession, source: Source, table: LabelledTable, inputs: Mapping[str, RawInput], refused: DataFrame
) -> DataFrame:
    """Refused rows of a table whose key the batch brought again, by what their records say of the key.

    Rows of a lake that has no fingerprints keep their NULLs: the quarantine must know again what leaves it.
    """
    declared, select = source.table(table.name), source.tables[table.name][0]
    raw = inputs[select.counted_on]
    mine = refused.where((F.col("table_name") == table.name) & ~_waits()).withColumn(
        "_known", F.coalesce("fingerprint", of_record(F.col("record")))
    )
    raws = as_raw(mine, raw.table)  # the fingerprint of each row of the SELECT leads back to its own
    rows = as_canonical(run_select(spark, table.name, source, {raw.name: parse(raws, raw.table)}, {}), declared, source)
    key = [name for name in declared.key if name != "line_no"]
    refused_keys = rows.select(*aside(key, "_key_"), F.col("_rank").cast("string").alias("_rank"), "_row.fingerprint")
    # Of a stored row that lost a conflict the record has the table's own columns.
    types = ", ".join(f"{column.name} {column.type}" for column in declared.columns)
    stored = mine.where(F.array_contains("reasons", CONFLICTING_VERSIONS)).select(
        F.from_json("record", types).alias("_row"), F.col("_known").alias("fingerprint")
    )
    rank = F.expr(select.version_rank) if select.version_rank else F.lit(None)
    stored_keys = stored.select("_row.*", "fingerprint").select(
        *aside(key, "_key_"), rank.cast("string").alias("_rank"), "fingerprint"
    )
    keys = refused_keys.unionByName(stored_keys)
    is_latest = table.name in LATEST
    mine_now = (F.size("_reasons") == 0) & ~F.col("_stored")
    new = table.rows.where(mine_now & ((F.col("_label") == ACCEPTED) | F.lit(is_latest))).select(
        *aside(key, "_new_"),
        F.col("_rank").cast("string").alias("_new_rank"),
        (F.col("_label") == ACCEPTED).alias("_accepted"),
    )
    other_rank = ~F.col("_rank").eqNullSafe(F.col("_new_rank"))
    # What is known latest settles a conflict of its own rank too, even where it says what is there already.
    settles = F.when(other_rank, F.col("_accepted")).otherwise(F.lit(is_latest))
    overtaken = keys.join(new.distinct(), on=_same(key), how="inner")
    found = overtaken.groupBy(F.col("fingerprint").alias("_found")).agg(
        F.max(settles).alias("_settles"), F.max("_accepted").alias("_corrects")
    )
    is_conflict = F.array_contains("reasons", CONFLICTING_VERSIONS)
    leaving = mine.join(found, on=F.col("_known") == F.col("_found"), how="inner").where(
        F.when(is_conflict, F.col("_settles")).otherwise(F.col("_corrects"))
    )
    # The batch may bring the very conflict again: it stays.
    again = table.rows.where(F.array_contains("_reasons", CONFLICTING_VERSIONS)).select(
        F.col("_raw_fingerprint").alias("_again")
    )
    leaving = leaving.join(again, on=F.col("_known") == F.col("_again"), how="left_anti")
    return leaving.withColumn("why", F.when(is_conflict, "outranked").otherwise("corrected"))


def _says_anything(table: LabelledTable) -> bool:
    entry = table.entry
    return bool(entry.accepted.rows or (table.name in LATEST and entry.duplicate.rows))


def _same(key: list[str]) -> Column:
    """The same key, so far as the refused row knows its own; its first part it must know."""
    condition = F.col(f"_key_{key[0]}") == F.col(f"_new_{key[0]}")
    for name in key[1:]:
        mine = F.col(f"_key_{name}")
        condition = condition & (mine.isNull() | mine.eqNullSafe(F.col(f"_new_{name}")))
    return condition
