"""The table of contents: what each job does, in order. It wires the stages and holds no logic."""

from __future__ import annotations

from pyspark.sql import SparkSession

from segmentation.config import Config
from segmentation.errors import InputError
from segmentation.lake.failpoints import reach
from segmentation.progress import Progress
from segmentation.run import Run
from segmentation.stages import features, segments
from segmentation.stages.archetypes import archetypes_of, marketplace_of
from segmentation.stages.as_of import day_of_features, resolve_as_of
from segmentation.stages.check import check_input
from segmentation.stages.export import export_movers, export_segments
from segmentation.stages.hold import check_published, hold_lake
from segmentation.stages.ingest import ingest
from segmentation.stages.look_back import day_of_segments, look_back
from segmentation.stages.publication import publish, restore, resume
from segmentation.stages.refit_decision import check_model
from segmentation.stages.report import check_segments, report, tell_end, tell_segments
from segmentation.stages.undo import announce
from segmentation.stages.upkeep import is_due, keep_up
from segmentation.tracking import begin


def segment(spark: SparkSession, config: Config, progress: Progress, job: str = "segment") -> None:
    """The stages that the config names, in this order: ingest, features, segment, report. One run at a time."""
    archetypes, suggestions = archetypes_of(config), marketplace_of(config)
    if config.check:
        check_input(Run.begin("check", spark, config, progress))
        return
    tracker = begin(config)  # first: that MLflow is missing is to be known before the work, not after it
    with hold_lake(Run.begin(job, spark, config, progress)) as (run, still_held):
        progress.line(f"{run.source.title or run.source.name} · run {run.run_id}")
        resume(run)
        reach("locked")
        # What can be refused is refused before anything is written.
        day = day_of_features(run)
        check_model(run)
        check_segments(run)
        last_day = ingest(run) if run.has("ingest") else None
        run = run.on(day or resolve_as_of(run, last_day))
        announce(run.lake, run.run_id, features.tables_written(config) + segments.tables_written(config))
        if run.has("features"):
            features.features(run)
            reach("features")
        run, done = segments.segments(run, archetypes)
        reach("segments")
        still_held()
        if is_due(run):
            keep_up(run)
        publish(run)
        if run.has("report"):
            report(run, archetypes, suggestions)
        tell_segments(run, done, tracker)


def score(spark: SparkSession, config: Config, progress: Progress) -> None:
    """Raw files → who belongs where by the last published model, or the config's: nothing is searched for or fitted."""
    segment(spark, config.model_copy(update={"refit": "never"}), progress, job="score")


def track(spark: SparkSession, config: Config, progress: Progress) -> None:
    """Orders and a published model → who was where at each month's end, who moved and why, and KPIs; nothing fitted."""
    if not config.source.has_orders:
        raise InputError(f"source {config.source.name}: found no orders, expected some: only they tell of the past")
    config = config.model_copy(update={"stages": ()})  # none of a segment run's
    asked = Run.begin("track", spark, config, progress)
    check_published(asked)
    with hold_lake(asked) as (run, still_held):
        resume(run)
        run = run.on(day_of_segments(run))
        look_back(run, archetypes_of(config))
        still_held()
        publish(run)
    tell_end(run)


def export(spark: SparkSession, config: Config, progress: Progress) -> None:
    """The last published segments → one CSV per segment; or those who moved, one per path."""
    run = Run.begin("export", spark, config, progress)
    (export_movers if config.migrations else export_segments)(run)


def upkeep(spark: SparkSession, config: Config, progress: Progress) -> None:
    """Small files put together and old ones removed, or an earlier run made the present again; one run at a time."""
    config = config.model_copy(update={"stages": ()})  # none of a segment run's
    asked = Run.begin("upkeep", spark, config, progress)
    check_published(asked)
    with hold_lake(asked) as (run, _):
        resume(run)
        if config.restore:
            restore(run, config.restore)
        else:
            keep_up(run)
    tell_end(run)
