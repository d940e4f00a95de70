"""The referee itself, on segments written out by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from deltalake import write_deltalake

from tests.support import referee
from tests.support.referee import (
    CLAIMS,
    Segments,
    Verdict,
    from_frames,
    judge,
    judge_figures,
    judge_profile,
    read_segments,
)

WORDS = Path(__file__).parents[3] / "docs" / "words.md"

# segment, count_orders, total_gmv, orders_per_month, rhythm_days, recency_days, lapse, voucher_rate, unique_sellers,
# unique_categories, cancel_rate, return_rate, age
BUYERS = [
    (1, 40, 8000.0, 4.0, 9.0, 5, 0.5, 0.00, 6, 4, 0.00, 0.00, 50),
    (1, 20, 6000.0, 2.0, 15.0, 12, 0.8, 0.05, 5, 3, 0.00, 0.06, 60),
    (1, 3, 4000.0, 0.3, None, 70, None, 0.10, 1, 1, 0.20, 0.08, None),
    (2, 5, 500.0, 1.0, 40.0, 40, 1.0, 0.40, 2, 2, 0.10, 0.00, 40),
    (2, 5, 700.0, 0.5, 50.0, 30, 0.6, 0.50, 2, 2, 0.10, 0.00, 30),
    (3, 1, 20.0, 0.2, None, 100, None, 0.00, 1, 1, 0.00, 0.00, None),
    (3, 2, 30.0, 0.2, 30.0, 120, 4.0, 0.50, 1, 1, 0.00, 0.00, 30),
    (3, 1, 40.0, 1.0, 90.0, 90, 1.0, 0.00, 1, 1, 0.00, 0.00, 20),
    (0, 0, 0.0, None, None, None, None, None, 0, 0, 1.00, 0.00, 99),
]
# segment, count_orders, total_gmv, orders_per_month, recency_days, unique_buyers, top_buyer_share
SELLERS = [
    (1, 50, 900.0, 5.0, 3, 20, 0.1),
    (1, 30, 500.0, 1.0, 28, 4, 0.6),
    (2, 4, 300.0, 0.5, 29, 3, 0.5),
    (2, 2, 100.0, 0.2, 60, 2, 0.9),
]
STEM = "Low-Spending Sporadic Buyers"


def _buyers(**without: object) -> Segments:
    columns = [
        "segment", "count_orders", "total_gmv", "orders_per_month", "rhythm_days", "recency_days", "lapse",
        "voucher_rate", "unique_sellers", "unique_categories", "cancel_rate", "return_rate", "age",
    ]  # fmt: skip
    names = {1: "High-Spending Regulars", 2: f"{STEM} with More Orders", 3: STEM, 0: "Buyers without a Purchase"}
    return from_frames(*_frames(BUYERS, columns, names, "buyer_id", list(without)), "buyers")


def _sellers() -> Segments:
    columns = [
        "segment", "count_orders", "total_gmv", "orders_per_month", "recency_days", "unique_buyers", "top_buyer_share"
    ]  # fmt: skip
    names = {1: "High-Volume Established Sellers", 2: "Niche Low-Volume Sellers"}
    return from_frames(*_frames(SELLERS, columns, names, "seller_id", []), "sellers")


def _frames(
    rows: Sequence[tuple[float | None, ...]], columns: list[str], names: dict[int, str], key: str, without: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and segments, as the tables have them."""
    frame = pd.DataFrame(rows, columns=columns)
    frame[key] = [f"{key}-{number}" for number in range(len(frame))]
    frame["avg_order_value"] = frame["total_gmv"] / frame["count_orders"]
    segments = frame[[key, "segment"]].assign(segment_name=frame["segment"].map(names))
    return frame.drop(columns=["segment", *without]), segments


def _said(verdicts: list[Verdict]) -> dict[str, bool]:
    """What is said, and whether all that it means holds."""
    said: dict[str, bool] = {}
    for verdict in verdicts:
        said[verdict.word] = said.get(verdict.word, True) and verdict.holds
    return said


