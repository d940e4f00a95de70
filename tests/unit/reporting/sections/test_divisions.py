"""What the report says of a source's own bands and groups, and of the time to come."""

from __future__ import annotations

import pandas as pd
import pytest

from segmentation.config import Horizon, Metric
from segmentation.i18n.text import Lang
from segmentation.i18n.wording import WORDINGS
from segmentation.reporting.data import Business, EntityData, ReportData, RunInfo
from segmentation.reporting.sections.divisions import divisions, in_short
from segmentation.reporting.sections.outlook import mean_of, metrics, next_steps
from segmentation.reporting.voice import voice_of

ENGLISH = voice_of("en", "IDR", wording=WORDINGS["shop"], alone=True)
TIERS = [
    {"value": "top", "buyers": 10, "buyer_share": 0.1, "orders": 20, "gmv": 3000, "gmv_share": 0.6, "conversion_rate": 0.5},
    {"value": None, "buyers": 5, "buyer_share": 0.05, "orders": 5, "gmv": 500, "gmv_share": 0.1, "conversion_rate": 0.8},
    {"value": "low", "buyers": 85, "buyer_share": 0.85, "orders": 90, "gmv": 1500, "gmv_share": 0.3, "conversion_rate": 0.9},
]  # fmt: skip
UNSOLD = {"orders": 0, "gmv": None, "gmv_share": None, "conversion_rate": None}


def test_a_division_says_what_stands_out_and_shows_its_values_as_declared() -> None:
    (found,) = divisions({"tier": TIERS}, {"tier": ("low", "middle", "top")}, ENGLISH)
    assert found.name == "Tier"
    assert found.insights == [
        "Most customers are in low: 85.0%. Then comes top (10.0%).",
        "top brings 60.0% of sales with 10.0% of customers.",
        "Of all orders, 90.0% became sales in low, and 50.0% in top.",
        "It is unknown for 5 of 100 customers (5.0%).",
    ]
    assert [value for value, _ in found.lines] == ["low", "top", "unknown"]
    assert found.lines[0][1] == ["85", "85.0%", "90", "Rp 1.5 K", "30.0%", "90.0%"]
    assert in_short([found]) == ["Tier: Most customers are in low: 85.0%. Then comes top (10.0%)."]


def test_of_bands_of_orders_no_money_is_told_beside_customers_who_did_not_bring_it() -> None:
    # Whose average is low may have bought once in the top band: its sales are not those of its customers.
    (found,) = divisions({"tier": TIERS}, {"tier": ("low", "middle", "top")}, ENGLISH, of_orders=["tier"])
    assert not any("brings" in said for said in found.insights)
    assert found.insights[0] == "Most customers are in low: 85.0%. Then comes top (10.0%)."
    assert found.note == (
        "Customers are counted where their own value lies, orders where the order's does: the shares of a line are not of "
        "the same customers."
    )


def test_without_sales_there_are_customers_alone() -> None:
    rows = [{**row, **UNSOLD} for row in TIERS]
    (found,) = divisions({"tier": rows}, {"tier": ("low", "top")}, ENGLISH)
    assert found.columns == ["Customers", "Share"]
    assert [cells for _, cells in found.lines] == [["85", "85.0%"], ["10", "10.0%"], ["5", "5.0%"]]
    assert not any("paid" in said or "GMV" in said for said in found.insights)


def test_a_division_that_nobody_is_known_in_is_left_out() -> None:
    assert divisions({"tier": TIERS[1:2]}, {"tier": ("low",), "other": ()}, ENGLISH) == []


