"""Every method at every k over all entities, and the figures that the gates judge it by.

k-means is first fitted on a sample, from many starts (a draft), and its centres are then moved over all entities by
Lloyd's algorithm. At the k that is chosen MLlib's KMeans is fitted as well, and published unless it is the poorer fit.
Other methods are fitted by MLlib at every k.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from pyspark.sql import DataFrame

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.choose import choose, judge
from segmentation.clustering.fits import Fit
from segmentation.clustering.lloyd import lloyd
from segmentation.clustering.means import Labels, Points, one_thread
from segmentation.clustering.measure import FIGURES, measured
from segmentation.clustering.merge import merged_fits, with_figures
from segmentation.clustering.mllib import evaluated, fit_centroids
from segmentation.clustering.population import Population
from segmentation.clustering.reasons import Reason
from segmentation.clustering.resampling import Draft, drafts, stabilities
from segmentation.clustering.separation import weakest_separation
from segmentation.clustering.stability import Stability
from segmentation.clustering.vectors import Vectors
from segmentation.plans import GatePlan, SweepPlan
from segmentation.session import cached, side_by_side

AT_A_TIME = 4  # MLlib fits at a time: one is many short jobs and leaves most of a cluster idle
ROOMY = 20  # different points per centre from which on k-means|| is sure to draw k different ones
NEAR_BEST = 1.01  # times the draft's cost on the sample: nearer, another start is not worth its while

OnProgress = Callable[[int, int], None]  # told how many of how many are done


def sweep(
    vectors: Vectors, plan: SweepPlan, gate: GatePlan, on_progress: OnProgress = lambda done, total: None
) -> list[Fit]:
    """One Fit per method and k, in that order; `on_progress` is told how many of how many are done."""
    fits = [Fit(method, k, untried=_why_untried(vectors, k, plan, gate)) for method in plan.methods for k in ks(plan)]
    tried = sorted({fit.k for fit in fits if not fit.untried})
    if not tried:
        return fits
    with cached(vectors.frame) as frame:
        points = vectors.points(gate.max_entities)
        population = vectors.population(frame)
        drafted = drafts(frame.sparkSession, points, tried, gate.references, vectors.blocks)
        centroids_by_k = dict(zip(tried, lloyd(population, [drafted[k].centroids for k in tried]), strict=True))
        tasks = [partial(_started, frame, fit, plan, centroids_by_k) for fit in fits]
        for done, fit in enumerate(side_by_side(tasks, AT_A_TIME, with_mllib=True)):
            fits[done] = fit
            on_progress(done, len(fits))
        judged = _Judge(vectors, population, points, gate, drafted)
        fits = _held_against_mllib(frame, judged.figures(fits), judged, plan, vectors.distinct)
        fits = _evaluated(frame, fits, gate, plan)
        on_progress(len(fits), len(fits))
    return fits


def ks(plan: SweepPlan) -> list[int]:
    """The k to try: the range, and a forced one that lies outside it."""
    forced = {plan.k} - {1, None}
    return sorted({*range(plan.k_min, plan.k_max + 1), *forced})


def _why_untried(vectors: Vectors, k: int, plan: SweepPlan, gate: GatePlan) -> Reason | None:
    """The reason not to try a k, or None. The k that the config asks for is tried even with few entities."""
    if not vectors.scales:
        return Reason.of("no_feature_varies")
    if vectors.count < gate.min_entities and k != plan.k:
        return Reason.of("few_entities", entities=vectors.count, needed=gate.min_entities)
    if vectors.distinct < k:
        return Reason.of("few_different", different=vectors.distinct, k=k)
    return None


def _started(frame: DataFrame, fit: Fit, plan: SweepPlan, centroids_by_k: Mapping[int, Centroids]) -> Fit:
    """The fit with its centroids: of k-means those of the draft moved over all entities, else what MLlib finds."""
    if fit.untried:
        return fit
    if fit.method == "kmeans":
        return replace(fit, centroids=centroids_by_k[fit.k])
    return replace(fit, centroids=fit_centroids(frame, fit.method, fit.k, 1, plan.max_iterations))


def _held_against_mllib(frame: DataFrame, fits: list[Fit], judged: _Judge, plan: SweepPlan, distinct: int) -> list[Fit]:
    """The fits, with what MLlib's KMeans finds in the place of the one that is chosen, unless that is a poorer optimum
    or passes fewer gates.

    Where the figures of MLlib's fit let another k be chosen, that one is held against MLlib too. A merged fit starts
    from centres that MLlib cannot be given.
    """
    held: set[int] = set()
    while True:
        chosen = choose(fits, judged.gate, plan.k).fit
        if chosen is None or chosen.method != "kmeans" or chosen.merged or chosen.k in held:
            return fits
        held.add(chosen.k)
        centroids = _by_mllib(frame, chosen, judged, plan, distinct)
        if centroids:
            moved = judged.moved(chosen, centroids)
            before, after = judge(chosen, judged.gate), judge(moved, judged.gate)
            if after.slices >= before.slices and (after.reason is None) >= (before.reason is None):
                fits = [moved if fit is chosen else fit for fit in fits]


def _evaluated(frame: DataFrame, fits: list[Fit], gate: GatePlan, plan: SweepPlan) -> list[Fit]:
    """The fits, the chosen one with the silhouette that ClusteringEvaluator itself measures: it is published."""
    chosen = choose(fits, gate, plan.k).fit
    if chosen is None:
        return fits
    found = round(evaluated(frame, chosen.centroids), FIGURES)
    return [replace(fit, silhouette=found) if fit is chosen else fit for fit in fits]


def _by_mllib(frame: DataFrame, fit: Fit, judged: _Judge, plan: SweepPlan, distinct: int) -> Centroids | None:
    """What MLlib's KMeans finds over all entities where that is about as cheap on the sample as the draft, else None.

    k-means|| often ends in a poor optimum (two groups lumped, another halved), from other seeds too. These are tried
    where the draft does not suit all entities; of several poor ones the cheapest is taken.
    """
    solver = "block" if distinct >= ROOMY * fit.k else "row"
    enough = NEAR_BEST * judged.draft_cost(fit.k)
    found: list[tuple[float, Centroids | None]] = [(judged.cost(fit.centroids), None)]
    for seed in range(1, plan.seeds + 1):
        centroids = fit_centroids(frame, fit.method, fit.k, seed, plan.max_iterations, solver)
        cost = judged.cost(centroids)
        if centroids.k == fit.k:
            if cost <= enough:
                return centroids
            found.append((cost, centroids))
        if found[0][0] <= enough:
            return None
    return min(found, key=lambda each: each[0])[1]


def _same_groups(some: Labels, others: Labels) -> bool:
    """Whether two labellings are the same but for the names of the groups."""
    pairs = np.unique(np.stack([some, others]), axis=1).shape[1]
    return pairs == len(np.unique(some)) == len(np.unique(others))


class _Judge:
    """Gives fits their figures."""

    def __init__(
        self, vectors: Vectors, population: Population, points: Points, gate: GatePlan, drafted: dict[int, Draft]
    ) -> None:
        self._population, self._points, self.gate, self._drafted = population, points, gate, drafted
        self._spiked, self._blocks = np.array([scale.spiked for scale in vectors.scales]), vectors.blocks

    def figures(self, fits: Iterable[Fit]) -> list[Fit]:
        """The fits, at most one per method and k; those that were tried have all of their figures."""
        every = list(fits)
        tried = [i for i, fit in enumerate(every) if not fit.untried]
        some = [every[i] for i in tried]
        centroids = {(fit.method, fit.k): fit.centroids for fit in some}
        stable = stabilities(self._population.frame.sparkSession, self._points, centroids, self.gate)
        for i, fit in zip(tried, measured(self._population, some), strict=True):
            every[i] = fit if fit.untried else self._judgeable(fit, stable[(fit.method, fit.k)])
        return self._with_merged(every)

    def moved(self, fit: Fit, centroids: Centroids) -> Fit:
        """A fit with its figures that has other centroids now.

        Where nobody of the sample changes places, what is measured on it alone stays.
        """
        (found,) = measured(self._population, [replace(fit, centroids=centroids)])
        if found.untried or _same_groups(self._labels(found), self._labels(fit)):
            return found
        key = (fit.method, fit.k)
        stable = stabilities(self._population.frame.sparkSession, self._points, {key: centroids}, self.gate)
        return self._judgeable(found, stable[key])

    def cost(self, centroids: Centroids) -> float:
        """The sum of squared distances to the nearest centre on the sample."""
        return float(centroids.distances(self._points).min(axis=1).sum())

    def draft_cost(self, k: int) -> float:
        """The sum of squared distances on the sample to the nearest of the draft's k centres."""
        return self._drafted[k].cost

    def _with_merged(self, fits: list[Fit]) -> list[Fit]:
        """The fits, with merged ones (see merge.py) in the place of those that are no natural groups."""
        found = merged_fits(self._points, fits, self.gate, self._spiked, self._blocks)
        arrived = lloyd(self._population, [fit.centroids for fit in found])
        with one_thread():
            told = [
                with_figures(replace(fit, centroids=centroids), self._points, self.gate, self._spiked, self._blocks)
                for fit, centroids in zip(found, arrived, strict=True)
            ]
        merged = {fit.k: fit for fit in measured(self._population, told) if judge(fit, self.gate).reason is None}
        return [merged.get(fit.k, fit) if fit.method == "kmeans" else fit for fit in fits]

    def _judgeable(self, fit: Fit, stability: Stability) -> Fit:
        weakest = weakest_separation(self._points, self._labels(fit), fit.k, self._spiked, self._blocks)
        return replace(
            fit,
            null_silhouette=self._drafted[fit.k].null_silhouette,
            separation=weakest,
            stability=stability.least,
            stable_resamples=stability.resamples,
        )

    def _labels(self, fit: Fit) -> Labels:
        return fit.centroids.distances(self._points).argmin(axis=1)
