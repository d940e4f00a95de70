"""k-means from given centres over all entities, which MLlib's KMeans cannot be started from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.centroids import Centroids, Point

STEPS = 5  # from centres that suit a sample of thousands, few are needed
STILL = 1e-2  # standard deviations: a centre that moves less in each coordinate has arrived


def lloyd(points: DataFrame, starts: Sequence[Centroids]) -> list[Centroids]:
    """Each partition's centres moved to the means of their entities until they stay: Lloyd's algorithm.

    One query a step moves all that have not arrived. Coordinates lie on a grid (scales.GRID), so that the means do not
    depend on the order of adding up.
    """
    found = list(starts)
    moving = dict(enumerate(starts))
    for _ in range(STEPS):
        if not moving:
            break
        moved = _moved(points, moving)
        for at, partition in moved.items():
            found[at] = partition
        moving = {at: partition for at, partition in moved.items() if _farthest(moving[at], partition) >= STILL}
    return found


def _farthest(before: Centroids, after: Centroids) -> float:
    steps = zip(after.centres, before.centres, strict=True)
    return max(abs(x - y) for new, old in steps for x, y in zip(new, old, strict=True))


def _moved(points: DataFrame, partitions: Mapping[int, Centroids]) -> dict[int, Centroids]:
    """Each centre at the mean of the entities that are nearest to it; one with none stays."""
    axes = range(len(next(iter(partitions.values())).centres[0]))
    nearest = [
        F.struct(F.lit(at).alias("partition"), partition.nearest_and_far(F.col("point"))["centre"].alias("centre"))
        for at, partition in partitions.items()
    ]
    sums = (
        points.select("point", F.inline(F.array(*nearest)))
        .groupBy("partition", "centre")
        .agg(F.count("*").alias("size"), *[F.sum(F.col("point")[axis]).alias(f"sum_{axis}") for axis in axes])
    )
    centres: dict[int, list[Point]] = {at: list(partition.centres) for at, partition in partitions.items()}
    for row in sums.collect():
        centres[row["partition"]][row["centre"]] = tuple(row[f"sum_{axis}"] / row["size"] for axis in axes)
    return {at: Centroids(tuple(each)) for at, each in centres.items()}
