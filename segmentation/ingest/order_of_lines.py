"""Orders of a source whose raw rows are lines: the sound lines of one order and seller, put together."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.raw.file_order import name_in_order
from segmentation.schemas import ORDERS

AMOUNTS = ("voucher_value", "shipping_fee", "gmv", "revenue")


def orders_of_lines(lines: DataFrame) -> DataFrame:
    """The same rows, of which one per order and seller is the order; `_folded` is true for its other lines.

    The order has the sums of its lines' amounts, the first time and the highest of all else; it came with the latest of
    them. The others have no amounts, so that the money of each line is counted once. A line that came before is none
    of the order's, and where lines are ranked only those of the highest rank are. `_part` is what each line adds to
    the GMV of its order, NULL where it is none of its: the money that came with the line's own batch.
    """
    name = name_in_order(F.col("_file"))
    copies = Window.partitionBy("_fingerprint").orderBy("_batch", name, "_file")
    lines = lines.withColumns(
        {"_sound_line": F.size("_reasons") == 0, "_came_before": F.row_number().over(copies) > 1}
    ).withColumn("_counted", F.col("_sound_line") & ~F.col("_came_before"))
    ranked = Window.partitionBy(*ORDERS.key, "_counted")
    lines = lines.withColumn("_counted", F.col("_counted") & F.col("_rank").eqNullSafe(F.max("_rank").over(ranked)))
    order = Window.partitionBy(*ORDERS.key, "_counted")
    latest = order.orderBy(F.col("_batch").desc(), name.desc(), F.col("_file").desc(), "_fingerprint")
    lines = lines.withColumn("_is_order", F.col("_counted") & (F.row_number().over(latest) == 1))

    def of_all(column: str, kind: str) -> Column:
        if column in AMOUNTS:
            total = F.sum(column).over(order).cast(kind)
            return F.when(F.col("_is_order"), total).when(~F.col("_counted"), F.col(column))
        value = F.min(column).over(order) if column == "ordered_at" else F.max(column).over(order)
        return F.when(F.col("_is_order"), value).otherwise(F.col(column))

    kinds = {column.name: column.type for column in ORDERS.columns if column.name not in (*ORDERS.key, "batch_id")}
    others = [column for column in lines.columns if column not in kinds]
    folded = (F.col("_counted") & ~F.col("_is_order")) | (F.col("_sound_line") & F.col("_came_before"))
    part = F.when(F.col("_counted"), F.coalesce("gmv", F.lit(0))).cast(kinds["gmv"])
    return lines.select(
        *others,
        *[of_all(column, kind).alias(column) for column, kind in kinds.items()],
        folded.alias("_folded"),
        part.alias("_part"),
    ).drop("_sound_line", "_came_before", "_counted", "_is_order")
