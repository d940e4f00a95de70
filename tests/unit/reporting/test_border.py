"""Those on the border to a better segment, counted by hand."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import SparkSession

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.model import Model
from segmentation.clustering.scales import FeatureScale
from segmentation.reporting.border import SALES, nearby

MOVES = "id string, to_segment int, feature string, from_value double, to_value double"
PEOPLE = "buyer_id string, count_orders bigint, recency_days int, segment int, confidence double, runner_up int"
PLAIN = {"transform": "none", "low": 0.0, "high": 1000.0, "fill": 0.0, "centre": 0.0}
SCALES = (
    FeatureScale(feature="count_orders", spread=1.0, **PLAIN),
    FeatureScale(feature="recency_days", spread=10.0, **PLAIN),  # a coordinate of 6 is 60 days
)
REGULARS = Model("kmeans", SCALES, Centroids(((10.0, 0.0), (5.0, 6.0), (0.0, 12.0))))
# The best have many orders and long ones ago, the least have few orders of today.
SLEEPERS = Model("kmeans", SCALES, Centroids(((20.0, 5.0), (5.0, 6.0), (1.0, 0.0))))


def told(
    spark: SparkSession, people: list[tuple], model: Model, moves: list[tuple] = (), hysteresis: float = 0.0
) -> list[tuple]:  # type: ignore[assignment]
    found = nearby(
        spark.createDataFrame(moves, MOVES), spark.createDataFrame(people, PEOPLE), model, "buyer_id", hysteresis
    )
    return [tuple(None if pd.isna(value) else value for value in row) for row in found.itertuples(index=False)]


def test_an_order_now_makes_the_last_one_of_today_and_is_one_more(spark: SparkSession) -> None:
    people = [
        # 7 orders, 40 days: with one more at (8, 0), 2 from the best and √45 from its own.
        ("one", 7, 40, 2, 0.1, 1), ("another", 7, 40, 2, 0.1, 1),
        # 3 orders, 110 days, among the last: with one more at (4, 0), 6 from the best and √37 from the next better.
        ("beyond", 3, 110, 3, 0.1, 2),
        # 2 orders, 95 days: with one more at (3, 0), √40 from the next better and 7 from the best.
        ("next", 2, 95, 3, 0.1, 2),
        # 1 order, 50 days: at (2, 0) and (3, 0) still nearer to its own, at (4, 0) to the best.
        ("three", 1, 50, 2, 0.1, 1),
        ("far", 7, 40, 2, 0.2, 1),  # well inside its segment
        ("aside", 7, 40, 2, 0.05, 3),  # on the border to another segment than the better one
        ("unsold", 0, None, 0, None, None),
    ]  # fmt: skip
    recency = [("one", 1, "recency_days", 40.0, 11.0), ("three", 1, "recency_days", 50.0, 2.0)]

    assert told(spark, people, REGULARS, recency) == [
        (2, 1, SALES, 2, 1.0),
        (2, 1, SALES, 1, 3.0),
        (3, 1, SALES, 1, 1.0),
        (3, 2, SALES, 1, 1.0),
    ]


def test_nobody_is_told_that_fewer_days_alone_would_do(spark: SparkSession) -> None:
    # 6 orders, 60 days. With one more at (7, 0): 6 from the least, √40 from its own, √194 from the best; with five more
    # at (11, 0): 10, √72 and √106. No number of them leads up.
    names = ("days", "orders", "larger", "dearer", "nothing", "fewer")
    people = [(name, 6, 60, 2, 0.1, 1) for name in names]
    moves = [
        ("days", 1, "recency_days", 60.0, 31.0), ("orders", 1, "count_orders", 6.0, 14.0),
        ("larger", 1, "avg_order_value", 100.0, 130.0), ("dearer", 1, "avg_order_value", 100.0, 170.0),
        ("fewer", 1, "cancel_rate", 0.5, 0.25),
    ]  # fmt: skip

    assert told(spark, people, SLEEPERS, moves) == [
        (2, 1, None, 3, None),
        (2, 1, "avg_order_value", 2, 30.0),  # of 30 and 70 one of the two, and no 50
        (2, 1, "cancel_rate", 1, -0.25),
    ]


def test_who_would_stay_for_want_of_confidence_is_asked_for_more(spark: SparkSession) -> None:
    # With one more order 6 from the best and √37 = 6.08 from the next better: 0.014 sure. With two 5 and 6: 0.17.
    assert told(spark, [("beyond", 3, 110, 3, 0.1, 2)], REGULARS, hysteresis=0.1) == [
        (3, 1, SALES, 1, 2.0),
    ]


def test_without_orders_a_move_is_told_as_it_is(spark: SparkSession) -> None:
    people = spark.createDataFrame(
        [("a", 3.0, 2, 0.1, 1), ("b", 3.0, 2, 0.1, 1)],
        "buyer_id string, visits double, segment int, confidence double, runner_up int",
    )
    model = Model("kmeans", (FeatureScale(feature="visits", spread=1.0, **PLAIN),), Centroids(((9.0,), (0.0,))))
    found = nearby(spark.createDataFrame([("a", 1, "visits", 3.0, 5.0)], MOVES), people, model, "buyer_id")

    assert found.astype(object).where(found.notna(), None).to_numpy().tolist() == [
        [2, 1, None, 1, None],
        [2, 1, "visits", 1, 2.0],
    ]


def test_nobody_is_near(spark: SparkSession) -> None:
    found = nearby(spark.createDataFrame([], MOVES), spark.createDataFrame([], PEOPLE), REGULARS, "buyer_id")

    assert list(found.columns) == ["segment", "to_segment", "feature", "entities", "change"]
    assert found.empty