@pytest.mark.parametrize(
    ("word", "true_of", "false_of"),
    [
        ("Regulars", [1, 2], [3]),
        ("frequent", [1], [2, 3]),
        ("infrequently", [2, 3], [1]),
        ("sporadic", [2, 3], [1]),
        ("active", [1], [2, 3]),
        ("dormant", [3], [1, 2]),
        ("voucher-dependent", [2], [1, 3]),
        ("hardly use vouchers", [1, 3], [2]),
        ("large orders", [1], [2, 3]),
        ("low value", [3], [1, 2]),
        ("high-spending", [1], [2, 3]),
        ("moderate-spending", [2], [1, 3]),
        ("spend little", [2, 3], [1]),
        ("many-seller", [1], [2, 3]),
        ("few-seller", [2, 3], [1]),
        ("wide-range", [1], [2, 3]),
        ("narrow-range", [2, 3], [1]),
        ("cancellation-prone", [2], [1, 3]),
        ("return-prone", [1], [2, 3]),
        ("older", [1], [2, 3]),
        ("younger", [2, 3], [1]),
    ],
)
def test_a_word_of_buyers_is_true_of_some_and_false_of_others(
    word: str, true_of: list[int], false_of: list[int]
) -> None:
    rulings = {segment: _said(judge(_buyers(), segment, f"They are {word}.")) for segment in (1, 2, 3)}
    assert rulings == {segment: {word: segment in true_of} for segment in sorted(true_of + false_of)}


@pytest.mark.parametrize(
    ("word", "true_of_first", "true_of_second"),
    [
        ("high-volume", True, False),
        ("established", True, False),
        ("low volume", False, True),
        ("backbone of the marketplace", True, False),
        ("niche", False, True),
        ("few-buyer", False, True),
        ("diverse buyer base", True, False),
        ("one-buyer-reliant", False, True),
        ("high-sales", True, False),
        ("regular", False, False),  # said of buyers alone
    ],
)
def test_a_word_of_sellers_is_true_of_one_and_false_of_another(
    word: str, true_of_first: bool, true_of_second: bool
) -> None:
    rulings = [_said(judge(_sellers(), segment, f"They are {word}.")) for segment in (1, 2)]
    assert rulings == [{word: true_of_first}, {word: true_of_second}]


def test_of_a_segment_nothing_is_known_that_is_known_of_fewer_than_half() -> None:
    ids = [f"b{n}" for n in range(5)]
    features = pd.DataFrame(
        {"buyer_id": ids, "age": [60.0, None, None, 20.0, 30.0], "recency_days": [100, 90, 95, 1, 2]}
    )
    features["lapse"] = [1.2, None, None, 1.0, None]  # one of three, one of two
    found = from_frames(features, pd.DataFrame({"buyer_id": ids, "segment": [1, 1, 1, 2, 2]}), "buyers")
    assert [found.figure("mean_age", segment) for segment in (1, 2, 0)] == [None, 25, pytest.approx(110 / 3)]
    assert [str(each.holds) for each in judge(found, 1, "Dormant, Older Buyers")] == ["True", "False"]
    assert found.figure("median_lapse", 2) == 1


def test_whether_they_bought_once_is_judged_by_nine_in_ten() -> None:
    rows = [(1, orders) for orders in (1, 1, 1, 1, 1, 1, 1, 1, 1, 5)] + [(2, orders) for orders in (1, 1, 1, 1, 2)]
    frame = pd.DataFrame(rows, columns=["segment", "count_orders"]).assign(buyer_id=range(15))
    buyers = from_frames(frame[["buyer_id", "count_orders"]], frame[["buyer_id", "segment"]], "buyers")
    rulings = {segment: _said(judge(buyers, segment, "One-Time Customers")) for segment in (1, 2)}
    assert rulings == {1: {"One-Time": True}, 2: {"One-Time": False}}
    assert _said(judge(buyers, 2, "Pelanggan Sekali Belanja", "id")) == {"Sekali Belanja": False}


