"""Who moved between one snapshot and the next, why, and what it was worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.assign import score_rows
from segmentation.clustering.model import Model
from segmentation.periodic.causes import cause
from segmentation.schemas import BUYER_FEATURES, SELLER_FEATURES, SUM, USERS

Pair = tuple[date, date]
# Of orders: what users say of themselves may change, and no order of the past is another one for it.
OF_ORDERS = {*BUYER_FEATURES.names, *SELLER_FEATURES.names} - {"buyer_id", "seller_id", "as_of", *USERS.names}
ROUGHLY = 1e-9  # fractions of an earlier release may differ in their last bit


def rescore_earlier(earlier: DataFrame, model: Model, id: str, recomputed: DataFrame | None = None) -> DataFrame:
    """Where a later model puts the rows of earlier snapshots: one row per id and as_of_from.

    `earlier` are rows of history, `recomputed` what today's orders say of the same days (snapshots.snapshots); who is
    in one of both alone has NULL on the other side. segment_by_later_model is that of the row as it was written (with
    what a later release knows besides, where orders say the same), segment_by_todays_orders that of the row as it is
    today; orders_changed: whether today's orders say something else, or nothing had been known before.
    """
    key = [F.col(id).alias("id"), F.col("as_of").alias("as_of_from")]
    written = score_rows(earlier, model).select(*key, F.col("segment").alias("segment_by_later_model"))
    if recomputed is None:
        same = {"segment_by_todays_orders": F.col("segment_by_later_model"), "orders_changed": F.lit(False)}
        return written.withColumns(same)
    known = [name for name in recomputed.columns if name in earlier.columns and name in OF_ORDERS]
    was = earlier.select(*key, F.struct(*known).alias("was"))
    today = score_rows(recomputed, model).select(
        *key, F.col("segment").alias("segment_by_todays_orders"), F.struct(*known).alias("is")
    )
    kinds = dict(earlier.select(*known).dtypes)
    is_same, more_known = F.col("was").isNotNull(), F.lit(False)
    for name in known:
        before, now = F.col(f"was.{name}"), F.col(f"is.{name}")
        is_same = is_same & _same(before, now, kinds[name])
        more_known = more_known | (before.isNull() & now.isNotNull())
    changes = was.join(today, on=["id", "as_of_from"], how="full_outer").select(
        "id",
        "as_of_from",
        "segment_by_todays_orders",
        (~is_same).alias("orders_changed"),
        (is_same & more_known).alias("_more_known"),
    )
    by_model = F.when(F.col("_more_known"), F.col("segment_by_todays_orders")).otherwise(
        F.col("segment_by_later_model")
    )
    told = written.join(changes, on=["id", "as_of_from"], how="full_outer")
    return told.withColumn("segment_by_later_model", by_model).drop("_more_known")


def pairs_of(
    history: DataFrame,
    pairs: Sequence[Pair],
    id: str,
    earlier_rescored: DataFrame | None = None,
    later_rescored: DataFrame | None = None,
) -> DataFrame:
    """One row per entity and pair of days on at least one of which it was known, with the cause of its move.

    Columns: id, as_of_from, as_of_to, segment_from, segment_to, cause, gmv_from, gmv_to, and its rows of history
    on either day, `before` and `after`. `earlier_rescored` holds rows of rescore_earlier of those pairs whose earlier
    snapshot was not made together with the later one; `later_rescored` the same of the later snapshots that the earlier
    one is newer than.
    """
    row = F.struct("*")
    before = history.where(_day_of("as_of", [first for first, _ in pairs])).select(
        F.col(id).alias("id"),
        F.col("as_of").alias("as_of_from"),
        _other("as_of", dict(pairs)).alias("as_of_to"),
        row.alias("before"),
    )
    after = history.where(_day_of("as_of", [second for _, second in pairs])).select(
        F.col(id).alias("id"),
        _other("as_of", {second: first for first, second in pairs}).alias("as_of_from"),
        F.col("as_of").alias("as_of_to"),
        row.alias("after"),
    )
    both = before.join(after, on=["id", "as_of_from", "as_of_to"], how="full_outer")
    of_earlier = {
        "segment_by_later_model": "int",
        "segment_by_todays_orders": "int",
        "orders_changed": "boolean",
    }
    both = _beside(both, earlier_rescored, ["id", "as_of_from"], of_earlier)
    if later_rescored is not None:
        later_rescored = later_rescored.select(
            "id",
            F.col("as_of_from").alias("as_of_to"),
            F.col("segment_by_todays_orders").alias("later_by_todays_orders"),
            F.col("orders_changed").alias("later_orders_changed"),
        )
    of_later = {"later_by_todays_orders": "int", "later_orders_changed": "boolean"}
    both = _beside(both, later_rescored, ["id", "as_of_to"], of_later)
    is_other_model = F.col("before.fitted_by") != F.col("after.fitted_by")
    told = both.withColumns(
        {
            "segment_from": F.col("before.segment"),
            "segment_to": F.col("after.segment"),
            "gmv_from": F.col("before.total_gmv"),
            "gmv_to": F.col("after.total_gmv"),
            # The same model says the same of what was known: nothing was refitted.
            "segment_by_later_model": F.when(is_other_model, F.col("segment_by_later_model")),
        }
    )
    return told.withColumn("cause", cause()).select(
        "id", "as_of_from", "as_of_to", "segment_from", "segment_to", "cause", "gmv_from", "gmv_to", "before", "after"
    )


def migrations(pairs: DataFrame) -> DataFrame:
    """The rows of a migrations table but for `run_id`, of pairs_of: entities add up to all who were known on either
    day, gmv_from to the GMV of the earlier snapshot and gmv_to to that of the later one.
    """
    key = ["as_of_from", "as_of_to", "segment_from", "segment_to", "cause"]
    return pairs.groupBy(*key).agg(
        F.count("*").alias("entities"),
        _money("gmv_from").alias("gmv_from"),
        _money("gmv_to").alias("gmv_to"),
        F.max("before.segment_name").alias("name_from"),
        F.max("after.segment_name").alias("name_to"),
    )


def movers(pairs: DataFrame) -> DataFrame:
    """Of pairs_of those who were in another segment, or in none, on the earlier day."""
    return pairs.where(F.col("cause").isNotNull())


def _beside(rows: DataFrame, more: DataFrame | None, key: list[str], columns: Mapping[str, str]) -> DataFrame:
    """Rows with columns of others of their key, NULL where there are none."""
    if more is None:
        return rows.withColumns({name: F.lit(None).cast(kind) for name, kind in columns.items()})
    return rows.join(more, on=key, how="left")


def _same(was: Column, today: Column, kind: str) -> Column:
    """Whether today's orders say the same. NULL of before is nothing to differ from: a later release may have added the
    feature, and where an order makes one known, it is in the counts too.
    """
    equal = was.eqNullSafe(today)
    if kind == "double":
        equal = F.coalesce(F.abs(was - today) <= ROUGHLY * F.greatest(F.abs(was), F.abs(today)), F.lit(False))
    return was.isNull() | equal


def _money(name: str) -> Column:
    return F.coalesce(F.sum(name), F.lit(0)).cast(SUM)


def _day_of(column: str, days: Sequence[date]) -> Column:
    return F.col(column).isin(list(days))


def _other(column: str, days: dict[date, date]) -> Column:
    """The day that goes with a day."""
    if not days:
        return F.lit(None).cast("date")
    return F.element_at(F.create_map(*[F.lit(day) for pair in days.items() for day in pair]), F.col(column))
