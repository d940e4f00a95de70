"""What is said of pairs of segments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmentation.reporting.sections import trade
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_report_data

ENGLISH = voice_of("en", "IDR")


@pytest.mark.parametrize(
    ("pairs", "said"),  # (accepted orders, returned of all orders) of seller segments 1, 2, 3 with buyers of segment 1
    [
        (
            [(18248, 0.017), (3229, 0.013), (966, 0.019)],
            "No pair has clearly more returns than usual: 1.3% to 1.9% of orders",
        ),
        (
            [(18248, 0.017), (966, 0.019), (4, 0.0)],
            "No pair with 100 orders or more has clearly more returns than usual: 1.7% to 1.9% of orders",
        ),
        (
            [(1000, 0.01), (1000, 0.02), (500, 0.05)],
            "Clearly more returns than usual: {buyer} at {third}, 5.0% of orders",
        ),
        (
            [(1000, 0.01), (1000, 0.04), (3, 0.33)],
            "Clearly more returns than usual, of pairs with 100 orders or more: {buyer} at {second}, 4.0% of orders",
        ),
        ([(400, 0.01), (99, 0.04), (3, 0.33)], "Too few orders to compare returns: at most one pair has 100 or more"),
    ],
)
def test_few_sales_and_small_differences_are_no_finding_on_returns(pairs: list[tuple[int, float]], said: str) -> None:
    data = make_report_data()
    rows = [
        {"buyer_segment": 1, "seller_segment": at, "orders": orders - round(orders * rate), "offered": orders, "gmv": 1.0,
         "revenue": None, "voucher_value": 0.0, "return_rate": rate}
        for at, (orders, rate) in enumerate(pairs, 1)
    ]  # fmt: skip
    sellers = data.entities["sellers"].profiles.set_index("segment")["segment_name"]
    buyer = data.entities["buyers"].profiles.set_index("segment")["segment_name"][1]

    pictures = trade.pictures(replace(data, trade=pd.DataFrame(rows)), voice_of("en", "IDR"))

    (title,) = [picture.title for picture in pictures if picture.name == "trade_return_rate"]
    assert title == said.format(buyer=buyer, second=sellers[2], third=sellers[3])


def _found_in_draws(rates: list[float], orders: int, draws: int = 1_000) -> list[set[int]]:
    """Which of nine pairs are a finding, whose orders are each returned with the pair's probability, draw by draw."""
    rng = np.random.default_rng(20260101)
    returned = rng.binomial(orders, rates, size=(draws, len(rates))).tolist()
    pairs = [(buyers, sellers) for buyers in (1, 2, 3) for sellers in (1, 2, 3)]
    offered = dict.fromkeys(pairs, orders)
    return [
        {
            pairs.index(pair)
            for pair in trade.compared_rates({p: n / orders for p, n in zip(pairs, own, strict=True)}, offered)[1]
        }
        for own in returned
    ]


def test_no_pair_is_named_for_returns_that_are_high_by_chance() -> None:
    found = _found_in_draws([0.03] * 9, orders=150)
    assert sum(bool(pairs) for pairs in found) <= 50  # one draw in twenty


def test_a_pair_with_three_times_the_returns_is_found() -> None:
    found = _found_in_draws([0.03] * 4 + [0.09] + [0.03] * 4, orders=400)
    assert sum(4 in pairs for pairs in found) >= 950


def test_returned_orders_count_towards_what_is_enough() -> None:
    data = make_report_data()
    rows = [
        {"buyer_segment": 1, "seller_segment": at, "orders": sales, "offered": offered, "gmv": 1.0, "revenue": None,
         "voucher_value": 0.0, "return_rate": 1 - sales / offered}
        for at, (sales, offered) in enumerate([(2000, 2020), (60, 120)], 1)
    ]  # fmt: skip
    (title,) = [
        picture.title
        for picture in trade.pictures(replace(data, trade=pd.DataFrame(rows)), ENGLISH)
        if picture.name == "trade_return_rate"
    ]
    assert title.startswith("Clearly more returns than usual") and title.endswith("50.0% of orders")


def test_a_cell_of_little_more_than_half_of_the_largest_is_paler_than_it() -> None:
    data = make_report_data()
    sales = {(1, 1): 45_500.0, (1, 2): 44_700.0, (1, 3): 26_000.0, (2, 1): 9_700.0, (2, 2): 5_700.0, (2, 3): 400.0}
    rows = [
        {"buyer_segment": buyers, "seller_segment": sellers, "orders": 1000, "gmv": gmv, "revenue": None,
         "voucher_value": 0.0, "return_rate": 0.0}
        for (buyers, sellers), gmv in sales.items()
    ]  # fmt: skip

    (picture, *_) = trade.pictures(replace(data, trade=pd.DataFrame(rows)), voice_of("en", "IDR"))

    (grid,) = picture.draw.args  # type: ignore[attr-defined]
    assert picture.name == "trade_gmv"
    assert [[cell.step for cell in line] for line in grid.cells] == [[4, 4, 3], [2, 1, 0]]


def test_where_a_side_is_one_group_who_buys_from_whom_says_nothing_new() -> None:
    data = make_report_data()
    assert trade.deals(data, ENGLISH)
    sellers = data.entities["sellers"]
    alone = replace(sellers, profiles=sellers.profiles.iloc[:1])
    one_sided = replace(data, entities={**data.entities, "sellers": alone})
    assert trade.deals(one_sided, ENGLISH) == []
    assert [picture for picture in trade.pictures(one_sided, ENGLISH) if picture.name.startswith("trade_gmv")] == []


def test_of_returns_is_spoken_where_some_are_known() -> None:
    data = make_report_data()
    assert trade.knows_returns(data)
    assert not trade.knows_returns(replace(data, trade=data.trade.assign(return_rate=None)))
