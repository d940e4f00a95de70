"""The past, month by month: snapshots, migrations and key figures, by a model that was published before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial, reduce

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.crossings import CROSSING_COLUMNS, crossed
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.model import Model
from segmentation.config import Config
from segmentation.entities import ENTITIES, Entity
from segmentation.errors import InputError
from segmentation.features.categories import category_sales
from segmentation.features.increment import State
from segmentation.ingest.derived_columns import band_of
from segmentation.lake.failpoints import reach
from segmentation.lake.tables import Lake, as_rows
from segmentation.periodic.causes import CAUSES
from segmentation.periodic.days import consecutive, judged_quarters, snapshot_days, still_true
from segmentation.periodic.fates import Fate, fates
from segmentation.periodic.history import TOLD, history
from segmentation.periodic.kpis import cohorts, kpis, monthly_sales, months_of, with_change
from segmentation.periodic.migrations import OF_ORDERS, Pair, migrations, movers, pairs_of, rescore_earlier
from segmentation.periodic.out_of_time import judge_predictors
from segmentation.periodic.prediction import KEY, cells, outlook, quarterly_orders
from segmentation.periodic.snapshots import snapshots, with_first_day
from segmentation.periodic.tiers import by_tier, tiers_of
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.session import cached, checkpointed, in_parallel
from segmentation.source import Source
from segmentation.stages.as_of import before_first, first_day
from segmentation.stages.models import check_features, language_of, published_model, published_models, readable
from segmentation.stages.own_snapshot import history_table
from segmentation.stages.undo import announce
from segmentation.story import Archetypes
from segmentation.story.tell import name_without_sale


def tables_written(config: Config) -> list[str]:
    """Names of the tables that a run of this config writes here."""
    of_sides = [table for name in config.entities for table in ENTITIES[name].of_history]
    return [table.name for table in (*of_sides, schemas.KPIS, schemas.COHORTS, schemas.PREDICTION)]


def day_of_segments(run: Run) -> date:
    """The day that is looked back from: the configured one, else that of the segments."""
    if run.config.as_of is not None:
        return run.config.as_of
    row = run.lake.read(ENTITIES[run.config.entities[0]].segments).select("as_of").first()
    if row is None:
        raise InputError(f"{run.lake.location}: found nobody in a segment, expected some; run jobs/segment.py first")
    return row["as_of"]


def look_back(run: Run, archetypes: Mapping[str, Archetypes]) -> None:
    """Orders and published models → histories, movers, migrations and KPIs of the last months."""
    config, lake, progress, source = run.config, run.lake, run.progress, run.source
    canonical = (schemas.ORDERS, schemas.ORDER_LINES, schemas.USERS)
    now = State(*(lake.read(source.table(table.name)) for table in canonical))
    days = _days(run, now.orders)
    sides = [ENTITIES[name] for name in config.entities]
    models = {entity.name: published_model(lake, entity, config.model) for entity in sides}
    with progress.step("history", "track") as facts:
        orders, categories = _dated(source, now, days)
        with cached(categories) as shared:
            # Of all sides, before anything of one is written: what can be refused is refused here.
            rows = {
                entity.name: _placed(
                    run,
                    entity,
                    snapshots(source, orders, shared, now.users, days, entity.name),
                    models[entity.name],
                    archetypes[entity.name],
                )
                for entity in sides
            }
            announce(lake, run.run_id, tables_written(config))
            for entity in sides:
                table = history_table(source, entity)
                lake.replace(table, rows[entity.name], "as_of", days)
                reach(table.name)
        facts.add(f"{len(days)} snapshots up to {days[-1]}", snapshots=len(days), as_of=days[-1])
    with progress.step("migrations", "track"):
        told = [_migrations(run, entity, now, days, models[entity.name]) for entity in sides]
    for entity, became in zip(sides, told, strict=True):
        for first, found in sorted(became.items()):
            said = "; ".join(fate.sentence for fate in found)
            progress.line(f"  {entity.name} of {first} by a later model: {said}")
    reach("migrations")
    with progress.step("kpis", "track") as facts:
        _kpis(run, now.orders, days)
        facts.add(f"{len(months_of(days))} months", months=len(months_of(days)))
    reach("kpis")
    with progress.step("prediction", "track") as facts:
        quarters = _prediction(run, now.orders)
        facts.add(f"{quarters} quarters", quarters=quarters)


def _placed(run: Run, entity: Entity, features: DataFrame, fitted: FittedModel, archetypes: Archetypes) -> DataFrame:
    """Rows of the history of an entity, from its features on each of the days; a sentence where they lack some of the
    model's.
    """
    check_features(fitted, features.columns, entity, run.lake)
    lang = language_of(run.lake, fitted.fitted_by) or run.config.lang  # as the others are called
    names = {0: name_without_sale(archetypes, lang), **fitted.names}
    table = history_table(run.source, entity)
    return _of_run(history(features, fitted.model, names, fitted.fitted_by, table, _told(run, entity, fitted)), run)


def _told(run: Run, entity: Entity, fitted: FittedModel) -> DataFrame | None:
    """The segment table, where it is by the same model: who was where on its day, and before."""
    if run.config.model and published_model(run.lake, entity).checksum != fitted.checksum:
        return None
    return run.lake.read(entity.segments).select(entity.id, "as_of", *TOLD)


def _dated(source: Source, now: State, days: Sequence[date]) -> tuple[DataFrame, DataFrame]:
    """Orders and their sales by category, each with the first of the days (in order) that it counts on."""
    orders = with_first_day(now.orders, days)
    return orders, category_sales(orders, now.lines, source.sales, days[-1], also=("at",))


def _days(run: Run, orders: DataFrame) -> list[date]:
    first = first_day(orders)
    if first is None:
        raise InputError(f"{run.lake.place('orders')}: found no orders, expected some; run jobs/segment.py first")
    days = snapshot_days(run.day, run.config.months, first)
    if not days:
        raise before_first(run.day, first)
    return days


def _migrations(
    run: Run, entity: Entity, now: State, days: Sequence[date], fitted: FittedModel
) -> dict[date, list[Fate]]:
    """Pairs of snapshots of which one was just made, in the place of what was said of them, and those of which nothing
    is told, or was before another run made one of them anew; all others stay.

    Returns what the later model made of the earlier one's segments, by the earlier day, where it is another one.
    """
    lake, kept = run.lake, run.lake.read(entity.history)
    makers = _makers(kept)
    made_by = {row["as_of"]: row["fitted_by"] for row in makers}
    all_pairs = consecutive(made_by, made_by)
    told_by = _told_pairs(lake, entity.migrations)
    untold = {*all_pairs} - still_true(told_by, {row["as_of"]: row["run_id"] for row in makers})
    pairs = sorted(untold | {*consecutive(made_by, days)})
    models = {fitted.fitted_by: fitted.model, **_others(lake, entity, {made_by[second] for _, second in pairs}, fitted)}
    past = kept.select(*_needed(entity, models.values(), kept.columns))
    stored = sorted({day for pair in pairs for day in pair} - {*days})
    today = None
    if stored:  # a pass over all orders, for which each model and each side of a pair asks
        made_anew = snapshots(run.source, *_dated(run.source, now, stored), now.users, stored, entity.name)
        today = checkpointed(made_anew)
    place = partial(_rescored, past, today, entity.id, models, days)
    # Where the model of the later snapshot of a pair puts the earlier one, if this run did not make that, or not by
    # that model; and where it puts the later one today, if this run made the earlier one alone.
    earlier_rescored = place(
        (first, made_by[second]) for first, second in pairs if first not in days or made_by[first] != made_by[second]
    )
    later_rescored = place((second, made_by[second]) for first, second in pairs if first in days and second not in days)
    refits, became = [first for first, second in pairs if made_by[first] != made_by[second]], {}
    if refits and earlier_rescored is not None:
        earlier_rescored = checkpointed(earlier_rescored)  # for causes and for fates
        became = _fates(past.where(F.col("as_of").isin(refits)), entity, earlier_rescored)
    features = {run_id: model.features for run_id, model in models.items()}
    with cached(pairs_of(past, pairs, entity.id, earlier_rescored, later_rescored, features)) as known:
        told = _of_run(_crossed(movers(known), fitted), run)
        counts = _of_run(migrations(known).coalesce(1), run)
        in_parallel(
            partial(_put_in, lake, entity.migrations, counts, pairs, all_pairs),
            partial(_put_in, lake, entity.movers, told, pairs, all_pairs),
        )
    return became


def _fates(earlier: DataFrame, entity: Entity, earlier_rescored: DataFrame) -> dict[date, list[Fate]]:
    """What became of segments from one model to the next, by members on the earlier day."""
    was = earlier.select(F.col(entity.id).alias("id"), F.col("as_of").alias("as_of_from"), "segment")
    both = was.join(earlier_rescored.where("segment_by_later_model IS NOT NULL"), on=["id", "as_of_from"], how="inner")
    counted = both.groupBy("as_of_from", "segment", "segment_by_later_model").count()
    shared: dict[date, dict[tuple[int, int], int]] = {}
    for row in counted.collect():  # a few: segments × segments
        shared.setdefault(row["as_of_from"], {})[row["segment"], row["segment_by_later_model"]] = row["count"]
    return {first: fates(counts) for first, counts in shared.items()}


def _told_pairs(lake: Lake, table: Table) -> dict[Pair, str]:
    """Days of which the table tells who moved between them, each with the run that told it."""
    if not _is_there(lake, table):
        return {}
    found = lake.read(table).groupBy("as_of_from", "as_of_to").agg(F.max("run_id").alias("run_id"))
    return {(row["as_of_from"], row["as_of_to"]): row["run_id"] for row in found.collect()}  # a row per snapshot


def _others(lake: Lake, entity: Entity, run_ids: Collection[str], fitted: FittedModel) -> dict[str, Model]:
    """Other models by their run; none of those that are no more there, or that this release cannot read."""
    others = [*{*run_ids} - {fitted.fitted_by}]
    rows = published_models(lake, entity).where(F.col("run_id").isin(others)).collect() if others else []  # one a run
    return {row["run_id"]: found.model for row in rows if (found := readable(row))}


def _needed(entity: Entity, models: Iterable[Model], known: Collection[str]) -> list[str]:
    """Columns of history by which causes are told, of those that it has."""
    features = [name for model in models for name in model.features if name in known]
    of_orders = [name for name in entity.history.names if name in OF_ORDERS]
    return list(dict.fromkeys([*entity.segments.names, "fitted_by", *of_orders, *features]))


def _makers(past: DataFrame) -> list[Row]:
    """Of each snapshot the run that searched for its model, and the one that made it."""
    return past.groupBy("as_of").agg(*[F.max(name).alias(name) for name in ("fitted_by", "run_id")]).collect()


def _rescored(
    past: DataFrame,
    today: DataFrame | None,
    id: str,
    models: Mapping[str, Model],
    made: Sequence[date],
    wanted: Iterable[tuple[date, str]],
) -> DataFrame | None:
    """Snapshots placed by other runs' models, from pairs of a day and a run: of days that this run `made` as they are,
    of others as `today`'s orders tell them. None where no model can be had that knows their columns.
    """
    groups: dict[tuple[str, bool], list[date]] = {}
    for day, run_id in wanted:
        groups.setdefault((run_id, day in made), []).append(day)
    found = []
    for (run_id, is_made), of_days in sorted(groups.items()):
        model, chosen = models.get(run_id), F.col("as_of").isin(of_days)
        recomputed = None if is_made or today is None else today.where(chosen)
        columns = past.columns if recomputed is None else [*{*past.columns} & {*recomputed.columns}]
        if model is not None and not model.lacking(columns):
            found.append(rescore_earlier(past.where(chosen), model, id, recomputed))
    return reduce(DataFrame.unionByName, found) if found else None


def _crossed(moved: DataFrame, fitted: FittedModel) -> DataFrame:
    """Movers with the feature that took them over the border, where the move is one that a single model tells."""
    by_it = (F.col("before.fitted_by") == fitted.fitted_by) & (F.col("after.fitted_by") == fitted.fitted_by)
    is_theirs = by_it & F.col("cause").isin([cause.name for cause in CAUSES if not cause.is_ours])
    told = crossed(moved, fitted.model)
    return told.withColumns({name: F.when(is_theirs, F.col(name)) for name in CROSSING_COLUMNS})


def _kpis(run: Run, orders: DataFrame, days: Sequence[date]) -> None:
    config, lake, source = run.config, run.lake, run.source
    sides = [ENTITIES[name] for name in config.entities]
    published = {"has_revenue": source.yields("orders", "revenue"), "has_cities": source.yields("users", "city")}
    with ExitStack() as held:
        # Key figures and cohorts ask for them several times each.
        sold = {
            each.name: held.enter_context(cached(monthly_sales(orders, source.sales, days[-1], each.id)))
            for each in sides
        }
        figures = [
            kpis(lake.read(each.history), sold[each.name], days, each.id, **published).withColumn(
                "entity", F.lit(each.name)
            )
            for each in sides
        ]
        told = _of_run(_with_tiers(run, reduce(DataFrame.unionByName, figures), orders, days), run)
        first_sales = [
            cohorts(sold[each.name], days[-1], each.id).withColumn("entity", F.lit(each.name)) for each in sides
        ]
        since = _of_run(reduce(DataFrame.unionByName, first_sales), run)
        theirs = F.col("entity").isin(list(config.entities))
        is_told_anew = theirs & F.col("month").isin(list(months_of(days)))
        in_parallel(
            partial(_put_over, lake, schemas.KPIS, told, is_told_anew, with_change),
            partial(_put_over, lake, schemas.COHORTS, since, theirs),
        )


def _with_tiers(run: Run, figures: DataFrame, orders: DataFrame, days: Sequence[date]) -> DataFrame:
    """Key figures, and those of the source's price tiers where it has any."""
    tiers = tiers_of(run.source)
    if tiers is None:
        return figures
    tier = band_of(F.col(str(tiers.of_orders)), tiers)
    for name in run.config.entities:
        entity = ENTITIES[name]
        told = by_tier(run.lake.read(entity.history), orders, run.source.sales, days, entity.id, tier)
        figures = figures.unionByName(told.withColumn("entity", F.lit(name)), allowMissingColumns=True)
    return figures


