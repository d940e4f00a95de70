"""Who moved between one snapshot and the next, why, and what it was worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.assign import score_rows
from segmentation.clustering.crossings import CROSSING_COLUMNS, crossed
from segmentation.clustering.model import Model
from segmentation.entities import has_sale
from segmentation.features.measures import OF_THE_DAY
from segmentation.periodic.causes import CAUSES, cause
from segmentation.schemas import BUYER_FEATURES, BUYER_SEGMENTS, SELLER_FEATURES, SELLER_SEGMENTS, SUM, USERS

Pair = tuple[date, date]
# Of orders: what users say of themselves may change, and no order of the past is another one for it.
OF_ORDERS = {*BUYER_FEATURES.names, *SELLER_FEATURES.names} - {"buyer_id", "seller_id", "as_of", *USERS.names}
NO_FEATURES = {*BUYER_SEGMENTS.names, *SELLER_SEGMENTS.names, "fitted_by"}  # columns of history
ROUGHLY = 1e-9  # fractions of an earlier release may differ in their last bit


def rescore_earlier(earlier: DataFrame, model: Model, id: str, recomputed: DataFrame | None = None) -> DataFrame:
    """Where a later model puts the rows of earlier snapshots: one row per id and as_of_from.

    `earlier` are rows of history, `recomputed` what today's orders and users say of the same days
    (snapshots.snapshots); who is in one of both alone has NULL on the other side. segment_by_later_model is that of the
    row as it was written (with what is known besides today, where all else is the same), segment_by_todays_data that of
    the row as it is today; data_changed: whether today's orders, or attributes by which the model goes, say something
    else, or nothing had been known before.
    """
    key = [F.col(id).alias("id"), F.col("as_of").alias("as_of_from")]
    written = score_rows(earlier, model).select(*key, F.col("segment").alias("segment_by_later_model"))
    if recomputed is None:
        same = {"segment_by_todays_data": F.col("segment_by_later_model"), "data_changed": F.lit(False)}
        return written.withColumns(same)
    judged = {*OF_ORDERS, *model.features}
    known = [name for name in recomputed.columns if name in earlier.columns and name in judged]
    was = earlier.select(*key, F.struct(*known).alias("was"))
    today = score_rows(recomputed, model).select(
        *key, F.col("segment").alias("segment_by_todays_data"), F.struct(*known).alias("is")
    )
    kinds = dict(earlier.select(*known).dtypes)
    is_same = is_same_but_more = F.col("was").isNotNull()
    more_known = F.lit(False)
    for name in known:
        before, now = F.col(f"was.{name}"), F.col(f"is.{name}")
        same_but_more = _same_but_more(before, now, kinds[name])
        # Where an order makes a feature known, it is in the counts too; an attribute has no other trace.
        is_same = is_same & (same_but_more if name in OF_ORDERS else _same(before, now, kinds[name]))
        is_same_but_more = is_same_but_more & same_but_more
        more_known = more_known | (before.isNull() & now.isNotNull())
    changes = was.join(today, on=["id", "as_of_from"], how="full_outer").select(
        "id",
        "as_of_from",
        "segment_by_todays_data",
        (~is_same).alias("data_changed"),
        (is_same_but_more & more_known).alias("_more_known"),
    )
    by_model = F.when(F.col("_more_known"), F.col("segment_by_todays_data")).otherwise(F.col("segment_by_later_model"))
    told = written.join(changes, on=["id", "as_of_from"], how="full_outer")
    return told.withColumn("segment_by_later_model", by_model).drop("_more_known")


def pairs_of(
    history: DataFrame,
    pairs: Sequence[Pair],
    id: str,
    earlier_rescored: DataFrame | None = None,
    later_rescored: DataFrame | None = None,
    features: Mapping[str, Collection[str]] | None = None,
) -> DataFrame:
    """One row per entity and pair of days on at least one of which it was known, with the cause of its move.

    Columns: id, as_of_from, as_of_to, segment_from, segment_to, cause, gmv_from, gmv_to, and its rows of history
    on either day, `before` and `after`. `earlier_rescored` holds rows of rescore_earlier of those pairs whose earlier
    snapshot was not made together with the later one; `later_rescored` the same of the later snapshots that the earlier
    one is newer than. `features` are those by which models go, by `fitted_by`; of a model that is not among them all
    that the rows tell count as such.
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
        "segment_by_todays_data": "int",
        "data_changed": "boolean",
    }
    both = _beside(both, earlier_rescored, ["id", "as_of_from"], of_earlier)
    if later_rescored is not None:
        later_rescored = later_rescored.select(
            "id",
            F.col("as_of_from").alias("as_of_to"),
            F.col("segment_by_todays_data").alias("later_by_todays_data"),
            F.col("data_changed").alias("later_data_changed"),
        )
    of_later = {"later_by_todays_data": "int", "later_data_changed": "boolean"}
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
            **_changes(history, features or {}, is_other_model),
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


