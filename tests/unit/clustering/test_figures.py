"""Figures that gates judge by, each against its definition or another library."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from scipy.stats import multivariate_normal, spearmanr
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_info

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.jitter import jittered
from segmentation.clustering.means import best_means, one_thread
from segmentation.clustering.mllib import mixture
from segmentation.clustering.null_reference import Copula
from segmentation.clustering.separation import separation, weakest_separation
from segmentation.clustering.silhouette import silhouette
from segmentation.clustering.stability import Stability, jaccards, least_stable, resample
from segmentation.clustering.weights import explained, has_point_mass, multimodality


def _normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def test_jaccard_by_hand():
    #            A = {0,1,2,3}, B = {4,5,6}       X = {0,1,2}, Y = {3,4,5,6}
    original, resampled = np.array([0, 0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1, 1, 1])
    assert jaccards(original, resampled, 2) == pytest.approx([3 / 4, 3 / 4])
    # A is best found in X: |A ∩ X| / |A ∪ X| = 3/4; B in Y: 3/4. New labels are but names:
    assert jaccards(original, 1 - resampled, 2) == pytest.approx([3 / 4, 3 / 4])
    assert np.isnan(jaccards(np.array([0, 0]), np.array([0, 0]), 2)[1])


def test_a_resample_counts_where_every_cluster_came_back():
    similarities = np.array([[1.0, 0.75], [0.8, np.nan], [0.9, 0.74], [0.75, 1.0]])
    found = Stability.of(similarities, 0.75)
    assert found.resamples == 2  # one of which nobody was drawn did not come back
    assert found.least == pytest.approx((0.75 + 0.74 + 1.0) / 3)


def test_the_least_stable_cluster_counts_where_it_was_drawn():
    assert least_stable(np.array([[1.0, 0.5], [0.8, np.nan], [0.9, 0.7]])) == pytest.approx(0.6)


def test_a_resample_draws_as_many_with_replacement():
    weights = resample(1000, [1, 2])
    assert weights.sum() == 1000
    assert 600 < (weights > 0).sum() < 665  # 1 - 1/e of them


def test_silhouette_by_its_definition():
    points, labels = _normal(1, 30, 3), np.array([0, 1, 2] * 9 + [0, 0, 3])
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    scores = []
    for i in range(30):
        own = [j for j in range(30) if labels[j] == labels[i] and j != i]
        if not own:
            scores.append(0.0)
            continue
        a = squared[i, own].mean()
        b = min(squared[i, labels == other].mean() for other in set(labels) - {labels[i]})
        scores.append((b - a) / max(a, b))
    assert silhouette(points, labels, 4) == pytest.approx(np.mean(scores))


def test_one_cluster_has_no_silhouette():
    assert silhouette(_normal(1, 10, 2), np.zeros(10, dtype=int), 2) == 0.0


def test_means_cost_as_little_as_scikit_learns_best_of_ten():
    points = np.concatenate([_normal(i, 200, 3) + 3 * i for i in range(4)])
    best = KMeans(6, n_init=10, random_state=1).fit(points).inertia_
    assert best_means(points, 6, 10, seed=0)[2] <= 1.01 * best


def _threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info()}


def test_one_thread_lasts_until_the_last_has_left():
    inside, done = Event(), Event()

    def longer():
        with one_thread():
            inside.set()
            done.wait(10)
            assert _threads() == {1}

    with ThreadPoolExecutor(1) as pool:
        with one_thread():
            other = pool.submit(longer)
            inside.wait(10)
        done.set()
        other.result()


def test_a_library_that_was_not_loaded_before_is_held_to_one_thread():
    said = """
from segmentation.clustering.means import one_thread
from threadpoolctl import threadpool_info
with one_thread():
    import sklearn.cluster
    assert {each["user_api"] for each in threadpool_info()} == {"blas", "openmp"}
    assert {each["num_threads"] for each in threadpool_info()} == {1}
