"""What each segment looks like, on frames small enough to count by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from segmentation.entities import BUYERS
from segmentation.profiles.profile import numeric_features, profile
from segmentation.schemas import BUYER_FEATURES, SELLER_FEATURES, profile_columns
from tests.support.factories import make_table


def make_buyers(spark: SparkSession, rows: Iterable[dict[str, Any]]) -> tuple[DataFrame, DataFrame]:
    """Features and segments from rows that say both; buyers are b1, b2, …"""
    rows = [{"buyer_id": f"b{n}", **row} for n, row in enumerate(rows, start=1)]
    features = [{key: value for key, value in row.items() if key != "segment"} for row in rows]
    labels = [(row["buyer_id"], row["segment"]) for row in rows]
    segments = spark.createDataFrame(labels, "buyer_id string, segment int")
    return make_table(spark, BUYER_FEATURES, features), segments


def described(spark: SparkSession, rows: Iterable[dict[str, Any]], *names: str) -> dict[int, Row]:
    """The profile by segment."""
    features, segments = make_buyers(spark, rows)
    return {row.segment: row for row in profile(features, segments, names, BUYERS).collect()}


def test_shares_are_of_those_with_a_sale_and_segment_0s_of_everybody(spark: SparkSession) -> None:
    found = described(
        spark,
        [
            {"segment": 1, "total_gmv": 900, "total_revenue": 30},
            {"segment": 2, "total_gmv": 50, "total_revenue": 10},
            {"segment": 2, "total_gmv": 50, "total_revenue": None},
            {"segment": 0, "total_gmv": 0, "total_revenue": 0},
        ],
        "total_gmv",
    )
    assert [(found[s].size, found[s].share) for s in (0, 1, 2)] == [(1, 0.25), (1, 1 / 3), (2, 2 / 3)]
    assert [found[s].gmv_share for s in (0, 1, 2)] == [0, 0.9, 0.1]
    assert [found[s].revenue_share for s in (0, 1, 2)] == [0, 0.75, 0.25]


def test_segment_0_has_a_row_where_everybody_bought_and_unpublished_revenue_stays_unknown(spark: SparkSession) -> None:
    found = described(spark, [{"segment": 1, "total_gmv": 5}], "total_gmv", "total_revenue")
    assert (found[0].size, found[0].share, found[0].mean_total_gmv) == (0, 0, None)
    assert (found[1].share, found[1].gmv_share) == (1, 1)
    assert (found[1].revenue_share, found[1].mean_total_revenue, found[0].revenue_share) == (None, None, None)


def test_mean_percentiles_and_lift(spark: SparkSession) -> None:
    orders = {1: [10, 20, 30, 41], 2: [1, 2, None], 0: [0]}
    rows = [{"segment": s, "count_orders": value} for s, values in orders.items() for value in values]
    found = described(spark, rows, "count_orders")
    assert (found[1].mean_count_orders, found[2].mean_count_orders) == (25.25, 1.5)
    assert found[1].median_count_orders == 25
    assert found[1].p10_count_orders == pytest.approx(13)
    assert found[1].p90_count_orders == pytest.approx(37.7)
    assert found[2].p90_count_orders == pytest.approx(1.9)
    mean_of_all_with_a_sale = (101 + 3) / 6
    assert found[1].lift_count_orders == pytest.approx(25.25 / mean_of_all_with_a_sale)
    assert found[0].lift_count_orders == 0
    assert [found[segment].known_count_orders for segment in (1, 2, 0)] == [4, 2, 1]


def test_top_place_and_category_are_the_most_frequent_known_ties_by_name(spark: SparkSession) -> None:
    places = [None, None, None, "Jawa Barat", "Aceh"]
    rows = [{"segment": 1, "province": place, "top_category": c} for place, c in zip(places, "xyyzz", strict=True)]
    found = described(spark, [{**row, "voucher_value": 0} for row in rows], "voucher_value")
    assert (found[1].top_province, found[1].top_category) == ("Aceh", "y")
    assert (found[0].top_province, found[0].top_category) == (None, None)
    # Of five the category of all is known, and two have it; a province is known of two, who do not speak for all.
    assert (found[1].top_category_share, found[1].top_province_share) == (0.4, None)
    assert (found[1].mean_voucher_value, found[1].lift_voucher_value) == (0, None), "a lift over nothing is unknown"


def test_money_at_1e15_and_numbers_that_are_none(spark: SparkSession) -> None:
    rows = [
        {"segment": 1, "total_gmv": "1000000000000000.01", "cancel_rate": "nan"},
        {"segment": 1, "total_gmv": "1000000000000000.03", "cancel_rate": 0.5},
    ]
    found = described(spark, rows, "total_gmv", "cancel_rate")
    assert found[1].mean_total_gmv == 1000000000000000.02
    assert (found[1].mean_cancel_rate, found[1].p90_cancel_rate) == (0.5, 0.5)


def test_columns_are_those_declared_and_a_source_may_lack_orders(spark: SparkSession) -> None:
    customers = spark.createDataFrame([("b1", 30.0), ("b2", None)], "buyer_id string, age double")
    segments = spark.createDataFrame([("b1", 1), ("b2", 1)], "buyer_id string, segment int")
    found = profile(customers, segments, numeric_features(customers), BUYERS)
    wanted = [column.name for column in profile_columns(["age"])]
    assert found.columns == [
        "segment", "size", "share", "gmv_share", "revenue_share", "repeat_rate", "order_value", *wanted,
        "top_province", "top_province_share", "top_category", "top_category_share",
    ]  # fmt: skip
    row = found.where("segment = 1").first()
    assert row is not None and (row.size, row.mean_age, row.gmv_share) == (2, 30, None)


def test_the_top_value_of_a_text_its_share_and_its_lift(spark: SparkSession) -> None:
    plans = {1: ["gold", "gold", "tin", None], 2: ["tin", "tin"], 0: ["gold"]}
    rows = [(f"b{s}{n}", s, plan) for s, values in plans.items() for n, plan in enumerate(values)]
    people = spark.createDataFrame(rows, "buyer_id string, segment int, plan string")
    found = profile(people.drop("segment"), people.select("buyer_id", "segment"), [], BUYERS, ["plan"])
    tops = {row.segment: (row.top_plan, row.top_share_plan, row.top_lift_plan) for row in found.collect()}
    # Of the five with a sale of whom a plan is known two have gold and three tin.
    assert tops == {
        1: ("gold", pytest.approx(2 / 3), pytest.approx(5 / 3)), 2: ("tin", 1.0, pytest.approx(5 / 3)), 0: ("gold", 1.0, 2.5),
    }  # fmt: skip


def test_repeat_rate_is_of_those_with_a_sale_and_of_times_not_of_sales(spark: SparkSession) -> None:
    first, later = "2024-01-01 10:00:00", "2024-01-03 10:00:00"
    sales = {1: [(1, first, first), (2, first, later), (5, first, later), (2, first, first)],  # the last from two sellers
             2: [(1, first, first)], 0: [(0, None, None)]}  # fmt: skip
    rows = [
        {"segment": s, "count_orders": count, "first_order_at": since, "last_order_at": last}
        for s, of in sales.items() for count, since, last in of
    ]  # fmt: skip
    found = described(spark, rows, "count_orders")
    assert [found[s].repeat_rate for s in (0, 1, 2)] == [None, 0.5, 0.0]


def test_no_numbers_at_all_and_nobody_at_all(spark: SparkSession) -> None:
    found = described(spark, [{"segment": 1, "province": "Aceh"}])
    assert (found[1].size, found[1].top_province) == (1, "Aceh")
    assert described(spark, [], "count_orders")[0].size == 0


def test_numeric_features(spark: SparkSession) -> None:
    assert numeric_features(make_table(spark, SELLER_FEATURES, [])) == [
        "count_orders", "total_gmv", "total_revenue", "avg_order_value", "unique_buyers", "top_buyer_share",
        "unique_categories", "total_vouchers", "voucher_orders", "voucher_rate", "voucher_share", "orders_per_month",
        "rhythm_days", "lapse", "cancel_rate", "return_rate", "recency_days",
    ]  # fmt: skip


def test_the_same_figures_however_rows_are_spread(spark: SparkSession) -> None:
    rows = [{"segment": 1 + n % 2, "cancel_rate": n / 7, "total_gmv": n} for n in range(40)]
    features, segments = make_buyers(spark, rows)
    names = ["cancel_rate", "total_gmv"]
    found = [
        profile(features.repartition(parts), segments, names, BUYERS).orderBy("segment").collect() for parts in (1, 5)
    ]
    assert found[0] == found[1]
