"""The table of contents: orders in, segments and a report out. It wires the rooms and holds no logic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.search import SearchResult
from segmentation.config import Config
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.exports import Form, members, write_segments
from segmentation.failpoints import reach
from segmentation.lock import held
from segmentation.progress import Progress
from segmentation.reporting import write_report
from segmentation.reporting.gather import gather, last_batch
from segmentation.run import Run
from segmentation.session import side_by_side
from segmentation.stages.check import check_input
from segmentation.stages.export import export_movers, streamed, tell_files
from segmentation.stages.features import features
from segmentation.stages.history import day_of_segments, look_back
from segmentation.stages.ingest import ingest
from segmentation.stages.publication import last_run, publish, reader, restore, resume
from segmentation.stages.segments import scored, searched, trades, write_models
from segmentation.stages.undo import announce, latest_id
from segmentation.stages.upkeep import is_due, keep_up
from segmentation.story import Archetypes, load_archetypes
from segmentation.story.marketplace import Marketplace, load_marketplace
from segmentation.tables import Lake
from segmentation.tracking import Tracker, begin
from segmentation.yaml_file import load_model

Rows = list[dict[str, Any]]


def segment(spark: SparkSession, config: Config, progress: Progress, job: str = "segment") -> None:
    """The stages that the config names, in this order: ingest, features, segment, report. One run at a time."""
    if config.check:
        check_input(spark, config, progress)
        return
    tracker = begin(config)  # first: that MLflow is missing is to be known before the work, not after it
    run = Run.begin(job, config)
    lake = Lake(spark, config.lake, config.keep_days, run.run_id)
    progress.run_id = run.run_id
    with _alone(lake, run) as still_held:
        _segment(spark, config, lake, run, tracker, still_held, progress)


def _segment(
    spark: SparkSession,
    config: Config,
    lake: Lake,
    run: Run,
    tracker: Tracker | None,
    still_held: Callable[[], None],
    progress: Progress,
) -> None:
    texts = _texts(config)
    rules = load_marketplace(config.archetypes.get("marketplace"), load_model, config.source.kind_of_business)
    run.follow(latest_id(lake))
    lake.signed_by = progress.run_id = run.run_id
    progress.line(f"{config.source.title or config.source.name} · run {run.run_id}")
    resume(config, lake, progress)
    reach("locked")
    if "ingest" in config.stages:
        ingest(spark, config, lake, run, progress, check=partial(_check_as_of, config))
    run.as_of = _as_of(lake, config, run)
    if "segment" not in config.stages or config.refit == "never":
        run.verdicts = _last_verdicts(lake, config)
    made = _made(config)
    if made:
        announce(spark, lake, run.run_id, made)
    if "features" in config.stages:
        features(spark, config, lake, run, progress)
        reach("features")
    found: dict[str, SearchResult] = {}
    models: dict[str, FittedModel] = {}
    if "segment" in config.stages:
        # Side by side: each is many short jobs that leave most of a machine idle.
        whom = [(ENTITIES[name], texts[name]) for name in config.entities]
        if config.refit == "never":
            scores = [partial(scored, spark, config, lake, run, entity, told, progress) for entity, told in whom]
            models = dict(zip(config.entities, side_by_side(scores, len(scores)), strict=True))
        else:
            searches = [partial(searched, spark, config, lake, run, entity, told, progress) for entity, told in whom]
            results = list(side_by_side(searches, len(searches), with_mllib=True))
            found = {name: each for name, (each, _) in zip(config.entities, results, strict=True)}
            models = {name: fitted for name, (_, fitted) in zip(config.entities, results, strict=True)}
        write_models(lake, run, models)
        trades(config, lake, run, progress)
    reach("segments")
    still_held()
    if is_due(lake, config, run.started_at):
        keep_up(spark, config, lake, run, progress)
    publish(lake, run)
    if "report" in config.stages:
        report(config, lake, run, rules, progress)
    profiles = {name: _rows(lake.read(ENTITIES[name].profiles)) for name in models}
    if tracker:
        track(spark, config, lake, run, found, profiles, tracker, progress)
    said = {name: f"By the model of run {fitted.fitted_by}, without a refit." for name, fitted in models.items()}
    said |= {name: each.choice.sentence for name, each in found.items()}
    told = {name: (said[name], list(fitted.plan.features)) for name, fitted in models.items()}
    summary(config, lake, run, told, profiles, progress)


def score(spark: SparkSession, config: Config, progress: Progress) -> None:
    """The same with the last published model, or the config's, instead of a search for segments."""
    segment(spark, config, progress, job="score")


