"""Which orders count: those up to a day, and among them the sales."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def orders_until(orders: DataFrame, sales: Sequence[str], as_of: date) -> DataFrame:
    """Orders placed up to the end of the day `as_of`, with `is_sale`: whether their status counts as one.

    Days are those of the session's time zone.
    """
    # An instant is compared with an instant, so that files of later orders can be skipped unread.
    next_midnight = F.lit(as_of + timedelta(days=1)).cast("timestamp")
    return orders.where(F.col("ordered_at") < next_midnight).withColumn("is_sale", is_sale(sales))


def is_sale(sales: Collection[str]) -> Column:
    """Whether the status of an order counts as a sale; false where it is unknown."""
    return F.coalesce(F.col("status").isin(*sales), F.lit(False))


def sales_until(orders: DataFrame, sales: Sequence[str], as_of: date) -> DataFrame:
    """The sales among the orders placed up to the end of the day `as_of`."""
    return orders_until(orders, sales, as_of).where("is_sale").drop("is_sale")


def of_sales(column: str) -> Column:
    """The column where an order is a sale, else NULL: what aggregates pass over."""
    return F.when(F.col("is_sale"), F.col(column))
