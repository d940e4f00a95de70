"""Who buys from whom: what segments of buyers and of sellers do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.features.measures import features_of_totals, totals
from segmentation.features.sales import orders_until


def trade(
    orders: DataFrame, buyer_segments: DataFrame, seller_segments: DataFrame, sales: Sequence[str], as_of: date
) -> DataFrame:
    """One row per pair of segments with an accepted order up to `as_of`.

    Returns buyer_segment, seller_segment, orders, gmv, revenue, voucher_value, offered, return_rate: figures of sales,
    but offered, the accepted orders of any status, and return_rate, which is over these. A seller that the source does
    not name is in no segment (NULL), so that gmv adds up to that of all sales.

    >>> orders = make_orders(spark, [{"gmv": 10}, {"gmv": 25}, {"gmv": 99, "status": "returned"}])
    >>> buyers = spark.createDataFrame([("b1", 1)], "buyer_id string, segment int")
    >>> sellers = spark.createDataFrame([("s1", 2)], "seller_id string, segment int")
    >>> figures = trade(orders, buyers, sellers, ["completed"], date(2024, 1, 31))
    >>> figures.select("buyer_segment", "seller_segment", "orders", "gmv", F.round("return_rate", 2)).show()
    +-------------+--------------+------+-----+---------------------+
    |buyer_segment|seller_segment|orders|  gmv|round(return_rate, 2)|
    +-------------+--------------+------+-----+---------------------+
    |            1|             2|     2|35.00|                 0.33|
    +-------------+--------------+------+-----+---------------------+
    """
    buyers = buyer_segments.select("buyer_id", F.col("segment").alias("buyer_segment"))
    sellers = seller_segments.select("seller_id", F.col("segment").alias("seller_segment"))
    return (
        orders_until(orders, sales, as_of)
        .join(buyers, on="buyer_id", how="left")
        .join(sellers, on="seller_id", how="left")
        .groupBy("buyer_segment", "seller_segment")
        .agg(*totals())
        .withColumns(features_of_totals())
        .select(
            "buyer_segment",
            "seller_segment",
            F.col("count_orders").alias("orders"),
            F.col("total_gmv").alias("gmv"),
            F.col("total_revenue").alias("revenue"),
            "voucher_value",
            F.col("orders").alias("offered"),
            "return_rate",
        )
    )
