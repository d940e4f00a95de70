"""Bands, groups and values that mean unknown, on users written out."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from segmentation.attributes import Attributes
from segmentation.ingest.derived_columns import with_derived_columns
from tests.support.factories import make_users


def _own(spark: SparkSession, rows: list[dict[str, object]], column: str, **source: object) -> list[object]:
    users = make_users(spark, rows)
    found = with_derived_columns(users, Attributes.model_validate(source)).orderBy("user_id")
    return [row[column] for row in found.collect()]


def test_a_value_belongs_to_the_first_band_whose_edge_it_does_not_exceed(spark: SparkSession) -> None:
    bands = {"of_age": {"of": "age", "edges": [17, 25, 45], "labels": ["<18", "18-25", "26-45", "45+"]}}
    ages = [17, 18, 25, 26, 45, 46, 99, None]
    found = _own(spark, [{"age": age} for age in ages], "of_age", bands=bands)
    assert found == ["<18", "18-25", "18-25", "26-45", "26-45", "45+", "45+", None]


def test_the_first_column_with_a_listed_value_decides(spark: SparkSession) -> None:
    groups = {
        "region": {
            "of": ["city", "province"],
            "values": {"Greater": ["*bogor", "depok"], "Java": ["jawa barat"], "Odd": ["100%_*"]},
            "others": "Others",
        }
    }
    places = [
        ("Kota Bogor", "Jawa Barat"), (" DEPOK ", None), ("Bandung", "Jawa  Barat"), ("Bandung", "JAWA BARAT"),
        (None, "Bali"), ("Ubud", None), (None, None), ("", " "), ("Bogoria", "Bali"), ("100%_sure", "Bali"),
        ("100 sure", None),
    ]  # fmt: skip
    rows = [{"user_id": f"b{n:02}", "city": city, "province": province} for n, (city, province) in enumerate(places)]
    assert _own(spark, rows, "region", groups=groups) == [
        "Greater", "Greater", "Others", "Java", "Others", "Others", None, None, "Others", "Odd", "Others",
    ]  # fmt: skip


def test_without_a_label_others_keep_their_own(spark: SparkSession) -> None:
    groups = {"area": {"of": ["city", "province"], "values": {"Capital": "jakarta"}}}
    rows = [{"city": "Jakarta"}, {"city": "Ubud", "province": "Bali"}, {"city": "Medan"}, {}]
    assert _own(spark, rows, "area", groups=groups) == ["Capital", "Bali", "Medan", None]


def test_sentinels_are_unknown_before_bands_are_made(spark: SparkSession) -> None:
    source = {
        "sentinels": {"age": [0, 999], "city": "-"},
        "bands": {"of_age": {"of": "age", "edges": [25], "labels": ["young", "old"]}},
    }
    rows = [{"age": 0, "city": "-"}, {"age": 999, "city": "Ubud"}, {"age": 20, "city": None}]
    assert _own(spark, rows, "age", **source) == [None, None, 20]
    assert _own(spark, rows, "of_age", **source) == [None, None, "young"]
    assert _own(spark, rows, "city", **source) == [None, "Ubud", None]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"attributes": {"size of shoe": "integer"}}, "found 'size of shoe', expected a name"),
        ({"attributes": {"price": "money"}}, "found 'money', expected string, boolean"),
        ({"attributes": {"total_gmv": "decimal"}}, "found 'total_gmv', which tables of the lake have already"),
        ({"attributes": {"category": "string"}}, "attributes: found 'category', which tables of the lake have"),
        ({"bands": {"Status": {"of": "age", "edges": [1], "labels": ["x", "y"]}}}, "bands: found 'Status', which"),
        ({"bands": {"revenue": {"of": "age", "edges": [1], "labels": ["x", "y"]}}}, "bands: found 'revenue', which"),
        ({"groups": {"payment_type": {"of": "city", "values": {"x": "y"}}}}, "groups: found 'payment_type', which"),
        ({"groups": {"month": {"of": "city", "values": {"x": "y"}}}}, "groups: found 'month', which"),
        ({"groups": {"total": {"of": "city", "values": {"x": "y"}}}}, "groups: found 'total', which"),
        ({"attributes": {"plan": "string", "share_plan": "string"}}, "found 'share_plan' beside 'plan'"),
        ({"attributes": {"a": "string"}, "groups": {"A": {"of": "a", "values": {"x": "y"}}}}, "found 'a' twice"),
        ({"bands": {"b": {"of": "height", "edges": [1], "labels": ["x", "y"]}}}, "found 'height', expected one of age"),
        ({"bands": {"b": {"of": "age", "edges": [2, 1], "labels": ["x", "y", "z"]}}}, "expected numbers that rise"),
        ({"bands": {"b": {"of": "age", "edges": [1], "labels": ["x"]}}}, "found 1, expected 2, one more than"),
        ({"groups": {"g": {"of": "age", "values": {"x": "y"}}}}, "found 'age', expected one of province"),
        ({"sentinels": {"agee": 0}}, "found 'agee', expected one of age"),
        ({"value": "city"}, "found 'city', expected one of"),
    ],
)
def test_a_mistake_says_what_is_expected(source: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Attributes.model_validate(source)


def test_texts_that_say_that_nothing_is_known_are_unknown_whatever_their_case(spark: SparkSession) -> None:
    said = ["Unknown", " UNKNOWN ", "N/A", "-", "?", "Tidak Diketahui", "Lainnya", "none", "Renter", None]
    rows = [{"user_id": f"b{at:02}", "city": city} for at, city in enumerate(said)]
    assert _own(spark, rows, "city") == [*[None] * 6, "Lainnya", "none", "Renter", None]
    groups = {"groups": {"area": {"of": "city", "values": {"Own": "renter"}, "others": "Others"}}}
    assert _own(spark, rows, "area", **groups) == [*[None] * 6, "Others", "Others", "Own", None]


def test_what_a_source_declares_of_a_text_takes_the_place_of_the_usual(spark: SparkSession) -> None:
    rows = [{"user_id": f"b{at}", "city": city} for at, city in enumerate(["Unknown", "-", "Refused"])]
    assert _own(spark, rows, "city", sentinels={"city": []}) == ["Unknown", "-", "Refused"]
    assert _own(spark, rows, "city", sentinels={"city": "Refused"}) == ["Unknown", "-", None]
