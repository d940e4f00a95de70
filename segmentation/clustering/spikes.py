"""Features with a spike: many share one value (no voucher at all) far away from all others.

Standardised like any other, such a feature cuts every group in two, with and without. It is therefore
weighted by how much of it the other features explain: a habit that goes with a group keeps its weight, one
that is spread over all groups loses most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.means import Points, best_means, one_thread
from segmentation.clustering.scales import Scale

SPIKE = 0.01  # share of entities with one value from which on it is a spike, if it lies apart
LEAST_WEIGHT, MOST_WEIGHT = 0.1, 0.5
GROUPS = 8  # into which the other features are cut, to see what they explain
STARTS = 3


def weigh_spikes(
    scales: Sequence[Scale], values: Points, points: Points
) -> tuple[tuple[Scale, ...], dict[str, float]]:
    """The scales with spikes marked and weighted, and the share of each that the other features explain.

    values and points: entities × scales, in the features' units (NaN where unknown) and as coordinates, of a
    bounded number of entities.
    """
    numbers = [axis for axis, scale in enumerate(scales) if not scale.is_text]
    spiked = [axis for axis in numbers if is_spiked(values[:, axis], points[:, axis])]
    shares = {scales[axis].feature: explained(points, axis) for axis in spiked}
    weighed = [
        replace(scale, spiked=True, weight=scale.weight * max(LEAST_WEIGHT, MOST_WEIGHT * shares[scale.feature]))
        if scale.feature in shares  # never a text's: weighed by their variance already
        else scale
        for scale in scales
    ]
    return tuple(weighed), shares


def is_spiked(values: NDArray[np.float64], places: NDArray[np.float64]) -> bool:
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
    with one_thread():
        _, labels, _ = best_means(others, groups, STARTS, seed=0)
    values = points[:, axis] - points[:, axis].mean()
    sizes = np.bincount(labels, minlength=groups)
    between = (np.bincount(labels, weights=values, minlength=groups) ** 2 / np.maximum(sizes, 1)).sum()
    rest = 1 - between / max(float((values**2).sum()), 1e-300)
    return float(min(1.0, max(0.0, 1 - rest * (len(points) - 1) / (len(points) - groups))))
