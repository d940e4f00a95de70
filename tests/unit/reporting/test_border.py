"""Those on the border to a better segment, counted by hand."""

from __future__ import annotations

from pyspark.sql import SparkSession

from segmentation.reporting.border import nearby

MOVES = "id string, to_segment int, feature string, from_value double, to_value double"
SEGMENTS = "buyer_id string, segment int, confidence double, runner_up int"


def test_counts_those_on_the_border_by_what_would_move_them(spark: SparkSession) -> None:
    moves = spark.createDataFrame(
        [
            ("a", 1, "orders", 3.0, 4.0), ("b", 1, "orders", 3.0, 5.0), ("c", 1, "orders", 1.0, 6.0),
            ("d", 1, "days", 50.0, 43.0),
            ("far", 1, "orders", 1.0, 9.0),  # well inside its segment
            ("aside", 1, "orders", 4.0, 5.0),  # on the border to another segment than the better one
            ("e", 2, "orders", 1.0, 3.0), ("f", 2, "orders", 1.0, 2.0),
        ],
        MOVES,
    )  # fmt: skip
    segments = spark.createDataFrame(
        [
            ("a", 2, 0.01, 1), ("b", 2, 0.19, 1), ("c", 2, 0.1, 1), ("d", 2, 0.0, 1),
            ("far", 2, 0.2, 1), ("aside", 2, 0.05, 3), ("e", 3, 0.1, 2), ("f", 3, 0.1, 2),
            ("unmoved", 3, 0.1, 2), ("unsold", 0, None, None),
        ],
        SEGMENTS,
    )  # fmt: skip

    found = nearby(moves, segments, "buyer_id")

    assert [tuple(row) for row in found.itertuples(index=False)] == [
        (2, 1, "orders", 3, 2.0),  # of 1, 2 and 5
        (3, 2, "orders", 2, 1.0),  # of 1 and 2 one of the two, and no 1.5
        (2, 1, "days", 1, -7.0),
    ]


def test_nobody_is_near(spark: SparkSession) -> None:
    found = nearby(spark.createDataFrame([], MOVES), spark.createDataFrame([], SEGMENTS), "buyer_id")

    assert list(found.columns) == ["segment", "to_segment", "feature", "entities", "change"]
    assert found.empty
