"""What MLlib finds: parameters and figures as plain numbers, never a model object."""

from __future__ import annotations

import gc

import numpy as np
from pyspark.ml.clustering import BisectingKMeans, GaussianMixture, KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.sql import DataFrame, is_remote
from pyspark.sql import functions as F

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.scales import Values

TOLERANCE = 1e-3  # a step of all centres by less than this, in standard deviations, is the last
RIDGE = 1e-6  # added to a component's variances: a component on one value has none


def fit_centroids(
    points: DataFrame, method: str, k: int, seed: int, iterations: int, solver: str = "block"
) -> Centroids:
    """The centroids that MLlib finds for rows of `features`; at most k centres.

    MLlib's bisecting model walks down a tree, which need not end at the nearest leaf, and the tree is not to be
    had from Python: its leaves' centres are taken, and a row belongs to the nearest. A mixture keeps weights
    and covariances, from which rows are scored as by the model itself.
    """
    rows = points.select("features")  # not the cached frame itself: MLlib then keeps its own blocks of it
    found = _fitted(rows, method, k, seed, iterations, solver)
    if is_remote():
        # A model is forgotten on the server when Python collects it, by a call that waits for ever where it comes
        # in the midst of another: it is to come now.
        gc.collect()
    return found


def evaluated(points: DataFrame, centroids: Centroids) -> float:
    """ClusteringEvaluator's silhouette, on squared Euclidean distances, of rows of `point` and `features`, each in
    the segment of its nearest centroid; at least two segments have members.
    """
    nearest = F.array_min(F.array(*centroids.ranked(F.col("point"))))["centre"]
    return float(ClusteringEvaluator().evaluate(points.select("features", nearest.cast("double").alias("prediction"))))


def _fitted(rows: DataFrame, method: str, k: int, seed: int, iterations: int, solver: str) -> Centroids:
    if method == "gaussian_mixture":
        return _mixture(rows, k, seed, iterations)
    if method == "bisecting_kmeans":
        centres = BisectingKMeans(k=k, seed=seed, maxIter=iterations).fit(rows).clusterCenters()
    else:
        # The block solver is the faster one, and fails where k-means|| draws fewer than k different points.
        means = KMeans(k=k, seed=seed, maxIter=iterations, tol=TOLERANCE, solver=solver)
        centres = means.fit(rows).clusterCenters()
    return Centroids(tuple(tuple(float(x) for x in centre) for centre in centres))


def _mixture(rows: DataFrame, k: int, seed: int, iterations: int) -> Centroids:
    model = GaussianMixture(k=k, seed=seed, maxIter=iterations).fit(rows)
    components = model.gaussiansDF.collect()
    means = [np.array(row["mean"].toArray()) for row in components]
    covariances = [np.array(row["cov"].toArray()) for row in components]
    return mixture(means, covariances, list(model.weights))


def mixture(means: list[Values], covariances: list[Values], weights: list[float]) -> Centroids:
    """A Gaussian mixture as centroids, rounded so that they do not depend on the order of adding up."""
    whitening, offsets = [], []
    for covariance, weight in zip(covariances, weights, strict=True):
        root = np.linalg.cholesky(covariance + RIDGE * np.eye(len(covariance)))
        whitening.append(tuple(tuple(round(float(x), 9) for x in row) for row in np.linalg.inv(root)))
        offsets.append(round(float(np.log(max(weight, 1e-300)) - np.log(np.diag(root)).sum()), 9))
    centres = tuple(tuple(round(float(x), 9) for x in mean) for mean in means)
    return Centroids(centres, tuple(whitening), tuple(offsets))
