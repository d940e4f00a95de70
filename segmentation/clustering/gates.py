"""The figures that the gates judge, measured on a bounded sample by NumPy on the executors.

One task is one k and one draw: refits are small and many, which is what MLlib is slow at. Every task has its
own seed, so that it does not matter where and in which order they run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from segmentation.clustering.chance import Copula
from segmentation.clustering.means import Points, best_means, one_thread
from segmentation.clustering.partition import Partition
from segmentation.clustering.refit import refit
from segmentation.clustering.silhouette import silhouette
from segmentation.clustering.stability import jaccards, least_stable, resample

STARTS = 10
STARTS_REFERENCE = 4
STARTS_RESAMPLE = 2  # besides the one near the original centres
AT_ONCE = 16  # tasks' partitions: enough for a small cluster, few enough to be cheap

Task = Callable[[int, int], list[float]]


def best_starts(spark: SparkSession, points: Points, ks: Sequence[int]) -> dict[int, tuple[Partition, float]]:
    """By k: k-means' centres and cost on the points, best of STARTS: MLlib's are held against them."""

    def centres_and_cost(k: int, number: int) -> list[float]:
        centres, _, cost = best_means(points, k, STARTS, seed=number)
        return [*centres.ravel(), cost]

    found = {k: figures[0] for k, figures in _run(spark, [(k, 0) for k in ks], centres_and_cost).items()}
    return {k: (_partition(figures[:-1], k), figures[-1]) for k, figures in found.items()}


def chances(
    spark: SparkSession, points: Points, ks: Sequence[int], references: int, blocks: Sequence[Sequence[int]]
) -> dict[int, float]:
    """By k: the mean silhouette over references without groups; `blocks` are coordinates of one text."""
    copula = Copula(points, seed=0, blocks=blocks)

    def silhouette_of_draw(k: int, number: int) -> list[float]:
        drawn = copula.draw([1, number])
        _, labels, _ = best_means(drawn, k, STARTS_REFERENCE, seed=number)
        return [silhouette(drawn, labels, k)]

    found = _run(spark, [(k, number) for k in ks for number in range(references)], silhouette_of_draw)
    return {k: float(np.mean(figures)) for k, figures in found.items()}


def stabilities(
    spark: SparkSession, points: Points, partitions: Mapping[tuple[str, int], Partition], resamples: int
) -> dict[tuple[str, int], float]:
    """By method and k: the mean Jaccard of the least stable segment over resamples of the points."""
    fits = list(partitions.items())
    originals = [partition.far(points).argmin(axis=1) for _, partition in fits]

    def similarities(fit: int, number: int) -> list[float]:
        (method, k), partition = fits[fit]
        drawn = resample(len(points), [k, number])
        there = drawn > 0
        labels = refit(method, points[there], drawn[there], partition, STARTS_RESAMPLE, seed=number)
        return list(jaccards(originals[fit][there], labels, k))

    found = _run(spark, [(fit, number) for fit in range(len(fits)) for number in range(resamples)], similarities)
    return {fits[fit][0]: least_stable(np.array(figures)) for fit, figures in found.items()}


def _partition(coordinates: list[float], k: int) -> Partition:
    return Partition(tuple(tuple(centre) for centre in np.array(coordinates).reshape(k, -1).tolist()))


def _run(spark: SparkSession, tasks: Sequence[tuple[int, int]], task: Task) -> dict[int, list[list[float]]]:
    """The figures of each task on the executors, by its first number and in the order of its second."""

    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            with one_thread():
                figures = [task(*tasks[number]) for number in frame["id"]]
            yield pd.DataFrame({"id": frame["id"], "figures": figures})

    numbers = spark.range(0, len(tasks), 1, min(len(tasks), AT_ONCE))
    rows = numbers.mapInPandas(run, "id bigint, figures array<double>").toPandas()
    found: dict[int, list[list[float]]] = defaultdict(list)
    for number, figures in sorted(zip(rows["id"], rows["figures"], strict=True), key=lambda row: row[0]):
        found[tasks[number][0]].append(list(figures))
    return dict(found)
