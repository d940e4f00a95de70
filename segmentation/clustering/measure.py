"""What every segmentation is on all entities: sizes, outliers, cost and silhouette, of all fits in two passes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.fits import Fit
from segmentation.clustering.means import Points
from segmentation.clustering.silhouette import Clusters, clusters_of, silhouettes

FIGURES = 9  # decimals kept of a silhouette: the last bits depend on the order of adding up
DIGITS = 10  # kept of a cost, for the same reason


def measured(points: DataFrame, fits: Sequence[Fit]) -> list[Fit]:
    """The fits (each with its partition) with their figures over all points, rows of point and outlier.

    One in which a segment has nobody in it is as good as untried.
    """
    if not fits:
        return []
    sums = _sums(points, fits)
    scores = _silhouettes(points, fits, [_clusters(sums[sums["fit"] == i]) for i in range(len(fits))])
    return [_with_figures(fit, sums[sums["fit"] == i], scores[i]) for i, fit in enumerate(fits)]


def _sums(points: DataFrame, fits: Sequence[Fit]) -> pd.DataFrame:
    """Per fit and centre: size, outliers, far, squares, and sum_0 … of coordinates."""
    partitions = [fit.partition for fit in fits]
    axes = [f"sum_{axis}" for axis in range(len(partitions[0].centres[0]))]
    names = ["size", "outliers", "far", "squares", *axes]

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            here = _coordinates(frame)
            outlier = frame["outlier"].to_numpy(float)
            for i, partition in enumerate(partitions):
                far = partition.distances(here)
                labels, k = far.argmin(axis=1), partition.k
                clusters = clusters_of(here, labels, k)
                extra = [np.bincount(labels, weights=each, minlength=k) for each in (outlier, far.min(axis=1))]
                cells = np.column_stack([clusters.sizes, *extra, clusters.squares, clusters.sums])
                yield pd.DataFrame(cells, columns=names).assign(fit=i, centre=np.arange(k))

    schema = ", ".join([*(f"{name} double" for name in names), "fit int", "centre int"])
    parts = points.select("point", "outlier").mapInPandas(run, schema)
    total = parts.groupBy("fit", "centre").agg(*[F.sum(name).alias(name) for name in names])
    return total.toPandas().sort_values(["fit", "centre"])


def _silhouettes(points: DataFrame, fits: Sequence[Fit], clusters: Sequence[Clusters]) -> list[float]:
    """The mean silhouette of each fit."""
    partitions = [fit.partition for fit in fits]

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            here = _coordinates(frame)
            found = [
                silhouettes(here, partition.distances(here).argmin(axis=1), each).sum()
                for partition, each in zip(partitions, clusters, strict=True)
            ]
            yield pd.DataFrame({"fit": range(len(found)), "score": found, "size": len(here)})

    parts = points.select("point").mapInPandas(run, "fit int, score double, size bigint")
    rows = parts.groupBy("fit").agg(F.sum("score").alias("score"), F.sum("size").alias("size")).collect()
    means = {row["fit"]: float(row["score"]) / row["size"] for row in rows}
    return [means[i] for i in range(len(fits))]


def _coordinates(frame: pd.DataFrame) -> Points:
    return np.array(frame["point"].tolist(), dtype=np.float64)


def _clusters(sums: pd.DataFrame) -> Clusters:
    axes = [name for name in sums.columns if name.startswith("sum_")]
    return Clusters(sums["size"].to_numpy(), sums["squares"].to_numpy(), sums[axes].to_numpy())


def _with_figures(fit: Fit, sums: pd.DataFrame, silhouette: float) -> Fit:
    taken = int((sums["size"] > 0).sum())
    if taken < fit.k:
        return replace(fit, untried=f"only {taken} of {fit.k} segments have anyone in them")
    return replace(
        fit,
        sizes=tuple(int(size) for size in sums["size"]),
        outliers=tuple(int(number) for number in sums["outliers"]),
        wssse=None if fit.partition.whitening else float(f"{sums['far'].sum():.{DIGITS}g}"),
        silhouette=round(silhouette, FIGURES),
    )
