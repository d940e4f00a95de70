"""The past, month by month: snapshots, migrations and key figures, by a model that was published before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial, reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.model import Model
from segmentation.config import Config
from segmentation.entities import ENTITIES, Entity
from segmentation.errors import InputError
from segmentation.features.increment import State
from segmentation.ingest.derived_columns import band_of
from segmentation.lake.failpoints import reach
from segmentation.lake.tables import Lake, as_rows
from segmentation.periodic.days import judged_quarters, pairs_to_tell, snapshot_days
from segmentation.periodic.fates import Fate, fates_by_day
from segmentation.periodic.kpis import cohorts, kpis, monthly_sales, months_of, with_change
from segmentation.periodic.migrations import migrations, movers, pairs_of, told_pairs, with_crossings
from segmentation.periodic.out_of_time import judge_quarters
from segmentation.periodic.placed_snapshots import TOLD, history, makers
from segmentation.periodic.rescoring import columns_for_causes, rescore_pairs
from segmentation.periodic.snapshots import dated, snapshots
from segmentation.periodic.tiers import by_tier, tiers_of
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.session import cached, checkpointed, in_parallel
from segmentation.stages.as_of import before_first, first_day
from segmentation.stages.models import check_features, language_of, published_model, published_models, readable
from segmentation.stages.own_snapshot import history_table
from segmentation.stages.undo import announce
from segmentation.story import Archetypes
from segmentation.story.tell import name_without_sale

OF_RUN = ("run_id",)  # what is told here has days of its own


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
    now = State(*map(lake.read, source.measured_tables))
    days = _days(run, now.orders)
    sides = [ENTITIES[name] for name in config.entities]
    models = {entity.name: published_model(lake, entity, config.model) for entity in sides}
    with progress.step("history", "track") as facts:
        orders, categories = dated(now, source.sales, days)
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
    told = _told(run, entity, fitted)
    return run.stamp(history(features, fitted.model, names, fitted.fitted_by, table, told), OF_RUN)


def _told(run: Run, entity: Entity, fitted: FittedModel) -> DataFrame | None:
    """The segment table, where it is by the same model: who was where on its day, and before."""
    if run.config.model and published_model(run.lake, entity).checksum != fitted.checksum:
        return None
    return run.lake.read(entity.segments).select(entity.id, "as_of", *TOLD)


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
    fitted_by, made_by = makers(kept)
    told_by = told_pairs(lake.read(entity.migrations)) if lake.has(entity.migrations) else {}
    pairs, stay = pairs_to_tell(days, made_by, told_by)
    models = {
        fitted.fitted_by: fitted.model,
        **_others(lake, entity, {fitted_by[second] for _, second in pairs}, fitted),
    }
    past = kept.select(*columns_for_causes(entity, models.values(), kept.columns))
    stored = sorted({day for pair in pairs for day in pair} - {*days})
    today = None
    if stored:  # a pass over all orders, for which each model and each side of a pair asks
        made_anew = snapshots(run.source, *dated(now, run.source.sales, stored), now.users, stored, entity.name)
        today = checkpointed(made_anew)
    earlier, later = rescore_pairs(past, pairs, days, fitted_by, models, entity.id, today)
    refits, became = [first for first, second in pairs if fitted_by[first] != fitted_by[second]], {}
    if refits and earlier is not None:
        earlier = checkpointed(earlier)  # for causes and for fates
        became = fates_by_day(past, earlier, refits, entity.id)
    features = {run_id: model.features for run_id, model in models.items()}
    which = [f"{first} {second}" for first, second in stay]
    stays = F.concat_ws(" ", "as_of_from", "as_of_to").isin(which) if which else None
    with cached(pairs_of(past, pairs, entity.id, earlier, later, features)) as known:
        moved = run.stamp(with_crossings(movers(known), fitted.model, fitted.fitted_by), OF_RUN)
        in_parallel(
            partial(_put_beside, lake, entity.migrations, run.stamp(migrations(known), OF_RUN), stays),
            partial(_put_beside, lake, entity.movers, moved, stays, lambda rows: rows),
        )
    return became


def _others(lake: Lake, entity: Entity, run_ids: Collection[str], fitted: FittedModel) -> dict[str, Model]:
    """Other models by their run; none of those that are no more there, or that this release cannot read."""
    others = [*{*run_ids} - {fitted.fitted_by}]
    rows = published_models(lake, entity).where(F.col("run_id").isin(others)).collect() if others else []  # one a run
    return {row["run_id"]: found.model for row in rows if (found := readable(row))}


def _kpis(run: Run, orders: DataFrame, days: Sequence[date]) -> None:
    config, lake, source = run.config, run.lake, run.source
    published = {"has_revenue": source.yields("orders", "revenue"), "has_cities": source.yields("users", "city")}
    tiers = tiers_of(source)
    figures: list[DataFrame] = []
    of_tiers: list[DataFrame] = []
    first_sales: list[DataFrame] = []
    with ExitStack() as held:
        for entity in (ENTITIES[name] for name in config.entities):
            past, name = lake.read(entity.history), F.lit(entity.name)
            # Key figures and cohorts ask for them several times each.
            sold = held.enter_context(cached(monthly_sales(orders, source.sales, days[-1], entity.id)))
            figures.append(kpis(past, sold, days, entity.id, **published).withColumn("entity", name))
            first_sales.append(cohorts(sold, days[-1], entity.id).withColumn("entity", name))
            if tiers:
                tier = band_of(F.col(str(tiers.of_orders)), tiers)
                told = by_tier(past, orders, source.sales, days, entity.id, tier)
                of_tiers.append(told.withColumn("entity", name))
        every = reduce(partial(DataFrame.unionByName, allowMissingColumns=True), [*figures, *of_tiers])
        months, since = run.stamp(every, OF_RUN), run.stamp(reduce(DataFrame.unionByName, first_sales), OF_RUN)
        others = ~F.col("entity").isin(list(config.entities))
        stays = others | ~F.col("month").isin(list(months_of(days)))
        in_parallel(
            # What all months together say is told anew.
            partial(_put_beside, lake, schemas.KPIS, months, stays, lambda rows: _few(with_change(rows))),
            partial(_put_beside, lake, schemas.COHORTS, since, others),
        )


def _prediction(run: Run, orders: DataFrame) -> int:
    """What segments said of each past quarter that followed, beside simpler ways; returns how many quarters are told.

    All quarters of the histories that were over by the day are judged anew, by the orders of today; other rows stay.
    """
    lake, names, until = run.lake, run.config.entities, run.day
    rows: list[tuple[object, ...]] = []
    for entity in (ENTITIES[name] for name in names):
        past = lake.read(entity.history).where(F.col("as_of") <= F.lit(until))
        fitted_by, _ = makers(past)
        pairs = judged_quarters(fitted_by, until)
        for (fitted_on, as_of), found in judge_quarters(past, pairs, orders, run.source.sales, entity.id).items():
            rows += [(entity.name, as_of, fitted_on, *one.cells, fitted_by[as_of], run.run_id) for one in found]
    told = as_rows(run.spark, schemas.PREDICTION, rows)
    others = ~F.col("entity").isin(list(names))
    is_open = F.last_day(F.add_months("as_of", 3)) > F.lit(until)
    _put_beside(lake, schemas.PREDICTION, told, others | is_open)
    return len({as_of for _, as_of, *_ in rows})


def _few(rows: DataFrame) -> DataFrame:
    return rows.coalesce(1)


def _put_beside(
    lake: Lake, table: Table, rows: DataFrame, stays: Column | None, told: Callable[[DataFrame], DataFrame] = _few
) -> None:
    """Rows beside those of earlier runs of which `stays` holds (None: of none); `told` adds what all together say."""
    rows = rows.select(*[name for name in table.names if name in rows.columns])
    if stays is not None and lake.has(table):
        rows = rows.unionByName(lake.read(table).where(stays).select(*rows.columns))
    lake.overwrite(table, told(rows))
