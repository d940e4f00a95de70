"""What is known of each buyer or seller where there are no orders: what users say of themselves."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.features.declared import as_declared
from segmentation.features.people import attributes, people
from segmentation.schemas import Table


def features_without_orders(users: DataFrame, role: str, table: Table, as_of: date) -> DataFrame:
    """One row per user of the role (buyer, seller): the table's columns and the source's attributes.

    Counts are 0; money, averages, rates and days are NULL.

    >>> buyers = features_without_orders(make_users(spark, [{"age": 31}]), "buyer", BUYER_FEATURES, date(2024, 1, 31))
    >>> buyers.select("buyer_id", "age", "count_orders", "total_gmv").show()
    +--------+---+------------+---------+
    |buyer_id|age|count_orders|total_gmv|
    +--------+---+------------+---------+
    |      b1| 31|           0|     NULL|
    +--------+---+------------+---------+
    """
    told = people(users, role).withColumn("as_of", F.lit(as_of))
    unmeasured = {
        column.name: F.lit(0 if column.type == "bigint" else None).cast(column.type)
        for column in table.columns
        if column.name not in told.columns
    }
    return as_declared(told.withColumns(unmeasured), table.with_columns(attributes(users), before="as_of"))