def test_a_basket_of_two_sellers_is_bought_once() -> None:
    times = pd.to_datetime(["2024-01-01 10:00", "2024-01-01 10:00", "2024-01-05 10:00"])
    features = pd.DataFrame(
        {"buyer_id": ["b1", "b2"], "count_orders": [2, 2], "first_order_at": times[:2], "last_order_at": times[1:]}
    )
    for buyers, holds in (([1, 2], True), ([2, 1], False)):  # who has come back is b2
        segments = from_frames(features, pd.DataFrame({"buyer_id": ["b1", "b2"], "segment": buyers}), "buyers")
        assert [verdict.holds for verdict in judge(segments, 1, "They bought once.")] == [holds]


def test_a_comparison_is_false_where_segments_are_not_told_apart() -> None:
    apart = {1: [90.0, 100.0, 110.0], 2: [9.0, 10.0, 11.0], 3: [40.0, 45.0, 50.0]}
    overlapping = {1: [1.0, 100.0, 300.0], 2: [1.0, 10.0, 290.0], 3: [1.0, 45.0, 295.0]}  # with the same medians
    for values, holds in ((apart, True), (overlapping, False)):
        rows = [(segment, value) for segment, own in values.items() for value in own]
        frame = pd.DataFrame(rows, columns=["segment", "avg_order_value"]).assign(buyer_id=range(9))
        frame["total_gmv"] = frame["avg_order_value"]
        buyers = from_frames(frame.drop(columns="segment"), frame[["buyer_id", "segment"]], "buyers")
        said = {1: ("Large-Order", "High-Spending"), 2: ("Small-Order", "Low-Spending"), 3: ("Moderate-Spending",)}
        for segment, words in said.items():
            for word in words:
                assert _said(judge(buyers, segment, f"{word} Buyers")) == {word: holds}


def test_words_of_stores_are_judged_by_what_a_store_has() -> None:
    rows = [(1, 900.0, 800), (2, 150.0, 310), (3, 29.0, 40)]  # segment, orders_per_month, unique_buyers
    frame = pd.DataFrame(rows, columns=["segment", "orders_per_month", "unique_buyers"]).assign(seller_id=range(3))
    stores = from_frames(frame.drop(columns="segment"), frame[["seller_id", "segment"]], "sellers")
    rulings = {
        word: [_said(judge(stores, segment, f"They are {word}."))[word] for segment in (1, 2, 3)]
        for word in ("busy", "quiet", "wide-reach", "narrow-reach")
    }
    assert rulings == {
        "busy": [True, False, False],
        "quiet": [False, True, True],
        "wide-reach": [True, False, False],
        "narrow-reach": [
            False,
            False,
            True,
        ],  # the second have more than three hundred, though far fewer than the first
    }


def test_figures_of_baskets_bookings_stores_and_clients_are_those_of_orders_sellers_and_buyers() -> None:
    buyers, sellers = _buyers(), _sellers()
    of_buyers = {
        "Half of them pay Rp 300 a basket or more.": True,
        "Half of them shop at 5 stores or more.": True,
        "Half of them have booked 6 providers or more.": False,
        "A basket is worth Rp 285.71.": True,
        "They buy much: Rp 300.00 a booking.": False,
    }
    assert {text: judge_figures(buyers, 1, text)[0].holds for text in of_buyers} == of_buyers
    of_sellers = {
        "Half of them serve 12 customers or more.": True,
        "Half of them make 35.0% of their sales or more with their largest client.": True,
        "Half of them serve 20 clients or more.": False,
    }
    assert {text: judge_figures(sellers, 1, text)[0].holds for text in of_sellers} == of_sellers


