"""ClusteringEvaluator's silhouette in NumPy, so that data and reference are measured alike."""

from __future__ import annotations

import numpy as np

from segmentation.clustering.means import Labels, Points


def silhouette(points: Points, labels: Labels, k: int) -> float:
    """Mean over points of (b - a) / max(a, b) on squared Euclidean distance; 0 for a cluster of one.

    a is the mean distance to the others of the own cluster, b the least mean distance to another. With
    Ψ = Σ|y|², Y = Σ y over a cluster of n points, the mean distance from x to it is |x|² + Ψ/n - 2 x·Y/n, as in
    Spark's SquaredEuclideanSilhouette, so that the cost is points × k.
    """
    rows = np.arange(len(points))
    sizes = np.bincount(labels, minlength=k).astype(float)
    taken = sizes > 0
    if taken.sum() < 2:
        return 0.0
    sums = np.stack([np.bincount(labels, weights=axis, minlength=k) for axis in points.T], axis=1)[taken]
    squares = (points**2).sum(axis=1)
    means = np.full((len(points), k), np.inf)
    square_means = np.bincount(labels, weights=squares, minlength=k)[taken] / sizes[taken]
    means[:, taken] = squares[:, None] + square_means - 2 * (points @ sums.T) / sizes[taken]
    own = sizes[labels]
    within = means[rows, labels] * own / np.maximum(own - 1, 1)
    means[rows, labels] = np.inf
    between = means.min(axis=1)
    larger = np.maximum(within, between)
    score = np.divide(between - within, larger, out=np.zeros(len(points)), where=(larger > 0) & (own > 1))
    return float(score.mean())