def _prediction(run: Run, orders: DataFrame) -> int:
    """What segments said of each past quarter that followed, beside simpler ways; returns how many quarters are told.

    All quarters of the histories that were over by the day are judged anew, by the orders of today; other rows stay.
    """
    lake, names, until = run.lake, run.config.entities, run.day
    rows: list[tuple[object, ...]] = []
    quarters: set[date] = set()
    for name in names:
        entity = ENTITIES[name]
        past = lake.read(entity.history).where(F.col("as_of") <= F.lit(until))
        made_by = {row["as_of"]: row["fitted_by"] for row in _makers(past)}
        pairs = judged_quarters(made_by, until)
        if not pairs:
            continue
        ends = sorted({day for pair in pairs for day in pair})
        quarterly = quarterly_orders(orders, run.source.sales, ends[-1], entity.id)
        with cached(quarterly) as moved, cached(outlook(past, moved, ends, entity.id)) as people:
            counted = cells(people).orderBy(*KEY).toPandas()  # some thousand rows, whatever the number of entities
        for fitted_on, as_of in pairs:
            found = judge_predictors(counted, fitted_on, as_of)
            quarters |= {as_of} if found else set()
            rows += [(name, as_of, fitted_on, *one.cells, made_by[as_of], run.run_id) for one in found]
    told = as_rows(run.spark, schemas.PREDICTION, rows)
    theirs = F.col("entity").isin(list(names))
    is_over = F.last_day(F.add_months("as_of", 3)) <= F.lit(until)
    _put_over(lake, schemas.PREDICTION, told, theirs & is_over)
    return len(quarters)


