"""What if: the same entities segmented by other plans, held against the published segments. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import comb
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.search import search
from segmentation.entities import Entity
from segmentation.plans import EntityPlan
from segmentation.session import cached


def altered(plan: EntityPlan, without: Collection[str] = (), transform: str | None = None, **sweep: Any) -> EntityPlan:
    """The plan with fewer features, another transform for all of them, or other settings of its sweep (k, k_max, …).

    k=None searches for k where the plan asks for one.

    >>> plan = EntityPlan.model_validate({"features": {"count_orders": {}, "recency_days": {}}})
    >>> altered(plan, k=4, without=["recency_days"], transform="sqrt").features
    {'count_orders': Feature(transform='sqrt', cap=None, weight=1.0, change=None)}
    """
    written = plan.model_dump()
    features = {name: feature for name, feature in written["features"].items() if name not in without}
    if transform:
        features = {name: {**feature, "transform": transform} for name, feature in features.items()}
    return EntityPlan.model_validate({**written, "features": features, "sweep": {**written["sweep"], **sweep}})


def compare(
    features: DataFrame, published: DataFrame, entity: Entity, plans: Mapping[str, EntityPlan], **options: Any
) -> pd.DataFrame:
    """One row per plan: verdict, method, k, its figures, and how much alike its segments are to the published ones.

    `alike` is the adjusted Rand index (Hubert & Arabie 1985) over those with a sale: 1 the same, 0 by chance.
    `options` are those of `search` (members, beyond_chance), as the published run had them
    (explore.OpenLake.search_options): else the published plan need not give the published verdict.
    """
    rows = []
    for name, plan in plans.items():
        found = search(features, plan, entity, lambda done, total: None, **options)
        row = next((row for row in found.choice.rows() if row["chosen"]), {})
        with cached(found.segments) as segments:
            alike = likeness(segments, published, entity.id)
        figures = {key: row.get(key) for key in ("method", "k", "silhouette", "chance", "stability", "smallest_share")}
        rows.append({"plan": name, "verdict": found.choice.verdict, **figures, "alike": alike})
    return pd.DataFrame(rows).set_index("plan")


def likeness(segments: DataFrame, others: DataFrame, id: str) -> float:
    """The adjusted Rand index of two segmentations of the same entities, segment 0 left out."""
    pairs = (
        segments.where("segment > 0")
        .select(id, F.col("segment").alias("one"))
        .join(others.where("segment > 0").select(id, F.col("segment").alias("other")), on=id, how="inner")
        .groupBy("one", "other")
        .count()
        .toPandas()
    )
    together = sum(comb(int(count), 2) for count in pairs["count"])
    ones, other = (sum(comb(int(n), 2) for n in pairs.groupby(side)["count"].sum()) for side in ("one", "other"))
    by_chance = ones * other / max(1, comb(int(pairs["count"].sum()), 2))
    most = (ones + other) / 2
    return 1.0 if most == by_chance else round((together - by_chance) / (most - by_chance), 4)
