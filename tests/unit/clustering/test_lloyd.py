"""k-means from given centres: several fits in one pass a step, each as by itself."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.fits import Fit
from segmentation.clustering.lloyd import lloyd
from segmentation.clustering.measure import measured
from segmentation.clustering.population import Population

POINTS = [(0.0, 0.0), (0.0, 1.0), (8.0, 0.0), (8.0, 1.0), (9.0, 0.5), (20.0, 20.0)]
FAR_OUT = [False, False, False, False, False, True]


@pytest.fixture(params=["at hand", "on executors"])
def population(spark: SparkSession, request: pytest.FixtureRequest) -> Population:
    rows = [(list(point), far) for point, far in zip(POINTS, FAR_OUT, strict=True)]
    frame = spark.createDataFrame(rows, "point array<double>, outlier boolean").repartition(2)
    return Population(frame, (np.array(POINTS), np.array(FAR_OUT)) if request.param == "at hand" else None)


def test_centres_go_to_the_means_of_their_entities(population: Population) -> None:
    two, three, alone = lloyd(
        population,
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


def test_one_that_has_arrived_stays_while_others_go_on(population: Population) -> None:
    arrived = Centroids(((0.0, 0.5), (25 / 3, 0.5), (20.0, 20.0)))
    far = Centroids(((-50.0, 0.0), (-49.0, 0.0)))
    together = lloyd(population, [arrived, far])
    assert together[0] == arrived
    assert together[1] == lloyd(population, [far])[0] != far


def test_of_nothing_comes_nothing(population: Population) -> None:
    assert lloyd(population, []) == []
    assert measured(population, []) == []


def test_figures_are_of_all_entities(population: Population) -> None:
    """By hand: of two and of three segments sizes, outliers, and the squared distances to the nearest centre; a segment
    of one scores 0."""
    two = Fit("kmeans", 2, centroids=Centroids(((0.0, 0.5), (8.0, 0.5))))
    three = Fit("kmeans", 3, centroids=Centroids(((0.0, 0.5), (8.0, 0.5), (20.0, 20.0))))
    empty = Fit("kmeans", 2, centroids=Centroids(((0.0, 0.5), (1e6, 1e6))))
    found = measured(population, [two, three, empty])
    assert [(fit.sizes, fit.outliers) for fit in found[:2]] == [((2, 4), (0, 1)), ((2, 3, 1), (0, 0, 1))]
    assert found[0].wssse == pytest.approx(2 * 0.25 + 2 * 0.25 + 1 + 12**2 + 19.5**2)
    assert found[1].wssse == pytest.approx(2 * 0.25 + 2 * 0.25 + 1)
    assert found[2].untried is not None
    assert found[2].untried.why == "only 1 of 2 segments have anyone in them"
    # Mean squared distances to the other of one's own, and to the nearest other segment, of each of the first five.
    a = [1, 1, (1 + 1.25) / 2, (1 + 1.25) / 2, 1.25]
    b = [(64 + 65 + 81.25) / 3, (65 + 64 + 81.25) / 3, 64.5, 64.5, 81.25]
    scores = [1 - within / between for within, between in zip(a, b, strict=True)]
    assert found[1].silhouette == pytest.approx(sum(scores) / 6, abs=1e-8)
