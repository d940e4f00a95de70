"""Tied values are spread out, so that the steps of a scale do not look like gaps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.means import Points

TIED = 0.01  # share of entities with one value from which on it is a step of a scale, not a coincidence


def jittered(points: Points, spiked: Sequence[bool] | NDArray[np.bool_]) -> Points:
    """The points, values that many share (one order, two orders) being spread evenly half-way to their neighbours.

    Coordinates with spikes stay as they are.
    """
    smooth = points.copy()
    random = np.random.default_rng(0)
    for axis in np.flatnonzero(~np.asarray(spiked, dtype=bool)):
        values, inverse, counts = np.unique(points[:, axis], return_inverse=True, return_counts=True)
        middles = (values[1:] + values[:-1]) / 2
        low, high = np.concatenate([values[:1], middles]), np.concatenate([middles, values[-1:]])
        spread = low[inverse] + (high - low)[inverse] * random.random(len(points))
        smooth[:, axis] = np.where(counts[inverse] >= TIED * len(points), spread, points[:, axis])
    return smooth