def test_each_word_of_a_name_is_judged_and_of_a_phrase_by_its_own_terms() -> None:
    assert _said(judge(_buyers(), 3, STEM)) == {"Low-Spending": True, "Sporadic": True}
    # Another segment spends less: of this phrase that is one too many, elsewhere it is not.
    assert _said(judge(_buyers(), 2, STEM)) == {"Low-Spending": False, "Sporadic": True}
    assert _said(judge(_buyers(), 2, "Low-Spending Buyers")) == {"Low-Spending": True}
    assert _said(judge(_buyers(), 1, "High-Spending Regulars")) == {"High-Spending": True, "Regulars": True}


def test_what_nobody_has_a_figure_for_is_claimed_of_nobody_but_for_dormant() -> None:
    buyers = _buyers(voucher_rate=None, lapse=None, age=None)
    said = judge(buyers, 3, "Older, Voucher-Light Dormant Buyers")
    assert _said(said) == {"Older": False, "Voucher-Light": False, "Dormant": True}


def test_who_has_a_rhythm_is_dormant_by_it_too() -> None:
    (dormant,) = judge(_buyers(), 3, "Dormant Buyers")
    assert dormant.holds and dormant.figures == {"median_recency_days": 100.0, "median_lapse": 2.5}


def test_what_a_name_compares_is_compared_with_segments_of_its_stem() -> None:
    buyers = _buyers()
    assert _said(judge(buyers, 2, f"{STEM} with More Orders and Larger Orders"))["More Orders"]
    said = _said(judge(buyers, 2, f"{STEM} with Older Last Orders, Larger Orders and Fewer Sellers"))
    assert (said["Older Last Orders"], said["Larger Orders"], said["Fewer Sellers"]) == (False, True, False)
    assert _said(judge(buyers, 1, "High-Spending Regulars with More Orders"))["More Orders"] is False


def test_no_claim_is_made_by_a_comparison_or_by_another_segments_name() -> None:
    buyers = _buyers()
    sentence = f"They buy more often than {STEM}, half of them 12 days ago or more recently."
    assert judge(buyers, 1, sentence) == []
    assert judge(buyers, 0, "Active Buyers") == []


def test_the_longest_word_is_the_one_that_is_said() -> None:
    assert _said(judge(_sellers(), 1, "They are highly active.")) == {"highly active": True}
    assert _said(judge(_buyers(), 3, "They are less engaged over time, and inactive.")) == {
        "less engaged over time": True
    }


def test_indonesian_words_mean_the_same() -> None:
    buyers = _buyers()
    assert _said(judge(buyers, 3, "Pembeli Sporadis Berbelanja Kecil", "id")) == {
        "Sporadis": True,
        "Berbelanja Kecil": True,
    }
    assert _said(judge(buyers, 2, "Pembeli Sporadis Berbelanja Kecil", "id"))["Berbelanja Kecil"] is False
    assert _said(judge(buyers, 2, "Mereka bergantung pada kampanye voucher.", "id")) == {
        "bergantung pada kampanye voucher": True
    }
    assert _said(judge(buyers, 3, "Mereka aktif.", "id")) == {"aktif": False}
    assert judge(buyers, 3, "Mereka tidak aktif, dan membeli lebih jarang.", "id") == []


