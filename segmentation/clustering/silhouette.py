"""ClusteringEvaluator's silhouette in NumPy, so that data and reference are measured alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.means import Labels, Points


@dataclass(frozen=True)
class Clusters:
    """What of the clusters' points a silhouette needs, per cluster: how many, Σ|y|² and Σy (rows)."""

    sizes: NDArray[np.float64]
    squares: NDArray[np.float64]
    sums: Points


def clusters_of(points: Points, labels: Labels, k: int) -> Clusters:
    """The sums over each cluster; they add up over parts of the points."""
    sums = [np.bincount(labels, weights=axis, minlength=k) for axis in points.T]
    squares = np.bincount(labels, weights=(points**2).sum(axis=1), minlength=k).astype(np.float64)
    return Clusters(np.bincount(labels, minlength=k).astype(np.float64), squares, np.stack(sums, axis=1))


def silhouettes(points: Points, labels: Labels, clusters: Clusters) -> NDArray[np.float64]:
    """Per point (b - a) / max(a, b) on squared Euclidean distance; 0 in a cluster of one.

    a is the mean distance to the others of the own cluster, b the least mean distance to another. With
    Ψ = Σ|y|², Y = Σ y over a cluster of n points, the mean distance from x to it is |x|² + Ψ/n - 2 x·Y/n, as in
    Spark's SquaredEuclideanSilhouette, so that the cost is points × k.
    """
    rows = np.arange(len(points))
    taken = clusters.sizes > 0
    if taken.sum() < 2:
        return np.zeros(len(points))
    means = np.full((len(points), len(taken)), np.inf)
    sizes = clusters.sizes[taken]
    squares = (points**2).sum(axis=1)
    means[:, taken] = squares[:, None] + clusters.squares[taken] / sizes - 2 * (points @ clusters.sums[taken].T) / sizes
    own = clusters.sizes[labels]
    within = means[rows, labels] * own / np.maximum(own - 1, 1)
    means[rows, labels] = np.inf
    between = means.min(axis=1)
    larger = np.maximum(within, between)
    return np.divide(between - within, larger, out=np.zeros(len(points)), where=(larger > 0) & (own > 1))


def silhouette(points: Points, labels: Labels, k: int) -> float:
    """The mean silhouette over points."""
    return float(silhouettes(points, labels, clusters_of(points, labels, k)).mean())
