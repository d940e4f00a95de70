"""Features of entities → points in space, and the constants that put later entities into the same space."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.scales import Scale, fit_scale, transformed
from segmentation.plans import FeaturePlan

FITTED_ON = 100_000  # entities that constants are fitted on; beyond it, a fixed sample of about as many
PER_PARTITION = 50_000  # entities


@dataclass(frozen=True)
class Dropped:
    """A feature that was left out, and why, in words."""

    feature: str
    reason: str


@dataclass(frozen=True)
class Vectors:
    """Entities as points, one row each: id (string), features (vector of one coordinate per scale).

    count entities in all; distinct points, counted up to a bound that is enough for any sweep; imputed is the
    share of unknown values per feature that has any; correlations is Pearson's r between the coordinates.
    """

    frame: DataFrame
    scales: tuple[Scale, ...]
    dropped: tuple[Dropped, ...]
    imputed: dict[str, float]
    correlations: tuple[tuple[float, ...], ...]
    count: int
    distinct: int

    @property
    def features(self) -> list[str]:
        """Names of the coordinates, in order."""
        return [scale.feature for scale in self.scales]

    def sample(self, size: int) -> NDArray[np.float64]:
        """About `size` points (all, where there are no more), the same ones whatever the order of rows."""
        rows = thinned(self.frame, "id", self.count, size)
        found = _collected(rows.select("id", vector_to_array(F.col("features")).alias("x")))
        return np.array(found["x"].tolist(), dtype=np.float64).reshape(len(found), len(self.scales))


def to_vectors(features: DataFrame, plan: FeaturePlan, id: str) -> Vectors:
    """Points of the entities in `features` (those with a sale; NULL is unknown), scaled by the plan."""
    names = list(plan.features)
    values = features.select(F.col(id).cast("string").alias("id"), *[_known(name) for name in names])
    count = values.count()
    seen = _collected(thinned(values, "id", count, FITTED_ON))
    reasons = {name: _why_left_out(name, seen[name], plan.min_variation) for name in names}
    used = [name for name in names if reasons[name] is None]
    scales = tuple(
        fit_scale(name, seen[name].dropna().to_numpy(float), plan.features[name], plan.scaling)
        for name in used
    )
    points = np.array([_applied(scale, seen[scale.feature]) for scale in scales]).T
    return Vectors(
        frame=placed(values, scales, count),
        scales=scales,
        dropped=tuple(Dropped(name, reason) for name, reason in reasons.items() if reason),
        imputed={name: share for name in used if (share := float(seen[name].isna().mean())) > 0},
        correlations=_correlations(points),
        count=count,
        distinct=len(np.unique(points, axis=0)),
    )


def placed(values: DataFrame, scales: tuple[Scale, ...], count: int) -> DataFrame:
    """Rows of id and features as points, in an order and in partitions that only the entities decide.

    MLlib seeds k-means|| by partition and adds up in the order of rows: partitions by number and hash of id
    (never by the cluster's cores) and sorted rows make fits repeatable.
    """
    point = array_to_vector(F.array(*[scale.column() for scale in scales]) if scales else F.array(F.lit(0.0)))
    return (
        values.select("id", point.alias("features"))
        .repartition(max(1, ceil(count / PER_PARTITION)), "id")
        .sortWithinPartitions("id")
    )


def thinned(frame: DataFrame, id: str, count: int, size: int) -> DataFrame:
    """About `size` of the `count` rows, chosen by the hash of their id: the same ones in any order."""
    if count <= size:
        return frame
    return frame.where(F.pmod(F.xxhash64(F.col(id)), F.lit(count)) < size)


def _collected(rows: DataFrame) -> pd.DataFrame:
    """A bounded frame on the driver, in the order of its ids."""
    found = cast(pd.DataFrame, rows.toPandas())
    return found.sort_values("id", ignore_index=True)


def _known(name: str) -> Column:
    """A feature as a number, NULL where it is unknown, NaN or infinite."""
    value = F.col(name).cast("double")
    return F.when(~F.isnan(value) & (F.abs(value) != float("inf")), value).alias(name)


def _why_left_out(name: str, values: pd.Series, min_variation: float) -> str | None:
    """The reason to leave a feature out, or None."""
    known = values.dropna()
    if known.empty:
        return f"{name} is unknown for everyone"
    commonest = known.value_counts(sort=True)
    varying = 1 - int(commonest.iloc[0]) / len(known)
    if varying < min_variation or len(commonest) == 1:
        return f"{name} hardly varies: {1 - varying:.1%} have the same value ({commonest.index[0]:,.10g})"
    return None


def _applied(scale: Scale, values: pd.Series) -> NDArray[np.float64]:
    """The scale in NumPy, for figures about the points."""
    clipped = np.clip(values.fillna(scale.fill).to_numpy(float), scale.low, scale.high)
    return (transformed(clipped, scale.transform, scale.knots) - scale.centre) / scale.spread


def _correlations(points: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    if len(points) < 2:
        return ()
    pearson = np.atleast_2d(np.corrcoef(points, rowvar=False))
    return tuple(tuple(round(float(r), 4) for r in row) for row in pearson)