@pytest.mark.parametrize(
    ("sentence", "rulings"),
    [
        ("They are active: half of them bought within the last 12 days.", [True]),
        ("They are active: half of them bought within the last 13 days.", [False]),
        ("Half of them have 20 orders or more, from 5 sellers or more and in 4 categories or more.", [True, True, False]),
        ("Half of them place 2 orders a month or more and buy again within 12 days.", [True, True]),
        ("Half of them spend R$ 6,000.00 or more.", [True]),
        ("Half of them spend Rp 6.1 K or more.", [False]),
        ("Half of them spend Rp 300 an order or more.", [True]),
        ("Half of them have a voucher in 5.0% of their sales or less.", [True]),
        ("Half of them have a voucher in 10.0% of their sales or less.", [False]),
        ("Half of them see 6.0% of their orders returned or more.", [True]),
        ("Half of them are 55 or older.", [True]),
        ("Half of them have been away for 0.7 times their rhythm or longer.", [True]),
        ("Half of them order 2.0 times a month or more.", [True]),
        ("They rely on vouchers, worth Rp 5 each; half of them use one in 5.0% of their orders or more.", [True]),
        ("Their average order value is high: Rp 300.00 or more for half of them.", [True]),
        ("Their average order value is high: Rp 6.0 K or more for half of them.", [False]),
        ("Half of them have 20 orders and 6 sellers or more.", [True, False]),
        ("Half of them have 20 orders.", [False]),  # neither or more nor or fewer
        ("Half of them have 7 widgets or more.", [False]),  # of no feature: not to be passed over
        ("They are 6.9% of buyers, and spend Rp 6.0 K each.", []),
    ],
)  # fmt: skip
def test_a_figure_of_half_of_them_is_the_median(sentence: str, rulings: list[bool]) -> None:
    assert [verdict.holds for verdict in judge_figures(_buyers(), 1, sentence)] == rulings


def test_an_order_is_worth_gmv_over_sales_and_no_mean_of_means() -> None:
    buyers = _buyers()  # 18000 over 63 sales; the mean of avg_order_value is 611
    worth = {
        "An order of theirs is worth Rp 285.71.": True,
        "They buy much: Rp 0.3 K an order.": True,
        "An order is worth Rp 611.11.": False,
        "They spend Rp 300.00 an order.": False,
    }
    assert {text: judge_figures(buyers, 1, text)[0].holds for text in worth} == worth


def test_a_recommendation_wishes_and_claims_no_more_than_its_figures() -> None:
    wish = "Keep them active and frequent: an order of theirs is worth Rp 285.71."
    assert [verdict.word for verdict in judge_profile(_buyers(), 3, "Buyers", "They are few.", wish)] == [
        "an order of theirs is worth Rp 285.71"
    ]


def test_a_lake_gives_what_its_frames_give(tmp_path: Path) -> None:
    columns = ["segment", "count_orders", "total_gmv", "orders_per_month", "recency_days", "unique_buyers", "share"]
    features, segments = _frames(SELLERS, columns, {1: "Large", 2: "Small"}, "seller_id", ["share"])
    features["total_gmv"] = features["total_gmv"].map(lambda value: Decimal(value).quantize(Decimal("0.01")))
    write_deltalake(str(tmp_path / "seller_features"), features)
    write_deltalake(str(tmp_path / "seller_segments"), segments)
    sellers = read_segments(tmp_path, "sellers")
    assert sellers == from_frames(features, segments, "sellers")
    assert sellers.figure("order_value", 1) == 17.5
    assert sellers.figure("gmv_share", 2) == pytest.approx(400 / 1800)
    assert sellers.figure("mean_unique_buyers", referee.ALL) == 7.25


def test_the_referee_rules_by_the_words_as_they_are_documented() -> None:
    rows = re.findall(r"^\| (.+?) \| (buyers|sellers|both) \| (.+?) \|$", WORDS.read_text(), re.MULTILINE)
    assert len(rows) > 20
    for words, of, statement in rows:
        statement = re.sub(r"[`*]", "", statement)
        if words.startswith("an order is worth"):
            assert statement == referee.ORDER_VALUE
            continue
        claims = [claim for claim in CLAIMS if claim.statement == statement]
        assert claims and {claim.of for claim in claims} == {of}, f"docs/words.md says of {words}: {statement}"
        for word in words.split(", "):
            said = judge(_buyers() if of == "buyers" else _sellers(), 1, f"They are {word}.")
            assert statement in {verdict.statement for verdict in said}, word
