"""What is offered and what is paid in each month, by price tier. docs/periodic.md defines it in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.attributes import Attributes, Band
from segmentation.features.measures import ratio
from segmentation.features.sales import of_sales, orders_until
from segmentation.periodic.kpis import MONTH, months_of


def tiers_of(source: Attributes) -> Band | None:
    """The source's price tiers: the first band into which each order falls by its own value."""
    return next((band for band in source.bands.values() if band.of_orders), None)


def by_tier(
    history: DataFrame, orders: DataFrame, sales: Sequence[str], days: Sequence[date], id: str, tier: Column
) -> DataFrame:
    """Rows of the table kpis that speak of a tier, of one entity and the months of `days` (in order): one per month,
    segment of the month's snapshot and tier with an order, and one of everybody. tier: of an order, by its own value.

    Columns: segment, segment_name, month, tier, offered, paid, conversion_rate, completion_rate, as_of, fitted_by.
    """
    members = history.where(F.col("as_of").isin(list(months_of(days).values()))).select(
        id, "as_of", "segment", "segment_name", "fitted_by", F.date_format("as_of", MONTH).alias("month")
    )
    placed = (
        orders_until(orders, sales, days[-1])
        .where(F.col(id).isNotNull())
        .select(
            id,
            "is_sale",
            "fulfilled",
            F.date_format("ordered_at", MONTH).alias("month"),
            tier.alias("tier"),
        )
    )
    key = ["month", "as_of", "tier"]
    offers = members.join(placed, on=[id, "month"], how="inner").where(F.col("tier").isNotNull())
    counted = offers.groupingSets([key, [*key, "segment"]], *key, "segment").agg(
        F.max("segment_name").alias("segment_name"),
        F.max("fitted_by").alias("fitted_by"),
        F.count("*").alias("offered"),
        F.count_if("is_sale").alias("paid"),
        F.avg(of_sales("fulfilled").cast("double")).alias("completion_rate"),
    )
    return counted.select(
        "segment",
        F.when(F.col("segment").isNotNull(), F.col("segment_name")).alias("segment_name"),
        "month",
        "tier",
        "offered",
        "paid",
        ratio(F.col("paid"), F.col("offered")).alias("conversion_rate"),
        "completion_rate",
        "as_of",
        "fitted_by",
    )
