from __future__ import annotations

from datetime import date

import pandas as pd

from segmentation.reporting.sections import months, overview
from segmentation.reporting.theme import Canvas
from segmentation.reporting.voice import voice_of
from tests.reporting.fixtures import make_overview, overview_frame

ENGLISH = voice_of("en", "IDR")


def test_top_ten_provinces_and_the_others_add_up_to_all() -> None:
    pictures = overview.pictures(overview.by_dimension(make_overview()), date(2023, 8, 23), ENGLISH)
    province = next(picture for picture in pictures if picture.name == "overview_province")

    panels = province.draw.args[0]  # type: ignore[attr-defined]
    assert [bar.label for bar in panels[0].bars][:2] == ["DKI Jakarta", "Jawa Barat"]
    assert [bar.label for bar in panels[0].bars][-1] == "5 others"
    assert len(panels[0].bars) == 11
    assert round(sum(float(bar.aside[:-1]) for bar in panels[0].bars)) == 100
    assert province.title == "DKI Jakarta leads with 41.0% of GMV"


def test_each_measure_has_its_own_order() -> None:
    frame = overview_frame([("category", "a", 0.6, 0.1), ("category", "b", 0.4, 0.9)])

    (picture,) = overview.pictures(overview.by_dimension(frame), None, ENGLISH)

    gmv, revenue = picture.draw.args[0]  # type: ignore[attr-defined]
    assert [bar.label for bar in gmv.bars] == ["a", "b"]
    assert [bar.label for bar in revenue.bars] == ["b", "a"]


def test_unknown_is_a_bar_but_never_the_leader() -> None:
    frame = overview_frame([("province", None, 0.7, 0.7), ("province", "Riau", 0.3, 0.3)])

    (picture,) = overview.pictures(overview.by_dimension(frame), None, ENGLISH)

    assert picture.title == "Riau leads with 30.0% of GMV"
    assert picture.draw.args[0][0].bars[0].label == "unknown"  # type: ignore[attr-defined]


def test_a_dimension_of_nothing_known_is_left_out() -> None:
    frame = overview_frame([("seller_category", None, 1.0, 1.0)])

    assert overview.pictures(overview.by_dimension(frame), None, ENGLISH) == []


def test_dimensions_that_a_source_adds_are_shown() -> None:
    frame = overview_frame([("price_tier", "Budget", 0.4, 0.4), ("price_tier", "Luxury", 0.6, 0.6)])

    (picture,) = overview.pictures(overview.by_dimension(frame), None, ENGLISH)

    assert (picture.name, picture.kicker) == ("overview_price_tier", "Price tier")


def test_without_money_orders_are_counted() -> None:
    frame = overview_frame([("province", "Riau", 0.3, 0.3)]).assign(gmv=None, revenue=None, gmv_share=None)

    (picture,) = overview.pictures(overview.by_dimension(frame), None, ENGLISH)

    (panel,) = picture.draw.args[0]  # type: ignore[attr-defined]
    assert (panel.title, panel.bars[0].figure, panel.bars[0].aside) == ("Sales (orders)", "97,522", "")


def test_months_without_a_sale_are_there() -> None:
    rows = [{"value": "2023-11"}, {"value": "2024-02"}, {"value": None}]

    assert months.full_months(rows) == ["2023-11", "2023-12", "2024-01", "2024-02"]


def _months(first: str, *gmv: float) -> list[dict[str, object]]:
    names = pd.period_range(first, periods=len(gmv), freq="M")
    return [{"value": str(name), "gmv": one, "revenue": None} for name, one in zip(names, gmv, strict=True)]


def test_a_month_stands_beside_the_same_one_of_the_year_before() -> None:
    year = (*[100.0] * 11, 400.0)  # December brings four times as much

    def said(*more: float, as_of: date | None = None) -> str:
        return months.last_full_month(_months("2022-12", 7.0, *year, *more), as_of, ENGLISH)

    assert said(110.0) == (
        "Jan 2024, the last full month, brought Rp 110 of GMV: 10.0% more than Jan 2023, the same month a year before, "
        "and 72.5% less than the month before."
    )
    assert said() == "Dec 2023, the last full month, brought Rp 400 of GMV: 300.0% more than the month before."
    assert said(110.0, as_of=date(2024, 1, 20)) == said()  # January is not over
    assert months.last_full_month(_months("2022-12", 7.0, 100.0, *[0.0] * 11, 50.0), None, ENGLISH).endswith(
        "50.0% less than Jan 2023, the same month a year before."
    )
    assert months.last_full_month(_months("2022-12", 7.0, 0.0, *[0.0] * 11, 50.0), None, ENGLISH) == ""


def test_nothing_is_held_against_the_first_month_which_may_have_begun_before_its_orders() -> None:
    year = _months("2023-01", 3.0, *[100.0] * 12)

    assert months.last_full_month(year[:2], None, ENGLISH) == ""
    assert months.last_full_month(year, None, ENGLISH) == (
        "Jan 2024, the last full month, brought Rp 100 of GMV: as much as the month before."
    )


def test_months_are_marked_with_what_they_had_a_year_before() -> None:
    picture = months.picture(_months("2022-12", *range(15)), None, ENGLISH)

    assert picture is not None
    (series,) = picture.draw.args[1]  # type: ignore[attr-defined]
    assert series.before == [None] * 13 + [1.0, 2.0]  # and nothing of the first month, which may have begun before
    figure = picture.draw(Canvas(960))
    marks = [line for line in figure.axes[0].lines if len(set(line.get_ydata())) == 1]
    assert [line.get_ydata()[0] for line in marks[:2]] == [1.0, 2.0]
    assert "a year before" in [text.get_text() for text in figure.axes[0].texts]
    short = months.picture(_months("2023-01", *range(1, 13)), None, ENGLISH)
    assert short is not None
    assert "a year before" not in [text.get_text() for text in short.draw(Canvas(960)).axes[0].texts]


def test_orders_of_several_categories_are_drawn_against_all_orders() -> None:
    frame = overview_frame([("total", None, 1.0, 1.0), ("category", "a", 0.8, 0.8), ("category", "b", 0.6, 0.6)])
    frame = frame.assign(gmv=None, revenue=None, gmv_share=None)

    (picture,) = overview.pictures(overview.by_dimension(frame), None, ENGLISH)

    assert [round(bar.length, 3) for bar in picture.draw.args[0][0].bars] == [0.8, 0.6]  # type: ignore[attr-defined]


def test_a_month_is_open_until_its_last_day() -> None:
    assert months.is_open("2024-02", date(2024, 2, 28))
    assert not months.is_open("2024-02", date(2024, 2, 29))
    assert not months.is_open("2024-01", date(2024, 2, 3))
    assert not months.is_open("2024-02", None)
