"""The shape of the points on a bounded, fixed sample: what an analyst looks at before believing a segmentation.

Everything here follows from features, plan and published segments, so that a report that is made later shows
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from segmentation.clustering.means import Labels, Points, best_means, one_thread
from segmentation.clustering.silhouette import clusters_of, silhouettes
from segmentation.clustering.vectors import Vectors, fixed_sample, known_values, to_points

SHOWN = 2_000  # entities that are drawn
STARTS = 3


@dataclass(frozen=True)
class Silhouettes:
    """One segmentation of the sample: silhouettes per segment, highest first, and their mean."""

    k: int
    published: bool  # by the published segments, not by k-means on the sample
    groups: tuple[tuple[int, NDArray[np.float64]], ...]
    mean: float


@dataclass(frozen=True)
class Shape:
    """A sample of the `count` entities, with their published segments.

    values are the features in their own units, NaN where unknown; components are the scores on the first two
    principal components of the points, explained the share of the variance that each holds.
    """

    values: pd.DataFrame
    segments: Labels
    components: Points
    explained: tuple[float, ...]
    silhouettes: tuple[Silhouettes, ...]
    count: int


def shape(vectors: Vectors, people: DataFrame, id: str, ks: Sequence[int]) -> Shape:
    """The shape of `people`, rows of features with their segment; `ks` are the k that were tried."""
    names = list(dict.fromkeys(scale.feature for scale in vectors.scales))
    texts = {scale.feature for scale in vectors.scales if scale.is_text}
    values = known_values(people, id, ["segment", *names], texts)
    sample = fixed_sample(values, vectors.count, SHOWN)
    points = to_points(sample, vectors.scales)
    labels = sample["segment"].to_numpy(np.intp)
    components, explained = principal(points)
    numbers = [name for name in names if name not in texts]
    silhouettes = tuple(_by_k(points, labels, ks))
    return Shape(sample[numbers], labels, components, explained, silhouettes, vectors.count)


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


def _by_k(points: Points, published: Labels, ks: Sequence[int]) -> list[Silhouettes]:
    """Silhouettes at each k: of the published segments where k is theirs, else of k-means on the sample."""
    found = []
    most = int(published.max(initial=0))
    distinct = len(np.unique(points, axis=0)) if points.size else 0
    with one_thread():
        for k in sorted(set(ks)):
            if k < 2 or distinct <= k:
                continue
            is_published = k == most
            labels = published - 1 if is_published else best_means(points, k, STARTS, seed=0)[1]
            found.append(_silhouettes(points, labels, k, is_published))
    return found


def _silhouettes(points: Points, labels: Labels, k: int, published: bool) -> Silhouettes:
    each = silhouettes(points, labels, clusters_of(points, labels, k))
    groups = tuple((at + 1, np.sort(each[labels == at])[::-1]) for at in range(k) if (labels == at).any())
    if not published:  # numbered by size: labels of k-means say nothing
        ranked = sorted(groups, key=lambda group: -len(group[1]))
        groups = tuple((at, values) for at, (_, values) in enumerate(ranked, 1))
    return Silhouettes(k, published, groups, float(each.mean()))