def _put_over(
    lake: Lake, table: Table, rows: DataFrame, anew: Column, told: Callable[[DataFrame], DataFrame] = lambda all: all
) -> None:
    """Rows in the place of those of which `anew` holds; `told` adds what all of them together say."""
    if _is_there(lake, table):
        rows = rows.unionByName(lake.read(table).where(~anew).select(*rows.columns))
    lake.overwrite(table, told(rows).select(*table.names).coalesce(1))


def _put_in(lake: Lake, table: Table, rows: DataFrame, pairs: Sequence[Pair], all_pairs: Sequence[Pair]) -> None:
    """Rows of `pairs` beside those of earlier runs that are still consecutive."""
    stay = [f"{first} {second}" for first, second in all_pairs if (first, second) not in pairs]
    rows = rows.select(*table.names)
    if stay and _is_there(lake, table):
        held = lake.read(table).where(F.concat_ws(" ", "as_of_from", "as_of_to").isin(stay))
        rows = rows.unionByName(held.select(*table.names))
    lake.overwrite(table, rows)


def _is_there(lake: Lake, table: Table) -> bool:
    return lake.exists(table.name) and table.name not in lake.spoiled


def _of_run(rows: DataFrame, run: Run) -> DataFrame:
    return rows.withColumn("run_id", F.lit(run.run_id))
