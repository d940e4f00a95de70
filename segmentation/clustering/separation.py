"""Is there a gap between two segments, or was one group cut in two?

The silhouette cannot say: it hardly sees that a group of 3 % was added to a neighbour, or that one of 60 % was
halved. Between two groups lie few; a cut through one group goes through the thick of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.jitter import jittered
from segmentation.clustering.means import Labels, Points

STEPS = 81  # at which the density is looked at, on the way from one segment to the other
BINS = 800
MIN_MEMBERS = 8  # entities of a segment that can show a gap: between fewer there always is one
MIN_SHARE_TOLD_APART = 0.7  # share of each segment that must be told from the others without the features with spikes


def weakest_separation(
    points: Points, labels: Labels, k: int, spiked: NDArray[np.bool_], blocks: Sequence[Sequence[int]] = ()
) -> float:
    """The separation of the two segments that are least apart, 0 (a gap) to 1 (none).

    1 as well where only features with spikes tell a segment from the others (those of two groups who use no vouchers):
    that is a habit and no group. Where all features have spikes or are categories, 1 where a single one of them is what
    tells a segment. `blocks` are the coordinates of each feature.
    """
    if spiked.all():
        without = (_told_without(np.delete(points, block, axis=1), labels, k) for block in blocks)
        if any(share < MIN_SHARE_TOLD_APART for share in without):
            return 1.0
    elif spiked.any() and _told_without(points[:, ~spiked], labels, k) < MIN_SHARE_TOLD_APART:
        return 1.0
    smooth = jittered(points, spiked)
    members = [smooth[labels == i] for i in range(k)]
    if min(len(each) for each in members) < MIN_MEMBERS:
        return 1.0
    return max(separation(members[i], members[j]) for i in range(k) for j in range(i + 1, k))


def separation(one: Points, other: Points) -> float:
    """Least density on the way between two sets of points, over the lower of their two peaks.

    The way is Fisher's: the line on which the two lie furthest apart for their spread (the difference of
    means through the inverse of the common covariance); the density a Gaussian kernel's, with Scott's width
    for the smaller set.
    """
    centres = one.mean(axis=0), other.mean(axis=0)
    away = [one - centres[0], other - centres[1]]
    common = sum(each.T @ each for each in away) / (len(one) + len(other))
    ridge = 1e-3 * np.trace(common) / len(common) + 1e-12
    way = np.linalg.solve(common + ridge * np.eye(len(common)), centres[1] - centres[0])
    spread = float(np.sqrt(way @ common @ way)) + 1e-12
    places = one @ way / spread, other @ way / spread
    start, end = sorted(float(np.median(each)) for each in places)
    width = min(1.06 * min(len(one), len(other)) ** -0.2, (end - start) / 4)
    if width <= 0:
        return 1.0
    steps = np.asarray(np.linspace(start - 1, end + 1, STEPS), dtype=np.float64)
    density = _density(np.concatenate(places), steps, width)
    inside = np.flatnonzero((steps >= start) & (steps <= end))
    valley = inside[np.argmin(density[inside])]
    lower_peak = min(density[: valley + 1].max(), density[valley:].max())
    return float(min(1.0, density[valley] / max(lower_peak, 1e-300)))


def _density(places: NDArray[np.float64], steps: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """A Gaussian kernel's density (not normed) at each step, from a histogram."""
    counts, edges = np.histogram(places, BINS, (steps[0] - 4, steps[-1] + 4))
    middles = (edges[1:] + edges[:-1]) / 2
    return (np.exp(-0.5 * ((steps[:, None] - middles) / width) ** 2) * counts).sum(axis=1)


def _told_without(points: Points, labels: Labels, k: int) -> float:
    """Share of the segment that loses most when entities go to the nearest mean by these coordinates alone."""
    sizes = np.maximum(np.bincount(labels, minlength=k), 1)
    if not points.shape[1]:
        return 0.0
    means = np.stack([np.bincount(labels, weights=axis, minlength=k) / sizes for axis in points.T], axis=1)
    nearest = ((points[:, None, :] - means[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    return float((np.bincount(labels[nearest == labels], minlength=k) / sizes).min())
