"""Levels: beside the other segments and beside all, without any unit."""

from __future__ import annotations

from typing import get_args

import pytest

from segmentation.story.claims import Bound, Rank
from segmentation.story.levels import Levels, Term, number
from tests.unit.story.profiles import Row, make_profiles


def terms(means: tuple[float | None, ...], segment: int, sizes: tuple[int, ...] = ()) -> set[Term]:
    """All terms that are true of a segment."""
    levels = Levels(make_profiles({"x": means}, sizes))
    known: tuple[Term, ...] = ("highest", "high", "not_high", "middling", "raised", "not_low", "low", "lowest")
    return {term for term in known if levels.holds(segment, "x", term)}


@pytest.mark.parametrize(
    ("means", "segment", "true"),
    [
        ((100, 10, 1), 1, {"highest", "high", "raised", "not_low"}),
        ((100, 10, 1), 2, {"middling", "low", "not_high"}),
        ((100, 10, 1), 3, {"lowest", "low", "not_high"}),
        ((10, 9, 8), 1, {"not_high", "not_low"}),
        ((12, 196, 161), 3, {"high", "raised", "not_low"}),
        ((0, 0, 0), 1, {"not_high", "not_low"}),
        ((5, 0, 0), 1, {"highest", "high", "raised", "not_low"}),
        ((-5, 5, 5), 1, {"lowest", "low", "not_high"}),
        ((7,), 1, {"not_high", "not_low"}),
        ((None, 3), 1, {"not_high", "not_low"}),
    ],
)
def test_terms(means: tuple[float | None, ...], segment: int, true: set[str]) -> None:
    assert terms(means, segment) == true


def test_high_among_segments_is_not_enough_below_the_mean_of_all() -> None:
    assert "high" in terms((100, 90, 10), 2, (1, 1, 1))
    assert "high" not in terms((100, 90, 10), 2, (900, 50, 50))
    assert "raised" in terms((100, 90, 10), 2, (900, 50, 50)), "though far from the lowest, and near to most"


def test_groups_that_hardly_overlap_are_apart_though_their_means_are_near() -> None:
    rows = make_profiles({"age": (45.0, 34.0, 33.0)})
    assert not Levels(rows).holds(1, "age", "high")
    for row in rows:
        row |= {"p10_age": row["mean_age"] - 4, "p90_age": row["mean_age"] + 4}
    assert Levels(rows).holds(1, "age", "high")


def test_what_is_no_number_is_unknown() -> None:
    assert [number(None), number(float("nan")), number(float("inf")), number(3)] == [None, None, None, 3.0]


def test_a_feature_in_which_segments_overlap_makes_nobody_high_or_low() -> None:
    # Stores that sold on the last day or the one before: means differ, and nine in ten of each have the same days.
    rows = make_profiles({"recency_days": (0.38, 0.75, 0.77, 0.58, 0.75)}, medians={"recency_days": (0, 0, 0, 0, 0.5)})
    assert Levels(rows).holds(1, "recency_days", "low"), "so long as nothing is known of the range"
    for row, most in zip(rows, (1, 1.5, 2, 1.2, 1.7), strict=True):
        row |= {"p10_recency_days": 0, "p90_recency_days": most}
    assert not any(
        Levels(rows).holds(n, "recency_days", term) for n in range(1, 6) for term in ("high", "low", "lowest")
    )
    assert Levels(rows).holds(1, "recency_days", "not_low")


def test_a_feature_in_which_the_extremes_hardly_overlap_tells_segments_apart() -> None:
    rows = make_profiles({"recency_days": (2.4, 16, 34, 36)})
    for row, least, most in zip(rows, (0, 7, 8.4, 8), (5, 30, 67, 71), strict=True):
        row |= {"p10_recency_days": least, "p90_recency_days": most}
    assert Levels(rows).holds(1, "recency_days", "lowest"), "8 days and more against 5 and fewer"


def test_of_segments_that_overlap_none_is_middling_or_raised_and_no_median_ranks() -> None:
    rows = make_profiles({"total_gmv": (100.0, 30.0, 10.0)})
    claims = {rank: {"total_gmv": Bound.model_validate({"rank": rank})} for rank in get_args(Rank)}

    def true_of(segment: int, rows: list[Row]) -> set[str]:
        levels = Levels(rows, claims)
        terms: tuple[Term, ...] = ("middling", "raised")
        found = {term for term in terms if levels.holds(segment, "total_gmv", term)}
        return found | {rank for rank in claims if levels.all_true([rank], segment)}

    assert [true_of(n, rows) for n in (1, 2, 3)] == [
        {"raised", "highest", "high", "level"}, {"middling", "low", "behind"}, {"low", "lowest", "behind"},
    ]  # fmt: skip
    overlapping = [{**row, "p10_total_gmv": 1.0, "p90_total_gmv": 200.0} for row in rows]
    assert [true_of(n, overlapping) for n in (1, 2, 3)] == [{"level"}] * 3
    apart = [
        {**row, "p10_total_gmv": 0.9 * row["mean_total_gmv"], "p90_total_gmv": 1.1 * row["mean_total_gmv"]}
        for row in rows
    ]
    assert [true_of(n, apart) for n in (1, 2, 3)] == [true_of(n, rows) for n in (1, 2, 3)]
