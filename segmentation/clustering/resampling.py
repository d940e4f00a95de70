"""What takes many small fits on a bounded sample: drafts, the null reference's silhouette, stability over resamples.

One task is one fit on one draw, in NumPy: MLlib is slow at small ones. Every task has its own seed, so that it does not
matter where and in which order they run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.means import Points, best_means, one_thread
from segmentation.clustering.null_reference import Copula
from segmentation.clustering.resample_fits import fit_resample
from segmentation.clustering.silhouette import silhouette
from segmentation.clustering.stability import Stability, jaccards, resample
from segmentation.plans import GatePlan

STARTS = 10
STARTS_REFERENCE = 4
STARTS_RESAMPLE = 2  # besides the one near the original centres
AT_ONCE = 16  # tasks' partitions: enough for a small cluster, few enough to be cheap
FEW = 5_000  # points: hundreds of refits take no longer than a Python worker takes to start and import scikit-learn

Task = Callable[[int, int], list[float]]


@dataclass(frozen=True)
class Draft:
    """k-means on the sample, best of STARTS; cost is the sum of squared distances there."""

    centroids: Centroids
    cost: float
    null_silhouette: float  # the mean over references without groups


def drafts(
    spark: SparkSession, points: Points, ks: Sequence[int], references: int, blocks: Sequence[Sequence[int]]
) -> dict[int, Draft]:
    """By k. `blocks` are coordinates that are drawn together, as those of one text."""
    copula = Copula(points, seed=0, blocks=blocks)

    def task(k: int, number: int) -> list[float]:
        if number == 0:
            centres, _, cost = best_means(points, k, STARTS, seed=0)
            return [*centres.ravel(), cost]
        drawn = copula.draw([1, number - 1])
        _, labels, _ = best_means(drawn, k, STARTS_REFERENCE, seed=number - 1)
        return [silhouette(drawn, labels, k)]

    found = _run(spark, [(k, number) for k in ks for number in range(references + 1)], task, len(points))
    return {
        k: Draft(Centroids.of(np.array(first[:-1]).reshape(k, -1)), first[-1], float(np.mean(null)))
        for k, (first, *null) in found.items()
    }


def stabilities(
    spark: SparkSession, points: Points, centroids: Mapping[tuple[str, int], Centroids], gate: GatePlan
) -> dict[tuple[str, int], Stability]:
    """By method and k: how stable the segments are over resamples of the points."""
    fits = list(centroids.items())
    originals = [own.distances(points).argmin(axis=1) for _, own in fits]

    def similarities(fit: int, number: int) -> list[float]:
        (method, k), own = fits[fit]
        drawn = resample(len(points), [k, number])
        there = drawn > 0
        if there.sum() < k:  # so few entities that not enough different ones were drawn
            return [float("nan")] * k
        labels = fit_resample(method, points[there], drawn[there], own, STARTS_RESAMPLE, seed=number)
        return list(jaccards(originals[fit][there], labels, k))

    tasks = [(fit, number) for fit in range(len(fits)) for number in range(gate.resamples)]
    found = _run(spark, tasks, similarities, len(points))
    return {fits[fit][0]: Stability.of(np.array(figures), gate.min_stability) for fit, figures in found.items()}


def _run(
    spark: SparkSession, tasks: Sequence[tuple[int, int]], task: Task, points: int
) -> dict[int, list[list[float]]]:
    """The figures of each task, by its first number and in the order of its second; of many points on the executors."""
    found: dict[int, list[list[float]]] = defaultdict(list)
    every = _here(tasks, task) if points <= FEW else _on_executors(spark, tasks, task)
    for (first, _), figures in zip(tasks, every, strict=True):
        found[first].append(figures)
    return dict(found)


def _here(tasks: Sequence[tuple[int, int]], task: Task) -> list[list[float]]:
    with one_thread():
        return [task(*each) for each in tasks]


def _on_executors(spark: SparkSession, tasks: Sequence[tuple[int, int]], task: Task) -> list[list[float]]:
    def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for frame in frames:
            yield pd.DataFrame({"id": frame["id"], "figures": _here([tasks[number] for number in frame["id"]], task)})

    numbers = spark.range(0, len(tasks), 1, min(len(tasks), AT_ONCE))
    rows = numbers.mapInPandas(run, "id bigint, figures array<double>").toPandas()
    return [list(figures) for figures in rows.sort_values("id")["figures"]]
