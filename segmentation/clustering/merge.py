"""Groups that k-means cuts, put together again: segments of a finer fit between which there is no gap.

k-means would rather halve a large group than tell a small one apart, where that takes away more of the squared
distances. With more centres some fall to the small group, and the others share the large one among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.choose import judge
from segmentation.clustering.fits import Fit
from segmentation.clustering.jitter import jittered
from segmentation.clustering.means import Labels, Points, best_means, one_thread
from segmentation.clustering.reasons import Reason
from segmentation.clustering.resampling import STARTS_RESAMPLE
from segmentation.clustering.separation import MIN_MEMBERS, separation, weakest_separation
from segmentation.clustering.silhouette import silhouette
from segmentation.clustering.stability import Stability, jaccards, resample
from segmentation.plans import GatePlan


def merged_fits(
    points: Points, fits: Sequence[Fit], gate: GatePlan, spiked: NDArray[np.bool_], blocks: Sequence[Sequence[int]]
) -> list[Fit]:
    """For each k at which no fit passes the gates at most one that does: k-means that starts from the segments of a fit
    with more centres, of which those without a gap between them were put together. Judged on these points alone;
    outliers are not looked at.
    """
    found: dict[int, Fit] = {}
    with one_thread():
        for usual, centroids, finer in _starts(points, fits, gate, spiked):
            fit = with_figures(replace(usual, centroids=centroids, merged=finer), points, gate, spiked, blocks)
            better = usual.k not in found or (fit.silhouette or 0) > (found[usual.k].silhouette or 0)
            if better and judge(fit, gate).reason is None:
                found[usual.k] = fit
    return list(found.values())


def with_figures(
    fit: Fit, points: Points, gate: GatePlan, spiked: NDArray[np.bool_], blocks: Sequence[Sequence[int]]
) -> Fit:
    """A merged fit with its figures on the points.

    For its stability each resample is fitted with more centres and put together anew.
    """
    labels = fit.centroids.distances(points).argmin(axis=1)
    sizes = np.bincount(labels, minlength=fit.k)
    if min(sizes) < 1:
        return replace(fit, untried=Reason.of("empty_segments", found=int((sizes > 0).sum()), k=fit.k))
    stability = _stability(points, fit, labels, gate, spiked)
    return replace(
        fit,
        sizes=tuple(sizes.tolist()),
        outliers=(0,) * fit.k,
        silhouette=silhouette(points, labels, fit.k),
        stability=stability.least,
        stable_resamples=stability.resamples,
        separation=weakest_separation(points, labels, fit.k, spiked, blocks),
    )


def _starts(
    points: Points, fits: Sequence[Fit], gate: GatePlan, spiked: NDArray[np.bool_]
) -> Iterator[tuple[Fit, Centroids, int]]:
    """The k-means fits that do not pass the gates, each with other centroids and of how many segments they are."""
    usual = {fit.k: fit for fit in fits if fit.method == "kmeans" and not fit.untried}
    for fit in usual.values():
        together = put_together(points, fit.centroids.distances(points).argmin(axis=1), fit.k, spiked, gate.max_bridge)
        groups = len(np.unique(together))
        if 1 < groups < fit.k and groups in usual and judge(usual[groups], gate).reason is not None:
            centres, _, _ = best_means(points, groups, starts=0, seed=0, near=_means(points, together, groups))
            yield usual[groups], Centroids.of(centres), fit.k


def _means(points: Points, labels: Labels, groups: int) -> Points:
    return np.stack([points[labels == group].mean(axis=0) for group in range(groups)])


def put_together(points: Points, labels: Labels, k: int, spiked: NDArray[np.bool_], most: float) -> Labels:
    """Labels of 0 … of groups: two segments with a separation above `most` belong to one."""
    smooth = jittered(points, spiked)
    members = [smooth[labels == segment] for segment in range(k)]
    telling = [segment for segment in range(k) if len(members[segment]) >= MIN_MEMBERS]
    group = np.arange(k)
    for at, one in enumerate(telling):
        for other in telling[at + 1 :]:
            if separation(members[one], members[other]) > most:
                group[group == group[other]] = group[one]
    means = {segment: members[segment].mean(axis=0) for segment in telling}
    for segment in {*range(k)} - {*telling}:  # too few to show a gap: they go with whom they are nearest to
        if telling and len(members[segment]):
            here = members[segment].mean(axis=0)
            nearest = min(telling, key=lambda other: float(((means[other] - here) ** 2).sum()))
            group[segment] = group[nearest]
    return np.unique(group, return_inverse=True)[1][labels].astype(np.intp)


def _stability(points: Points, fit: Fit, labels: Labels, gate: GatePlan, spiked: NDArray[np.bool_]) -> Stability:
    """How stable the groups are over resamples, each cut finely and put together anew."""
    similar = []
    for number in range(gate.resamples):
        drawn = resample(len(points), [fit.k, number])
        there = drawn > 0
        here = points[there]
        _, fine, _ = best_means(here, fit.merged, STARTS_RESAMPLE, number, drawn[there])
        together = put_together(here, fine, fit.merged, spiked, gate.max_bridge)
        groups = len(np.unique(together))
        _, again, _ = best_means(here, groups, 0, number, drawn[there], _means(here, together, groups))
        similar.append(jaccards(labels[there], again, max(fit.k, groups))[: fit.k])
    return Stability.of(np.array(similar), gate.min_stability)
