"""k-means from given centres over all entities, which MLlib's KMeans cannot be started from."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.partition import Partition, Point

STEPS = 5  # from centres that suit a sample of thousands, few are needed
STILL = 1e-2  # standard deviations: a centre that moves less in each coordinate has arrived


def settled(points: DataFrame, start: Partition) -> Partition:
    """Centres moved to the means of their entities until they stay: Lloyd's algorithm, one job a step.

    Coordinates lie on a grid (scales.GRID), so that the means do not depend on the order of adding up.
    """
    partition = start
    for _ in range(STEPS):
        moved = _moved(points, partition)
        steps = zip(moved.centres, partition.centres, strict=True)
        farthest = max(abs(x - y) for new, old in steps for x, y in zip(new, old, strict=True))
        partition = moved
        if farthest < STILL:
            break
    return partition


def _moved(points: DataFrame, partition: Partition) -> Partition:
    """Each centre at the mean of the entities that are nearest to it; one with none stays."""
    axes = range(len(partition.centres[0]))
    nearest = points.select(partition.nearest_and_far(F.col("point"))["centre"].alias("centre"), "point")
    sums = nearest.groupBy("centre").agg(
        F.count("*").alias("size"), *[F.sum(F.col("point")[axis]).alias(f"sum_{axis}") for axis in axes]
    )
    centres: list[Point] = list(partition.centres)
    for row in sums.collect():
        centres[row["centre"]] = tuple(row[f"sum_{axis}"] / row["size"] for axis in axes)
    return Partition(tuple(centres))
