"""Rules of segments: readable, in the features' units, and as good as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.clustering.means import Labels
from segmentation.clustering.surrogate_rules import (
    SegmentRule,
    SurrogateRules,
    _rounder,
    surrogate_rules_of,
    with_rules,
)
from segmentation.clustering.vectors import fit_scales
from segmentation.plans import FeaturePlan


def _rules_of(seen: pd.DataFrame, segments: Labels, k: int) -> SurrogateRules:
    features = {name: {} for name in seen.columns if name != "id"}
    scales = fit_scales(seen[list(features)], FeaturePlan.model_validate({"features": features, "trim": 0}))
    return surrogate_rules_of(seen.head(len(segments)), scales, segments, k)


@pytest.fixture(scope="module")
def shoppers() -> pd.DataFrame:
    """600 who order from 2 to 9 times, or 40 to 90 times; orders of the latter are old or new."""
    random = np.random.default_rng(1)
    orders = np.concatenate([random.integers(2, 10, 300), random.integers(40, 91, 300)])
    days = np.concatenate([random.uniform(0, 400, 300), random.uniform(1, 30, 150), random.uniform(200, 400, 150)])
    return pd.DataFrame({"id": [f"b{i}" for i in range(600)], "orders": orders.astype(float), "days": days})


SEGMENTS = np.repeat([3, 1, 2], [300, 150, 150])


def test_thresholds_are_round_and_in_the_features_units(shoppers):
    found = _rules_of(shoppers, SEGMENTS, 3)
    assert found.fidelity == 1.0
    by_segment = {rule.segment: rule for rule in found.rules}
    assert all((rule.precision, rule.recall) == (1.0, 1.0) for rule in found.rules)
    limit = by_segment[3].condition.removeprefix("orders < ")
    assert limit.isdigit() and 9 < int(limit) <= 40
    assert by_segment[1].condition in (f"orders >= {limit} AND days < 100", f"days < 100 AND orders >= {limit}")


def test_conditions_hold_as_often_as_they_say(shoppers, spark: SparkSession):
    noisy = SEGMENTS.copy()
    flipped = np.random.default_rng(2).choice(600, 60, replace=False)
    noisy[flipped] = np.roll(noisy[flipped], 7)
    found = _rules_of(shoppers, noisy, 3)
    frame = spark.createDataFrame([(*row, int(s)) for row, s in zip(shoppers.values.tolist(), noisy, strict=True)],
                                  "id string, orders double, days double, segment int")  # fmt: skip
    for rule in found.rules:
        held = frame.where(rule.condition).toPandas()["segment"]
        assert rule.precision == pytest.approx((held == rule.segment).mean())
        assert rule.recall == pytest.approx((held == rule.segment).sum() / (noisy == rule.segment).sum())
    assert 0.85 < found.fidelity < 1.0


@pytest.mark.parametrize(
    ("values", "limit", "rounder"),
    [
        ([0, 0, 1, 2], 0.5, 1),  # of whole values: below 1 is none
        ([0, 0, 0.01, 0.02], 0.005, 0.01),  # of cents
        ([0, 0, 0.031, 0.5], 0.0155, 0.02),  # of others: the roundest that tells them apart
        ([-1, -1, 0, 5], -0.5, 0),  # and no minus nought
        ([100.25, 12_345.5, 40_000], 26_172.75, 30_000),
    ],
)
def test_a_threshold_is_a_value_that_a_feature_can_have(values, limit, rounder):
    found = _rounder(np.array(values, dtype=float), limit)
    assert found == rounder
    assert not str(found).startswith("-")


def test_a_rounder_threshold_leaves_somebody_on_either_side():
    # One of a thousand is few enough to be moved, but then "at least 1" would hold for nobody.
    assert _rounder(np.array([0.97] * 999 + [0.99]), 0.98) == 0.98


def test_texts_are_compared_as_texts(spark: SparkSession):
    seen = pd.DataFrame({"id": range(90), "likes": ["d'accord", "kids", "sew"] * 30, "n": np.arange(90.0)})
    found = _rules_of(seen, np.tile([1, 2, 2], 30), 2)
    assert found.rules[0].condition == r"likes = 'd\'accord'"
    assert found.rules[1].condition == r"likes <> 'd\'accord'"
    frame = spark.createDataFrame([("d'accord",), ("sew",)], "likes string")
    assert frame.where(found.rules[0].condition).count() == 1


def test_who_has_one_category_is_not_said_to_have_no_other():
    seen = pd.DataFrame({"id": range(90), "likes": ["cook", "kids", "sew"] * 30, "n": np.arange(90.0)})
    conditions = [rule.condition for rule in _rules_of(seen, np.tile([1, 2, 3], 30), 3).rules]
    assert conditions == ["likes = 'cook'", "likes = 'kids'", "likes = 'sew'"]
    others = np.tile([1, 2, 3], 30) % 3  # who likes to sew is in the first; of the others it is the number that tells
    segments = np.where(others == 0, 1, np.where(np.arange(90) < 44, 2, 3))
    assert [rule.condition for rule in _rules_of(seen, segments, 3).rules] == [
        "likes = 'sew'",
        "likes <> 'sew' AND n < 44",
        "likes <> 'sew' AND n >= 44",
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_single_condition_tells_more_than_the_rule(seed: int):
    # A rare segment, which a tree that weighs all segments alike takes too widely.
    random = np.random.default_rng(seed)
    seen = pd.DataFrame(
        {"id": range(800), "x": random.integers(0, 40, 800).astype(float), "y": random.normal(size=800)}
    )
    segments = np.where(seen["x"] + random.normal(0, 6, 800) > 36, 2, 1)
    rule = next(rule for rule in _rules_of(seen, segments, 2).rules if rule.segment == 2)

    def f1(held: pd.Series) -> float:
        return 2 * int((held & (segments == 2)).sum()) / (int(held.sum()) + int((segments == 2).sum()))

    best = max(f1(side) for name in "xy" for limit in seen[name] for side in (seen[name] >= limit, seen[name] < limit))
    assert 2 * rule.precision * rule.recall / (rule.precision + rule.recall) >= best - 0.02  # the limit is rounded


def test_one_segment_has_no_rule(shoppers):
    assert _rules_of(shoppers, np.ones(600, dtype=int), 1) == SurrogateRules()


def test_profiles_get_their_rules(spark: SparkSession):
    profiles = spark.createDataFrame([(0,), (1,)], "segment int")
    rows = (
        with_rules(profiles, SurrogateRules((SegmentRule(1, "orders >= 5", 0.9, 0.8),), 0.95))
        .orderBy("segment")
        .collect()
    )
    assert [tuple(row) for row in rows] == [(0, None, None, None, None), (1, "orders >= 5", 0.9, 0.8, 0.95)]
    assert with_rules(profiles, SurrogateRules()).where("rule IS NULL").count() == 2


def test_fidelity_counts_nobody_for_whom_no_rule_is_said() -> None:
    # A square of 400: segment 1 on the left, 2 on the right and, eight each, in two corners of the left. Eight of 216
    # are too few for their corner to be said: 200 on the right fulfil the rule of 2 alone, 182 on the left that of 1
    # alone; of the others eight are taken for 1, and for ten no rule holds.
    seen = pd.DataFrame({"id": range(400), "x": np.tile(np.arange(20.0), 20), "y": np.repeat(np.arange(20.0), 20)})
    corners = (seen["x"] < 8) & seen["y"].isin([0, 19])
    found = _rules_of(seen, np.where((seen["x"] >= 10) | corners, 2, 1), 2)
    left, right = (rule.condition for rule in found.rules)
    assert left in ("x < 10 AND y >= 1", "x < 10 AND y < 19") and right == "x >= 10"
    assert found.fidelity == pytest.approx((200 + 182) / 400)
