"""Other plans, and how much alike two segmentations are."""

import random

import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.plans import EntityPlan
from segmentation.what_if import altered, likeness

PLAN = EntityPlan.model_validate(
    {"features": {"count_orders": {"weight": 2}, "recency_days": {}}, "sweep": {"k_max": 5}}
)


def test_a_plan_is_altered_where_it_is_said():
    assert altered(PLAN) == PLAN
    found = altered(PLAN, k=4, transform="none", methods="auto")
    assert (found.sweep.k, found.sweep.k_max, len(found.sweep.methods)) == (4, 5, 3)
    assert {name: (f.transform, f.weight) for name, f in found.features.items()} == {
        "count_orders": ("none", 2.0), "recency_days": ("none", 1.0),
    }  # fmt: skip
    assert list(altered(PLAN, without=["recency_days"]).features) == ["count_orders"]
    forced = altered(PLAN, k=3)
    assert altered(forced, k_max=4).sweep.k == 3
    assert altered(forced, k=None) == PLAN


@pytest.mark.parametrize("seed", range(2))
def test_likeness_is_the_adjusted_rand_index(spark, seed):
    rng = random.Random(seed)
    ones = [rng.randint(1, 3) for _ in range(80)]
    others = [one if rng.random() < 0.7 else rng.randint(1, 4) for one in ones]
    frames = [spark.createDataFrame([*enumerate(labels), (999, 0)], "id int, segment int") for labels in (ones, others)]
    assert likeness(*frames, "id") == pytest.approx(adjusted_rand_score(ones, others), abs=1e-4)


def test_two_of_one_segment_are_the_same(spark):
    frame = spark.createDataFrame([(1, 1), (2, 1)], "id int, segment int")
    assert likeness(frame, frame, "id") == 1.0
