"""Features → segments, their profiles and the model: searched for anew, or as a model of before puts everyone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from pyspark.sql import DataFrame

from segmentation import schemas
from segmentation.clustering.counterfactuals import next_better
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.model import Model
from segmentation.clustering.search import Assignment, SearchResult, place, search
from segmentation.clustering.surrogate_rules import with_rules
from segmentation.config import Config
from segmentation.entities import BUYERS, ENTITIES, SELLERS, Entity, Members
from segmentation.features.dispersion import dispersion
from segmentation.features.known import without_unpublished
from segmentation.i18n.texts import load_texts
from segmentation.lake.tables import as_rows
from segmentation.periodic.fates import Fate, became
from segmentation.periodic.previous import previous_segments, with_previous
from segmentation.profiles.description import describe
from segmentation.profiles.trade import trade
from segmentation.run import Run
from segmentation.session import cached, checkpointed, in_parallel, side_by_side
from segmentation.stages.archetypes import story_context
from segmentation.stages.models import verdict_of
from segmentation.stages.own_snapshot import add_snapshots
from segmentation.stages.refit_decision import Decision, decide_refit
from segmentation.story import Archetypes, Story, tell, with_stories


class SearchOptions(TypedDict):
    """What `search` in clustering/search.py takes besides features and plan: see there."""

    members: Members
    beyond_chance: Callable[[], bool]


@dataclass(frozen=True)
class Placement:
    """Where a model puts everyone of one entity, by their features, and the verdict on its segments.

    names: by segment, where they have some already (of a model of before); earlier: where everybody was
    (periodic.previous.previous_segments), None where the lake does not tell; sweep: what was tried, None where nothing
    was.
    """

    entity: Entity
    features: DataFrame
    assignment: Assignment
    model: Model
    verdict: str
    names: Mapping[int, str] | None = None
    earlier: DataFrame | None = None
    sweep: DataFrame | None = None


@dataclass(frozen=True)
class Segmentation:
    """What one entity's segments are of: the model, with its verdict; what was searched (None: nothing was), and what
    that made of the segments of the last model.
    """

    fitted: FittedModel
    verdict: str
    found: SearchResult | None = None
    became: Sequence[Fate] = ()


def segments(run: Run, archetypes: Mapping[str, Archetypes]) -> tuple[Run, dict[str, Segmentation]]:
    """Features → segments, profiles, models and trade of all entities; the run then has its verdicts.

    Nothing where the run was not told to segment.
    """
    if not run.has("segment"):
        return run, {}
    run, done = _placed(run, archetypes)
    models = {name: one.fitted for name, one in done.items()}
    rows = [(run.run_id, name, *fitted.columns().values(), run.as_of) for name, fitted in models.items()]
    run.lake.append_rows(schemas.MODELS, rows)
    add_snapshots(run, models)
    _trade(run)
    return run, done


def tables_written(config: Config) -> list[str]:
    """Names of the tables that a run of this config writes here anew."""
    if "segment" not in config.stages:
        return []
    of_sides = [table.name for name in config.entities for table in ENTITIES[name].of_segments]
    of_both = [schemas.TRADE.name] if len(config.source.segmentable) > 1 else []
    of_history = [ENTITIES[name].history.name for name in config.entities] if config.history == "on" else []
    return [*of_sides, schemas.MODELS.name, *of_both, *of_history]


def _placed(run: Run, archetypes: Mapping[str, Archetypes]) -> tuple[Run, dict[str, Segmentation]]:
    """Each entity by a search, or by the model of before, as is decided for it."""
    # Entities side by side: each is many short jobs that leave most of a machine idle.
    asked = [partial(decide_refit, run, ENTITIES[name]) for name in run.config.entities]
    decisions = {one.entity.name: one for one in side_by_side(asked, len(asked))}
    done: dict[str, Segmentation] = {}
    for refit, put in ((False, _score), (True, _search)):
        tasks = {
            name: partial(put, run, one, archetypes[name]) for name, one in decisions.items() if one.refit == refit
        }
        done |= zip(tasks, side_by_side([*tasks.values()], len(tasks), with_mllib=refit), strict=True)
    texts = load_texts("en").worded(run.source.words)
    run = run.judged({name: one.verdict for name, one in done.items()})
    run = run.decided({name: one.record(texts, done[name].became) for name, one in decisions.items()})
    return run, {name: done[name] for name in decisions}


def _search(run: Run, decision: Decision, archetypes: Archetypes) -> Segmentation:
    """One entity's features → its segments, profiles and sweep, and the model that is to be written."""
    entity = decision.entity
    called = _called(run, entity)
    features, plan = run.lake.read(entity.features), run.config.plan(entity.name)
    with run.progress.step(f"segment {called}", "segment") as facts:
        on_progress = partial(run.progress.bar, called)
        found = search(features, plan, entity, on_progress, **search_options(run, entity))
        verdict = found.choice.verdict
        sweep = as_rows(run.spark, entity.sweep, [(*row.values(), run.run_id) for row in found.choice.rows()])
        fates, numbers = became(features, decision.last, found, entity, run.source.members)
        earlier = _before(run, entity, numbers)
        placement = Placement(entity, features, found, found.model, verdict, earlier=earlier, sweep=sweep)
        stories = _told(run, placement, archetypes)
        facts.add(verdict, verdict=verdict)
    if fates:
        run.progress.line(f"  {entity.name} by a later model: {'; '.join(fate.sentence for fate in fates)}")
    names = {story.segment: story.segment_name for story in stories}
    return Segmentation(FittedModel.from_search(found, plan, run.run_id, names, run.day), verdict, found, fates)


