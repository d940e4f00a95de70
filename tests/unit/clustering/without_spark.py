"""The same search in NumPy alone: for the many data sets on which its statistics are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.choose import Choice, choose, judge
from segmentation.clustering.fits import Fit
from segmentation.clustering.means import Labels, Points, best_means, one_thread
from segmentation.clustering.merge import merged_fits, with_figures
from segmentation.clustering.null_reference import Copula
from segmentation.clustering.resample_fits import fit_resample
from segmentation.clustering.scales import FeatureScale
from segmentation.clustering.separation import weakest_separation
from segmentation.clustering.silhouette import silhouette
from segmentation.clustering.stability import Stability, jaccards, resample
from segmentation.clustering.vectors import blocks_of, fit_scales, outliers, to_points, why_left_out
from segmentation.plans import EntityPlan, FeaturePlan, GatePlan


def searched(features: pd.DataFrame, plan: EntityPlan, ks: Sequence[int] = range(2, 9)) -> tuple[Choice, Labels]:
    """The choice, and each entity's centre (0 for all where there is one segment)."""
    scales, points, outlying = to_space(features, plan)
    with one_thread():
        fits = [fitted(points, outlying, scales, k, plan.gate) for k in ks]
    fits = _with_merged(fits, points, outlying, scales, plan.gate)
    choice = choose(fits, plan.gate)
    if choice.fit is None:
        return choice, np.zeros(len(points), dtype=np.intp)
    return choice, choice.fit.centroids.distances(points).argmin(axis=1)


def _with_merged(
    fits: list[Fit], points: Points, outlying: np.ndarray, scales: Sequence[FeatureScale], gate: GatePlan
) -> list[Fit]:
    """Merged fits in the place of those that are no natural groups; their centres settle on all points."""
    spiked, blocks = np.array([scale.spiked for scale in scales]), blocks_of(scales)
    sample = points[: gate.max_entities]
    found = {}
    for fit in merged_fits(sample, fits, gate, spiked, blocks):
        with one_thread():
            centres, labels, cost = best_means(points, fit.k, 0, 0, near=np.array(fit.centroids.centres))
            centroids = Centroids.of(centres)
            fit = with_figures(replace(fit, centroids=centroids), sample, gate, spiked, blocks)
        counted = replace(
            fit,
            wssse=cost,
            silhouette=silhouette(points, labels, fit.k),
            sizes=_counts(labels, fit.k),
            outliers=_counts(labels[outlying], fit.k),
        )
        if judge(counted, gate).reason is None:
            found[fit.k] = counted
    return [found.get(fit.k, fit) for fit in fits]


def _counts(labels: Labels, k: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=k).tolist())


def to_space(features: pd.DataFrame, plan: FeaturePlan) -> tuple[tuple[FeatureScale, ...], Points, np.ndarray]:
    """Scales, points, and whether each entity is an outlier."""
    used = [name for name in plan.features if not why_left_out(name, features[name], plan.min_variation)]
    scales = fit_scales(features[used], plan)
    return scales, to_points(features, scales), outliers(features, scales)


def fitted(points: Points, outlying: np.ndarray, scales: Sequence[FeatureScale], k: int, gate: GatePlan) -> Fit:
    """k-means at one k with all of the gates' figures."""
    sample, blocks = points[: gate.max_entities], blocks_of(scales)
    copula = Copula(sample, seed=0, blocks=blocks)
    spiked = np.array([scale.spiked for scale in scales])
    centres, labels, cost = best_means(points, k, starts=10, seed=0)
    centroids = Centroids.of(centres)
    sizes = np.bincount(labels, minlength=k)
    return Fit(
        method="kmeans",
        k=k,
        centroids=centroids,
        sizes=tuple(sizes.tolist()),
        outliers=tuple(np.bincount(labels, weights=outlying, minlength=k).astype(int).tolist()),
        wssse=cost,
        silhouette=silhouette(points, labels, k),
        null_silhouette=float(
            np.mean([_null_silhouette(copula.draw([1, draw]), k, draw) for draw in range(gate.references)])
        ),
        stability=(stability := _stability(sample, centroids, gate)).least,
        stable_resamples=stability.resamples,
        separation=weakest_separation(sample, centroids.distances(sample).argmin(axis=1), k, spiked, blocks),
    )


def _null_silhouette(drawn: Points, k: int, seed: int) -> float:
    return silhouette(drawn, best_means(drawn, k, starts=4, seed=seed)[1], k)


def _stability(points: Points, centroids: Centroids, gate: GatePlan) -> Stability:
    original = centroids.distances(points).argmin(axis=1)
    similar = []
    for number in range(gate.resamples):
        drawn = resample(len(points), [centroids.k, number])
        there = drawn > 0
        labels = fit_resample("kmeans", points[there], drawn[there], centroids, starts=2, seed=number)
        similar.append(jaccards(original[there], labels, centroids.k))
    return Stability.of(np.array(similar), gate.min_stability)
