"""An order's value, shared over the categories of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.features.sales import sales_until
from segmentation.schemas import MONEY, ORDERS


def category_sales(
    orders: DataFrame, lines: DataFrame, sales: Sequence[str], as_of: date, also: Sequence[str] = ()
) -> DataFrame:
    """Sales up to `as_of`, one row per order_id, seller_id and category, with their part of GMV and revenue.

    The parts go by the lines' subtotals, to the cent, and add up to the order's value exactly. An order without
    lines is one row of unknown category (NULL). buyer_id, product_type and what `also` names are the order's own.

    >>> orders = make_orders(spark, [{"gmv": 10}])
    >>> lines = make_lines(spark, [{"category": "food", "subtotal": 1}, {"category": "tools", "subtotal": 2}])
    >>> categories = category_sales(orders, lines, ["completed"], date(2024, 1, 31))
    >>> categories.select("category", "gmv").orderBy("category").show()
    +--------+----+
    |category| gmv|
    +--------+----+
    |    food|3.33|
    |   tools|6.67|
    +--------+----+
    """
    # Compressed lines look small enough to be broadcast, and are not: merge, as they lie by order already.
    bounds = category_bounds(lines.withColumn("seller_id", _known_seller())).hint("merge")
    parts = (
        sales_until(orders, sales, as_of)
        .withColumn("_seller", _known_seller())
        .join(bounds.withColumnRenamed("seller_id", "_seller"), on=["order_id", "_seller"], how="left")
    )
    return parts.select(
        *ORDERS.key,
        "buyer_id",
        "product_type",
        *also,
        "category",
        part_of("gmv").alias("gmv"),
        part_of("revenue").alias("revenue"),
    )


def _known_seller() -> Column:
    """The seller, or an empty text where the source has none: an unknown would match nothing in a join."""
    return F.coalesce("seller_id", F.lit(""))


def category_bounds(lines: DataFrame) -> DataFrame:
    """Where each category of an order begins and ends if all are laid end to end: from lower to upper of total.

    One row per order_id, seller_id and category, in the order of the categories' names. A line is as long as its
    subtotal; a subtotal that is negative or unknown counts nothing, and where that leaves nothing of an
    order, its lines are equally long.
    """
    value = F.greatest(F.coalesce("subtotal", F.lit(0)), F.lit(0))
    # Spread by order before anything else: grouping, laying out and the join to orders then need no other shuffle.
    categories = (
        lines.repartition(*ORDERS.key)
        .groupBy(*ORDERS.key, "category")
        .agg(F.sum(value).alias("value"), F.count("*").alias("lines"))
    )
    in_order = Window.partitionBy(*ORDERS.key).orderBy("category")
    so_far = in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    whole = in_order.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    laid_out = categories.select(
        *ORDERS.key,
        "category",
        "value",
        "lines",
        F.sum("value").over(so_far).alias("upper_value"),
        F.sum("value").over(whole).alias("total_value"),
        F.sum("lines").over(so_far).alias("upper_lines"),
        F.sum("lines").over(whole).alias("total_lines"),
    )
    return laid_out.select(
        *ORDERS.key,
        "category",
        value_or_lines(F.col("upper_value") - F.col("value"), F.col("upper_lines") - F.col("lines")).alias("lower"),
        value_or_lines(F.col("upper_value"), F.col("upper_lines")).alias("upper"),
        value_or_lines(F.col("total_value"), F.col("total_lines")).alias("total"),
    )


def value_or_lines(value: Column, lines: Column) -> Column:
    """The value where the order has any, else the number of lines."""
    return F.when(F.col("total_value") > 0, value).otherwise(lines)


def part_of(amount: str) -> Column:
    """The part of an amount between lower and upper of total; all of it where there is no total.

    Both ends are rounded to the cent, so that what one part loses the next one gains.
    """
    ends = [F.round(F.col(amount) * F.col(end) / F.col("total"), 2) for end in ("upper", "lower")]
    is_all = F.coalesce((F.col("lower") == 0) & (F.col("upper") == F.col("total")), F.lit(True))
    return F.when(is_all, F.col(amount)).otherwise((ends[0] - ends[1]).cast(MONEY))  # most orders: no division
