"""What was known of each buyer and each seller on each of several days, in one pass over the orders.

An order counts on its own day's snapshot and on all later ones. Counting it once for each would grow with orders ×
days; here it is counted once, at the first of the days by which it had been placed. Sums, counts, firsts and lasts then
add up over the days, and what somebody's figures are stays so until the next day on which they change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.features.buyers import BOUGHT_OVER, bought_measures, told_of_buyers
from segmentation.features.categories import category_sales
from segmentation.features.increment import State
from segmentation.features.known import without_unpublished
from segmentation.features.measures import TOTALS, rhythm_of, totals, with_days_between
from segmentation.features.sales import orders_until
from segmentation.features.sellers import SOLD_OVER, sold_measures, told_of_sellers
from segmentation.schemas import SUM
from segmentation.source import Source


@dataclass(frozen=True)
class _Side:
    by: str
    over: Sequence[str]
    measures: Callable[[], list[Column]]
    told: Callable[[DataFrame, DataFrame], DataFrame]


SIDES = {
    "buyers": _Side("buyer_id", BOUGHT_OVER, bought_measures, told_of_buyers),
    "sellers": _Side("seller_id", SOLD_OVER, sold_measures, told_of_sellers),
}


def dated(state: State, sales: Sequence[str], days: Sequence[date]) -> tuple[DataFrame, DataFrame]:
    """Orders, and their sales by category up to the last of `days` (in order; see category_sales), with `at`: the
    place, from 0, of the first of the days by whose end the order had been placed.
    """
    day = F.to_date("ordered_at")
    orders = state.orders.withColumn("at", F.size(F.filter(_array(days), lambda end: end < day)))
    return orders, category_sales(orders, state.lines, sales, days[-1], also=("at",))


def snapshots(
    source: Source, orders: DataFrame, categories: DataFrame, users: DataFrame, days: Sequence[date], entity: str
) -> DataFrame:
    """One row per entity and day by whose end it had an accepted order: what features.known.features_of says of that
    day, for all `days` (in order) at once.

    `orders` and `categories` are dated's. What users say of themselves has no date: it is that of today on all days.
    """
    side, sales = SIDES[entity], source.sales
    so_far = _until_next(_running(_totals(orders, side.by, sales, days), side.by), [side.by], len(days))
    spread = _spread(categories, side, len(days))
    known = so_far.join(spread, on=[side.by, "at"], how="left").withColumn("as_of", F.get(_array(days), F.col("at")))
    return without_unpublished(side.told(known, users), source)


def _totals(orders: DataFrame, by: str, sales: Sequence[str], days: Sequence[date]) -> DataFrame:
    """One row per entity and day at which an order of it counts first: TOTALS of these; the rhythm is that of all
    orders up to then, since a median does not add up.
    """
    mine = orders_until(orders, sales, days[-1]).where(F.col(by).isNotNull())
    up_to_then = Window.partitionBy(by).orderBy("at").rangeBetween(Window.unboundedPreceding, Window.currentRow)
    distances, median = F.count("days_between"), F.percentile("days_between", 0.5)
    return (
        with_days_between(mine, by)
        .withColumn("rhythm_days", rhythm_of(distances.over(up_to_then), median.over(up_to_then)))
        .groupBy(by, "at")
        .agg(*totals(), F.max("rhythm_days").alias("rhythm_days"))
    )


def _running(counted: DataFrame, by: str) -> DataFrame:
    """One row per entity and day at which an order of it counts first: TOTALS of all its orders up to then."""
    up_to_then = Window.partitionBy(by).orderBy("at").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return counted.withColumns({name: total.of_totals(name).over(up_to_then) for name, total in TOTALS.items()})


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
