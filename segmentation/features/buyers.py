"""What is known of each buyer on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.features.declared import as_declared
from segmentation.features.measures import features_of_totals, known_counts, of_the_day, totals_and_rhythm
from segmentation.features.people import attributes, people
from segmentation.features.sales import orders_until
from segmentation.features.spread import number_of, spread, top_of
from segmentation.schemas import BUYER_FEATURES, USERS

BOUGHT_OVER = ("seller_id", "category", "product_type")


def buyer_features(
    orders: DataFrame, categories: DataFrame, users: DataFrame, sales: Sequence[str], as_of: date
) -> DataFrame:
    """One row per buyer with an accepted order up to `as_of`: schemas.BUYER_FEATURES and the source's attributes.

    `categories` is what category_sales returns for the same orders, sales and as_of; `sales` are the statuses
    that count as sales. Days are those of the session's time zone.

    >>> orders = make_orders(spark, [{"gmv": 10}, {"gmv": 25}, {"gmv": 99, "status": "cancelled"}])
    >>> categories = category_sales(orders, make_lines(spark, []), ["completed"], date(2024, 1, 31))
    >>> buyers = buyer_features(orders, categories, make_users(spark, []), ["completed"], date(2024, 1, 31))
    >>> buyers.select("buyer_id", "count_orders", "total_gmv", "avg_order_value", "recency_days").show()
    +--------+------------+---------+---------------+------------+
    |buyer_id|count_orders|total_gmv|avg_order_value|recency_days|
    +--------+------------+---------+---------------+------------+
    |      b1|           2|    35.00|          17.50|          30|
    +--------+------------+---------+---------------+------------+
    """
    totals = totals_and_rhythm(orders_until(orders, sales, as_of), by="buyer_id")
    bought = spread(categories, by="buyer_id", over=BOUGHT_OVER, measures=bought_measures())
    known = totals.join(bought, on="buyer_id", how="left").withColumn("as_of", F.lit(as_of))
    return told_of_buyers(known, users)


def bought_measures() -> list[Column]:
    """What is told of how a buyer's GMV is spread over BOUGHT_OVER."""
    return [
        number_of("category").alias("unique_categories"),
        number_of("seller_id").alias("unique_sellers"),
        top_of("category").alias("top_category"),
        top_of("product_type").alias("top_product_type"),
    ]


def told_of_buyers(known: DataFrame, users: DataFrame) -> DataFrame:
    """schemas.BUYER_FEATURES of TOTALS and rhythm of a buyer's orders up to `as_of`, and of how they are spread."""
    features = (
        known.withColumns(features_of_totals())
        .withColumns({**known_counts("unique_categories", "unique_sellers"), **of_the_day(F.col("as_of"))})
        # Before what users say of themselves, which may be called as a total is.
        .select(*[name for name in BUYER_FEATURES.names if name not in USERS.names])
        .join(people(users, "buyer"), on="buyer_id", how="left")
    )
    return as_declared(features, BUYER_FEATURES.with_columns(attributes(users), before="as_of"))
