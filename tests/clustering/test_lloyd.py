"""k-means from given centres: several partitions in one query a step, each as by itself."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.lloyd import lloyd

POINTS = [(0.0, 0.0), (0.0, 1.0), (8.0, 0.0), (8.0, 1.0), (9.0, 0.5), (20.0, 20.0)]


@pytest.fixture
def points(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([(list(point),) for point in POINTS], "point array<double>")


def test_centres_go_to_the_means_of_their_entities(points: DataFrame) -> None:
    two, three, alone = lloyd(
        points,
        [
            Centroids(((1.0, 0.0), (7.0, 0.0))),
            Centroids(((0.0, 0.0), (8.0, 0.0), (30.0, 30.0))),
            Centroids(((0.0, 0.5), (1e6, 1e6))),  # the second is nobody's nearest, and stays
        ],
    )
    # By hand: the last point goes with the second group until it has a centre of its own.
    assert np.allclose(two.centres, [(0.0, 0.5), (11.25, 5.375)])
    assert np.allclose(three.centres, [(0.0, 0.5), (25 / 3, 0.5), (20.0, 20.0)])
    assert np.allclose(alone.centres, [(7.5, 22.5 / 6), (1e6, 1e6)])


def test_one_that_has_arrived_stays_while_others_go_on(points: DataFrame) -> None:
    arrived = Centroids(((0.0, 0.5), (25 / 3, 0.5), (20.0, 20.0)))
    far = Centroids(((-50.0, 0.0), (-49.0, 0.0)))
    together = lloyd(points, [arrived, far])
    assert together[0] == arrived
    assert together[1] == lloyd(points, [far])[0] != far


def test_of_nothing_comes_nothing(points: DataFrame) -> None:
    assert lloyd(points, []) == []
