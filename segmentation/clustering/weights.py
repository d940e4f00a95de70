"""How much each feature has to say about groups, found before any grouping.

k-means takes every coordinate for equally telling. A feature that has nothing to do with the groups then hides
them, and one with a spike (many share one value far from all others: no voucher at all) cuts every group in
two, with and without. What a feature has to say shows in two ways: other features explain it, or its own
values lie in heaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.jitter import jittered
from segmentation.clustering.means import Points, best_means, one_thread
from segmentation.clustering.scales import TEXT_VARIANCE, FeatureScale

SPIKE = 0.01  # share of entities with one value from which on it is a spike, if it lies apart
LEAST_SPIKE, MOST_SPIKE = 0.1, 0.5  # weights of a feature with a spike: it is never as telling as others
LEAST_WEIGHT = 0.3  # weight of a number that says nothing of groups: little, but not nothing, for that is an estimate
TELLING = 0.4  # relevance from which on a number has its full weight
SURE = 0.5  # relevance that some number must have before any loses weight: else nothing is known of groups
GROUPS = 8  # into which the other features are cut, to see what they explain
HEAPS = range(2, 6)
STARTS = 3


def weigh(scales: Sequence[FeatureScale], values: Points, points: Points) -> tuple[FeatureScale, ...]:
    """The scales, those of numbers with spikes marked and weighed by their relevance (0 to 1).

    values and points: entities × scales, in the features' units (NaN where unknown) and as coordinates, of a
    bounded number of entities. Texts keep their weight, and numbers that only say yes or no have that of a text.
    """
    numbers = [axis for axis, scale in enumerate(scales) if not scale.is_text]
    spiked = {axis for axis in numbers if has_point_mass(values[:, axis], points[:, axis])}
    with one_thread():
        found = {axis: explained(points, axis) for axis in numbers}
        found |= {axis: max(found[axis], multimodality(points[:, axis])) for axis in numbers if axis not in spiked}
    sure = max((found[axis] for axis in numbers if axis not in spiked), default=0.0) >= SURE
    weighed = list(scales)
    for axis in numbers:
        if is_yes_or_no(values[:, axis]):
            weighed[axis] = replace(scales[axis], spiked=True, weight=scales[axis].weight * TEXT_VARIANCE**0.5)
            continue
        if axis in spiked:
            weight = max(LEAST_SPIKE, MOST_SPIKE * found[axis])
        else:
            weight = min(1.0, max(LEAST_WEIGHT, found[axis] / TELLING)) if sure else 1.0
        weighed[axis] = replace(scales[axis], spiked=axis in spiked, weight=scales[axis].weight * weight)
    return tuple(weighed)


def is_yes_or_no(values: NDArray[np.float64]) -> bool:
    """Whether a number has two values alone: a category, and weighed like one."""
    return len(np.unique(values[~np.isnan(values)])) == 2


def has_point_mass(values: NDArray[np.float64], places: NDArray[np.float64]) -> bool:
    """Whether the most common value is a spike: the gap to the rest is wider than the rest's spread.

    values says which is common and places where it lies: outliers pulled in to one place are no common value.
    """
    known = ~np.isnan(values)
    distinct, first, counts = np.unique(values[known], return_index=True, return_counts=True)
    if len(distinct) < 3 or counts.max() < SPIKE * len(values):
        return False
    spike = places[known][first[counts.argmax()]]
    rest = places[known][values[known] != distinct[counts.argmax()]]
    edge = np.quantile(rest, 0.05 if np.median(rest) > spike else 0.95)
    beyond = (edge - spike) * (np.median(rest) - spike) > 0
    return bool(beyond and abs(edge - spike) > rest.std())


def explained(points: Points, axis: int) -> float:
    """Share of a coordinate's variance between groups that were made without it: R², adjusted, 0 to 1."""
    others = np.delete(points, axis, axis=1)
    groups = min(GROUPS, len(np.unique(others, axis=0))) if others.shape[1] else 0
    if groups < 2 or len(points) <= groups:
        return 0.0
    _, labels, _ = best_means(others, groups, STARTS, seed=0)
    values = points[:, axis] - points[:, axis].mean()
    sizes = np.bincount(labels, minlength=groups)
    between = (np.bincount(labels, weights=values, minlength=groups) ** 2 / np.maximum(sizes, 1)).sum()
    rest = 1 - between / max(float((values**2).sum()), 1e-300)
    return float(min(1.0, max(0.0, 1 - rest * (len(points) - 1) / (len(points) - groups))))


def multimodality(values: NDArray[np.float64]) -> float:
    """How much better a coordinate falls into heaps than if it were spread evenly: 0 (no better) to 1 (points).

    1 - W / E, best of 2 to 5 heaps: W is the variance left within k heaps as a share of all, E = 1 / k² what is
    left of a uniform distribution (of a normal one more: 0.36 for k = 2).
    """
    axis = jittered(values[:, None], [False])
    total = float(((axis - axis.mean()) ** 2).sum())
    if total <= 0 or len(axis) <= max(HEAPS):
        return 0.0
    return max(0.0, *(1 - k**2 * best_means(axis, k, STARTS, seed=0)[2] / total for k in HEAPS))
