"""What lies furthest apart."""

from __future__ import annotations

from segmentation.reporting.sections.values import furthest_apart, revenue_rate


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


def test_revenue_is_a_part_of_what_is_known_to_have_brought_some() -> None:
    half = {"orders": 1_000, "gmv": 1_000.0, "revenue": 5.0, "revenue_orders": 500, "published_gmv": 500.0}
    assert revenue_rate(half) == 0.01
    assert revenue_rate({**half, "revenue": None, "revenue_orders": 0, "published_gmv": 0.0}) is None


def test_where_the_gmv_of_published_orders_is_not_known_nearly_all_must_be_published() -> None:
    half = {"orders": 1_000, "gmv": 1_000.0, "revenue": 5.0, "revenue_orders": 500, "published_gmv": None}
    assert revenue_rate(half) is None
    assert revenue_rate({**half, "revenue_orders": 1_000}) == 0.005
