"""Every method at every k, side by side: what MLlib finds, and the figures that the gates judge it by."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from segmentation.clustering.bridges import widest_bridge
from segmentation.clustering.fits import Fit
from segmentation.clustering.gates import best_starts, chances, stabilities
from segmentation.clustering.lloyd import settled
from segmentation.clustering.means import Points
from segmentation.clustering.mllib import fitted, measured
from segmentation.clustering.partition import Partition
from segmentation.clustering.vectors import Vectors
from segmentation.plans import GatePlan, SweepPlan
from segmentation.session import kept

SIDE_BY_SIDE = 4  # fits at a time: one fit is many short jobs and leaves most of a cluster idle
NEAR_BEST = 1.01  # times the best cost of many starts: nearer, another start is not worth its while

Bar = Callable[[int, int], None]


def sweep(vectors: Vectors, plan: SweepPlan, gate: GatePlan, bar: Bar = lambda done, total: None) -> list[Fit]:
    """One Fit per method and k, in that order; `bar` is told how many of how many are done."""
    fits = [Fit(method, k, untried=_why_untried(vectors, k, plan, gate)) for method in plan.methods for k in ks(plan)]
    tried = sorted({fit.k for fit in fits if not fit.untried})
    if not tried:
        return fits
    with kept(vectors.frame) as frame, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        points = vectors.points(gate.max_entities)
        starts = pool.submit(best_starts, frame.sparkSession, points, tried)
        running = [pool.submit(_tried, frame, fit, plan, points, starts) for fit in fits]
        reference = pool.submit(chances, frame.sparkSession, points, tried, gate.references, vectors.blocks)
        for done, future in enumerate(running):
            fits[done] = future.result()
            bar(done + 1, len(fits))
        spiked = np.array([scale.spiked for scale in vectors.scales])
        return _judgeable(frame, fits, points, spiked, gate, reference.result())


def ks(plan: SweepPlan) -> list[int]:
    """The k to try: the range, and a forced one that lies outside it."""
    forced = {plan.k} - {1, None}
    return sorted({*range(plan.k_min, plan.k_max + 1), *forced})


def _why_untried(vectors: Vectors, k: int, plan: SweepPlan, gate: GatePlan) -> str | None:
    """The reason not to try a k, or None. The k that the config asks for is tried even with few entities."""
    if not vectors.scales:
        return "no feature varies"
    if vectors.distinct < k:
        return f"only {vectors.distinct:,} different entities, fewer than k = {k}"
    if vectors.count < gate.min_entities and k != plan.k:
        return f"{vectors.count:,} entities, fewer than the {gate.min_entities} needed"
    return None


Starts = Future[dict[int, tuple[Partition, float]]]


def _tried(frame: DataFrame, fit: Fit, plan: SweepPlan, points: Points, starts: Starts) -> Fit:
    if fit.untried:
        return fit
    if fit.method != "kmeans":
        return measured(frame, fit, fitted(frame, fit.method, fit.k, 1, plan.max_iterations))
    return measured(frame, fit, _cheapest(frame, fit.k, plan, points, starts))


def _cheapest(frame: DataFrame, k: int, plan: SweepPlan, points: Points, starts: Starts) -> Partition:
    """k-means from several starts until one is about as cheap, on the sample, as the best of many there.

    MLlib's k-means|| comes first. Often it ends in a poor optimum (two groups lumped, another halved), from
    other seeds too; the best centres of the sample are then the better start, but MLlib takes none.
    """
    found: list[tuple[float, Partition]] = []
    for seed in range(1, plan.seeds + 1):
        if seed == 2:
            partition = settled(frame, starts.result()[k][0])
        else:
            partition = fitted(frame, "kmeans", k, seed, plan.max_iterations)
        found.append((float(partition.far(points).min(axis=1).sum()), partition))
        if found[-1][0] <= NEAR_BEST * starts.result()[k][1]:
            break
    return min(found, key=lambda each: each[0])[1]


def _judgeable(
    frame: DataFrame,
    fits: list[Fit],
    points: Points,
    spiked: NDArray[np.bool_],
    gate: GatePlan,
    chance: dict[int, float],
) -> list[Fit]:
    """The fits with the gates' figures."""
    partitions = {(fit.method, fit.k): fit.partition for fit in fits if not fit.untried}
    stable = stabilities(frame.sparkSession, points, partitions, gate.resamples) if partitions else {}
    return [
        fit
        if fit.untried
        else replace(
            fit,
            chance=chance[fit.k],
            stability=stable[(fit.method, fit.k)],
            bridge=widest_bridge(points, fit.partition.far(points).argmin(axis=1), fit.k, spiked),
        )
        for fit in fits
    ]
