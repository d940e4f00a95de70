"""Every method at every k, fitted by MLlib over all entities, and the figures that the gates judge it by.

k-means is also drafted on a sample, by NumPy and from many starts: what MLlib finds is held against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from pyspark.sql import DataFrame

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.choose import judge
from segmentation.clustering.fits import Fit
from segmentation.clustering.gates import Draft, drafts, stabilities
from segmentation.clustering.lloyd import lloyd
from segmentation.clustering.means import Labels, Points, one_thread
from segmentation.clustering.measure import measured
from segmentation.clustering.merge import merged_fits, with_figures
from segmentation.clustering.mllib import fitted
from segmentation.clustering.separation import weakest_separation
from segmentation.clustering.stability import Stability
from segmentation.clustering.vectors import Vectors
from segmentation.plans import GatePlan, SweepPlan
from segmentation.session import cached, side_by_side

AT_A_TIME = 4  # MLlib fits at a time: one is many short jobs and leaves most of a cluster idle
ROOMY = 20  # different points per centre from which on k-means|| is sure to draw k different ones
NEAR_BEST = 1.01  # times the draft's cost on the sample: nearer, another start is not worth its while

Bar = Callable[[int, int], None]


def sweep(vectors: Vectors, plan: SweepPlan, gate: GatePlan, bar: Bar = lambda done, total: None) -> list[Fit]:
    """One Fit per method and k, in that order; `bar` is told how many of how many are done."""
    fits = [Fit(method, k, untried=_why_untried(vectors, k, plan, gate)) for method in plan.methods for k in ks(plan)]
    tried = sorted({fit.k for fit in fits if not fit.untried})
    if not tried:
        return fits
    with cached(vectors.frame) as frame:
        points = vectors.points(gate.max_entities)
        drafted = drafts(frame.sparkSession, points, tried, gate.references, vectors.blocks)
        judge = _Judge(vectors, frame, points, gate, drafted)
        tasks = [partial(_first_start, frame, fit, plan, vectors.distinct) for fit in fits]
        for done, fit in enumerate(side_by_side(tasks, AT_A_TIME, with_mllib=True)):
            fits[done] = fit
            bar(done, len(fits))
        fits = judge.figures(_cheapest(frame, fits, plan, points, drafted, vectors.distinct))
        bar(len(fits), len(fits))
    return fits


def ks(plan: SweepPlan) -> list[int]:
    """The k to try: the range, and a forced one that lies outside it."""
    forced = {plan.k} - {1, None}
    return sorted({*range(plan.k_min, plan.k_max + 1), *forced})


def _why_untried(vectors: Vectors, k: int, plan: SweepPlan, gate: GatePlan) -> str | None:
    """The reason not to try a k, or None. The k that the config asks for is tried even with few entities."""
    if not vectors.scales:
        return "no feature varies"
    if vectors.count < gate.min_entities and k != plan.k:
        return f"{vectors.count:,} entities, fewer than the {gate.min_entities} needed"
    if vectors.distinct < k:
        return f"only {vectors.distinct:,} different entities, fewer than k = {k}"
    return None


def _first_start(frame: DataFrame, fit: Fit, plan: SweepPlan, distinct: int) -> Fit:
    return fit if fit.untried else replace(fit, partition=_by_mllib(frame, fit, plan, 1, distinct))


def _by_mllib(frame: DataFrame, fit: Fit, plan: SweepPlan, seed: int, distinct: int) -> Centroids:
    if fit.method != "kmeans":
        return fitted(frame, fit.method, fit.k, seed, plan.max_iterations)
    solver = "block" if distinct >= ROOMY * fit.k else "row"
    return fitted(frame, fit.method, fit.k, seed, plan.max_iterations, solver)


def _cheapest(
    frame: DataFrame, fits: list[Fit], plan: SweepPlan, points: Points, drafted: Mapping[int, Draft], distinct: int
) -> list[Fit]:
    """k-means over all entities, from several starts until one is about as cheap on the sample as the draft.

    `fits` are those of the first start, MLlib's k-means||. Often it ends in a poor optimum (two groups lumped, another
    halved), from other seeds too; the draft's centres are then the better start, but MLlib takes none.
    """
    starts: dict[int, list[tuple[float, Centroids]]] = {}
    looking = {at: fit for at, fit in enumerate(fits) if fit.method == "kmeans" and not fit.untried}
    tried = {at: fit.partition for at, fit in looking.items()}
    for seed in range(2, max(2, plan.seeds) + 2):
        for at, partition in tried.items():
            fit = looking[at]
            cost = float(partition.distances(points).min(axis=1).sum())
            if partition.k == fit.k:
                starts.setdefault(at, []).append((cost, partition))
                if cost <= NEAR_BEST * drafted[fit.k].cost:
                    del looking[at]
        if not looking or seed > max(2, plan.seeds):
            break
        if seed == 2:
            found = lloyd(frame, [drafted[fit.k].partition for fit in looking.values()])
        else:
            again = [partial(_by_mllib, frame, fit, plan, seed, distinct) for fit in looking.values()]
            found = list(side_by_side(again, AT_A_TIME, with_mllib=True))
        tried = dict(zip(looking, found, strict=True))
    best = {at: min(found, key=lambda each: each[0])[1] for at, found in starts.items()}
    return [replace(fit, partition=best[at]) if at in best else fit for at, fit in enumerate(fits)]


class _Judge:
    """Gives fits their figures."""

    def __init__(
        self, vectors: Vectors, frame: DataFrame, points: Points, gate: GatePlan, drafted: dict[int, Draft]
    ) -> None:
        self._frame, self._points, self._gate, self._drafted = frame, points, gate, drafted
        self._spiked, self._blocks = np.array([scale.spiked for scale in vectors.scales]), vectors.blocks

    def figures(self, fits: Iterable[Fit]) -> list[Fit]:
        """The fits, those that were tried with all figures; each at most once per method and k."""
        every = list(fits)
        tried = [i for i, fit in enumerate(every) if not fit.untried]
        some = [every[i] for i in tried]
        with ThreadPoolExecutor(1) as pool:
            sizes = pool.submit(measured, self._frame, some)
            partitions = {(fit.method, fit.k): fit.partition for fit in some}
            stable = stabilities(self._frame.sparkSession, self._points, partitions, self._gate)
            for i, fit in zip(tried, sizes.result(), strict=True):
                every[i] = fit if fit.untried else self._judgeable(fit, stable[(fit.method, fit.k)])
        return self._with_merged(every)

    def _with_merged(self, fits: list[Fit]) -> list[Fit]:
        """The fits, with merged ones (see merge.py) in the place of those that are no natural groups."""
        found = merged_fits(self._points, fits, self._gate, self._spiked, self._blocks)
        arrived = lloyd(self._frame, [fit.partition for fit in found])
        with one_thread():
            told = [
                with_figures(
                    replace(fit, partition=partition), self._points, self._gate, self._spiked, self._blocks
                )
                for fit, partition in zip(found, arrived, strict=True)
            ]
        merged = {fit.k: fit for fit in measured(self._frame, told) if judge(fit, self._gate).reason is None}
        return [merged.get(fit.k, fit) if fit.method == "kmeans" else fit for fit in fits]

    def _judgeable(self, fit: Fit, stability: Stability) -> Fit:
        bridge = weakest_separation(self._points, self._labels(fit), fit.k, self._spiked, self._blocks)
        return replace(
            fit, chance=self._drafted[fit.k].chance, bridge=bridge,
            stability=stability.least, stable_resamples=stability.resamples,
        )  # fmt: skip

    def _labels(self, fit: Fit) -> Labels:
        return fit.partition.distances(self._points).argmin(axis=1)
