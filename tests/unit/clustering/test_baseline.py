"""What entities look like to a model: shares and silhouettes that can be counted on the fingers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from segmentation.clustering.baseline import Bins, baseline_in, baseline_of, statistics_of
from segmentation.clustering.centroids import Centroids
from segmentation.clustering.model import Model
from segmentation.clustering.scales import FeatureScale

DAY = date(2023, 12, 31)


def plain(feature: str) -> FeatureScale:
    """A coordinate that is the feature itself."""
    return FeatureScale(feature, "none", low=0, high=1000, fill=0, centre=0, spread=1)


TWO = Model("kmeans", (plain("orders"),), Centroids(((100.0,), (0.0,))))


def test_ten_values_make_ten_bins_and_a_value_that_many_share_makes_one() -> None:
    even = pd.DataFrame({"orders": np.arange(1.0, 101.0)})
    assert baseline_of(even, TWO, DAY).bins["orders"].bounds == (10, 20, 30, 40, 50, 60, 70, 80, 90)
    # 60 of 100 have none: the first six deciles are one, and behind the greatest value no bin begins.
    many = pd.DataFrame({"orders": [0.0] * 60 + [3.0] * 40})
    found = baseline_of(many, TWO, DAY)
    assert found.bins["orders"].bounds == (0.0,)
    assert found.figures.features["orders"] == (0.6, 0.4, 0.0)  # the last: unknown


def test_unknown_values_and_categories_beyond_those_known_have_their_bins() -> None:
    assert Bins(bounds=(1.0,)).shares(pd.Series([1.0, 2.0, np.nan, np.nan])) == (0.25, 0.25, 0.5)
    texts = pd.Series(["goods", "goods", "services", None, "gold"])
    assert Bins(categories=("goods", "services")).shares(texts) == (0.4, 0.2, 0.2, 0.2)
    assert Bins(bounds=(1.0,)).shares(pd.Series([], dtype=float)) == (0.0, 0.0, 0.0)


def test_segments_and_who_is_on_the_border() -> None:
    # From 0 and 100: 48 and 52 are nearly as far from either (1 - 48/52 = 0.08), 45 is not (1 - 45/55 = 0.18).
    few = pd.DataFrame({"orders": [0.0, 45.0, 48.0, 52.0, 99.0, 100.0, 101.0, 98.0]})
    found = statistics_of(few, TWO, {})
    assert found.count == 8
    assert found.segments == (5 / 8, 3 / 8)
    assert found.unsure == 2 / 8
    labels = [1, 1, 1, 0, 0, 0, 0, 0]
    assert found.silhouette == pytest.approx(silhouette_score(few[["orders"]], labels, metric="sqeuclidean"))


def test_a_mixture_knows_who_is_on_the_border_too() -> None:
    # Two components of the same weight and variance 1, at 0 and 2: at 1.02 the odds are exp(0.04), 1 - 1/1.04 < 0.1.
    mixture = Model("gaussian_mixture", TWO.scales, Centroids(((0.0,), (2.0,)), (((1.0,),), ((1.0,),)), (0.0, 0.0)))
    assert statistics_of(pd.DataFrame({"orders": [1.02, 0.0]}), mixture, {}).unsure == 0.5


def test_one_segment_has_shares_alone() -> None:
    everyone = statistics_of(pd.DataFrame({"orders": [1.0, 2.0]}), Model("none", TWO.scales), {"orders": Bins((1.0,))})
    assert (everyone.segments, everyone.unsure, everyone.silhouette) == ((1.0,), None, None)
    assert everyone.features == {"orders": (0.5, 0.5, 0.0)}


def test_it_reads_back_to_the_last_bit() -> None:
    scales = (plain("orders"), FeatureScale("kind", "one_hot", 0.0, 1.0, -0.3, -0.3, 0.4, category='Jasa "A"'))
    model = Model("kmeans", scales, Centroids(((1 / 3, 0.0), (50.0, 1.0))))
    sample = pd.DataFrame({"orders": [1 / 3, 2.5, 50.0], "kind": ['Jasa "A"', None, "Barang"]})
    found = baseline_of(sample, model, DAY)
    assert baseline_in(found.as_json()) == found
    assert found.bins["kind"].categories == ('Jasa "A"',)
