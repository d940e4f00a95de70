"""What was known of each buyer and each seller on each of several days, in one pass over the orders.

An order counts on its own day's snapshot and on all later ones. Counting it once for each would grow with orders ×
days; here it is counted once, at the first of the days by which it had been placed. Sums, counts, firsts and lasts then
add up over the days, and what somebody's figures are stays so until the next day on which they change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.features.buyers import BOUGHT_OVER, bought_measures, told_of_buyers
from segmentation.features.known import without_unpublished
from segmentation.features.measures import (
    count_of_sales,
    count_of_sales_with,
    ratio,
    rhythm_of,
    with_days_between,
)
from segmentation.features.sales import of_sales, orders_until
from segmentation.features.sellers import SOLD_OVER, sold_measures, told_of_sellers
from segmentation.schemas import SUM
from segmentation.source import Source

# Sums and counts of one entity's orders at one of the days, by the column they become (a word of its own, where it is
# only a part of one).
COUNTED: Mapping[str, Callable[[], Column]] = {
    "judged": lambda: F.count("status"),
    "cancelled": lambda: F.count_if(F.col("status") == "cancelled"),
    "returned": lambda: F.count_if(F.col("status") == "returned"),
    "count_orders": count_of_sales,
    "total_gmv": lambda: F.sum(of_sales("gmv")),
    "total_revenue": lambda: F.sum(of_sales("revenue")),
    "vouchers": lambda: F.sum(of_sales("voucher_value")),
    "voucher_orders": lambda: count_of_sales_with("voucher_value"),
    "used_up": lambda: F.count_if(of_sales("fulfilled")),
    "use_known": lambda: F.count(of_sales("fulfilled")),
}
MONEY_SUMS = ("total_gmv", "total_revenue", "vouchers")


@dataclass(frozen=True)
class _Side:
    by: str
    vouchers: str  # what the feature is called
    over: Sequence[str]
    measures: Callable[[], list[Column]]
    told: Callable[[DataFrame, DataFrame], DataFrame]


SIDES = {
    "buyers": _Side("buyer_id", "voucher_value", BOUGHT_OVER, bought_measures, told_of_buyers),
    "sellers": _Side("seller_id", "total_vouchers", SOLD_OVER, sold_measures, told_of_sellers),
}


def with_first_day(orders: DataFrame, days: Sequence[date]) -> DataFrame:
    """Orders with `at`: the place, from 0, of the first of `days` (in order) by whose end the order had been placed."""
    day = F.to_date("ordered_at")
    return orders.withColumn("at", F.size(F.filter(_array(days), lambda end: end < day)))


def snapshots(
    source: Source, orders: DataFrame, categories: DataFrame, users: DataFrame, days: Sequence[date], entity: str
) -> DataFrame:
    """One row per entity and day by whose end it had an accepted order: what features.known.features_of says of that
    day, for all `days` (in order) at once.

    `orders` are with_first_day's, `categories` what category_sales returns of them with `at`, up to the last day. What
    users say of themselves has no date: it is that of today on all days.
    """
    side, sales = SIDES[entity], source.sales
    so_far = _until_next(_running(_totals(orders, side, sales, days), side), [side.by], len(days))
    spread = _spread(categories, side, len(days))
    known = (
        so_far.join(spread, on=[side.by, "at"], how="left")
        .withColumn("as_of", F.get(_array(days), F.col("at")))
        .withColumns(_rates(side))
    )
    return without_unpublished(side.told(known, users), source)


def _totals(orders: DataFrame, side: _Side, sales: Sequence[str], days: Sequence[date]) -> DataFrame:
    """One row per entity and day at which an order of it counts first: COUNTED of these, and their ends; the rhythm is
    that of all orders up to then, since a median does not add up.
    """
    mine = orders_until(orders, sales, days[-1]).where(F.col(side.by).isNotNull())
    up_to_then = Window.partitionBy(side.by).orderBy("at").rangeBetween(Window.unboundedPreceding, Window.currentRow)
    latest = F.struct("ordered_at", "order_id", "seller_category")
    return (
        with_days_between(mine, by=side.by)
        .withColumn("rhythm_days", rhythm_of(F.count("days_between").over(up_to_then), _median().over(up_to_then)))
        .groupBy(side.by, "at")
        .agg(
            *[measure().alias(name) for name, measure in COUNTED.items()],
            F.min(of_sales("ordered_at")).alias("first_order_at"),
            F.max(of_sales("ordered_at")).alias("last_order_at"),
            F.max(F.when(F.col("seller_category").isNotNull(), latest)).alias("latest"),
            F.max("rhythm_days").alias("rhythm_days"),
        )
    )


def _median() -> Column:
    return F.percentile("days_between", 0.5)


def _running(totals: DataFrame, side: _Side) -> DataFrame:
    """The same, of all orders up to then."""
    up_to_then = Window.partitionBy(side.by).orderBy("at").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    sums = {name: F.sum(name).over(up_to_then) for name in COUNTED}
    return totals.withColumns(
        {
            **sums,
            **{name: sums[name].cast(SUM) for name in MONEY_SUMS},
            "first_order_at": F.min("first_order_at").over(up_to_then),
            "last_order_at": F.max("last_order_at").over(up_to_then),
            "latest": F.max("latest").over(up_to_then),
        }
    )


def _rates(side: _Side) -> dict[str, Column]:
    """What follows from sums and counts, as features.measures defines it."""
    orders, nothing = F.col("count_orders"), F.lit(0).cast(SUM)
    gmv, vouchers = F.coalesce("total_gmv", nothing), F.coalesce("vouchers", nothing)
    return {
        "total_gmv": gmv,
        "total_revenue": F.when(orders == 0, nothing).otherwise(F.col("total_revenue")),
        "avg_order_value": F.round(gmv / F.nullif(orders, F.lit(0)), 2),
        side.vouchers: vouchers,
        "voucher_rate": ratio(F.col("voucher_orders"), orders),
        "voucher_share": ratio(vouchers, gmv),
        "cancel_rate": ratio(F.col("cancelled"), F.col("judged")),
        "return_rate": ratio(F.col("returned"), F.col("judged")),
        "completion_rate": ratio(F.col("used_up"), F.col("use_known")),
        "seller_category": F.col("latest.seller_category"),
    }


def _spread(categories: DataFrame, side: _Side, count: int) -> DataFrame:
    """features.spread.spread, by entity and day: each value's GMV up to the day, then the same measures."""
    by = side.by
    amounts = categories.where(F.col(by).isNotNull()).select(by, "at", "gmv", *side.over)
    # All that follows is of one entity: spread by it once, nothing is moved again.
    values = amounts.unpivot([by, "at", "gmv"], list(side.over), "dimension", "value").repartition(by)
    key = [by, "dimension", "value"]
    up_to_then = Window.partitionBy(*key).orderBy("at").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    sums = values.groupBy(*key, "at").agg(F.sum("gmv").alias("gmv"))
    running = sums.withColumn("gmv", F.sum("gmv").over(up_to_then).cast(SUM))
    return _until_next(running, key, count).groupBy(by, "at").agg(*side.measures())


def _until_next(states: DataFrame, key: Sequence[str], count: int) -> DataFrame:
    """States that begin `at` a day, once for each day from there until the next state of the same key begins."""
    following = F.lead("at").over(Window.partitionBy(*key).orderBy("at"))
    ending = states.withColumn("_last", F.coalesce(following - 1, F.lit(count - 1)))
    return ending.withColumn("at", F.explode(F.sequence("at", "_last"))).drop("_last")


def _array(days: Sequence[date]) -> Column:
    return F.array(*[F.lit(day) for day in days])