def look_at_past(spark: SparkSession, config: Config, progress: Progress) -> None:
    """Orders and a published model → who was where at each month's end, who moved and why, and KPIs; nothing fitted."""
    if not config.source.has_orders:
        raise InputError(f"source {config.source.name}: found no orders, expected some: only they tell of the past")
    config = config.model_copy(update={"stages": ()})  # none of a segment run's
    run = Run.begin("track", config)
    lake = _published_lake(spark, run)
    with _alone(lake, run) as still_held:
        run.follow(latest_id(lake))
        lake.signed_by = progress.run_id = run.run_id
        resume(config, lake, progress)
        run.as_of = day_of_segments(config, lake)
        look_back(spark, config, lake, run, _texts(config), progress)
        still_held()
        publish(lake, run)
    progress.line(f"\ntables  {lake.location}", f"tables: {lake.location}", path=lake.location)
    progress.done(run.seconds)


def report(config: Config, lake: Lake, run: Run, rules: Marketplace, progress: Progress) -> None:
    """What the lake holds → report.html and charts."""
    with progress.step("report", "report"):
        write_report(gather(lake.read, run, rules), config.output, config.lang)


def track(
    spark: SparkSession,
    config: Config,
    lake: Lake,
    run: Run,
    found: dict[str, SearchResult],
    profiles: dict[str, Rows],
    tracker: Tracker,
    progress: Progress,
) -> None:
    """What was published → MLflow: the search of this run, and the report on the run that searched last."""
    with tracker.unless_it_fails(progress), progress.step("mlflow", "segment" if found else "report"):
        if found:
            tracker.log_search(run, found, profiles, _rows(last_batch(lake.read)), spark.version)
        searched = last_run(lake, having="segment")
        if "report" in config.stages and searched:
            tracker.log_report(searched.run_id)


def summary(
    config: Config,
    lake: Lake,
    run: Run,
    told: dict[str, tuple[str, list[str]]],
    profiles: dict[str, Rows],
    progress: Progress,
) -> None:
    """The segments, and where everything is; `told` has for each entity a sentence, and the features to show."""
    words = config.source.words.words("en")
    for name, (sentence, used) in told.items():
        rows = profiles[name]
        shown = [feature for feature in used if f"mean_{feature}" in rows[0]]
        progress.segments(name, sentence, run.verdicts[name], rows, shown, words)
    progress.line(f"\ntables  {lake.location}", f"tables: {lake.location}", path=lake.location)
    if "report" in config.stages:
        page = f"{config.output.rstrip('/')}/report.html"
        progress.line(f"report  {page}", f"report: {page}", path=page)
    progress.done(run.seconds)


def export(spark: SparkSession, config: Config, progress: Progress) -> None:
    """The last published segments → one CSV per segment in `<output>/exports`; or those who moved, one per path."""
    lake, form = Lake(spark, config.lake, config.keep_days), Form(config.separator, config.decimal)
    named = {name: side.many.en for name, side in config.source.sides.items()}
    if config.migrations:
        export_movers(lake, config, form, named, progress)
        return
    told = [*config.source.own_names, *(["age"] if config.source.yields("users", "age") else [])]
    segmented = [name for name in config.entities if lake.exists(ENTITIES[name].segments.name)]
    for name in segmented or config.entities:
        entity = ENTITIES[name]
        segments, features, profiles = map(reader(lake), (entity.segments, entity.features, entity.profiles))
        rows = members(segments, features, profiles, entity, list(config.plan(name).features), told)
        columns = [column for column in rows.columns if column != "segment"]
        folder = Path(config.output) / "exports"
        called = named.get(name, name)
        tell_files(write_segments(streamed(rows), columns, called, folder, form), name, called, progress)


def upkeep(spark: SparkSession, config: Config, progress: Progress) -> None:
    """Small files put together and old ones removed, or an earlier run made the present again; one run at a time."""
    run = Run.begin("upkeep", config)
    progress.run_id = run.run_id
    lake = _published_lake(spark, run)
    with _alone(lake, run):
        resume(config, lake, progress)
        if config.restore:
            restore(lake, config.restore, progress)
        else:
            keep_up(spark, config, lake, run, progress)
    progress.line(f"\ntables  {lake.location}", f"tables: {lake.location}", path=lake.location)


