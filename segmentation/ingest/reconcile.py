"""What orders and their lines say of each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.ingest.quality_rules import ROUNDING, SET_WARNINGS, names_of
from segmentation.keys import aside, same_key
from segmentation.schemas import ORDERS


def order_warnings(orders: DataFrame, lines: DataFrame, switched: Mapping[str, str]) -> DataFrame:
    """Orders per warning: table_name, warning, rows. Only counted: real exports break both all the time.

    An order's value may be its lines' sum with or without tax and shipping: against its lines is what is neither.
    """
    wanted = [name for name in SET_WARNINGS if switched.get(name) != "off"]
    sums = lines.groupBy(*aside(ORDERS.key, "_")).agg(
        F.sum("subtotal").alias("_subtotal"), F.coalesce(F.sum("tax"), F.lit(0)).alias("_tax")
    )
    shipping = F.coalesce("shipping_fee", F.lit(0))
    sums_of = [F.col("_subtotal") + extra for extra in (F.lit(0), F.col("_tax"), shipping, F.col("_tax") + shipping)]
    fits = reduce(Column.__or__, [F.abs(F.col("gmv") - each) <= ROUNDING for each in sums_of])
    broken = {
        "order_without_lines": F.col("_order_id").isNull() & (F.col("gmv") > 0),
        "order_against_lines": F.col("_subtotal").isNotNull() & ~fits,
    }
    found = F.explode(names_of([F.when(broken[name], F.lit(name)) for name in wanted])).alias("warning")
    warned = orders.join(sums, on=same_key(ORDERS.key, "_"), how="left").select(found)
    return warned.groupBy(F.lit("orders").alias("table_name"), "warning").agg(F.count("*").alias("rows"))
