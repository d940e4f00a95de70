"""Orders of a source whose raw rows are lines: the sound lines of one order and seller, put together."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.ingest.quality_rules import NEGATIVE, names_of
from segmentation.raw.file_order import name_in_order
from segmentation.schemas import ORDERS

AMOUNTS = ("voucher_value", "shipping_fee", "gmv", "revenue")
NOT_BELOW_ZERO = ("voucher_value", "shipping_fee", "gmv")
# Which status an order has whose lines have several: one that is a sale goes before others, and what is still open
# before what is over.
IN_ORDER = ("in_progress", "completed", "unpaid", "returned", "cancelled")

OWN = (
    "_sound_line",
    "_came_before",
    "_counted",
    "_lost_rank",
    "_lost_unranked",
    "_is_absurd",
    "_is_below",
    "_is_order",
    "_place",
    "_decides",
    "_is_mixed",
    "_of_another",
)  # columns on the way


def orders_of_lines(lines: DataFrame, sales: Collection[str], negative: str = "quarantine") -> DataFrame:
    """The same rows, of which one per order and seller is the order; `_folded` is true for its other lines.

    The order has the sums of its lines' amounts, the first time and the highest of all else; it came with the latest of
    them. The others have no amounts, so that the money of each line is counted once. A line that came before is none
    of the order's, and where lines are ranked only those of the highest rank are. Of lines of several statuses those
    that are sales make the order, where there are any, else those of the first status by IN_ORDER: no money of a
    cancelled line is in a sale. The others are folded too, and keep their amounts. That, and lines that name several
    buyers, are among the order's warnings, and that one of its lines was refused (of a lower rank none is missed).
    `_part` is what each line adds to the GMV of its order, NULL where it is none of its: the money that came with the
    line's own batch.

    A line below zero is a discount or a return. Where a sum is below zero (`negative`: quarantine, warn or off), or
    larger than its column holds, all lines of the order are refused.
    """
    name = name_in_order(F.col("_file"))
    copies = Window.partitionBy("_fingerprint").orderBy("_batch", name, "_file")
    lines = lines.withColumns(
        {"_sound_line": F.size("_reasons") == 0, "_came_before": F.row_number().over(copies) > 1}
    ).withColumn("_counted", F.col("_sound_line") & ~F.col("_came_before"))
    of_order = Window.partitionBy(*ORDERS.key)
    is_refused = ~F.col("_sound_line")
    lines = lines.withColumns(
        {
            "_lost_rank": F.max(F.when(is_refused, F.col("_rank"))).over(of_order),
            "_lost_unranked": F.max(is_refused & F.col("_rank").isNull()).over(of_order),
        }
    )
    same = Window.partitionBy(*ORDERS.key, "_counted")
    lines = lines.withColumn("_counted", F.col("_counted") & F.col("_rank").eqNullSafe(F.max("_rank").over(same)))
    of_sales = [status for status in IN_ORDER if status in sales]
    places = F.array(*[F.lit(status) for status in (*of_sales, *(each for each in IN_ORDER if each not in sales))])
    lines = lines.withColumn("_place", F.array_position(places, F.col("status")))
    first, last = F.min("_place").over(same), F.max("_place").over(same)
    decides = F.col("_place") <= F.greatest(first, F.when(first <= len(of_sales), F.lit(len(of_sales))))
    lines = lines.withColumns({"_decides": decides, "_is_mixed": first != last})
    of_another = F.col("_counted") & ~F.col("_decides")
    lines = lines.withColumn("_of_another", of_another).withColumn("_counted", F.col("_counted") & F.col("_decides"))
    kinds = {column.name: column.type for column in ORDERS.columns if column.name not in (*ORDERS.key, "batch_id")}
    totals = {column: F.sum(column).over(same) for column in AMOUNTS}
    is_absurd = [total.isNotNull() & total.try_cast(kinds[column]).isNull() for column, total in totals.items()]
    is_below = [F.coalesce(totals[column] < 0, F.lit(False)) for column in NOT_BELOW_ZERO]
    lines = lines.withColumns(
        {"_is_absurd": reduce(Column.__or__, is_absurd), "_is_below": reduce(Column.__or__, is_below)}
    )
    whole = [F.when(F.col("_is_absurd"), "absurd_value")]
    if negative == "quarantine":
        whole.append(F.when(F.col("_is_below"), NEGATIVE))
    reasons = F.when(F.col("_counted"), F.concat("_reasons", names_of(whole))).otherwise(F.col("_reasons"))
    lines = lines.withColumn("_reasons", reasons)
    lines = lines.withColumn("_counted", F.col("_counted") & (F.size("_reasons") == 0))
    latest = same.orderBy(F.col("_batch").desc(), name.desc(), F.col("_file").desc(), "_fingerprint")
    lines = lines.withColumn("_is_order", F.col("_counted") & (F.row_number().over(latest) == 1))

    def of_all(column: str, kind: str) -> Column:
        if column in AMOUNTS:
            total = F.sum(column).over(same).try_cast(kind)
            return F.when(F.col("_is_order"), total).when(~F.col("_counted"), F.col(column))
        if column == "status":
            value = F.min_by("status", "_place").over(same)
        else:
            value = F.min(column).over(same) if column == "ordered_at" else F.max(column).over(same)
        return F.when(F.col("_is_order"), value).otherwise(F.col(column))

    others = [column for column in lines.columns if column not in (*kinds, "_warnings")]
    folded = (F.col("_counted") & ~F.col("_is_order")) | (F.col("_sound_line") & F.col("_came_before"))
    part = F.when(F.col("_counted"), F.coalesce("gmv", F.lit(0))).cast(kinds["gmv"])
    buyers_differ = F.min("buyer_id").over(same) != F.max("buyer_id").over(same)
    is_missed = F.col("_lost_unranked") | F.coalesce(F.col("_lost_rank") >= F.col("_rank"), F.lit(False))
    warnings = {"mixed_statuses": F.col("_is_mixed"), "several_buyers": buyers_differ, "incomplete_orders": is_missed}
    if negative == "warn":
        warnings[NEGATIVE] = F.col("_is_below")
    told = names_of([F.when(condition, name) for name, condition in warnings.items()])
    return lines.select(
        *others,
        *[of_all(column, kind).alias(column) for column, kind in kinds.items()],
        F.when(F.col("_is_order"), F.concat("_warnings", told)).otherwise(F.col("_warnings")).alias("_warnings"),
        (folded | F.col("_of_another")).alias("_folded"),
        part.alias("_part"),
    ).drop(*OWN)
