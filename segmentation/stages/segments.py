"""Features → segments, their profiles and the model: searched for anew, or as a model of before puts everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.fitted_model import FittedModel, fitted_in, fitted_of
from segmentation.clustering.search import Assignment, SearchResult, place, search
from segmentation.clustering.surrogate_rules import with_rules
from segmentation.config import Config
from segmentation.entities import BUYERS, ENTITIES, SELLERS, Entity
from segmentation.errors import InputError
from segmentation.features.known import without_unpublished
from segmentation.lake.tables import Lake, as_rows
from segmentation.profiles.attributes import Attribute, attribute_rows, attributes_of, counts
from segmentation.profiles.profile import numeric_features, profile
from segmentation.profiles.trade import trade
from segmentation.run import Run
from segmentation.session import cached, in_parallel, side_by_side
from segmentation.story import Archetypes, Story, StoryContext, tell, with_stories


@dataclass(frozen=True)
class Segmented:
    """What a run's segments are of, by entity: the models, and what was searched where they were fitted anew."""

    models: Mapping[str, FittedModel]
    searches: Mapping[str, SearchResult]


def segments(run: Run, texts: Mapping[str, Archetypes]) -> tuple[Run, Segmented]:
    """Features → segments, profiles, models and trade of all entities; the run then has its verdicts.

    Nothing where the run was not told to segment.
    """
    if not run.has("segment"):
        return run, Segmented({}, {})
    run, done = (_scored if run.config.refit == "never" else _searched)(run, texts)
    rows = [(run.run_id, name, *fitted.columns().values(), run.as_of) for name, fitted in done.models.items()]
    run.lake.append_rows(schemas.MODELS, rows)
    _trade(run)
    return run, done


def written(config: Config) -> list[str]:
    """Names of the tables that a run of this config writes here anew."""
    if "segment" not in config.stages:
        return []
    of_sides = [table.name for name in config.entities for table in ENTITIES[name].of_segments]
    of_both = [schemas.TRADE.name] if len(config.source.segmentable) > 1 else []
    return [*of_sides, schemas.MODELS.name, *of_both]


# Entities side by side: each is many short jobs that leave most of a machine idle.


def _searched(run: Run, texts: Mapping[str, Archetypes]) -> tuple[Run, Segmented]:
    names = run.config.entities
    searches = [partial(_search, run, ENTITIES[name], texts[name]) for name in names]
    results = dict(zip(names, side_by_side(searches, len(searches), with_mllib=True), strict=True))
    found: dict[str, SearchResult] = {name: result for name, (result, _) in results.items()}
    judged = run.judged({name: result.choice.verdict for name, result in found.items()})
    return judged, Segmented({name: fitted for name, (_, fitted) in results.items()}, found)


def _scored(run: Run, texts: Mapping[str, Archetypes]) -> tuple[Run, Segmented]:
    names = run.config.entities
    scores = [partial(_score, run, ENTITIES[name], texts[name]) for name in names]
    return run, Segmented(dict(zip(names, side_by_side(scores, len(scores)), strict=True)), {})


def _search(run: Run, entity: Entity, texts: Archetypes) -> tuple[SearchResult, FittedModel]:
    """One entity's features → its segments, profiles and sweep, and the model that is to be written."""
    config, source, called = run.config, run.source, _called(run, entity)
    features, plan = run.lake.read(entity.features), config.plan(entity.name)
    with run.progress.step(f"segment {called}", "segment") as facts:
        found = search(
            features, plan, entity, lambda done, all: run.progress.bar(called, done, all), source.worth,
            everyone=not source.has_orders,
        )  # fmt: skip
        used = {scale.feature for scale in found.vectors.scales}
        sweep = as_rows(run.spark, entity.sweep, [(*row.values(), run.run_id) for row in found.choice.rows()])
        stories = _write(run, entity, features, found, found.choice.verdict, texts, used, sweep=sweep)
        facts.add(found.choice.verdict, verdict=found.choice.verdict)
    return found, fitted_of(found, plan, run.run_id, {story.segment: story.segment_name for story in stories})


def _score(run: Run, entity: Entity, texts: Archetypes) -> FittedModel:
    """The same by the model of an earlier run, whose names the segments keep; nothing is fitted."""
    lake, source = run.lake, run.source
    features = lake.read(entity.features)
    with run.progress.step(f"score {_called(run, entity)}", "segment") as facts:
        fitted = published_model(lake, entity, run.config.model)
        check_features(fitted, features, entity, lake)
        placed = place(
            features, fitted.model, fitted.plan, entity, source.worth, everyone=not source.has_orders
        )  # fmt: skip
        used = {scale.feature for scale in fitted.model.scales}
        _write(run, entity, features, placed, run.verdicts[entity.name], texts, used, names=fitted.names)
        facts.add(f"by the model of run {fitted.fitted_by}", model=fitted.fitted_by)
    return fitted


