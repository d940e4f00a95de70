"""Customers by what they say of themselves: numbers and categories as they come, ids among them, no orders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.clustering.scales import fit_scale, known_in, known_text
from segmentation.clustering.vectors import why_left_out
from segmentation.plans import EntityPlan, Feature
from tests.unit.clustering.without_spark import searched, to_space

AUTO = Feature(transform="auto")


def _plan(seen: pd.DataFrame) -> EntityPlan:
    return EntityPlan.model_validate({"features": {name: {"transform": "auto"} for name in seen.columns}})


def _members(size: int, shares: tuple[float, ...] = (0.5, 0.3, 0.2)) -> tuple[pd.DataFrame, np.ndarray]:
    """Members of a gym in three groups (in one, where there is one share), some of whose answers are missing."""
    random = np.random.default_rng(size)
    truth = random.choice(len(shares), size, p=shares)
    plans = np.array(["student", "premium", "senior", "basic"])
    seen = pd.DataFrame(
        {
            "age": random.normal(np.array([24, 42, 61])[truth], 4).round(),
            "visits": random.poisson(np.array([14, 4, 9])[truth]).astype(float),
            "fee": random.normal(np.array([20, 55, 35])[truth], 5).round(2),
            "plan": np.where(random.random(size) < 0.85, plans[truth], random.choice(plans, size)),
        }
    )
    for name, share in (("age", 0.05), ("visits", 0.2), ("plan", 0.1)):
        seen.loc[random.random(size) < share, name] = None
    return seen, truth


def _categories(size: int, agreement: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Five categories that go with three groups as far as they agree."""
    random = np.random.default_rng(3)
    truth, values = random.choice(3, size, p=(0.5, 0.3, 0.2)), np.array(list("abcd"))
    columns = {
        f"c{i}": np.where(random.random(size) < agreement, values[(truth + i) % 3], random.choice(values, size))
        for i in range(5)
    }
    return pd.DataFrame(columns), truth


@pytest.mark.parametrize("size", [300, 3000])
def test_groups_of_numbers_and_categories_are_found_though_answers_are_missing(size: int) -> None:
    seen, truth = _members(size)
    choice, labels = searched(seen, _plan(seen), range(2, 6))
    assert (choice.verdict, len(labels)) == ("natural", size)
    assert adjusted_rand_score(truth, labels) >= 0.85


def test_one_group_of_customers_is_not_taken_apart() -> None:
    seen, _ = _members(800, (1.0,))
    assert searched(seen, _plan(seen), range(2, 6))[0].verdict != "natural"


def test_categories_alone_are_groups_only_where_several_say_the_same() -> None:
    alike, truth = _categories(800, 0.8)
    choice, labels = searched(alike, _plan(alike), range(2, 6))
    assert (choice.verdict, adjusted_rand_score(truth, labels) > 0.95) == ("natural", True)
    unlike, _ = _categories(800, 0.0)
    assert searched(unlike, _plan(unlike), range(2, 8))[0].verdict != "natural"


def test_a_number_that_says_yes_or_no_weighs_like_a_text() -> None:
    seen, _ = _members(300)
    seen["senior"] = (np.arange(300) % 5 == 0).astype(float)
    scales, points, _ = to_space(seen, _plan(seen))
    (senior,) = [scale for scale in scales if scale.feature == "senior"]
    assert senior.spiked
    assert points[:, scales.index(senior)].var() == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("values", "transform"),
    [
        (np.random.default_rng(1).normal(40, 10, 500).clip(0), "none"),
        (np.random.default_rng(1).exponential(5, 500), "log1p"),
        (np.random.default_rng(1).exponential(5, 500) - 3, "none"),  # on both sides of 0
        (100 - np.random.default_rng(1).exponential(5, 500).clip(0, 100), "none"),  # lopsided to the other side
    ],
)
def test_the_logarithm_is_taken_where_it_helps(values: np.ndarray, transform: str) -> None:
    assert fit_scale("x", values, AUTO, "standard", 0.01).transform == transform


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (list(range(1000, 1100)), "is a different number for everyone, one after another: an id"),
        ([f"town {n % 40}" for n in range(400)], "has 40 different values, of which the 10 commonest hold only 25.0%"),
        ([f"note {n}" for n in range(400)], "has 400 different values and none that many share"),
        (["ID"] * 100, "hardly varies: 100.0% have the same value (ID)"),
        ([None] * 100, "is unknown for everyone"),
        ([18 + n % 60 for n in range(100)], None),
        (list(np.random.default_rng(1).permutation(5000)[:100]), None),
        (["a", "b", "c"] * 40, None),
    ],
)
def test_what_is_left_out_and_why(values: list[object], why: str | None) -> None:
    found = why_left_out("x", pd.Series(values, dtype=object if isinstance(values[0], str) else None), 0.05)
    assert (str(found) if found else None) == (None if why is None else f"x {why}")


def test_a_running_number_is_found_out_in_a_sample_too():
    random = np.random.default_rng(3)
    of_all = pd.Series(np.sort(random.choice(np.arange(1, 300_001), 40_000, replace=False)))  # with strangers between
    assert "an id" in str(why_left_out("x", of_all, 0.05, count=250_000))
    amounts = pd.Series(np.unique(random.integers(1, 10**9, 40_000)))
    assert why_left_out("x", amounts, 0.05, count=250_000) is None


@pytest.mark.parametrize("values", [[True, False, None], ["yes", " yes ", ""]])
def test_texts_and_booleans_are_the_same_in_spark_and_pandas(spark, values):
    kind = "boolean" if values[0] is True else "string"
    frame = spark.createDataFrame([(value,) for value in values], f"x {kind}")
    by_spark = [row[0] for row in frame.select(known_text("x")).collect()]
    in_pandas = known_in(pd.Series(values, dtype=object), is_text=True)
    assert [None if pd.isna(value) else value for value in in_pandas] == by_spark
