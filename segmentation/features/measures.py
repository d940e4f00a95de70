"""What is measured of the orders of one buyer or one seller, read like a table."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.features.sales import of_sales
from segmentation.schemas import MONEY

DAYS_PER_MONTH = 30.4375  # a twelfth of 365.25
SALES_WITH_A_RHYTHM = 3
SUMS = (
    "count_orders",
    "orders_per_month",
    "total_gmv",
    "total_revenue",
    "voucher_value",
    "total_vouchers",
    "voucher_orders",
)
SINCE_THE_LAST = ("recency_days", "lapse")
MOVED_BY_SALES = (*SUMS, *SINCE_THE_LAST)  # all at once, and by nothing else: none of them moves alone


def order_measures() -> list[Column]:
    """Measures that buyers and sellers share, over orders with `is_sale` (see sales.orders_until).

    All are over sales but the two rates, which are over all accepted orders.
    """
    return [
        count_of_sales().alias("count_orders"),
        sum_of_sales("gmv").alias("total_gmv"),
        published_sum("revenue").alias("total_revenue"),
        average("gmv").alias("avg_order_value"),
        rate_of("cancelled").alias("cancel_rate"),
        rate_of("returned").alias("return_rate"),
        F.min(of_sales("ordered_at")).alias("first_order_at"),
        F.max(of_sales("ordered_at")).alias("last_order_at"),
    ]


def count_of_sales() -> Column:
    """How many of the orders are sales."""
    return F.count_if("is_sale")


def count_of_sales_with(column: str) -> Column:
    """How many of the sales have more than 0 of a column."""
    return F.count_if(F.col("is_sale") & (F.col(column) > 0))


def share_of_sales(column: str) -> Column:
    """Share of the sales for which a BOOLEAN is true among those for which it is known; NULL where for none."""
    return F.avg(of_sales(column).cast("double"))


def sum_of_sales(column: str) -> Column:
    """Sum over sales; 0 without any, and what is empty adds nothing (no voucher is a voucher of 0)."""
    return F.coalesce(F.sum(of_sales(column)), F.lit(0).cast(MONEY))


def published_sum(column: str) -> Column:
    """Sum over sales of what the platform may not publish: 0 without a sale, NULL where no sale's is known."""
    return F.when(count_of_sales() == 0, F.lit(0).cast(MONEY)).otherwise(F.sum(of_sales(column)))


def average(column: str) -> Column:
    """Mean over sales, to the cent, half up; NULL without a sale."""
    return F.round(sum_of_sales(column) / F.nullif(count_of_sales(), F.lit(0)), 2)


def rate_of(status: str) -> Column:
    """Share of all accepted orders that have the status."""
    return F.avg((F.col("status") == status).cast("double"))


def voucher_measures() -> list[Column]:
    """Sales with a voucher, as a share of all sales (NULL without one), and vouchers over GMV (NULL without any)."""
    with_one = count_of_sales_with("voucher_value")
    return [
        with_one.alias("voucher_orders"),
        ratio(with_one, count_of_sales()).alias("voucher_rate"),
        ratio(sum_of_sales("voucher_value"), sum_of_sales("gmv")).alias("voucher_share"),
    ]


def of_the_day(as_of: date | Column) -> dict[str, Column]:
    """What the day alone changes of one who buys and sells nothing, from the other features, by name.

    recency_days: whole days from the day of the last sale to `as_of`. orders_per_month: sales per month from the day of
    the first one to `as_of`, where less than a month counts as one. Both NULL without a sale.
    """
    recency = F.date_diff(F.lit(as_of), F.to_date("last_order_at")).cast("int")
    months = (F.date_diff(F.lit(as_of), F.to_date("first_order_at")) + 1) / F.lit(DAYS_PER_MONTH)
    return {
        "recency_days": recency,
        "orders_per_month": F.col("count_orders") / F.when(months < 1, 1.0).otherwise(months),
        "lapse": ratio(recency, F.col("rhythm_days")),
    }


def after_sales(more: Column) -> dict[str, Column]:
    """What `more` sales on the day itself, each like the average of those before, make of MOVED_BY_SALES, by name.

    Sums grow by an average each, and no day has passed since the last sale. All else is as it was: means, shares, the
    usual gap, and the numbers of different ones, to which sales like those before add none. Of those with a sale.
    """
    count = F.col("count_orders")
    grown = {name: F.col(name).cast("double") * (count + more) / count for name in SUMS}
    has_rhythm = count + more >= SALES_WITH_A_RHYTHM
    return {**grown, "recency_days": F.lit(0), "lapse": F.when(has_rhythm, 0.0)}


def known_counts(*names: str) -> dict[str, Column]:
    """How many different ones sales were of, by name: 0 without a sale, and NULL where no sale's is known."""
    return {name: F.when(F.col("count_orders") == 0, 0).otherwise(F.nullif(name, F.lit(0))) for name in names}


def with_days_between(orders: DataFrame, by: str) -> DataFrame:
    """Orders (see sales.orders_until) with `days_between`: whole days since the sale of `by` before this one.

    NULL for the first sale and for what is no sale. Sales of one day lie 0 days apart; what one order buys from several
    sellers is one sale here, for it is one decision.
    """
    in_order = Window.partitionBy(by).orderBy("is_sale", "ordered_at", "order_id", "seller_id")
    day = F.to_date(of_sales("ordered_at"))
    is_another = F.coalesce(F.lag("order_id").over(in_order) != F.col("order_id"), F.lit(True))
    return orders.withColumn("days_between", F.when(is_another, F.date_diff(day, F.lag(day).over(in_order))))


def rhythm_days() -> Column:
    """Median of the days between a sale and the next (exact, between the middle two where there are two).

    NULL below three sales: two have one distance, which says nothing of a rhythm.
    """
    return rhythm_of(F.count("days_between"), F.percentile("days_between", 0.5))


def rhythm_of(distances: Column, median: Column) -> Column:
    """The median of so many distances, where they are enough."""
    return F.when(distances >= SALES_WITH_A_RHYTHM - 1, median)


def ratio(part: Column, whole: Column) -> Column:
    """A quotient as a DOUBLE; NULL where either is unknown or the whole is 0."""
    return F.try_divide(part.cast("double"), whole.cast("double"))


def latest(column: str) -> Column:
    """The column of the latest accepted order that has one."""
    return F.max_by(column, F.when(F.col(column).isNotNull(), F.struct("ordered_at", "order_id")))
