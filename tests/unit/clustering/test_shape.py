"""The shape of the data, judged by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from sklearn.decomposition import PCA

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.model import Model
from segmentation.clustering.scales import FeatureScale
from segmentation.clustering.shape import principal, shape
from segmentation.plans import EntityPlan

HEAPS = np.random.default_rng(2).normal(np.repeat([[0, 0, 0], [9, 0, 1], [0, 9, 2]], 60, axis=0), 1.0)
SEGMENTS = np.repeat([3, 1, 2], 60)
CENTRES = ((0.0, 0.0, 0.0), (9.0, 0.0, 1.0), (0.0, 9.0, 2.0))
TRIED = {2: Centroids(((4.5, 0.0, 0.5), CENTRES[2])), 3: Centroids(CENTRES), 4: Centroids((*CENTRES, (1.0, 1.0, 1.0)))}


def test_principal_components_are_scikit_learns() -> None:
    scores, explained = principal(HEAPS)

    judge = PCA(2).fit(HEAPS)
    assert explained == pytest.approx(judge.explained_variance_ratio_)
    assert np.abs(scores) == pytest.approx(np.abs(judge.transform(HEAPS)))


def test_components_of_few_points_or_coordinates() -> None:
    assert principal(np.zeros((1, 3)))[1] == ()
    assert principal(HEAPS[:, :1])[0].shape == (180, 1)


def _fitted(count: int, centres: tuple[tuple[float, ...], ...] = CENTRES) -> FittedModel:
    """A model of x, y and z as they are, fitted on `count` entities."""
    scales = tuple(FeatureScale(name, "none", -99.0, 99.0, 0.0, 0.0, 1.0) for name in ("x", "y", "z"))
    plan = EntityPlan.model_validate({"features": {name: {} for name in ("x", "y", "z")}})
    return FittedModel(Model("kmeans", scales, Centroids(centres)), plan, "r0", {}, (), {}, (), count, TRIED)


def _people(spark: SparkSession, points: np.ndarray, segments: np.ndarray) -> DataFrame:
    rows = [(f"b{at:05}", *point, int(segments[at])) for at, point in enumerate(points.tolist())]
    return spark.createDataFrame(rows, "buyer_id string, x double, y double, z double, segment int")


def test_silhouettes_at_the_published_k_are_of_the_published_segments(spark: SparkSession) -> None:
    found = {one.k: one for one in shape(_fitted(180), _people(spark, HEAPS, SEGMENTS), "buyer_id").silhouettes}

    assert sorted(found) == [2, 3, 4]
    assert found[3].published
    assert not found[2].published
    assert [(segment, len(values)) for segment, values in found[3].groups] == [(1, 60), (2, 60), (3, 60)]
    assert found[3].mean > 0.9 > found[2].mean
    assert [(at, len(values)) for at, values in found[2].groups] == [(1, 120), (2, 60)]  # by size
    assert all((np.diff(values) <= 0).all() for one in found.values() for _, values in one.groups)


def test_the_published_k_is_the_models_also_where_its_last_segment_is_empty_by_now(spark: SparkSession) -> None:
    two = HEAPS[SEGMENTS < 3], SEGMENTS[SEGMENTS < 3]  # all of the third segment are gone since the model was fitted
    found = {one.k: one for one in shape(_fitted(180), _people(spark, *two), "buyer_id").silhouettes}

    assert [k for k, one in found.items() if one.published] == [3]
    assert [(segment, len(values)) for segment, values in found[3].groups] == [(1, 60), (2, 60)]


@pytest.mark.parametrize("at_fit", [150, 100_000])
def test_a_shape_is_of_todays_entities_however_many_the_model_was_fitted_on(spark: SparkSession, at_fit: int) -> None:
    many = np.tile(HEAPS, (14, 1))  # 14 × 180 = 2,520 today
    people = _people(spark, many, np.tile(SEGMENTS, 14))

    found = shape(_fitted(at_fit), people, "buyer_id")
    assert (len(found.segments), found.count) == (2_000, 2_520)  # as many as are drawn, of all that there are
    few = shape(_fitted(at_fit), people.limit(200), "buyer_id")
    assert (len(few.segments), few.count) == (200, 200)