def search_options(run: Run, entity: Entity) -> SearchOptions:
    """What a run's source and orders say of a search."""
    return SearchOptions(members=run.source.members, beyond_chance=partial(_differs, run, entity))


def _differs(run: Run, entity: Entity) -> bool:
    """Whether entities differ in their orders by more than chance would bring about; so where there are no orders."""
    source = run.source
    if not source.has_orders:
        return True
    return dispersion(run.lake.read(schemas.ORDERS), entity.id, source.sales, run.day).beyond_chance


def _score(run: Run, decision: Decision, archetypes: Archetypes) -> Segmentation:
    """One entity's features → its segments and profiles by an earlier run's model, whose names and verdict they keep.

    Nothing is fitted.
    """
    entity, fitted, last = decision.entity, decision.fitted, decision.last
    assert fitted is not None  # of whom no search is made
    features = run.lake.read(entity.features)
    # Not the last run's, which may have gone by another model.
    verdict = verdict_of(run.lake, entity, fitted)
    with run.progress.step(f"score {_called(run, entity)}", "segment") as facts:
        placed = place(features, fitted.model, fitted.plan, entity, run.source.members, decision.seen)
        numbers: dict[int, int] | None = None if last and last.checksum == fitted.checksum else {}
        earlier = _before(run, entity, numbers)
        _told(run, Placement(entity, features, placed, fitted.model, verdict, fitted.names, earlier), archetypes)
        facts.add(f"by the model of run {fitted.fitted_by}", model=fitted.fitted_by)
    return Segmentation(fitted, verdict)


def _before(run: Run, entity: Entity, numbers: Mapping[int, int] | None) -> DataFrame | None:
    """Where everybody was before this run; None where the lake does not tell."""
    lake, table = run.lake, entity.segments
    if not lake.has(table):
        return None
    # Computed now: the table is about to be written anew.
    return checkpointed(previous_segments(lake.read(table), entity.id, run.day, numbers))


def _trade(run: Run) -> None:
    """Orders and the segments of both sides → trade; nothing where one side was never segmented."""
    lake, source = run.lake, run.source
    if len(source.segmentable) < 2 or any(not lake.exists(e.segments.name) for e in ENTITIES.values()):
        return
    buyers, sellers = (lake.read(entity.segments) for entity in (BUYERS, SELLERS))
    with run.progress.step("trade", "segment"):
        figures = trade(lake.read(schemas.ORDERS), buyers, sellers, source.sales, run.day)
        published = without_unpublished(figures, source)
        lake.overwrite(schemas.TRADE, run.stamp(published.coalesce(1)), remember=True)


def _told(run: Run, placement: Placement, archetypes: Archetypes) -> list[Story]:
    """Who is where and what is said of it, into the lake, each table in the place of the one of before, all at once;
    returns what is said of each segment.
    """
    entity, placed, model, source = placement.entity, placement.assignment, placement.model, run.source
    hysteresis = run.config.hysteresis if placement.names is not None else 0.0  # a search begins anew
    overwrite = partial(run.lake.overwrite, remember=True)
    with cached(with_previous(placed.segments, entity.id, run.day, placement.earlier, hysteresis)) as assigned:
        looks = describe(placement.features, assigned, entity, source, model.telling_features)
        known = story_context(source, model, placement.names or {})
        stories = tell(looks.rows, entity, placement.verdict, archetypes, run.config.lang, source.currency, known)
        segments = run.stamp(with_stories(assigned, stories, ["segment_name"]))
        profiles = run.stamp(with_rules(with_stories(looks.profiles, stories), placed.rules))
        attributes = as_rows(run.spark, entity.attributes, [(*row, run.run_id, run.as_of) for row in looks.attributes])
        moves = next_better(placed.moves, assigned, entity.id) if hysteresis else placed.moves
        of_profiles = entity.profiles.with_columns(looks.columns, before="top_province")
        writes = [
            partial(overwrite, entity.segments, segments),
            partial(overwrite, of_profiles, profiles, is_computed=True),
            partial(overwrite, entity.moves, moves),
            partial(overwrite, entity.attributes, attributes, is_computed=True),
        ]
        if placement.sweep is not None:
            writes.append(partial(overwrite, entity.sweep, placement.sweep, is_computed=True))
        in_parallel(*writes)
    return stories


def _called(run: Run, entity: Entity) -> str:
    return run.source.words.words("en")[entity.name]
