"""What is measured of the orders of one buyer or one seller, read like a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.features.sales import of_sales
from segmentation.schemas import SUM

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
# What the day alone changes (of_the_day), and what each of it is made of besides: that a day does not change.
OF_THE_DAY = {
    "recency_days": ("last_order_at",),
    "orders_per_month": ("count_orders", "first_order_at"),
    "lapse": ("last_order_at", "rhythm_days"),
}
MOVED_BY_SALES = (*SUMS, *SINCE_THE_LAST)  # all at once, and by nothing else: none of them moves alone


@dataclass(frozen=True)
class Total:
    """What adds up: an aggregate of orders with `is_sale` (see sales.orders_until), and the one that makes the total of
    all orders out of those of parts of them.
    """

    of_orders: Callable[[], Column]
    of_totals: Callable[[str], Column] = F.sum


# By the column that they are, or become a part of (features_of_totals). A sum is NULL where nothing is known to add.
TOTALS: Mapping[str, Total] = {
    "orders": Total(lambda: F.count("status")),
    "cancelled": Total(lambda: F.count_if(F.col("status") == "cancelled")),
    "returned": Total(lambda: F.count_if(F.col("status") == "returned")),
    "count_orders": Total(lambda: F.count_if("is_sale")),
    "total_gmv": Total(lambda: F.sum(of_sales("gmv"))),
    "total_revenue": Total(lambda: F.sum(of_sales("revenue"))),
    "vouchers": Total(lambda: F.sum(of_sales("voucher_value"))),
    "voucher_orders": Total(lambda: F.count_if(F.col("is_sale") & (F.col("voucher_value") > 0))),
    "used_up": Total(lambda: F.count_if(of_sales("fulfilled"))),
    "use_known": Total(lambda: F.count(of_sales("fulfilled"))),
    "first_order_at": Total(lambda: F.min(of_sales("ordered_at")), F.min),
    "last_order_at": Total(lambda: F.max(of_sales("ordered_at")), F.max),
    "latest": Total(lambda: _latest("seller_category"), F.max),
}


def totals() -> list[Column]:
    """TOTALS of orders, each under its name."""
    return [total.of_orders().alias(name) for name, total in TOTALS.items()]


def features_of_totals() -> dict[str, Column]:
    """What follows from TOTALS, by name; of those without a sale money is 0, and averages and shares are NULL.

    All are over sales but the two rates, which are over all accepted orders. No voucher is a voucher of 0, but revenue
    that no sale tells is unknown. Means of money are to the cent, half up.
    """
    count, nothing = F.col("count_orders"), F.lit(0).cast(SUM)
    gmv, vouchers = (F.coalesce(name, nothing).cast(SUM) for name in ("total_gmv", "vouchers"))
    return {
        "total_gmv": gmv,
        "total_revenue": F.when(count == 0, nothing).otherwise(F.col("total_revenue")).cast(SUM),
        "avg_order_value": F.round(gmv / F.nullif(count, F.lit(0)), 2),
        "voucher_value": vouchers,
        "total_vouchers": vouchers,  # as sellers have it
        "voucher_rate": ratio(F.col("voucher_orders"), count),
        "voucher_share": ratio(vouchers, gmv),
        "cancel_rate": ratio(F.col("cancelled"), F.col("orders")),
        "return_rate": ratio(F.col("returned"), F.col("orders")),
        "completion_rate": ratio(F.col("used_up"), F.col("use_known")),
        "seller_category": F.col("latest.seller_category"),
    }


def totals_and_rhythm(orders: DataFrame, by: str) -> DataFrame:
    """One row per `by` of orders (see sales.orders_until): TOTALS and rhythm_days."""
    rhythm = rhythm_of(F.count("days_between"), F.percentile("days_between", 0.5))
    return with_days_between(orders, by).groupBy(by).agg(*totals(), rhythm.alias("rhythm_days"))


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


def rhythm_of(distances: Column, median: Column) -> Column:
    """The median of so many days between a sale and the next (exact, between the middle two where there are two).

    NULL below three sales: two have one distance, which says nothing of a rhythm.
    """
    return F.when(distances >= SALES_WITH_A_RHYTHM - 1, median)


def ratio(part: Column, whole: Column) -> Column:
    """A quotient as a DOUBLE; NULL where either is unknown or the whole is 0."""
    return F.try_divide(part.cast("double"), whole.cast("double"))


def _latest(column: str) -> Column:
    """The column of the latest accepted order that has one, as the last field of a struct."""
    return F.max(F.when(F.col(column).isNotNull(), F.struct("ordered_at", "order_id", column)))
