"""How buyers, offers and sales divide over the bands and groups that a source declares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.attributes import Attributes
from segmentation.features.measures import ratio
from segmentation.features.overview import share_of, sums_of_money
from segmentation.features.people import people
from segmentation.features.sales import orders_until
from segmentation.ingest.derived_columns import band_of
from segmentation.schemas import SQUARES, SUM
from segmentation.source import Source

TOTAL = "total"
DIMENSION = ["dimension", "value"]
OWN = {"buyers": "bigint", "buyer_share": "double", "offered": "bigint", "conversion_rate": "double"}


def with_divisions(figures: DataFrame, orders: DataFrame, users: DataFrame, source: Source, as_of: date) -> DataFrame:
    """The overview's rows and those of `divisions`, whose total takes the place of its own.

    Nothing is divided by what a source without sellers cannot have.
    """
    if "sellers" not in source.segmentable:
        figures = figures.where(~F.col("dimension").startswith("seller_"))
    if source.has_orders and not source.dimensions:
        return figures.withColumns({name: F.lit(None).cast(kind) for name, kind in OWN.items()})
    divided = divisions(orders if source.has_orders else None, users, source, source.sales, as_of)
    return figures.where(F.col("dimension") != TOTAL).unionByName(divided, allowMissingColumns=True)


def divisions(
    orders: DataFrame | None, users: DataFrame, source: Attributes, sales: Sequence[str], as_of: date
) -> DataFrame:
    """One row per band or group of the source and value, and one of totals: what overview has, and besides

    buyers and buyer_share (of all with an accepted order up to `as_of`), offered (their accepted orders of any
    status) and conversion_rate (sales / offered). A buyer counts where their own value lies; an order counts
    there too, but falls into the band of its own value where the band says so (`of_orders`). Without orders
    (None), sales are 0, and money and offers unknown.
    """
    dimensions = [TOTAL, *source.dimensions]
    buyers = people(users, "buyer").select("buyer_id", *source.dimensions)
    if orders is None:
        none = {name: F.lit(0).cast("bigint") for name in ("orders", "revenue_orders")}
        kinds = {"gmv": SUM, "gmv_squares": SQUARES, "revenue": SUM, "published_gmv": SUM, "offered": "bigint"}
        unknown = {**none, **{name: F.lit(None).cast(kind) for name, kind in kinds.items()}}
        return _figures(counts(buyers, dimensions).withColumns(unknown))
    placed = orders_until(orders, sales, as_of)
    counted = counts(placed.select("buyer_id").distinct().join(buyers, on="buyer_id", how="left"), dimensions)
    offered = offers(in_bands(placed.join(buyers, on="buyer_id", how="left"), source), dimensions)
    counted_up = ("buyers", "orders", "gmv", "revenue_orders", "published_gmv", "offered")
    sums = {name: F.coalesce(F.sum(name), F.lit(0)) for name in counted_up}
    sums |= {name: F.max(name) for name in ("revenue", "gmv_squares")}  # of the one row that has them
    both = counted.unionByName(offered, allowMissingColumns=True).groupBy(*DIMENSION)
    return _figures(both.agg(*[each.alias(name) for name, each in sums.items()]))


def counts(buyers: DataFrame, dimensions: Sequence[str]) -> DataFrame:
    """dimension, value, buyers."""
    values = (
        buyers.withColumn(TOTAL, F.lit(TOTAL))
        .select("buyer_id", *dimensions)
        .unpivot("buyer_id", list(dimensions), *DIMENSION)
    )
    return values.groupBy(*DIMENSION).agg(F.count("*").alias("buyers"))


def in_bands(orders: DataFrame, source: Attributes) -> DataFrame:
    """Orders with their buyer's bands, those that orders have of their own put in their place."""
    own = {name: band_of(F.col(band.of_orders), band) for name, band in source.bands.items() if band.of_orders}
    return orders.withColumns({TOTAL: F.lit(TOTAL), **own})


def offers(orders: DataFrame, dimensions: Sequence[str]) -> DataFrame:
    """dimension, value, and of orders with `is_sale` the overview's AMOUNTS of sales, and offered, those of any
    status."""
    measured: list[Column | str] = ["gmv", "revenue", "is_sale"]
    values = orders.select("gmv", "revenue", "is_sale", *dimensions).unpivot(measured, list(dimensions), *DIMENSION)
    of_sales = {name: F.when(F.col("is_sale"), F.col(name)) for name in ("gmv", "revenue")}
    return (
        values.withColumns(of_sales)
        .groupBy(*DIMENSION)
        .agg(
            F.count_if("is_sale").alias("orders"),
            *sums_of_money(),
            F.count("*").alias("offered"),
        )
    )


def _figures(rows: DataFrame) -> DataFrame:
    everyone = F.sum("buyers").over(Window.partitionBy("dimension"))
    return rows.select(
        *DIMENSION,
        "orders",
        F.col("gmv").cast(SUM).alias("gmv"),
        F.col("gmv_squares").cast(SQUARES).alias("gmv_squares"),
        F.col("revenue").cast(SUM).alias("revenue"),
        "revenue_orders",
        F.col("published_gmv").cast(SUM).alias("published_gmv"),
        share_of("gmv").alias("gmv_share"),
        share_of("revenue").alias("revenue_share"),
        "buyers",
        ratio(F.col("buyers"), everyone).alias("buyer_share"),
        "offered",
        ratio(F.col("orders"), F.col("offered")).alias("conversion_rate"),
    )
