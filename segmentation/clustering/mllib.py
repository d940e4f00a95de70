"""What MLlib finds and measures: parameters and figures as plain numbers, never a model object."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pyspark.ml.clustering import BisectingKMeans, GaussianMixture, KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.fits import Fit
from segmentation.clustering.partition import Partition
from segmentation.clustering.scales import Values

FIGURES = 9  # decimals kept of a silhouette: the last bits depend on the order of adding up
TOLERANCE = 1e-3  # a step of all centres by less than this, in standard deviations, is the last
RIDGE = 1e-6  # added to a component's variances: a component on one value has none


def fitted(points: DataFrame, method: str, k: int, seed: int, iterations: int) -> Partition:
    """The partition that MLlib finds for rows of `features`; at most k centres.

    MLlib's bisecting model walks down a tree, which need not end at the nearest leaf, and the tree is not to be
    had from Python: its leaves' centres are taken, and a row belongs to the nearest. A mixture keeps weights
    and covariances, from which rows are scored as by the model itself.
    """
    rows = points.select("features")  # not the cached frame itself: MLlib then keeps its own blocks of it
    if method == "gaussian_mixture":
        return _mixture(rows, k, seed, iterations)
    if method == "bisecting_kmeans":
        centres = BisectingKMeans(k=k, seed=seed, maxIter=iterations).fit(rows).clusterCenters()
    else:
        # The block solver is the faster one; it needs k different points, which the caller has counted.
        centres = KMeans(k=k, seed=seed, maxIter=iterations, tol=TOLERANCE, solver="block").fit(rows).clusterCenters()
    return Partition(tuple(tuple(float(x) for x in centre) for centre in centres))


def measured(points: DataFrame, fit: Fit, partition: Partition) -> Fit:
    """The fit with its partition, sizes, cost and silhouette over all points (features, point, outlier)."""
    nearest = points.withColumn("near", partition.nearest_and_far(F.col("point"))).select(
        "features", "outlier", F.col("near.centre").alias("prediction"), F.col("near.far").alias("far")
    )
    counted = nearest.groupBy("prediction").agg(
        F.count("*").alias("size"), F.count_if("outlier").alias("outliers"), F.sum("far").alias("far")
    )
    segments = sorted(counted.collect(), key=lambda row: row["prediction"])
    if len(segments) < fit.k:
        return replace(fit, untried=f"only {len(segments)} of {fit.k} segments have anyone in them")
    return replace(
        fit,
        partition=partition,
        sizes=tuple(row["size"] for row in segments),
        outliers=tuple(row["outliers"] for row in segments),
        wssse=None if partition.whitening else round(sum(row["far"] for row in segments), FIGURES),
        silhouette=round(float(ClusteringEvaluator().evaluate(nearest)), FIGURES),
    )


def _mixture(rows: DataFrame, k: int, seed: int, iterations: int) -> Partition:
    model = GaussianMixture(k=k, seed=seed, maxIter=iterations).fit(rows)
    components = model.gaussiansDF.collect()
    means = [np.array(row["mean"].toArray()) for row in components]
    covariances = [np.array(row["cov"].toArray()) for row in components]
    return mixture(means, covariances, list(model.weights))


def mixture(means: list[Values], covariances: list[Values], weights: list[float]) -> Partition:
    """A Gaussian mixture as a partition, rounded so that it does not depend on the order of adding up."""
    whitening, offsets = [], []
    for covariance, weight in zip(covariances, weights, strict=True):
        root = np.linalg.cholesky(covariance + RIDGE * np.eye(len(covariance)))
        whitening.append(tuple(tuple(round(float(x), 9) for x in row) for row in np.linalg.inv(root)))
        offsets.append(round(float(np.log(max(weight, 1e-300)) - np.log(np.diag(root)).sum()), 9))
    centres = tuple(tuple(round(float(x), 9) for x in mean) for mean in means)
    return Partition(centres, tuple(whitening), tuple(offsets))
