"""Stories beside the rows that they are about."""

from __future__ import annotations

from pyspark.sql import SparkSession

from segmentation.story import Story, with_stories


def test_each_row_gets_what_is_said_of_its_segment(spark: SparkSession) -> None:
    buyers = spark.createDataFrame([("b1", 1), ("b2", 0), ("b3", 1)], "buyer_id string, segment int")
    stories = [Story(0, "Nobody", "i", "r"), Story(1, "Some", "i", "r", {"channel": "mail"}, 1)]
    named = with_stories(buyers, stories, ["segment_name"])
    assert named.columns == ["buyer_id", "segment", "segment_name"]
    assert sorted(map(tuple, named.collect())) == [("b1", 1, "Some"), ("b2", 0, "Nobody"), ("b3", 1, "Some")]

    told = with_stories(buyers, stories)
    assert told.columns[2:] == ["segment_name", "insight", "recommendation", "strategy", "priority"]
    strategies = {row.buyer_id: row.strategy for row in told.collect()}
    assert strategies == {"b1": {"channel": "mail"}, "b2": None, "b3": {"channel": "mail"}}