"""
    several = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", said], check=True, env=several)


def test_the_separation_is_0_at_a_gap_and_1_within_a_group():
    one, other = _normal(1, 500, 3), _normal(2, 500, 3) + 6
    assert separation(one, other) < 0.1
    assert separation(one[one[:, 0] < 0], one[one[:, 0] >= 0]) > 0.9


def test_a_small_group_beside_a_large_one_has_a_gap():
    assert separation(_normal(1, 3000, 2), _normal(2, 90, 2) * 0.7 + 6) < 0.3


def test_the_steps_of_a_scale_are_no_gaps():
    orders = np.random.default_rng(1).poisson(1.5, size=4000) + 1.0
    points = np.stack([np.log(orders) * 3, _normal(2, 4000)], axis=1)
    labels = (orders > 2).astype(int)
    assert weakest_separation(points, labels, 2, np.array([False, False])) > 0.5


def test_those_without_vouchers_are_no_group_of_their_own():
    used = np.random.default_rng(1).random(2000) < 0.5
    points = np.stack([_normal(1, 2000), _normal(2, 2000), np.where(used, 5 + 0.1 * _normal(3, 2000), 0.0)], axis=1)
    assert weakest_separation(points, used.astype(int), 2, np.array([False, False, True])) == 1.0
    assert weakest_separation(points, used.astype(int), 2, np.array([False, False, False])) < 0.1


def test_ties_are_spread_half_way_to_their_neighbours():
    column = np.repeat([1.0, 2.0, 4.0], 100)[:, None]
    smooth = jittered(column, [False])[:, 0]
    assert smooth[:100].min() >= 1.0 and smooth[:100].max() <= 1.5
    assert smooth[100:200].min() >= 1.5 and smooth[100:200].max() <= 3.0
    assert smooth[200:].min() >= 3.0 and smooth[200:].max() <= 4.0
    assert (jittered(column, [True]) == column).all()


def test_a_draw_by_chance_keeps_marginals_and_rank_correlations():
    common = _normal(1, 4000, 1)
    points = 0.8 * common * [1, -1, 1] + 0.6 * _normal(2, 4000, 3)
    points[:, 2] = np.where(points[:, 2] < 0, 0, np.exp(points[:, 2]))  # half of them have none
    drawn = Copula(points, seed=0).draw([1, 0])
    assert (np.sort(drawn, axis=0) == np.sort(points, axis=0)).all()
    assert spearmanr(drawn).statistic == pytest.approx(spearmanr(points).statistic, abs=0.05)


def test_a_draw_by_chance_has_no_groups():
    points = np.concatenate([_normal(1, 500, 2) * 0.3 + [4, 0], _normal(2, 500, 2) * 0.3 + [0, 4],
                             _normal(3, 500, 2) * 0.3])  # fmt: skip
    drawn = Copula(points, seed=0).draw([1, 0])
    lonely = (drawn[:, 0] > 2) & (drawn[:, 1] > 2)  # where no group is
    assert lonely.sum() > 30


def test_a_draw_by_chance_keeps_texts_whole():
    number = _normal(1, 900)
    category = np.digitize(number + 0.5 * _normal(2, 900), [-0.5, 0.5])
    points = np.column_stack([number, np.eye(3)[category]])
    drawn = Copula(points, seed=0, blocks=[[0], [1, 2, 3]]).draw([1, 0])
    assert (drawn[:, 1:].sum(axis=1) == 1).all()
    assert drawn[:, 1:].sum(axis=0) == pytest.approx(points[:, 1:].sum(axis=0))
    with_first = [values[values[:, 1] == 1, 0].mean() for values in (points, drawn)]
    assert with_first[1] == pytest.approx(with_first[0], abs=0.15)


def test_a_spike_is_a_common_value_far_from_the_rest():
    random = np.random.default_rng(1)
    vouchers = np.where(random.random(1000) < 0.6, 0.0, random.lognormal(11, 0.5, 1000))
    assert has_point_mass(vouchers, np.log1p(vouchers))
    orders = random.poisson(2, 1000) + 1.0
    assert not has_point_mass(orders, np.log1p(orders))


def test_outliers_pulled_in_to_one_place_are_no_spike():
    values = np.concatenate([np.random.default_rng(1).lognormal(0, 0.3, 980), np.linspace(1e4, 1e6, 20)])
    assert not has_point_mass(values, np.log1p(np.clip(values, 0, 1e4)))


def test_what_others_explain():
    group = np.random.default_rng(1).integers(0, 3, 1500)
    points = np.column_stack([group * 5 + _normal(1, 1500), group * 5 + _normal(2, 1500), _normal(3, 1500)])
    within = points[:, 0] - np.array([points[group == g, 0].mean() for g in range(3)])[group]
    assert explained(points, 0) == pytest.approx(1 - within.var() / points[:, 0].var(), abs=0.03)
    assert explained(points, 2) < 0.05
    assert explained(points[:, :1], 0) == 0.0


def test_heaps():
    assert multimodality(np.random.default_rng(1).uniform(size=3000)) < 0.05
    assert multimodality(_normal(1, 3000)) == 0.0
    assert multimodality(np.concatenate([_normal(1, 1500), _normal(2, 1500) + 8])) > 0.7


def test_a_mixtures_distances_are_its_densities():
    means, covariances = [np.zeros(2), np.array([2.0, 1])], [np.eye(2), np.array([[2.0, 0.5], [0.5, 1.0]])]
    centroids = mixture(means, covariances, [0.3, 0.7])
    points = _normal(1, 20, 2)
    density = [
        w * multivariate_normal(m, c).pdf(points) for w, m, c in zip([0.3, 0.7], means, covariances, strict=True)
    ]
    distances = centroids.distances(points)
    assert np.exp(-(distances[:, 0] - distances[:, 1]) / 2) == pytest.approx(density[0] / density[1], rel=1e-4)


def test_reordered_centres_take_everything_with_them():
    centroids = Centroids(((0.0,), (1.0,)), (((1.0,),), ((2.0,),)), (0.5, 0.7))
    assert centroids.reordered([1, 0]) == Centroids(((1.0,), (0.0,)), (((2.0,),), ((1.0,),)), (0.7, 0.5))
