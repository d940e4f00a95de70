"""The search for one entity's segments, from features to who belongs where."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering import rules
from segmentation.clustering.assign import assign
from segmentation.clustering.choose import Choice, choose
from segmentation.clustering.model import Model
from segmentation.clustering.moves import moves
from segmentation.clustering.rules import Rules
from segmentation.clustering.sweep import Bar, sweep
from segmentation.clustering.vectors import Vectors, to_vectors
from segmentation.entities import Entity
from segmentation.plans import EntityPlan


@dataclass(frozen=True)
class Found:
    """What the search found.

    segments: one row per entity in the features (id, segment, confidence, runner_up), segment 0 for those
    without a sale; moves: see moves.py; rules: see rules.py; and how it was found: the points, the choice among
    the fits, the model.
    """

    segments: DataFrame
    moves: DataFrame
    rules: Rules
    vectors: Vectors
    choice: Choice
    model: Model


def search(
    features: DataFrame,
    plan: EntityPlan,
    entity: Entity,
    bar: Bar,
    value: str | None = "total_gmv",
    everyone: bool = False,
) -> Found:
    """Segments of the entities in a feature table (schemas.BUYER_FEATURES, say), by the plan.

    Segments are numbered by the mean of `value`, by size where that is None. Those without a sale are in segment
    0, unless `everyone` is to be segmented, as where there are no orders; then nobody is said to move up either
    without a value.
    """
    has_sale = F.lit(True) if everyone else F.col("count_orders") > 0
    sold = features.where(has_sale)
    vectors = to_vectors(sold, plan, entity.id)
    choice = choose(sweep(vectors, plan.sweep, plan.gate, bar), plan.gate, plan.sweep.k)
    worth = sold.select(F.col(entity.id).alias("id"), F.col(value).alias("value")) if value else None
    assigned, model = assign(vectors, choice, worth)
    unsold = features.where(~has_sale).select(
        F.col(entity.id).alias("id"),
        F.lit(0).alias("segment"),
        F.lit(None).cast("double").alias("confidence"),
        F.lit(None).cast("int").alias("runner_up"),
    )
    return Found(
        segments=assigned.unionByName(unsold).withColumnRenamed("id", entity.id),
        moves=moves(
            sold if value else sold.limit(0), model, entity.id, {name: plan.change_of(name) for name in plan.features}
        ),
        rules=_rules(vectors, model),
        vectors=vectors,
        choice=choice,
        model=model,
    )


def _rules(vectors: Vectors, model: Model) -> Rules:
    if model.partition.k < 2:
        return Rules()
    nearest = model.partition.far(vectors.points(rules.FITTED_ON)).argmin(axis=1)
    return rules.rules_of(vectors, nearest + 1, model.partition.k)
