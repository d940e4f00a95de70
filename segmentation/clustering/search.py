"""The search for one entity's segments, from features to who belongs where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering import surrogate_rules
from segmentation.clustering.assign import assign, assign_points, score
from segmentation.clustering.choose import Choice, choose
from segmentation.clustering.counterfactuals import counterfactuals
from segmentation.clustering.model import Model
from segmentation.clustering.surrogate_rules import SurrogateRules
from segmentation.clustering.sweep import OnProgress, sweep
from segmentation.clustering.vectors import (
    FITTED_ON,
    Sample,
    Vectors,
    known_of,
    point_of,
    sampled,
    to_points,
    to_vectors,
    values_of,
)
from segmentation.entities import WITH_A_SALE, Entity, Members
from segmentation.plans import EntityPlan


@dataclass(frozen=True)
class Assignment:
    """Where a model puts everyone.

    segments: one row per entity in the features (id, segment, confidence, runner_up), segment 0 for those
    without a sale; moves: see counterfactuals.py; rules: see surrogate_rules.py.
    """

    segments: DataFrame
    moves: DataFrame
    rules: SurrogateRules


@dataclass(frozen=True)
class SearchResult(Assignment):
    """What the search found, and how: the points, the choice among the fits, the model."""

    vectors: Vectors
    choice: Choice
    model: Model


def search(
    features: DataFrame,
    plan: EntityPlan,
    entity: Entity,
    on_progress: OnProgress,
    members: Members = WITH_A_SALE,
    beyond_chance: Callable[[], bool] = lambda: True,
) -> SearchResult:
    """Segments of the entities in a feature table (schemas.BUYER_FEATURES, say), by the plan.

    beyond_chance: whether entities differ in their orders by more than chance would bring about; asked only where tiers
    are all that was found.
    """
    sold, value = features.where(members.are_segmented()), members.value
    vectors = to_vectors(sold, plan, entity.id)
    fits = sweep(vectors, plan.sweep, plan.gate, on_progress)
    choice = choose(fits, plan.gate, plan.sweep.k)
    if choice.verdict == "tiers" and not beyond_chance():
        choice = choose(fits, plan.gate, plan.sweep.k, alike=True)
    worth = sold.select(F.col(entity.id).alias("id"), F.col(value).alias("value")) if value else None
    assigned, model = assign(vectors, choice, worth)
    return SearchResult(
        segments=_with_unsold(assigned, features, entity, members),
        moves=_moves(sold, vectors.sample, vectors.count, model, plan, entity, value),
        rules=_rules(vectors.sample.head(surrogate_rules.RULES_FITTED_ON), model),
        vectors=vectors,
        choice=choice,
        model=model,
    )


def place(
    features: DataFrame,
    model: Model,
    plan: EntityPlan,
    entity: Entity,
    members: Members = WITH_A_SALE,
    seen: Sample | None = None,
) -> Assignment:
    """The entities of a feature table in the segments of a model that was fitted before: nothing is fitted again.

    Given the features that the model was fitted on it returns what `search` returned. seen: what seen_by returns, where
    it was called before.
    """
    sold = features.where(members.are_segmented())
    rows, count = seen or seen_by(features, model, entity, members)
    return Assignment(
        segments=_with_unsold(score(sold, model, entity.id, count), features, entity, members),
        moves=_moves(sold, rows, count, model, plan, entity, members.value),
        rules=_rules(rows.head(surrogate_rules.RULES_FITTED_ON), model),
    )


def shared_members(
    features: DataFrame, earlier: Model, segments: DataFrame, entity: Entity, members: Members = WITH_A_SALE
) -> dict[tuple[int, int], int]:
    """How many of the entities of a feature table each segment of an earlier model shares with each of `segments`."""
    sold = features.where(members.are_segmented())
    known = sold.select(F.col(entity.id), *known_of(earlier.scales))
    points = known.select(F.col(entity.id).alias("id"), point_of(earlier.scales).alias("point"))
    was = assign_points(points, earlier).select(F.col("id").alias(entity.id), F.col("segment").alias("earlier"))
    both = was.join(segments.select(entity.id, "segment"), on=entity.id, how="inner")
    rows = both.groupBy("earlier", "segment").count().collect()  # segments × segments
    return {(row["earlier"], row["segment"]): row["count"] for row in rows}


def seen_by(features: DataFrame, model: Model, entity: Entity, members: Members = WITH_A_SALE) -> Sample:
    """The fixed sample of a feature table on which a model would be fitted today, and how many entities there are."""
    return sampled(values_of(features.where(members.are_segmented()), model.scales, entity.id), FITTED_ON)


def _with_unsold(assigned: DataFrame, features: DataFrame, entity: Entity, members: Members) -> DataFrame:
    """Members in their segments, and the others in segment 0."""
    unsold = features.where(~members.are_segmented()).select(
        F.col(entity.id).alias("id"),
        F.lit(0).alias("segment"),
        F.lit(None).cast("double").alias("confidence"),
        F.lit(None).cast("int").alias("runner_up"),
    )
    return assigned.unionByName(unsold).withColumnRenamed("id", entity.id)


def _moves(
    sold: DataFrame, seen: pd.DataFrame, count: int, model: Model, plan: EntityPlan, entity: Entity, value: str | None
) -> DataFrame:
    """One row of schemas.BUYER_MOVES per entity whom a change moves up; none where segments are not ranked by value."""
    changes = {name: plan.change_of(name) for name in plan.features}
    if not value:
        sold, seen, count = sold.limit(0), seen.head(0), 0
    return counterfactuals(sold, model, entity.id, changes, seen if len(seen) >= count else None)


def _rules(seen: pd.DataFrame, model: Model) -> SurrogateRules:
    if model.centroids.k < 2:
        return SurrogateRules()
    nearest = model.centroids.distances(to_points(seen, model.scales)).argmin(axis=1)
    return surrogate_rules.surrogate_rules_of(seen, model.scales, nearest + 1, model.centroids.k)
