"""What lies furthest apart."""

from __future__ import annotations

from segmentation.reporting.sections.values import furthest_apart


def test_the_key_whose_highest_is_most_times_its_lowest() -> None:
    found = furthest_apart({"orders": [(1.0, "a"), (4.0, "b")], "value": [(2.0, "a"), (30.0, "b"), (3.0, "c")]})

    assert found == ("value", (30.0, "b"), (2.0, "a"))


def test_something_is_endlessly_many_times_nothing() -> None:
    found = furthest_apart(
        {"value": [(0.03, "a"), (2.8, "b")], "vouchers": [(0.0, "a"), (1.6, "b")], "returns": [(0.0, "b"), (1.1, "a")]}
    )

    assert found == ("vouchers", (1.6, "b"), (0.0, "a"))


def test_what_is_the_same_or_nothing_or_below_it_is_not_apart() -> None:
    assert furthest_apart({"same": [(2.0, "a"), (2.0, "b")], "none": [], "nought": [(0.0, "a"), (0.0, "b")]}) is None
    assert furthest_apart({"below": [(-1.0, "a"), (3.0, "b")]}) is None