def _published_lake(spark: SparkSession, run: Run) -> Lake:
    """The lake of a run that needs one before it."""
    lake = Lake(spark, run.config.lake, run.config.keep_days, run.run_id)
    if last_run(lake) is None:
        raise InputError(f"{lake.location}: found no published run, expected one; run jobs/segment.py, or set --lake")
    return lake


@contextmanager
def _alone(lake: Lake, run: Run) -> Iterator[Callable[[], None]]:
    """While this run, and no other, holds the lake: yields what raises where it does so no more."""
    with held(lake.location, lake.in_catalog, run.run_id, lake.claim, lake.release) as still_held:
        lake.look_anew()
        yield still_held


def _texts(config: Config) -> dict[str, Archetypes]:
    """What is said of segments, by entity."""
    kind, sides, own = config.source.kind_of_business, config.source.sides, config.archetypes
    return {name: load_archetypes(name, own.get(name), load_model, kind, sides) for name in config.entities}


def _made(config: Config) -> list[str]:
    """Tables that the stages after ingest write anew."""
    names = []
    if "features" in config.stages:
        names += [schemas.OVERVIEW.name, *(ENTITIES[name].features.name for name in config.source.segmentable)]
    if "segment" in config.stages:
        sides = [ENTITIES[name] for name in config.entities]
        names += [table.name for each in sides for table in each.of_segments]
        names += [schemas.MODELS.name]
        names += [schemas.TRADE.name] if len(config.source.segmentable) > 1 else []
    return names


def _as_of(lake: Lake, config: Config, run: Run) -> date:
    """The day that the run speaks of: the configured one, else that of the last accepted order (of the run itself,
    where there are no orders).

    Stages that take the features as they are speak of the features' day.
    """
    if "features" not in config.stages and config.stages != ("ingest",):
        row = lake.read(ENTITIES[config.entities[0]].features).select("as_of").first()
        if row is not None and config.as_of not in (None, row["as_of"]):
            raise InputError(
                f"as-of {config.as_of}: found features of {row['as_of']}, expected the same day; add stage features"
            )
        if row is not None:
            return row["as_of"]
    if not config.source.has_orders:
        return config.as_of or run.day
    if config.as_of is None and run.last_day is not None:
        return run.last_day
    orders = lake.read(schemas.ORDERS)
    _check_as_of(config, orders)
    days = orders.agg(F.max(F.to_date("ordered_at")).alias("last")).first()
    if days is None or days["last"] is None:
        raise InputError(f"{lake.place('orders')}: found no orders, expected some from an earlier run or stage ingest")
    return config.as_of or days["last"]


def _check_as_of(config: Config, orders: DataFrame) -> None:
    if config.as_of is None:
        return
    days = orders.agg(F.min(F.to_date("ordered_at")).alias("first")).first()
    if days is not None and days["first"] is not None and config.as_of < days["first"]:
        raise InputError(
            f"as-of {config.as_of}: found no order up to it, expected a day from {days['first']} on; set --as-of"
        )


def _last_verdicts(lake: Lake, config: Config) -> dict[str, str]:
    """What the last run that searched for segments said of them; its names are in the language of this one."""
    if not lake.exists(schemas.RUNS.name):
        return {}
    columns = {name: f"verdict_{name}" for name in ENTITIES}
    runs = lake.read(schemas.RUNS)
    judged = {column: F.when(F.col(column).isNotNull(), F.col("run_id")) for column in columns.values()}
    searched = F.when(F.coalesce(*judged).isNotNull(), F.col("run_id"))
    row = runs.agg(
        *[F.max_by(column, when).alias(column) for column, when in judged.items()],
        F.get_json_object(F.max_by("config", searched), "$.lang").alias("lang"),
    ).first()
    mend = "set --refit always" if "segment" in config.stages else "add stage segment"
    if row is not None and row["lang"] not in (None, config.lang) and {"report", "segment"} & {*config.stages}:
        raise InputError(
            f"lang: found {config.lang}, expected {row['lang']}, in which the segments are told; {mend}"
        )
    return {} if row is None else {name: row[column] for name, column in columns.items() if row[column]}


def _rows(small: DataFrame) -> Rows:
    """All rows, of what is a row per segment or per table."""
    return [row.asDict() for row in small.collect()]
