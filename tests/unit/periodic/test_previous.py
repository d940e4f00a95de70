"""Where everybody was before, and since when they are where they are."""

from __future__ import annotations

from datetime import date

import pytest

from segmentation.periodic.previous import previous_segments, with_previous

MARCH, APRIL, MAY = date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)
TABLE = "buyer_id string, segment int, as_of date, previous_segment int, previous_since date, segment_since date"
PLACED = "buyer_id string, segment int, confidence double, runner_up int"


def told(frame):
    """By buyer: segment, the one before, since when it had been that, and since when it is this."""
    names = ("segment", "previous_segment", "previous_since", "segment_since")
    return {row["buyer_id"]: tuple(row[name] for name in names) for row in frame.collect()}


@pytest.fixture
def april(spark):
    """The table of a run of April: b1 is where it was in March, b2 came from 1, b3 is new."""
    rows = [
        ("b1", 1, APRIL, 1, MARCH, MARCH), ("b2", 2, APRIL, 1, MARCH, APRIL), ("b3", 2, APRIL, None, None, APRIL),
        ("b0", 0, APRIL, 0, MARCH, MARCH),
    ]  # fmt: skip
    return spark.createDataFrame(rows, TABLE)


@pytest.fixture
def placed(spark):
    rows = [("b1", 1, 0.9, 2), ("b2", 1, 0.9, 2), ("b3", 2, 0.9, 1), ("b4", 2, 0.9, 1), ("b0", 0, None, None)]
    return spark.createDataFrame(rows, PLACED)


def test_at_the_first_run_nobody_was_anywhere(placed):
    assert told(with_previous(placed, "buyer_id", MARCH)) == {
        "b1": (1, None, None, MARCH), "b2": (1, None, None, MARCH), "b3": (2, None, None, MARCH),
        "b4": (2, None, None, MARCH), "b0": (0, None, None, MARCH),
    }  # fmt: skip


def test_the_next_day_goes_on_from_the_table(april, placed):
    found = told(with_previous(placed, "buyer_id", MAY, previous_segments(april, "buyer_id", MAY)))
    assert found == {
        "b1": (1, 1, MARCH, MARCH),
        "b2": (1, 2, APRIL, MAY),  # back in 1: not since March without a break
        "b3": (2, 2, APRIL, APRIL),
        "b4": (2, None, None, MAY),
        "b0": (0, 0, MARCH, MARCH),
    }


def test_a_day_that_is_run_again_says_the_same(spark, april):
    first = previous_segments(april, "buyer_id", MAY)
    placed = spark.createDataFrame([("b1", 1, 0.9, 2), ("b2", 1, 0.9, 2), ("b3", 1, 0.9, 2)], PLACED)
    may = (
        with_previous(placed, "buyer_id", MAY, first).selectExpr("*", "date'2024-05-31' AS as_of").select(april.columns)
    )
    again = with_previous(placed, "buyer_id", MAY, previous_segments(may, "buyer_id", MAY))
    assert told(again) == told(may) == {"b1": (1, 1, MARCH, MARCH), "b2": (1, 2, APRIL, MAY), "b3": (1, 2, APRIL, MAY)}
    # With other data it is the same day before that counts, not the first run of the day.
    mended = spark.createDataFrame([("b2", 2, 0.9, 1)], PLACED)
    assert told(with_previous(mended, "buyer_id", MAY, previous_segments(may, "buyer_id", MAY))) == {
        "b2": (2, 2, APRIL, APRIL)
    }


def test_a_day_before_that_of_the_table_knows_nothing_of_it(april, placed):
    found = told(with_previous(placed, "buyer_id", MARCH, previous_segments(april, "buyer_id", MARCH)))
    assert {each[1:] for each in found.values()} == {(None, None, MARCH)}


def test_a_table_of_an_earlier_release_tells_its_own_day(spark, placed):
    old = spark.createDataFrame([("b1", 1, APRIL, None, None, None), ("b2", 2, APRIL, None, None, None)], TABLE)
    found = told(with_previous(placed, "buyer_id", MAY, previous_segments(old, "buyer_id", MAY)))
    assert found["b1"] == (1, 1, APRIL, APRIL)
    assert found["b2"] == (1, 2, APRIL, MAY)


def test_after_a_refit_numbers_are_the_later_ones_where_the_segment_is_the_same(spark, april, placed):
    # The earlier segment 1 is called 2 now; 2 was split, and is none of today's.
    found = told(with_previous(placed, "buyer_id", MAY, previous_segments(april, "buyer_id", MAY, {1: 2})))
    assert found == {
        "b1": (1, 2, MARCH, MAY), "b2": (1, None, None, MAY), "b3": (2, None, None, MAY), "b4": (2, None, None, MAY),
        "b0": (0, 0, MARCH, MARCH),
    }  # fmt: skip
    stayed = spark.createDataFrame([("b1", 2, 0.9, 1)], PLACED)
    assert told(with_previous(stayed, "buyer_id", MAY, previous_segments(april, "buyer_id", MAY, {1: 2})))["b1"] == (
        2,
        2,
        MARCH,
        MARCH,
    )


def test_hysteresis_keeps_who_is_not_sure_enough(spark, april):
    rows = [
        ("b1", 2, 0.09, 1),  # came from 1 and is hardly nearer to 2: stays
        ("b2", 1, 0.1, 2),  # sure enough
        ("b3", 1, 0.05, 3),  # between 1 and 3, and no more near 2, where it was
        ("b4", 2, 0.01, 1),  # new: there is nothing to leave
        ("b0", 1, 0.01, 2),  # had no sale
    ]
    placed = spark.createDataFrame(rows, PLACED)
    earlier = previous_segments(april, "buyer_id", MAY)
    found = with_previous(placed, "buyer_id", MAY, earlier, hysteresis=0.1)
    assert told(found) == {
        "b1": (1, 1, MARCH, MARCH), "b2": (1, 2, APRIL, MAY), "b3": (1, 2, APRIL, MAY), "b4": (2, None, None, MAY),
        "b0": (1, 0, MARCH, MAY),
    }  # fmt: skip
    sure = {row["buyer_id"]: (row["confidence"], row["runner_up"]) for row in found.collect()}
    assert sure == {"b1": (0.0, 2), "b2": (0.1, 2), "b3": (0.05, 3), "b4": (0.01, 1), "b0": (0.01, 2)}
    without = with_previous(placed, "buyer_id", MAY, earlier)
    assert told(without)["b1"] == (2, 1, MARCH, MAY)
