"""The smallest change that moves an entity on: by hand, by scoring, and by trying smaller ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.clustering.assign import score
from segmentation.clustering.centroids import Centroids
from segmentation.clustering.counterfactuals import COLUMNS, counterfactuals, counterfactuals_of, next_better
from segmentation.clustering.model import Model
from segmentation.clustering.scales import FeatureScale
from segmentation.clustering.vectors import values_of
from segmentation.plans import FeaturePlan

PLAIN = {"transform": "none", "low": 0.0, "fill": 0.0, "centre": 0.0, "spread": 1.0}
ORDERS = FeatureScale(feature="orders", high=100.0, **PLAIN)
VALUE = FeatureScale(feature="value", high=1000.0, **{**PLAIN, "spread": 10.0})


def _moves(rows: list[dict[str, object]], model: Model, **units: float) -> list[tuple[object, ...]]:
    seen = pd.DataFrame([{"id": f"b{i}", **row} for i, row in enumerate(rows)])
    found = counterfactuals_of(seen, model, {"orders": 1.0, "value": None, **units}, {"orders": "up", "value": "up"})
    return list(found.itertuples(index=False, name=None))


def test_by_hand():
    model = Model("kmeans", (ORDERS,), Centroids(((20.0,), (10.0,), (0.0,))))
    # Borders at 15 and at 5; on the border itself the better one is as near, and the first.
    found = _moves([{"orders": 3.0}, {"orders": 12.0}, {"orders": 18.0}], model)
    assert found == [("b0", 2, "orders", 3.0, 6.0), ("b1", 1, "orders", 12.0, 16.0)]


def test_of_those_who_stay_elsewhere_the_model_says_nothing(spark: SparkSession):
    moves = spark.createDataFrame([("1", 1, "orders", 3.0, 6.0), ("2", 1, "orders", 3.0, 6.0)], COLUMNS)
    there = spark.createDataFrame([(1, 2), (2, 3), (3, 0)], "seller_id int, segment int")
    assert [row["id"] for row in next_better(moves, there, "seller_id").collect()] == ["1"]


def test_the_change_that_is_smaller_for_its_spread_is_told():
    model = Model("kmeans", (ORDERS, VALUE), Centroids(((10.0, 10.0), (0.0, 0.0))))
    # The border is orders + value / 10 = 10: 4 more orders only reach it and 5 go past, 40 of value are 4 spreads.
    ((_, _, feature, _, to_value),) = _moves([{"orders": 4.0, "value": 20.0}], model)
    assert (feature, to_value) == ("value", pytest.approx(60.0, abs=0.01))
    lighter = FeatureScale(feature="orders", high=100.0, weight=0.5, **PLAIN)
    ((_, _, feature, _, _),) = _moves(
        [{"orders": 4.0, "value": 20.0}], Model("kmeans", (lighter, VALUE), model.centroids)
    )
    assert feature == "value"  # half the weight: more orders are needed


def test_a_change_beyond_what_is_known_is_not_told():
    model = Model("kmeans", (FeatureScale(feature="orders", high=14.0, **PLAIN),), Centroids(((20.0,), (10.0,))))
    assert _moves([{"orders": 12.0}], model) == []


def test_what_nobody_would_set_out_to_do_is_not_told():
    # Fewer orders would do, from 12 to 4; so would more value.
    model = Model("kmeans", (ORDERS, VALUE), Centroids(((0.0, 20.0), (10.0, 10.0))))
    ((_, _, feature, _, to_value),) = _moves([{"orders": 9.0, "value": 100.0}], model)
    assert (feature, to_value > 100) == ("value", True)
    alone = Model("kmeans", (ORDERS,), Centroids(((0.0,), (10.0,))))
    assert _moves([{"orders": 9.0}], alone) == []


def test_what_is_unknown_cannot_be_changed():
    model = Model("kmeans", (ORDERS, VALUE), Centroids(((10.0, 10.0), (0.0, 0.0))))
    ((_, _, feature, _, _),) = _moves([{"orders": 4.0, "value": float("nan")}], model)
    assert feature == "orders"


def test_a_third_segment_in_the_way_is_seen():
    # From (0, 0) along orders one meets the best segment, at 12, never the next better one, at (6, 30).
    model = Model("kmeans", (ORDERS, VALUE), Centroids(((12.0, 0.0), (6.0, 30.0), (0.0, 0.0))))
    ((_, to_segment, feature, _, to_value),) = _moves([{"orders": 0.0, "value": 0.0}], model)
    assert (to_segment, feature) == (2, "value")
    assert to_value == pytest.approx(10 * (36 + 900) / 60, abs=0.01)


@pytest.fixture(scope="module")
def model() -> Model:
    """Four centres on logarithms, as a search finds them."""
    log = {"transform": "log1p", "low": 0.0, "fill": 3.0, "weight": 1.0}
    scales = (
        FeatureScale(feature="count_orders", high=500.0, centre=2.0, spread=1.1, **log),
        FeatureScale(feature="avg_order_value", high=5e7, centre=13.0, spread=1.5, **log),
        FeatureScale(feature="recency_days", high=400.0, centre=4.0, spread=1.0, **log),
    )
    centres = ((1.5, 1.0, -1.5), (0.5, 0.5, 1.0), (-1.0, 1.0, 0.5), (-0.5, -1.5, 0.0))
    return Model("kmeans", scales, Centroids(centres))


def test_every_move_is_verified_by_scoring_and_no_smaller_one_is_enough(spark: SparkSession, model: Model):
    random = np.random.default_rng(1)
    rows = [
        (
            f"b{i:03d}",
            int(random.lognormal(2, 1)),
            round(float(random.lognormal(13, 1.5)), 2),
            int(random.lognormal(4, 1)),
        )
        for i in range(200)
    ]
    ddl = "buyer_id string, count_orders bigint, avg_order_value decimal(28,2), recency_days int"
    typed = "buyer_id string, count_orders bigint, avg_order_value double, recency_days int"
    features = spark.createDataFrame(rows, typed).selectExpr(
        "buyer_id", "count_orders", "CAST(avg_order_value AS DECIMAL(28,2)) AS avg_order_value", "recency_days"
    )
    assert features.schema == spark.createDataFrame([], ddl).schema
    by_name = ["count_orders", "avg_order_value", "recency_days"]
    told = counterfactuals(features, model, "buyer_id", dict.fromkeys(by_name, "either")).toPandas()
    seen = values_of(features, model.scales, "buyer_id").toPandas()  # of those who are at hand the same is told
    here = counterfactuals(features, model, "buyer_id", dict.fromkeys(by_name, "either"), seen)
    assert here.dtypes == counterfactuals(features, model, "buyer_id", {}).dtypes
    assert sorted(map(tuple, here.collect())) == sorted(told.itertuples(index=False, name=None))
    before = score(features, model, "buyer_id").toPandas().set_index("id")["segment"]
    assert len(told) > 50
    assert (told["to_segment"].to_numpy() == before[told["id"]].to_numpy() - 1).all()

    names = by_name
    by_id = {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}
    assert all(by_id[row.id][row.feature] == row.from_value for row in told.itertuples())
    changed, nearly = [], []
    for row in told.itertuples():
        step = 0.01 if row.feature == "avg_order_value" else 1.0
        enough = row.to_value
        short = row.to_value - np.sign(row.to_value - row.from_value) * max(step, 1e-3 * abs(row.to_value))
        for value, kept in ((enough, changed), (short, nearly)):
            kept.append((row.id, *[float(value if n == row.feature else by_id[row.id][n]) for n in names]))
    doubles = "buyer_id string, count_orders double, avg_order_value double, recency_days double"
    for frame, arrives in ((changed, True), (nearly, False)):
        after = score(spark.createDataFrame(frame, doubles), model, "buyer_id").toPandas().set_index("id")["segment"]
        assert ((after[told["id"]].to_numpy() == told["to_segment"].to_numpy()) == arrives).all()


def test_nobody_moves_where_there_is_one_segment(spark: SparkSession, model: Model):
    features = spark.createDataFrame(
        [("b1", 1.0, 1.0, 1.0)], "id string, count_orders double, avg_order_value double, recency_days double"
    )
    assert counterfactuals(features, Model("none", model.scales), "id", {"count_orders": "up"}).count() == 0
    assert counterfactuals(features, Model("none", ()), "id", {}).count() == 0
    seen = values_of(features, model.scales, "id").toPandas()
    assert counterfactuals(features, Model("none", model.scales), "id", {"count_orders": "up"}, seen).count() == 0


@pytest.mark.parametrize(
    ("feature", "change"),
    [
        ("count_orders", "up"), ("unique_buyers", "up"), ("recency_days", "down"), ("top_buyer_share", "down"),
        ("age", "never"), ("voucher_value", "never"), ("province", "never"),
    ],
)  # fmt: skip
def test_nobody_is_told_to_have_fewer_buyers_or_another_age(feature: str, change: str):
    assert FeaturePlan(features={feature: {}}).change_of(feature) == change
