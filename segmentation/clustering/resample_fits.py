"""One method again, on a resample: by scikit-learn, starting also from the original centres."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.means import Labels, Points, best_means


def fit_resample(
    method: str, points: Points, weights: NDArray[np.float64], original: Centroids, starts: int, seed: int
) -> Labels:
    """Labels of weighted points by the method's best of several starts.

    The original centres are one start among others, for the cheapest is kept: what moves is then the optimum
    and not the luck of the starts.
    """
    centres = np.array(original.centres)
    if method == "gaussian_mixture":
        return _mixture(points, weights, centres, seed)
    if method == "bisecting_kmeans":
        return _bisected(points, weights, original.k, seed)
    _, labels, _ = best_means(points, original.k, starts, seed, weights, near=centres)
    return labels


def _bisected(points: Points, weights: NDArray[np.float64], k: int, seed: int) -> Labels:
    from sklearn.cluster import BisectingKMeans  # noqa: PLC0415

    fit = BisectingKMeans(k, random_state=seed, n_init=2).fit(points, sample_weight=weights)
    distances = ((points[:, None, :] - fit.cluster_centers_[None, :, :]) ** 2).sum(axis=2)
    return distances.argmin(axis=1).astype(np.intp)


def _mixture(points: Points, weights: NDArray[np.float64], centres: Points, seed: int) -> Labels:
    """scikit-learn's mixture knows no weights: each entity enters as often as it was drawn."""
    from sklearn.mixture import GaussianMixture  # noqa: PLC0415

    drawn = np.repeat(points, weights.astype(int), axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged within so many steps: near enough to compare
        fit = GaussianMixture(len(centres), means_init=centres, random_state=seed, max_iter=50, tol=1e-2).fit(drawn)
    return fit.predict(points).astype(np.intp)
