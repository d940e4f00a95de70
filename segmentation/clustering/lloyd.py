"""k-means from given centres over all entities, which MLlib's KMeans cannot be started from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segmentation.clustering.centroids import Centroids, Point
from segmentation.clustering.means import Points
from segmentation.clustering.population import Outlying, Population, rows_of

STEPS = 5  # from centres that suit a sample of thousands, few are needed
STILL = 1e-2  # standard deviations: a centre that moves less in each coordinate has arrived


def lloyd(population: Population, starts: Sequence[Centroids]) -> list[Centroids]:
    """Centres moved to the means of their entities until they stay, for each of `starts`: Lloyd's algorithm.

    Each step is one pass over the entities, for all fits whose centres still move. Coordinates lie on a grid
    (scales.GRID), so that the means do not depend on the order of adding up.
    """
    found = list(starts)
    moving = dict(enumerate(starts))
    for _ in range(STEPS):
        if not moving:
            break
        moved = _moved(population, moving)
        for at, centroids in moved.items():
            found[at] = centroids
        moving = {at: centroids for at, centroids in moved.items() if _farthest(moving[at], centroids) >= STILL}
    return found


def _farthest(before: Centroids, after: Centroids) -> float:
    steps = zip(after.centres, before.centres, strict=True)
    return max(abs(x - y) for new, old in steps for x, y in zip(new, old, strict=True))


def _moved(population: Population, starts: Mapping[int, Centroids]) -> dict[int, Centroids]:
    """Each centre at the mean of the entities that are nearest to it; one with none stays."""
    axes = [f"sum_{axis}" for axis in range(len(next(iter(starts.values())).centres[0]))]
    columns = ["size", *axes]

    def part(points: Points, _: Outlying) -> pd.DataFrame:
        found = []
        for at, centroids in starts.items():
            labels, k = centroids.distances(points).argmin(axis=1), centroids.k
            sums = [np.bincount(labels, weights=axis, minlength=k) for axis in points.T]
            found.append(rows_of([np.bincount(labels, minlength=k), *sums], columns, at))
        return pd.concat(found)

    sums = population.sums(part, columns)
    centres: dict[int, list[Point]] = {at: list(centroids.centres) for at, centroids in starts.items()}
    for row in sums[sums["size"] > 0].to_dict("records"):
        centres[int(row["fit"])][int(row["centre"])] = tuple(float(row[axis]) / float(row["size"]) for axis in axes)
    return {at: Centroids(tuple(each)) for at, each in centres.items()}
