"""Cells by segment."""

from __future__ import annotations

from pyspark.sql import SparkSession

from segmentation.keys import by_segment


def test_each_row_has_the_value_of_its_segment(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(0,), (1,), (2,), (None,)], "segment int")
    told = rows.select(
        "segment",
        by_segment({0: "nobody", 1: "it's some", 2: None}, "string").alias("name"),
        by_segment({1: {"channel": "mail"}, 2: {}}, "map<string,string>").alias("strategy"),
        by_segment({}, "double").alias("nothing"),
    )
    assert [field.dataType.simpleString() for field in told.schema] == ["int", "string", "map<string,string>", "double"]
    assert sorted(map(tuple, told.collect()), key=str) == [
        (0, "nobody", None, None), (1, "it's some", {"channel": "mail"}, None), (2, None, {}, None),
        (None, None, None, None),
    ]  # fmt: skip
