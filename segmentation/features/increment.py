"""What a batch touches, and features and overview of that alone put in the place of what they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.features.categories import category_sales
from segmentation.features.measures import of_the_day
from segmentation.features.overview import AMOUNTS, amounts, with_shares
from segmentation.keys import aside, same_key
from segmentation.schemas import ORDERS, SQUARES, SUM


@dataclass(frozen=True)
class State:
    """The canonical tables, at one time or of one kind of rows."""

    orders: DataFrame
    lines: DataFrame
    users: DataFrame

    @property
    def tables(self) -> tuple[DataFrame, DataFrame, DataFrame]:
        """The three in order."""
        return self.orders, self.lines, self.users


@dataclass(frozen=True)
class TouchedKeys:
    """What a batch touches: orders by key (order_id, seller_id), buyers and sellers by id, and users of either role.

    A buyer or seller is touched by an order of theirs, as it is or as it was, and by what users say of them.
    """

    keys: DataFrame
    users: DataFrame

    def ids(self, role: str, *states: State) -> DataFrame:
        """One row per touched buyer or seller, the column `id`."""
        ids = self._named(role)
        for state in states:
            mine = state.orders.join(self.keys, on=same_key(ORDERS.key, "_key_"), how="left_semi")
            ids = ids.unionByName(mine.select(F.col(f"{role}_id").alias("id")))
        return ids.where(F.col("id").isNotNull()).distinct()

    def orders(self, state: State) -> DataFrame:
        """The orders that count differently in the overview: those touched, and those of touched users."""
        sides = {role: self._named(role).withColumnRenamed("id", f"_{role}") for role in ("buyer", "seller")}
        keys = self.keys.withColumn("_touched", F.lit(True))
        found = state.orders.join(keys, on=same_key(ORDERS.key, "_key_"), how="left")
        for role, ids in sides.items():
            found = found.join(ids, on=F.col(f"{role}_id") == F.col(f"_{role}"), how="left")
        is_touched = F.coalesce(F.col("_touched"), F.col("_buyer").isNotNull() | F.col("_seller").isNotNull())
        return found.where(is_touched).select(*state.orders.columns)

    def _named(self, role: str) -> DataFrame:
        return self.users.where(F.col("role") == role).select(F.col("user_id").alias("id"))


def as_it_was(since: str, now: State, replaced: State) -> State:
    """The tables when the run `since` had ended: rows that no later batch wrote, and those that later ones replaced or
    removed.
    """

    def before(table: DataFrame, rows: DataFrame) -> DataFrame:
        return table.where(F.col("batch_id") <= since).unionByName(rows)

    return State(*map(before, now.tables, replaced.tables))


def touched_by(since: str, now: State, replaced: State) -> TouchedKeys:
    """What later batches than that of the run `since` brought to the tables, replaced in them or removed from them."""
    is_later = F.col("batch_id") > since  # batches are named by when their run began

    def changed(table: DataFrame, rows: DataFrame, *names: str) -> DataFrame:
        return table.where(is_later).select(*names).unionByName(rows.select(*names))

    lines = changed(now.lines, replaced.lines, *ORDERS.key)
    keys = changed(now.orders, replaced.orders, *ORDERS.key).unionByName(lines)
    users = changed(now.users, replaced.users, "user_id", "role").distinct()
    return TouchedKeys(keys.distinct().select(*aside(ORDERS.key, "_key_")), users)


def orders_of(state: State, buyers: DataFrame, sellers: DataFrame) -> DataFrame:
    """Orders with a buyer or a seller among the ids."""
    by = {"buyer": buyers, "seller": sellers}
    found = state.orders
    for role, ids in by.items():
        found = found.join(ids.withColumnRenamed("id", f"_{role}"), F.col(f"{role}_id") == F.col(f"_{role}"), "left")
    return found.where(F.col("_buyer").isNotNull() | F.col("_seller").isNotNull()).select(*state.orders.columns)


def refreshed(features: DataFrame, anew: DataFrame, ids: DataFrame, id_column: str, as_of: date) -> DataFrame:
    """Features with those of `ids` in their new form, and for all others what the new day alone changes."""
    same = F.col(id_column) == F.col("id")
    others = features.join(ids, on=same, how="left_anti").withColumns({**of_the_day(as_of), "as_of": F.lit(as_of)})
    return others.unionByName(anew.join(ids, on=same, how="left_semi"))


def overview_after(
    figures: DataFrame, was: State, is_now: State, sales: Sequence[str], days: tuple[date, date]
) -> DataFrame:
    """The overview after a batch: what it was, less the orders that count differently as they were, and with them as
    they are.

    The states have these orders alone (see TouchedKeys.orders); `days` are the overview's as_of before and now.
    """
    columns = ["dimension", "value", *AMOUNTS]
    less, more = (_amounts(state, sales, day) for state, day in zip((was, is_now), days, strict=True))
    is_too_large = F.col("gmv").isNotNull() & F.col("gmv_squares").isNull()
    negated = less.select("dimension", "value", *[(-F.col(name)).alias(name) for name in columns[2:]])
    sums = (
        figures.select(*columns)
        .unionByName(negated)
        .unionByName(more.select(*columns))
        .groupBy("dimension", "value")
        .agg(
            F.sum("orders").alias("orders"),
            F.sum("gmv").cast(SUM).alias("gmv"),
            # Where no sale with published revenue is left, the difference of sums would be 0: it is unknown.
            F.when(F.sum("revenue_orders") > 0, F.sum("revenue")).cast(SUM).alias("revenue"),
            F.sum("revenue_orders").alias("revenue_orders"),
            F.sum("published_gmv").cast(SUM).alias("published_gmv"),
            F.when(F.count_if(is_too_large) == 0, F.try_sum("gmv_squares")).cast(SQUARES).alias("gmv_squares"),
        )
    )
    return with_shares(sums.where(F.col("orders") > 0))


def _amounts(state: State, sales: Sequence[str], as_of: date) -> DataFrame:
    categories = category_sales(state.orders, lines_of(state.orders, state), sales, as_of)
    return amounts(state.orders, categories, state.users, sales, as_of)


def lines_of(orders: DataFrame, state: State) -> DataFrame:
    """The lines of these orders."""
    keys = orders.select("order_id").distinct()
    return state.lines.join(keys, on="order_id", how="left_semi")
