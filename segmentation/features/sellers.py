"""What is known of each seller on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.features.declared import as_declared
from segmentation.features.measures import features_of_totals, known_counts, of_the_day, totals_and_rhythm
from segmentation.features.people import attributes, people
from segmentation.features.sales import orders_until
from segmentation.features.spread import largest_share_of, number_of, spread, top_of
from segmentation.schemas import SELLER_FEATURES, USERS

SOLD_OVER = ("buyer_id", "category")


def seller_features(
    orders: DataFrame, categories: DataFrame, users: DataFrame, sales: Sequence[str], as_of: date
) -> DataFrame:
    """One row per seller with an accepted order up to `as_of`: schemas.SELLER_FEATURES and the source's attributes.

    `categories` is what category_sales returns for the same orders, sales and as_of; `sales` are the statuses
    that count as sales. Days are those of the session's time zone.

    >>> orders = make_orders(spark, [{"buyer_id": "b1", "gmv": 75}, {"buyer_id": "b2", "gmv": 25}])
    >>> categories = category_sales(orders, make_lines(spark, []), ["completed"], date(2024, 1, 31))
    >>> sellers = seller_features(orders, categories, make_users(spark, []), ["completed"], date(2024, 1, 31))
    >>> sellers.select("seller_id", "count_orders", "unique_buyers", "top_buyer_share").show()
    +---------+------------+-------------+---------------+
    |seller_id|count_orders|unique_buyers|top_buyer_share|
    +---------+------------+-------------+---------------+
    |       s1|           2|            2|           0.75|
    +---------+------------+-------------+---------------+
    """
    named = orders_until(orders, sales, as_of).where(F.col("seller_id").isNotNull())  # a source may have no sellers
    totals = totals_and_rhythm(named, by="seller_id")
    sold = spread(categories, by="seller_id", over=SOLD_OVER, measures=sold_measures())
    known = totals.join(sold, on="seller_id", how="left").withColumn("as_of", F.lit(as_of))
    return told_of_sellers(known, users)


def sold_measures() -> list[Column]:
    """What is told of how a seller's GMV is spread over SOLD_OVER."""
    return [
        number_of("buyer_id").alias("unique_buyers"),
        largest_share_of("buyer_id").alias("top_buyer_share"),
        number_of("category").alias("unique_categories"),
        top_of("category").alias("top_category"),
    ]


def told_of_sellers(known: DataFrame, users: DataFrame) -> DataFrame:
    """schemas.SELLER_FEATURES of TOTALS and rhythm of a seller's orders up to `as_of`, and of how they are spread."""
    features = (
        known.withColumns(features_of_totals())
        .withColumns({**known_counts("unique_buyers", "unique_categories"), **of_the_day(F.col("as_of"))})
        # Before what users say of themselves, which may be called as a total is.
        .select(*[name for name in SELLER_FEATURES.names if name not in USERS.names])
        .join(people(users, "seller"), on="seller_id", how="left")
    )
    return as_declared(features, SELLER_FEATURES.with_columns(attributes(users), before="as_of"))