def test_next_steps_and_what_to_track_come_from_the_config_with_todays_figures() -> None:
    steps = Horizon.model_validate(
        {"name": {"en": "Soon", "id": "Segera"}, "steps": [{"en": "Act", "id": "Bertindak"}]}
    )
    tracked = [
        Metric.model_validate({"name": {"en": name or "later", "id": "x"}, "measure": name})
        for name in ("arpu", "repeat_rate", "completion_rate", "conversion_rate", None)
    ]
    profiles = pd.DataFrame(
        {
            "segment": [0, 1, 2],
            "size": [9, 30, 10],
            "repeat_rate": [None, 0.2, 0.6],
            "mean_completion_rate": [None, 1, None],
            "lift_completion_rate": [None, 1, None],
        }
    )
    data = ReportData(
        RunInfo("r", "shop", None), pd.DataFrame(), {"buyers": EntityData(profiles, pd.DataFrame())},
        business=Business(next_steps=(steps,), metrics=tracked),
    )  # fmt: skip
    total = {"total": [{"value": "total", "gmv": 4000, "buyers": 40, "conversion_rate": 0.75}]}
    found = {one.name: one.today for one in metrics(data, total, ENGLISH)}
    assert found == {
        "arpu": "Rp 100", "repeat_rate": "30.0%", "completion_rate": "100.0%", "conversion_rate": "75.0%", "later": "",
    }  # fmt: skip
    assert [(one.name, one.steps) for one in next_steps(data, voice_of("id", "IDR"))] == [("Segera", ["Bertindak"])]


def test_a_mean_over_all_is_of_those_of_whom_it_is_known() -> None:
    # 10 of 1,000 are known to complete all, 90 of 100 a half: (10 + 45) / 100.
    profiles = pd.DataFrame(
        {
            "segment": [0, 1, 2, 3],
            "size": [9, 1_000, 100, 500],
            "mean_completion_rate": [None, 1.0, 0.5, None],
            "lift_completion_rate": [None, 1.0 / 0.55, 0.5 / 0.55, None],
            "mean_nothing": [None, 0.0, 0.0, None],
            "lift_nothing": [None] * 4,
        }
    )
    buyers = EntityData(profiles, pd.DataFrame())
    assert mean_of(buyers, "completion_rate") == pytest.approx(0.55)
    assert mean_of(buyers, "nothing") == 0.0
    assert mean_of(buyers, "other") is None and mean_of(None, "completion_rate") is None


def _tiers(*lines: tuple[str, float, float | None]) -> list[dict[str, object]]:
    """Name, share of the customers, and how many of all orders became sales."""
    return [
        {"value": name, "buyers": 100 * share, "buyer_share": share, "orders": 0, "gmv": 0, "gmv_share": None,
         "conversion_rate": rate}
        for name, share, rate in lines
    ]  # fmt: skip


def _said(*lines: tuple[str, float, float | None], lang: Lang = "en") -> list[str]:
    (found,) = divisions({"tier": _tiers(*lines)}, {"tier": [name for name, *_ in lines]}, voice_of(lang, "IDR"))
    return list(found.insights)


def test_of_parts_that_are_equal_none_is_the_largest() -> None:
    assert _said(("A", 0.5, None), ("B", 0.5, None)) == ["A, B hold 50.0% of buyers each."]
    assert _said(("A", 0.5001, None), ("B", 0.4999, None)) == ["A, B hold 50.0% of buyers each."]
    assert _said(("A", 0.4, None), ("B", 0.4, None), ("C", 0.2, None)) == [
        "A, B hold 40.0% of buyers each. Then comes C (20.0%)."
    ]
    assert _said(("A", 0.5, None), ("B", 0.5, None), lang="id") == ["A, B masing-masing mencakup 50,0% pembeli."]


def test_one_comes_and_several_come() -> None:
    assert _said(("A", 0.55, None), ("B", 0.45, None)) == ["Most buyers are in A: 55.0%. Then comes B (45.0%)."]
    assert _said(("A", 0.6, None), ("B", 0.3, None), ("C", 0.1, None)) == [
        "Most buyers are in A: 60.0%. Then come B (30.0%), C (10.0%)."
    ]


def test_rates_that_show_the_same_are_not_held_against_each_other() -> None:
    """Where everything was cancelled, 0 of one is no less than 0 of the other."""
    assert _said(("A", 0.6, 0.0), ("B", 0.4, 0.0)) == ["Most buyers are in A: 60.0%. Then comes B (40.0%)."]
    assert _said(("A", 0.6, 0.05), ("B", 0.4, 0.0))[1] == "Of all orders, 5.0% became sales in A, and 0.0% in B."
