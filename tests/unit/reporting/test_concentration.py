from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation.reporting.activity import activity
from segmentation.reporting.concentration import concentration, largest_in

SCHEMA = "count_orders bigint, total_gmv decimal(28,2)"


def shares(spark: SparkSession, gmv: list[float | None], *tops: float) -> list[float]:
    rows = [(0 if value is None else 1, value) for value in gmv]
    features = spark.createDataFrame(rows, "count_orders bigint, total_gmv double")
    return list(concentration(features, tops)["gmv_share"])


def test_agrees_with_sorting(spark: SparkSession) -> None:
    gmv = np.random.default_rng(1).lognormal(10, 2, 997).round(2)
    ordered = np.sort(gmv)[::-1]

    found = shares(spark, list(map(float, gmv)), 0.01, 0.05, 0.2)

    expected = [ordered[:count].sum() / gmv.sum() for count in (10, 50, 200)]
    assert found == pytest.approx(expected, rel=1e-9)


def test_ties_count_as_often_as_there_are_places(spark: SparkSession) -> None:
    assert shares(spark, [10.0, 5.0, 5.0, 5.0, 5.0], 0.4, 1.0) == pytest.approx([0.5, 1.0])


def test_one_entity_holds_all(spark: SparkSession) -> None:
    assert shares(spark, [7.0], 0.01) == [1.0]


def test_those_without_a_sale_do_not_count(spark: SparkSession) -> None:
    assert shares(spark, [3.0, 1.0, None, None], 0.5) == [0.75]


def test_nothing_to_measure(spark: SparkSession) -> None:
    assert concentration(spark.createDataFrame([], SCHEMA)).empty
    assert shares(spark, [0.0, 0.0], 0.5) == []


def test_the_largest_of_all_and_of_each_place(spark: SparkSession) -> None:
    rows = [
        (1, 60.0, "Bali"),
        (1, 20.0, "Bali"),
        (1, 15.0, "Riau"),
        (1, 5.0, "Riau"),
        (1, 100.0, None),
        (0, 0.0, "Aceh"),
    ]
    features = spark.createDataFrame(rows, "count_orders bigint, total_gmv double, province string")

    assert list(concentration(features, [0.5])["largest"]) == [0.5]
    assert largest_in(features, "province") == {"Bali": 0.75, "Riau": 0.75}


def test_who_was_there_lately_and_who_is_new(spark: SparkSession) -> None:
    rows = [("a", 3, 0, "1997-01-02"), ("b", 1, 89, "1997-03-25"), ("c", 1, 90, "1997-02-01"), ("d", 0, None, None)]
    people = spark.createDataFrame(rows, "id string, count_orders bigint, recency_days int, first string")
    found = activity(people.withColumn("first_order_at", F.to_timestamp("first")))
    assert (found.everyone, found.lately, found.newest) == (3, 2, date(1997, 3, 25))


def test_the_newest_came_on_a_day_of_the_sources_time_zone(spark: SparkSession) -> None:
    people = spark.sql("SELECT 1 AS count_orders, 0 AS recency_days, timestamp'1997-03-31 18:00:00Z' AS first_order_at")
    spark.conf.set("spark.sql.session.timeZone", "Asia/Jakarta")  # 01:00 of 1 April there, whatever the driver's clock
    assert activity(people).newest == date(1997, 4, 1)
