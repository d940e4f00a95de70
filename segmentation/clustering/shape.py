"""The shape of the points on a bounded, fixed sample: what an analyst looks at before believing a segmentation.

Everything here follows from features, published segments and their model, so that a report that is made later shows
the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.means import Labels, Points
from segmentation.clustering.silhouette import clusters_of, silhouettes
from segmentation.clustering.vectors import sampled, to_points, values_of

SHOWN = 2_000  # entities that are drawn


@dataclass(frozen=True)
class Silhouettes:
    """One segmentation of the sample: silhouettes per segment, highest first, and their mean."""

    k: int
    published: bool  # by the published segments, not by what else was tried
    groups: tuple[tuple[int, NDArray[np.float64]], ...]
    mean: float


@dataclass(frozen=True)
class Shape:
    """A sample of today's `count` entities, with their published segments.

    values are the features in their own units, NaN where unknown; components are the scores on the first two
    principal components of the points, explained the share of the variance that each holds.
    """

    values: pd.DataFrame
    segments: Labels
    components: Points
    explained: tuple[float, ...]
    silhouettes: tuple[Silhouettes, ...]
    count: int


def shape(fitted: FittedModel, people: DataFrame, id: str) -> Shape:
    """The shape of `people`, one row of features per entity with its published segment (1 or more)."""
    scales = fitted.model.scales
    sample, count = sampled(values_of(people, scales, id, "segment"), SHOWN)  # today's, not those of the fit
    points = to_points(sample, scales)
    labels = sample["segment"].to_numpy(np.intp)
    components, explained = principal(points)
    numbers = list(dict.fromkeys(scale.feature for scale in scales if not scale.is_text))
    silhouettes = tuple(_by_k(points, labels, fitted.model.centroids.k, fitted.candidates))
    return Shape(sample[numbers], labels, components, explained, silhouettes, count)


def principal(points: Points) -> tuple[Points, tuple[float, ...]]:
    """Scores on the first two principal components (fewer where there are fewer coordinates), and their variance.

    The sign of a component is that which makes its largest loading positive.
    """
    if len(points) < 2 or not points.shape[1]:
        return np.zeros((len(points), 0)), ()
    centred = points - points.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    first = axes[:2]
    first = first * np.sign(first[np.arange(len(first)), np.abs(first).argmax(axis=1)])[:, None]
    variance = spread**2
    total = float(variance.sum()) or 1.0
    return centred @ first.T, tuple(float(each) / total for each in variance[:2])


def _by_k(points: Points, segments: Labels, own_k: int, candidates: Mapping[int, Centroids]) -> list[Silhouettes]:
    """Silhouettes at each k: of the published segments where k is their model's, else of what was found there.

    The model's, not the largest number among the segments: since the fit the last one may have emptied.
    """
    if not len(points):
        return []
    return [
        _silhouettes(points, segments - 1 if k == own_k else centroids.distances(points).argmin(axis=1), k, k == own_k)
        for k, centroids in sorted(candidates.items())
        if k > 1
    ]


def _silhouettes(points: Points, labels: Labels, k: int, published: bool) -> Silhouettes:
    each = silhouettes(points, labels, clusters_of(points, labels, k))
    groups = tuple((at + 1, np.sort(each[labels == at])[::-1]) for at in range(k) if (labels == at).any())
    if not published:  # numbered by size: the order of the others' centres says nothing
        ranked = sorted(groups, key=lambda group: -len(group[1]))
        groups = tuple((at, values) for at, (_, values) in enumerate(ranked, 1))
    return Silhouettes(k, published, groups, float(each.mean()))
