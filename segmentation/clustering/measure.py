"""Sizes, outliers, cost and silhouette of fits over all entities, of all fits in two passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from segmentation.clustering.fits import Fit
from segmentation.clustering.means import Points
from segmentation.clustering.population import Outlying, Population, rows_of
from segmentation.clustering.reasons import Reason
from segmentation.clustering.silhouette import Clusters, clusters_of, silhouettes

FIGURES = 9  # decimals kept of a silhouette: the last bits depend on the order of adding up
DIGITS = 10  # kept of a cost, for the same reason


def measured(population: Population, fits: Sequence[Fit]) -> list[Fit]:
    """The fits (each with its centroids) with their figures over all entities.

    One with a segment that nobody is in counts as untried.
    """
    if not fits:
        return []
    sums = _sums(population, fits)
    scores = _silhouettes(population, fits, [_clusters(sums[sums["fit"] == i]) for i in range(len(fits))])
    return [_with_figures(fit, sums[sums["fit"] == i], scores[i]) for i, fit in enumerate(fits)]


def _sums(population: Population, fits: Sequence[Fit]) -> pd.DataFrame:
    """Per fit and centre: size, outliers, the sum of distances to it, squares, and sum_0 … of coordinates."""
    centroids = [fit.centroids for fit in fits]
    axes = [f"sum_{axis}" for axis in range(len(centroids[0].centres[0]))]
    columns = ["size", "outliers", "distances", "squares", *axes]

    def part(points: Points, outlying: Outlying) -> pd.DataFrame:
        found = []
        for i, own in enumerate(centroids):
            distances = own.distances(points)
            labels, k = distances.argmin(axis=1), own.k
            clusters = clusters_of(points, labels, k)
            extra = [np.bincount(labels, weights=each, minlength=k) for each in (outlying, distances.min(axis=1))]
            cells = [clusters.sizes, *extra, clusters.squares, *clusters.sums.T]
            found.append(rows_of(cells, columns, i))
        return pd.concat(found)

    return population.sums(part, columns)


def _silhouettes(population: Population, fits: Sequence[Fit], clusters: Sequence[Clusters]) -> list[float]:
    """The mean silhouette of each fit."""
    centroids = [fit.centroids for fit in fits]

    def part(points: Points, _: Outlying) -> pd.DataFrame:
        found = []
        for i, (own, each) in enumerate(zip(centroids, clusters, strict=True)):
            scores = silhouettes(points, own.distances(points).argmin(axis=1), each)
            found.append(rows_of([scores.sum(keepdims=True), np.array([len(points)])], ["score", "size"], i))
        return pd.concat(found)

    rows = population.sums(part, ["score", "size"])
    return [float(score) / size for score, size in zip(rows["score"], rows["size"], strict=True)]


def _clusters(sums: pd.DataFrame) -> Clusters:
    axes = [name for name in sums.columns if name.startswith("sum_")]
    return Clusters(sums["size"].to_numpy(), sums["squares"].to_numpy(), sums[axes].to_numpy())


def _with_figures(fit: Fit, sums: pd.DataFrame, silhouette: float) -> Fit:
    taken = int((sums["size"] > 0).sum())
    if taken < fit.k:
        return replace(fit, untried=Reason.of("empty_segments", found=taken, k=fit.k))
    return replace(
        fit,
        sizes=tuple(int(size) for size in sums["size"]),
        outliers=tuple(int(number) for number in sums["outliers"]),
        wssse=None if fit.centroids.whitening else float(f"{sums['distances'].sum():.{DIGITS}g}"),
        silhouette=round(silhouette, FIGURES),
    )
