"""Features as coordinates: values by hand, and the same in Spark as in NumPy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.clustering.scales import fit_scale, fit_text
from segmentation.clustering.vectors import fit_scales, placed, to_points, why_left_out
from segmentation.plans import Feature, FeaturePlan

NAN = float("nan")


def test_logarithms_are_standardised():
    scale = fit_scale("f", np.array([0.0, math.e - 1, math.e**2 - 1]), Feature(), "standard", 0.0)
    # logs 0, 1, 2: mean 1, population standard deviation √(2/3)
    assert scale.applied(np.array([0.0, math.e - 1, math.e**2 - 1])) == pytest.approx([-1.2247449, 0, 1.2247449], 1e-5)


def test_negative_money_keeps_its_sign_under_logarithm_and_root():
    values = np.array([-9.0, 0.0, 9.0])
    for transform, shaped in (("log1p", math.log(10)), ("sqrt", 3.0)):
        scale = fit_scale("f", values, Feature(transform=transform), "standard", 0.0)
        assert scale.centre == 0
        assert scale.spread == pytest.approx(shaped * math.sqrt(2 / 3))


def test_robust_scaling_is_median_and_interquartile_range():
    scale = fit_scale("f", np.array([1.0, 2, 3, 4, 1000]), Feature(transform="none"), "robust", 0.0)
    assert (scale.centre, scale.spread) == (3.0, 2.0)


def test_outliers_are_pulled_in_to_the_rest():
    values = np.array([*range(1, 101), 10_000.0])
    scale = fit_scale("f", values, Feature(transform="none"), "standard", 0.01)
    assert (scale.low, scale.high) == (2.0, 100.0)
    one, top, giant = scale.applied(np.array([2.0, 100.0, 1e15]))
    assert one < top == giant


def test_a_cap_cuts_above_only():
    scale = fit_scale("f", np.arange(101.0), Feature(transform="none", cap=0.9), "standard", 0.0)
    assert (scale.low, scale.high) == (0.0, 90.0)


def test_what_is_unknown_lies_at_the_median():
    scale = fit_scale("f", np.array([1.0, 2, 9]), Feature(), "standard", 0.0)
    assert scale.applied(np.array([NAN])) == scale.applied(np.array([2.0]))


def test_quantiles_become_normal_scores():
    scale = fit_scale("f", np.array([1.0, 10, 100, 1000]), Feature(transform="quantile"), "standard", 0.0)
    # mid-ranks 1/8, 3/8, 5/8, 7/8 → normal scores ±1.150349, ±0.318639; their mean is 0
    scores = np.array([-1.150349, -0.318639, 0.318639, 1.150349])
    assert scale.applied(np.array([1.0, 10, 100, 1000])) == pytest.approx(scores / scores.std(), abs=1e-4)


@pytest.mark.parametrize("transform", ["none", "log1p", "sqrt", "quantile"])
def test_values_come_back_from_coordinates(transform):
    values = np.array([0.0, 3, 50, 700, 8000])
    scale = fit_scale("f", values, Feature(transform=transform, weight=0.5), "standard", 0.0)
    assert scale.value_at(scale.applied(values)) == pytest.approx(values, rel=1e-4, abs=0.01)


def test_a_text_has_less_variance_than_a_number_and_unknown_is_in_the_middle():
    interest = pd.Series(["cook"] * 5 + ["kids"] * 3 + ["sew"] * 2)
    plan = FeaturePlan.model_validate({"features": {"interest": {}}})
    scales = fit_scales(pd.DataFrame({"interest": interest}), plan)
    points = to_points(pd.DataFrame({"interest": interest}), scales)
    assert [scale.name for scale in scales] == ["interest = cook", "interest = kids", "interest = sew"]
    assert points.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert points.var(axis=0).sum() == pytest.approx(0.5, abs=1e-5)
    assert to_points(pd.DataFrame({"interest": [None]}), scales) == pytest.approx(np.zeros((1, 3)), abs=1e-6)


def test_only_common_categories_have_a_coordinate():
    cities = pd.Series(["a"] * 600 + ["b"] * 395 + ["c", "d", "e", "f", "g"])
    assert [scale.category for scale in fit_text("city", cities, Feature())] == ["a", "b"]
    many = pd.Series([f"c{i}" for i in range(12) for _ in range(10 + i)])
    assert [scale.category for scale in fit_text("city", many, Feature())] == [f"c{i}" for i in range(11, 1, -1)]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([NAN, NAN], "f is unknown for everyone"),
        ([5.0, 5, 5], "f hardly varies: 100.0% have the same value (5)"),
        ([0.0] * 97 + [1, 2, 3], "f hardly varies: 97.0% have the same value (0)"),
        (["x"] * 99 + ["y"], "f hardly varies: 99.0% have the same value (x)"),
        ([f"id{i}" for i in range(200)], "f has 200 different values and none that many share"),
        ([0.0] * 94 + [1, 2, 3, 4, 5, 6], None),
        (["x", "y", None], None),
    ],
)
def test_why_a_feature_is_left_out(values, reason):
    found = why_left_out("f", pd.Series(values), 0.05)
    assert (str(found) if found else None) == reason


def test_spark_places_entities_where_numpy_does(spark: SparkSession):
    plan = FeaturePlan.model_validate(
        {
            "trim": 0.1,
            "features": {
                "a": {},
                "b": {"transform": "sqrt", "weight": 2},
                "c": {"transform": "quantile"},
                "d": {"transform": "none", "cap": 0.9},
                "t": {},
            },
        }
    )
    random = np.random.default_rng(3)
    seen = pd.DataFrame(random.lognormal(3, 2, size=(40, 4)), columns=list("abcd"))
    seen.iloc[4, 0] = NAN
    seen.insert(0, "id", [f"e{i:02d}" for i in range(40)])
    seen["t"] = random.choice(["x", "y's", "z"], size=40)
    seen.loc[7, "t"] = None
    scales = fit_scales(seen[["a", "b", "c", "d", "t"]], plan)
    rows = [tuple(None if x is None or x != x else x for x in row) for row in seen.itertuples(index=False)]
    frame = spark.createDataFrame(rows, "id string, a double, b double, c double, d double, t string")
    found = placed(frame, scales, 40).orderBy("id").collect()
    assert np.array([row["point"] for row in found]) == pytest.approx(to_points(seen, scales), abs=2e-6)
    assert [list(row["features"].toArray()) for row in found] == [row["point"] for row in found]
