"""What orders and their lines say of each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.ingest.rules import ROUNDING

KEY = ("order_id", "seller_id")


def order_warnings(orders: DataFrame, lines: DataFrame, switched: Mapping[str, str]) -> DataFrame:
    """Orders per warning: table_name, warning, rows. Only counted: real exports break both all the time.

    An order's value may be its lines' sum with or without tax and shipping: against its lines is what is neither.
    """
    wanted = [name for name in ("order_without_lines", "order_against_lines") if switched.get(name) != "off"]
    sums = lines.groupBy(*[F.col(name).alias(f"_{name}") for name in KEY]).agg(
        F.sum("subtotal").alias("_subtotal"), F.coalesce(F.sum("tax"), F.lit(0)).alias("_tax")
    )
    same = F.col("order_id").eqNullSafe(F.col("_order_id")) & F.col("seller_id").eqNullSafe(F.col("_seller_id"))
    shipping = F.coalesce("shipping_fee", F.lit(0))
    sums_of = [F.col("_subtotal") + extra for extra in (F.lit(0), F.col("_tax"), shipping, F.col("_tax") + shipping)]
    fits = reduce(Column.__or__, [F.abs(F.col("gmv") - each) <= ROUNDING for each in sums_of])
    broken = {
        "order_without_lines": F.col("_order_id").isNull() & (F.col("gmv") > 0),
        "order_against_lines": F.col("_subtotal").isNotNull() & ~fits,
    }
    counts = orders.join(sums, on=same, how="left").agg(*[F.count_if(broken[name]).alias(name) for name in wanted])
    if not wanted:
        return counts.select(F.lit("orders").alias("table_name"), F.lit("").alias("warning"), F.lit(0)).limit(0)
    rows = counts.unpivot([], [F.col(name) for name in wanted], "warning", "rows").where("rows > 0")
    return rows.select(F.lit("orders").alias("table_name"), "warning", "rows")
