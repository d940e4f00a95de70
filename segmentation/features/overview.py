"""Where orders, GMV and revenue lie: in all, by month, by place, by kind of goods, of seller and of payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.features.people import people
from segmentation.features.sales import sales_until
from segmentation.schemas import MONEY, SQUARES, SUM

AMOUNTS = ["orders", "gmv", "gmv_squares", "revenue", "revenue_orders", "published_gmv"]
OF_AN_ORDER = ["total", "month", "province", "seller_province", "product_type", "seller_category", "payment_type"]


def overview(
    orders: DataFrame, categories: DataFrame, users: DataFrame, sales: Sequence[str], as_of: date
) -> DataFrame:
    """Sales up to `as_of`, one row per dimension and value: orders, gmv, gmv_squares, revenue, revenue_orders,
    published_gmv, gmv_share, revenue_share.

    In every dimension gmv adds up to the total; a value that is unknown is NULL. `categories` is what
    category_sales returns for the same orders, sales and as_of: an order counts in each of its categories.
    Revenue and its share are NULL where none is published. Months are those of the session's time zone.

    >>> orders = make_orders(spark, [{"gmv": 10, "product_type": "goods"}, {"gmv": 30}])
    >>> categories = category_sales(orders, make_lines(spark, []), ["completed"], date(2024, 1, 31))
    >>> figures = overview(orders, categories, make_users(spark, []), ["completed"], date(2024, 1, 31))
    >>> figures.where("dimension = 'product_type'").select("value", "orders", "gmv", "gmv_share").show()
    +-----+------+-----+---------+
    |value|orders|  gmv|gmv_share|
    +-----+------+-----+---------+
    |goods|     1|10.00|     0.25|
    | NULL|     1|30.00|     0.75|
    +-----+------+-----+---------+
    """
    return with_shares(amounts(orders, categories, users, sales, as_of))


def amounts(orders: DataFrame, categories: DataFrame, users: DataFrame, sales: Sequence[str], as_of: date) -> DataFrame:
    """The overview without its shares: dimension, value and AMOUNTS.

    It adds up over sets of orders.
    """
    of_orders = by_dimension(with_dimensions(sales_until(orders, sales, as_of), users), OF_AN_ORDER)
    return of_orders.unionByName(by_dimension(categories, ["category"]))


def with_shares(figures: DataFrame) -> DataFrame:
    """The amounts with each one's share of its dimension."""
    return figures.select(
        "dimension",
        "value",
        *AMOUNTS,
        share_of("gmv").alias("gmv_share"),
        share_of("revenue").alias("revenue_share"),
    )


def with_dimensions(orders: DataFrame, users: DataFrame) -> DataFrame:
    """Orders with the dimensions that are not columns of theirs: total, month and where both sides are."""
    buyers = people(users, "buyer").select("buyer_id", "province")
    sellers = people(users, "seller").select("seller_id", F.col("province").alias("seller_province"))
    return (
        orders.join(buyers, on="buyer_id", how="left")
        .join(sellers, on="seller_id", how="left")
        .withColumn("total", F.lit("total"))
        .withColumn("month", F.date_format("ordered_at", "yyyy-MM"))
    )


def by_dimension(amounts: DataFrame, dimensions: Sequence[str]) -> DataFrame:
    """Rows, GMV and revenue by each of the dimensions, in one pass: one row per dimension and value."""
    values = amounts.select("gmv", "revenue", *dimensions)
    return (
        values.unpivot(["gmv", "revenue"], list(dimensions), "dimension", "value")
        .groupBy("dimension", "value")
        .agg(
            F.count("*").alias("orders"),
            *sums_of_money(),
        )
    )


def sums_of_money() -> list[Column]:
    """AMOUNTS but the number of orders, of rows with gmv and revenue, NULL where a row adds nothing.

    gmv_squares is exact, and so the same in whatever order rows come; NULL where it is too large.
    """
    money, is_published = F.col("gmv").cast(MONEY), F.col("revenue").isNotNull()
    return [
        F.sum("gmv").cast(SUM).alias("gmv"),
        F.try_sum(F.try_multiply(money, money)).cast(SQUARES).alias("gmv_squares"),
        F.sum("revenue").cast(SUM).alias("revenue"),
        F.count("revenue").alias("revenue_orders"),
        F.coalesce(F.sum(F.when(is_published, F.col("gmv"))), F.lit(0)).cast(SUM).alias("published_gmv"),
    ]


def share_of(amount: str) -> Column:
    """The share of the amount in its dimension, whose values add up to the total; NULL where that is 0."""
    total = F.sum(amount).over(Window.partitionBy("dimension"))
    return F.col(amount).cast("double") / F.nullif(total.cast("double"), F.lit(0.0))