def with_crossings(moved: DataFrame, model: Model, fitted_by: str) -> DataFrame:
    """Movers with the feature that took them over the border (see crossings.crossed), where they moved by themselves
    between two snapshots of this one model; else NULL.
    """
    by_it = (F.col("before.fitted_by") == fitted_by) & (F.col("after.fitted_by") == fitted_by)
    is_theirs = by_it & F.col("cause").isin([cause.name for cause in CAUSES if not cause.is_ours])
    told = crossed(moved, model)
    return told.withColumns({name: F.when(is_theirs, F.col(name)) for name in CROSSING_COLUMNS})


def told_pairs(migrations: DataFrame) -> dict[Pair, str]:
    """Days of which a migrations table tells who moved between them, each with the run that told it."""
    found = migrations.groupBy("as_of_from", "as_of_to").agg(F.max("run_id").alias("run_id"))
    return {(row["as_of_from"], row["as_of_to"]): row["run_id"] for row in found.collect()}  # a row per snapshot


def _beside(rows: DataFrame, more: DataFrame | None, key: list[str], columns: Mapping[str, str]) -> DataFrame:
    """Rows with columns of others of their key, NULL where there are none."""
    if more is None:
        return rows.withColumns({name: F.lit(None).cast(kind) for name, kind in columns.items()})
    return rows.join(more, on=key, how="left")


def _changes(history: DataFrame, features: Mapping[str, Collection[str]], is_other_model: Column) -> dict[str, Column]:
    """Of each pair of `before` and `after` whether anything by which the later model goes is another one on the later
    day: figures_changed of what orders say, but for what the day alone changes, attributes_changed of all else.
    """
    kinds = dict(history.dtypes)

    def changed(names: Collection[str]) -> dict[str, Column]:
        judged = dict.fromkeys(part for name in names for part in OF_THE_DAY.get(name, (name,)) if part in kinds)
        # Without a sale no model is asked.
        had_sale, has_one = (F.coalesce(has_sale(side), F.lit(False)) for side in ("before.", "after."))
        found = {"figures_changed": had_sale != has_one, "attributes_changed": F.lit(False)}
        for name in judged:
            before, after = F.col(f"before.{name}"), F.col(f"after.{name}")
            # What the model goes by had been known by it, but for what another one went by.
            is_same = F.when(is_other_model, _same_but_more(before, after, kinds[name]))
            is_same = is_same.otherwise(_same(before, after, kinds[name]))
            column = "figures_changed" if name in OF_ORDERS else "attributes_changed"
            found[column] = found[column] | ~is_same
        return found

    found = changed([name for name in history.columns if name not in NO_FEATURES])
    for run_id, names in sorted(features.items()):
        is_by_it = F.col("after.fitted_by") == run_id
        found = {name: F.when(is_by_it, column).otherwise(found[name]) for name, column in changed(names).items()}
    return found


def _same(was: Column, now: Column, kind: str) -> Column:
    """Whether both are the same, or unknown."""
    if kind != "double":
        return was.eqNullSafe(now)
    near = F.abs(was - now) <= ROUGHLY * F.greatest(F.abs(was), F.abs(now))
    return F.coalesce(near, was.isNull() & now.isNull())


def _same_but_more(was: Column, now: Column, kind: str) -> Column:
    """The same, or known only since: a later release may have added the feature, and NULL is nothing to differ from."""
    return was.isNull() | _same(was, now, kind)


def _money(name: str) -> Column:
    return F.coalesce(F.sum(name), F.lit(0)).cast(SUM)


def _day_of(column: str, days: Sequence[date]) -> Column:
    return F.col(column).isin(list(days))


def _other(column: str, days: dict[date, date]) -> Column:
    """The day that goes with a day."""
    if not days:
        return F.lit(None).cast("date")
    return F.element_at(F.create_map(*[F.lit(day) for pair in days.items() for day in pair]), F.col(column))
