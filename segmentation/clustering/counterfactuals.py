"""What would move an entity to the next better segment: the smallest change of one feature alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType, IntegralType

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.means import Labels, Points
from segmentation.clustering.model import Model
from segmentation.clustering.vectors import to_points, values_of
from segmentation.plans import Change

BEYOND = 1e-4  # standard deviations: how far past the border a change goes
COLUMNS = "id string, to_segment int, feature string, from_value double, to_value double"


def counterfactuals(
    features: DataFrame, model: Model, id: str, changes: Mapping[str, Change], seen: pd.DataFrame | None = None
) -> DataFrame:
    """(id, to_segment, feature, from_value, to_value) of entities whom one change moves to the next better segment.

    Segments are numbered by value: the next better one of segment 3 is 2. Of all features, the one is told whose
    change is smallest, in standard deviations of the feature as it was transformed; from_value and to_value are
    in the feature's own units, whole or in cents where the feature is. Every move is verified: with to_value in
    place of from_value, the model puts the entity into to_segment. `changes` says of each feature in which direction
    somebody can move it; others are not told. Missing are those in segment 1, those whom no single change would move,
    and everyone where segments are no nearest centres (a Gaussian mixture's).

    A move says where the border lies, all other features being as they are, and not what somebody can do: a sale moves
    several features at once. What sales lead to is asked in reporting/border.py.

    seen: id and known features of the same entities, where they are at hand: no Python is started for them then.
    """
    units = {scale.feature: _unit(features.schema[scale.feature].dataType) for scale in model.scales}

    if seen is not None:
        told = counterfactuals_of(seen, model, units, changes).astype({"to_segment": "int32"})
        return features.sparkSession.createDataFrame(told, COLUMNS)

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            yield counterfactuals_of(frame, model, units, changes)

    return values_of(features, model.scales, id).mapInPandas(run, COLUMNS)


def next_better(moves: DataFrame, segments: DataFrame, id: str) -> DataFrame:
    """Moves that lead to the next better segment of where somebody is, by `segments` (id, segment): where some were
    left in another segment than the model would have them in, its moves say nothing of these.
    """
    there = segments.select(F.col(id).cast("string").alias("id"), F.col("segment") - 1)
    return moves.join(there.toDF("id", "to_segment"), on=["id", "to_segment"], how="left_semi")


def counterfactuals_of(
    seen: pd.DataFrame, model: Model, units: Mapping[str, float | None], changes: Mapping[str, Change]
) -> pd.DataFrame:
    """The moves of entities, rows of id and features; units: the steps that a feature has between whole numbers."""
    centroids = model.centroids
    if centroids.k < 2 or centroids.whitening:
        seen = seen.head(0)
    points = to_points(seen, model.scales)
    distances = centroids.distances(points) if len(seen) else np.empty((0, 1))
    better = distances.argmin(axis=1) - 1
    told = pd.DataFrame({"id": seen["id"], "to_segment": better + 1, "change": np.inf})
    told = told.assign(feature="", from_value=np.nan, to_value=np.nan)
    for axis, scale in enumerate(model.scales):
        change_to = changes.get(scale.feature, "never")
        if scale.is_text or change_to == "never" or not len(seen):
            continue
        old, place = scale.value_in(seen), _across(points, distances, better, centroids, axis)
        low, high = scale.ends()
        new = _outwards(scale.value_at(np.clip(place, low, high)), place > points[:, axis], units[scale.feature])
        moved = points.copy()
        moved[:, axis] = scale.applied(new)
        arrives = (low <= place) & (place <= high) & (centroids.distances(moved).argmin(axis=1) == better)
        if change_to != "either":
            arrives &= (new > old) if change_to == "up" else (new < old)
        change = np.abs(moved[:, axis] - points[:, axis]) / scale.weight
        smaller = arrives & ~np.isnan(old) & (change < told["change"].to_numpy())
        told.loc[smaller, "feature"] = scale.feature
        for column, values in (("change", change), ("from_value", old), ("to_value", new)):
            told.loc[smaller, column] = values[smaller]
    return told[(better >= 0) & np.isfinite(told["change"])].drop(columns="change")


def _across(points: Points, distances: Points, better: Labels, centroids: Centroids, axis: int) -> NDArray[np.float64]:
    """Each point's coordinate just across the border to its better centre, NaN where this axis leads to none.

    A step t along one axis adds 2t (x - c) + t² to |x - c|². The better centre b is then nearer than another, m,
    where d_b - d_m + 2t (m - b) < 0, d being squared distances: for each m a bound on t from below (m < b) or from
    above (m > b).
    """
    along = np.array(centroids.centres)[:, axis]
    slopes = 2 * (along[None, :] - along[better][:, None])
    behind = np.take_along_axis(distances, better[:, None], axis=1) - distances
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = -behind / slopes
    lowest = np.where(slopes < 0, bounds, -np.inf).max(axis=1)
    highest = np.where(slopes > 0, bounds, np.inf).min(axis=1)
    step = np.where(lowest > 0, lowest + BEYOND, np.where(highest < 0, highest - BEYOND, np.nan))
    return np.where(lowest <= highest, points[:, axis] + step, np.nan)


def _outwards(values: NDArray[np.float64], up: NDArray[np.bool_], unit: float | None) -> NDArray[np.float64]:
    """The next values, up or down, that the feature can have."""
    if unit is None:
        return values
    return np.where(up, np.ceil(values * unit), np.floor(values * unit)) / unit


def _unit(kind: DataType) -> float | None:
    """How many steps a feature of this type has between two whole numbers, None for any."""
    if isinstance(kind, IntegralType):
        return 1.0
    return 10.0**kind.scale if isinstance(kind, DecimalType) else None
