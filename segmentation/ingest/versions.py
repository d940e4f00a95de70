"""Several rows about one key: the highest version is kept, whatever the order in which they came."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.schemas import Table


def label_versions(rows: DataFrame, table: Table, assign_numbers: bool) -> DataFrame:
    """The label of every row, and its record where it is refused.

    Among the sound rows of a key the highest `_rank` is kept, ties by the row's content. A lower rank is a
    duplicate: outranked. The same rank with other content is refused as conflicting. Lines without a number
    of their own have no versions: they are numbered by content within their order.
    """
    content = [name for name in table.names if name != "batch_id"]
    refused = F.size("_reasons") > 0
    rows = rows.withColumn("_sound", ~F.col("_duplicate") & ~refused)
    if assign_numbers:
        within = Window.partitionBy("order_id", "seller_id", "_sound").orderBy(*_known_first(content))
        rows = rows.withColumn("line_no", F.when(F.col("_sound"), F.row_number().over(within)))
        rows = rows.withColumn("_conflict", F.lit(False)).withColumn("_outranked", F.lit(False))
    else:
        rows = _ranked(rows, table, content)
    refused = refused | F.col("_conflict")
    label = (
        F.when(F.col("_duplicate") | F.col("_outranked"), "duplicate")
        .when(refused, "quarantined")
        .otherwise("accepted")
    )
    reasons = F.when(F.col("_conflict"), F.array(F.lit("conflicting_versions"))).otherwise(F.col("_reasons"))
    raws = [name for name in rows.columns if name.startswith("_raw_")]
    record = F.coalesce(*[F.to_json(name) for name in raws])
    return rows.withColumn("_label", label).select(
        *content,
        "_label",
        reasons.alias("_reasons"),
        "_warnings",
        "_file",
        F.when(F.col("_label") == "quarantined", record).alias("_record"),
    )


def _ranked(rows: DataFrame, table: Table, content: Sequence[str]) -> DataFrame:
    key = Window.partitionBy(*table.key, "_sound").orderBy(
        F.col("_rank").desc_nulls_last(), *[F.col(name).desc_nulls_last() for name in content]
    )
    # The highest row of the key, as seen from each of its rows.
    top = F.first(F.struct("_rank", F.struct(*content).alias("content"))).over(key)
    numbered = rows.withColumn("_number", F.row_number().over(key)).withColumn("_top", top)
    tied = F.col("_rank").eqNullSafe(F.col("_top._rank"))
    differs = ~F.struct(*content).eqNullSafe(F.col("_top.content"))
    beaten = F.col("_sound") & (F.col("_number") > 1)
    return (
        numbered.withColumn("_conflict", beaten & tied & differs)
        .withColumn("_outranked", beaten & ~F.col("_conflict"))
        .drop("_number", "_top")
    )


def _known_first(content: Sequence[str]) -> list[Column]:
    return [F.col(name).asc_nulls_last() for name in content if name != "line_no"]
