"""Profiles and attributes of the same segments, together."""

from __future__ import annotations

from pyspark.sql import SparkSession

from segmentation.entities import BUYERS
from segmentation.profiles.description import describe
from segmentation.schemas import BUYER_ATTRIBUTES
from segmentation.source import Source
from tests.unit.profiles.test_profile import make_buyers

GYM = Source.model_validate(
    {
        "name": "gym",
        "raw": {"people": {"glob": "people.csv", "columns": {"id": "string", "years": "integer"}}},
        "tables": {
            "users": {"counted_on": "people", "select": "SELECT _row, id AS user_id, 'buyer' AS role, years AS age FROM people"}
        },
    }
)  # fmt: skip


def test_a_source_without_orders_tells_no_figure_of_any(spark: SparkSession) -> None:
    features, segments = make_buyers(spark, [{"segment": 1, "age": 30}] * 40 + [{"segment": 2, "age": 50}] * 60)
    found = describe(features, segments, BUYERS, GYM, {"age"})
    figures = ("mean_age", "median_age", "p10_age", "p90_age", "lift_age", "known_age")
    assert tuple(column.name for column in found.columns) == figures
    assert found.profiles.rdd.getNumPartitions() == 1
    assert {row["segment"]: (row["size"], row["mean_age"]) for row in found.rows} == {
        0: (0, None), 1: (40, 30.0), 2: (60, 50.0),
    }  # fmt: skip
    told = [dict(zip(BUYER_ATTRIBUTES.names, row, strict=False)) for row in found.attributes]
    assert {row["attribute"] for row in told} == {"age"}
    assert {row["segment"]: row["size"] for row in told} == {None: 100, 1: 40, 2: 60}


def test_where_nothing_is_known_of_anybody_no_attribute_is_told(spark: SparkSession) -> None:
    features, segments = make_buyers(spark, [{"segment": 1}])
    found = describe(features.drop("age", "province", "city", "top_category"), segments, BUYERS, GYM, ())
    assert (found.attributes, found.columns) == ([], [])
