"""What is said of pairs of segments."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from segmentation.reporting.sections import trade
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_report_data

ENGLISH = voice_of("en", "IDR")


@pytest.mark.parametrize(
    ("pairs", "said"),  # (sales, returned of all orders) of seller segments 1, 2, 3 with buyers of segment 1
    [
        (
            [(18248, 0.017), (3229, 0.013), (966, 0.019)],
            "No pair has clearly more returns than usual: 1.3% to 1.9% of orders",
        ),
        (
            [(18248, 0.017), (966, 0.019), (4, 0.0)],
            "No pair with 100 sales or more has clearly more returns than usual: 1.7% to 1.9% of orders",
        ),
        ([(1000, 0.01), (1000, 0.02), (500, 0.05)], "Most returns: {buyer} at {third}, 5.0% of orders"),
        (
            [(1000, 0.01), (1000, 0.04), (3, 0.33)],
            "Most returns among pairs with 100 sales or more: {buyer} at {second}, 4.0% of orders",
        ),
        ([(400, 0.01), (99, 0.04), (3, 0.33)], "Too few sales to compare returns: at most one pair has 100 or more"),
    ],
)
def test_few_sales_and_small_differences_are_no_finding_on_returns(pairs: list[tuple[int, float]], said: str) -> None:
    data = make_report_data()
    rows = [
        {"buyer_segment": 1, "seller_segment": at, "orders": orders, "gmv": 1.0, "revenue": None, "voucher_value": 0.0,
         "return_rate": rate}
        for at, (orders, rate) in enumerate(pairs, 1)
    ]  # fmt: skip
    sellers = data.entities["sellers"].profiles.set_index("segment")["segment_name"]
    buyer = data.entities["buyers"].profiles.set_index("segment")["segment_name"][1]

    pictures = trade.pictures(replace(data, trade=pd.DataFrame(rows)), voice_of("en", "IDR"))

    (title,) = [picture.title for picture in pictures if picture.name == "trade_return_rate"]
    assert title == said.format(buyer=buyer, second=sellers[2], third=sellers[3])


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
