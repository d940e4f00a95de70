"""Whether orders fall to entities as by chance: on orders dealt out by dice, and on habits planted in them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from numpy.random import Generator
from pyspark.sql import SparkSession
from scipy import stats

from segmentation.features.dispersion import Dispersion, dispersion
from tests.support.factories import make_orders

Shop = Callable[[Generator], pd.DataFrame]


def _of(sales: pd.DataFrame) -> Dispersion:
    """The sums, by pandas; sales have who and gmv."""
    logs = np.log(sales["gmv"])
    number, each = sales.groupby("who").size(), logs.groupby(sales["who"])
    between = float((each.sum() ** 2 / each.size()).sum())
    squares = int((number**2).sum())
    of_logs = float(logs.sum()), float((logs**2).sum())
    return Dispersion(len(number), len(sales), squares, len(sales), len(number), *of_logs, between)


def _shop(dice: Generator, numbers: np.ndarray, typical: float | np.ndarray = 100.0) -> pd.DataFrame:
    """So many sales of each, lognormal about what is typical (of each)."""
    who = np.repeat(np.arange(len(numbers)), numbers)
    each = np.broadcast_to(typical, len(numbers))[who]
    return pd.DataFrame({"who": who, "gmv": each * dice.lognormal(0, 1, len(who))})


def _dealt(dice: Generator) -> pd.DataFrame:
    """3,000 baskets, each to any of 60 stores alike."""
    return _shop(dice, np.bincount(dice.integers(0, 60, 3000), minlength=60))


def _few_each(dice: Generator) -> pd.DataFrame:
    """400 orders dealt to 500 customers: most have none or one."""
    return _shop(dice, np.bincount(dice.integers(0, 500, 400), minlength=500))


def _uneven(dice: Generator) -> pd.DataFrame:
    """Stores of which some sell twice as much as others."""
    return _shop(dice, dice.poisson(dice.uniform(33, 67, 60)))


def _dear_and_cheap(dice: Generator) -> pd.DataFrame:
    """As many sales by chance, at prices of their own."""
    return _shop(dice, dice.poisson(50, 60), dice.lognormal(4, 0.3, 60))


def _regulars(dice: Generator) -> pd.DataFrame:
    """Customers of whom a few come again and again."""
    return _shop(dice, 1 + dice.poisson(np.where(dice.random(2000) < 0.1, 3.0, 0.03)))


@pytest.mark.parametrize("shop", [_dealt, _few_each])
def test_dealt_orders_are_told_from_habits_by_no_more_than_the_level_says(shop: Shop) -> None:
    told = sum(_of(shop(np.random.default_rng(seed))).beyond_chance for seed in range(200))
    assert told <= 12  # of 200, two tests at 1 % each: 4 are expected, more than 12 in one of 5,000 such rows


@pytest.mark.parametrize("shop", [_uneven, _dear_and_cheap, _regulars])
def test_habits_are_found(shop: Shop) -> None:
    assert all(_of(shop(np.random.default_rng(seed))).beyond_chance for seed in range(50))


def test_one_order_each_says_nothing_of_sizes() -> None:
    once = _of(_shop(np.random.default_rng(1), np.ones(500, dtype=int)))
    assert once.p_of_sizes is None
    assert once.beyond_chance  # nobody can say that who spent much would not again


def test_equal_numbers_of_equal_sales_are_alike() -> None:
    same = _of(pd.DataFrame({"who": np.repeat(np.arange(40), 12), "gmv": 19.9}))
    assert not same.beyond_chance


def test_sizes_are_judged_as_scipys_analysis_of_variance_does() -> None:
    sales = _dear_and_cheap(np.random.default_rng(3)).query("who < 12")
    groups = [np.log(rows["gmv"]) for _, rows in sales.groupby("who")]
    assert _of(sales).p_of_sizes == pytest.approx(stats.f_oneway(*groups).pvalue, rel=1e-6)


def test_the_sums_are_of_sales_until_the_day_by_those_who_are_known(spark: SparkSession) -> None:
    e = math.e
    orders = make_orders(
        spark,
        [
            {"seller_id": "a", "gmv": round(e, 2)},
            {"seller_id": "a", "gmv": 1},
            {"seller_id": "a", "gmv": 0},  # a sale without a size
            {"seller_id": "b", "gmv": 1},
            {"seller_id": "b", "gmv": 50, "status": "cancelled"},
            {"seller_id": "b", "gmv": 50, "ordered_at": "2024-03-01 00:00:00"},
            {"seller_id": None, "gmv": 50},
        ],
    )
    found = dispersion(orders, "seller_id", ["completed"], date(2024, 1, 31))
    assert (found.entities, found.orders, found.orders_squared) == (2, 4, 10)
    assert (found.sized, found.sized_entities) == (3, 2)
    assert (found.logs, found.logs_squared, found.logs_between) == pytest.approx((1, 1, 0.5), abs=2e-3)
