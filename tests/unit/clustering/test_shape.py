"""The shape of the data, judged by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.shape import _by_k, principal

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


def test_silhouettes_at_the_published_k_are_of_the_published_segments() -> None:
    found = {one.k: one for one in _by_k(HEAPS, SEGMENTS, TRIED)}

    assert sorted(found) == [2, 3, 4]
    assert found[3].published
    assert not found[2].published
    assert [(segment, len(values)) for segment, values in found[3].groups] == [(1, 60), (2, 60), (3, 60)]
    assert found[3].mean > 0.9 > found[2].mean
    assert [(at, len(values)) for at, values in found[2].groups] == [(1, 120), (2, 60)]  # by size
    assert all((np.diff(values) <= 0).all() for one in found.values() for _, values in one.groups)