def published_model(lake: Lake, entity: Entity, run_id: str | None = None) -> FittedModel:
    """An entity's model of a published run, by default of the last one that segmented it."""
    if not lake.exists(schemas.MODELS.name):
        raise InputError(f"{lake.location}: found no model of {entity.name}, expected one; run jobs/segment.py first")
    published = lake.read(schemas.RUNS).select("run_id")
    models = lake.read(schemas.MODELS).join(published, on="run_id", how="left_semi")
    mine = models.where(F.col("entity") == entity.name).orderBy(F.desc("run_id"))
    row = (mine.where(F.col("run_id") == run_id) if run_id else mine).first()
    if row is None:
        known = [each["run_id"] for each in mine.select("run_id").limit(3).collect()]
        wanted = f"of run {run_id!r}" if run_id else "of any run"
        there = f"one such as {', '.join(known)}; set --model" if known else "one; run jobs/segment.py first"
        raise InputError(f"{lake.location}: found no model of {entity.name} {wanted}, expected {there}")
    return fitted_in(row.asDict())


def _trade(run: Run) -> None:
    """Orders and the segments of both sides → trade; nothing where one side was never segmented."""
    lake, source = run.lake, run.source
    if len(source.segmentable) < 2 or any(not lake.exists(e.segments.name) for e in ENTITIES.values()):
        return
    buyers, sellers = (lake.read(entity.segments) for entity in (BUYERS, SELLERS))
    with run.progress.step("trade", "segment"):
        figures = trade(lake.read(schemas.ORDERS), buyers, sellers, source.sales, run.day)
        published = without_unpublished(figures, source)
        lake.overwrite(schemas.TRADE, _stamped(published.coalesce(1), run), remember=True)


def _write(
    run: Run, entity: Entity, features: DataFrame, placed: Assignment, verdict: str, texts: Archetypes,
    used: set[str], names: Mapping[int, str] | None = None, sweep: DataFrame | None = None,
) -> list[Story]:  # fmt: skip
    """Who is where, and what is said of it, into the lake; `used` are the features that made the segments.

    names: by segment, where they have some already.
    """
    lake, source = run.lake, run.source
    figures = source.measured(numeric_features(features))
    texts_of = [name for name in source.texts if name in features.columns]  # of sellers only where users tell roles
    with cached(placed.segments) as assigned:
        found = profile(features, assigned, figures, entity, texts_of)
        cells = found.collect()  # a row per segment
        described = run.spark.createDataFrame(cells, found.schema).coalesce(1)
        known = StoryContext(source.money, used, ranked=source.worth is not None, names=names or {})
        rows = [row.asDict() for row in cells]
        stories = tell(rows, entity, verdict, texts, run.config.lang, source.currency, known)
        named = with_stories(assigned, stories, ["segment_name"])
        profiled = with_rules(with_stories(described, stories), placed.rules)
        columns = schemas.profile_columns(figures, texts_of)
        attributes = attributes_of(source, features.columns, used)
        writes = [
            lambda: lake.overwrite(entity.segments, _stamped(named, run), remember=True),
            lambda: lake.overwrite(
                entity.profiles.with_columns(columns, before="top_province"), _stamped(profiled, run),
                remember=True, is_computed=True,
            ),
            lambda: lake.overwrite(entity.moves, placed.moves, remember=True),
            lambda: lake.overwrite(
                entity.attributes, _known_of(run, features, assigned, entity, attributes),
                remember=True, is_computed=True,
            ),
        ]  # fmt: skip
        if sweep is not None:
            writes.append(lambda: lake.overwrite(entity.sweep, sweep, remember=True, is_computed=True))
        in_parallel(*writes)
    return stories


def _known_of(
    run: Run, features: DataFrame, segments: DataFrame, entity: Entity, attributes: Sequence[Attribute]
) -> DataFrame:
    """What is known of the members of each segment, and whether segments differ in it."""
    counted = [row.asDict() for row in counts(features, segments, entity, attributes).collect()] if attributes else []
    rows = attribute_rows(counted, attributes)
    return as_rows(run.spark, entity.attributes, [(*row, run.run_id, run.as_of) for row in rows])


def check_features(fitted: FittedModel, features: DataFrame, entity: Entity, lake: Lake) -> None:
    """Refuse a model that goes by a feature which the table does not have."""
    missing = [scale.feature for scale in fitted.model.scales if scale.feature not in features.columns]
    if missing:
        raise InputError(
            f"{lake.place(entity.features.name)}: found no column {missing[0]!r}, by which the model of run "
            f"{fitted.fitted_by} segments {entity.name}, expected all of its features; run jobs/segment.py to refit, "
            "or set --model"
        )


def _called(run: Run, entity: Entity) -> str:
    return run.source.words.words("en")[entity.name]


def _stamped(rows: DataFrame, run: Run) -> DataFrame:
    return rows.withColumns({"run_id": F.lit(run.run_id), "as_of": F.lit(run.as_of)})

