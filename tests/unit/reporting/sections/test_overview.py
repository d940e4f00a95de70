from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmentation.i18n.text import Lang
from segmentation.reporting.data import Business
from segmentation.reporting.sections import months, overview
from segmentation.reporting.theme import INK, Canvas
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_overview, overview_frame

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

    assert picture.title == "Province of the buyer"
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
    assert said() == (
        "Dec 2023, the last full month, brought Rp 400 of GMV: per day 287.1% more than the month before. "
        "Dec 2022, the same month a year before, is left out: the orders may begin in the midst of it."
    )  # 400 / 31 over 100 / 30
    assert said(110.0, as_of=date(2024, 1, 20)) == said()  # January is not over


def test_a_month_without_a_sale_is_named_where_another_would_be_held_against_it() -> None:
    def said(*gmv: float, lang: Lang = "en") -> str:
        every = _months("2022-12", *gmv)
        return months.last_full_month([row for row in every if row["gmv"]], None, voice_of(lang, "IDR"))

    assert said(7.0, 100.0, *[0.0] * 11, 50.0) == (
        "Jan 2024, the last full month, brought Rp 50 of GMV: 50.0% less than Jan 2023, the same month a year before. "
        "In Dec 2023, the month before, there was no sale."
    )
    assert said(7.0, 0.0, *[0.0] * 10, 20.0, 50.0) == (
        "Jan 2024, the last full month, brought Rp 50 of GMV: 150.0% more than the month before. "
        "In Jan 2023, the same month a year before, there was no sale."
    )
    assert said(7.0, 0.0, *[0.0] * 11, 50.0, lang="id") == (
        "Jan 2024, bulan penuh terakhir, menghasilkan GMV Rp 50. Pada Jan 2023, bulan yang sama setahun sebelumnya, tidak "
        "ada penjualan. Pada Des 2023, bulan sebelumnya, tidak ada penjualan."
    )


def test_a_month_whose_sales_brought_nothing_is_not_one_without_a_sale() -> None:
    def said(lang: Lang = "en") -> str:
        every = _months("2022-12", 7.0, 100.0, *[5.0] * 10, 0.0, 50.0)
        return months.last_full_month(every, None, voice_of(lang, "IDR"))

    assert said() == (
        "Jan 2024, the last full month, brought Rp 50 of GMV: 50.0% less than Jan 2023, the same month a year before. "
        "In Dec 2023, the month before, the sales brought no GMV."
    )
    assert said("id").endswith("Pada Des 2023, bulan sebelumnya, penjualannya tidak menghasilkan GMV.")


def test_the_last_month_that_is_over_is_told_though_nothing_was_sold_in_it() -> None:
    assert months.last_full_month(_months("2023-10", 3.0, 100.0), date(2024, 1, 20), ENGLISH) == (
        "Dec 2023, the last full month, brought Rp 0 of GMV: 100.0% less than the month before."
    )


def test_nothing_is_held_against_the_first_month_which_may_have_begun_before_its_orders() -> None:
    year = _months("2023-01", 3.0, *[100.0] * 12)

    assert months.last_full_month(year[:1], None, ENGLISH) == ""
    assert months.last_full_month(year[:2], None, ENGLISH) == (
        "Feb 2023, the last full month, brought Rp 100 of GMV. Jan 2023, the month before, is left out: the orders may "
        "begin in the midst of it."
    )
    assert months.last_full_month(year, None, ENGLISH) == (
        "Jan 2024, the last full month, brought Rp 100 of GMV: as much as the month before. "
        "Jan 2023, the same month a year before, is left out: the orders may begin in the midst of it."
    )


def test_months_are_marked_with_what_they_had_a_year_before() -> None:
    picture = months.picture(_months("2022-12", *range(15)), None, ENGLISH)

    assert picture is not None
    (series,) = picture.draw.args[1]  # type: ignore[attr-defined]
    assert series.before == [None] * 13 + [1.0, 2.0]  # and nothing of the first month, which may have begun before
    figure = picture.draw(Canvas(960))
    marks = [line for line in figure.axes[0].lines if line.get_color() == INK and len(set(line.get_ydata())) == 1]
    assert [line.get_ydata()[0] for line in marks[:2]] == [1.0, 2.0]
    assert "a year before" in [text.get_text() for text in figure.axes[0].texts]
    short = months.picture(_months("2023-01", *range(1, 13)), None, ENGLISH)
    assert short is not None
    assert "a year before" not in [text.get_text() for text in short.draw(Canvas(960)).axes[0].texts]


@pytest.mark.parametrize(
    ("first", "gmv", "as_of", "note"),
    [
        # From the 14th month on there is a whole one a year before; of the 13th it is the first one.
        ("2022-12", [1.0] * 14, None, "Dec 2023 has no mark of a year before: the orders may begin in the midst of Dec 2022."),
        ("2022-12", [1.0] * 12, None, "Dec 2022 may not be whole: the orders may begin in the midst of it."),
        (
            "2022-12", [1.0] * 14, date(2024, 1, 20),
            "Jan 2024 is not over: its column is pale, and is held against no whole month of the year before. "
            "Dec 2023 has no mark of a year before: the orders may begin in the midst of Dec 2022.",
        ),
        (
            "2016-09", [4.0, 5.0, 0.0, 2.0, 0.0, 0.0, 0.0, 9.0], None,
            "Sep 2016 may not be whole: the orders may begin in the midst of it. "
            "Without a sale: Nov 2016, Jan 2017–Mar 2017.",
        ),
        ("2017-01", [1.0] * 80, None, "Shown are the last 60 of 80 months."),
    ],
)  # fmt: skip
def test_what_is_left_out_of_the_months_is_said_beside_them(
    first: str, gmv: list[float], as_of: date | None, note: str
) -> None:
    picture = months.picture([row for row in _months(first, *gmv) if row["gmv"]], as_of, ENGLISH)
    assert picture is not None and picture.note == note


def test_months_go_on_to_the_day_of_the_figures_and_are_drawn_at_nought() -> None:
    picture = months.picture(_months("2023-10", 3.0, 100.0), date(2024, 1, 31), ENGLISH)

    assert picture is not None
    assert picture.alt.endswith("Oct 2023: Rp 3; Nov 2023: Rp 100; Dec 2023: Rp 0; Jan 2024: Rp 0")
    bars = picture.draw(Canvas(960)).axes[0].patches
    assert [bar.get_height() for bar in bars] == [3.0, 100.0, 0.0, 0.0]
    assert picture.note.endswith("Without a sale: Dec 2023–Jan 2024.")


def test_a_month_whose_revenue_is_unknown_is_not_one_of_none() -> None:
    known = [
        {**row, "revenue": None if row["value"] == "2023-11" else 2.0} for row in _months("2023-10", 3.0, 4.0, 5.0)
    ]
    picture = months.picture(known, None, ENGLISH)
    assert picture is not None and picture.note.endswith("No figure for Nov 2023: Platform revenue.")


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


def test_months_of_other_lengths_are_compared_per_day() -> None:
    def said(*gmv: float, first: str = "2017-01", lang: Lang = "en") -> str:
        return months.last_full_month(_months(first, *gmv), None, voice_of(lang, "USD"))

    # 10 a day in 28 days of February, 11 in 31 of March: a tenth more a day, though 21.8% more in all.
    assert said(310.0, 280.0, 341.0) == (
        "Mar 2017, the last full month, brought USD 341 of GMV: per day 10.0% more than the month before."
    )
    assert said(310.0, 280.0, 341.0, lang="id").endswith("per hari 10,0% lebih tinggi daripada bulan sebelumnya.")
    assert said(1.0, 310.0, 341.0, first="2017-06").endswith(": 10.0% more than the month before.")  # July and August
    # February 2024 has 29 days, that of the year before 28: 10 a day in both.
    assert "per day as much as Feb 2023" in said(1.0, *[280.0] + [300.0] * 10, 310.0, 290.0, first="2023-01")


@pytest.mark.parametrize(
    ("gmv", "title"),
    [
        (
            (310.0, 308.0, 200.0),
            "Of the months shown Jan 2017 brought the most, USD 310; per day Feb 2017 was ahead",
        ),  # 10 a day, and 11
        (
            (310.0, 200.0, 305.0),
            "Of the months shown Jan 2017 brought the most, USD 310, hardly more than Mar 2017 with USD 305",
        ),
        ((310.0, 200.0, 248.0), "Best of the months shown: Jan 2017, with USD 310"),
    ],
)
def test_a_month_is_the_best_where_it_is_so_per_day_and_clearly(gmv: tuple[float, ...], title: str) -> None:
    picture = months.picture(_months("2017-01", *gmv), None, voice_of("en", "USD"))
    assert picture is not None and picture.title == title


def test_a_lead_within_chance_is_none() -> None:
    def titled(orders: int, **shares: float) -> str:
        lines = [("category", name, share, share) for name, share in shares.items()]
        frame = overview_frame([("total", None, 1.0, 1.0), *lines])
        frame = frame.assign(gmv=frame["gmv_share"] * orders, gmv_squares=frame["gmv_share"] * orders)  # of 1 each
        dimensions = overview.by_dimension(frame)
        return overview.lead(dimensions["category"], overview.totals(dimensions), ENGLISH)

    alike = {"a": 0.256, "b": 0.251, "c": 0.249, "d": 0.244}
    # Of 6,000 orders two standard errors are 2 × √((0.256 + 0.244) / 6,000) = 0.018; of 600,000 a tenth of that.
    assert titled(6_000, **alike) == "no clear leader: 24.4% to 25.6% of GMV for each of the 4"
    assert titled(600_000, **alike) == "a leads with 25.6% of GMV"
    assert (
        titled(6_000, a=0.4, b=0.39, c=0.21) == "a, b are ahead, none of them clearly first: 39.0% to 40.0% of GMV each"
    )
    assert titled(6_000, a=0.6, b=0.4) == "a leads with 60.0% of GMV"


def _leaders_in_draws(places: int, spread: float, orders: int = 3_000, draws: int = 300) -> list[int]:
    """How many lead, draw by draw, where places are alike and logarithms of the value of an order have a spread."""
    rng, found = np.random.default_rng(20260101), []
    for _ in range(draws):
        value, place = rng.lognormal(0, spread, orders), rng.integers(0, places, orders)
        gmv, squares = (np.bincount(place, value**power, places) for power in (1, 2))
        rows = [
            {
                "value": str(at),
                "gmv": own,
                "gmv_squares": square,
                "gmv_share": own / gmv.sum(),
                "orders": orders / places,
            }
            for at, (own, square) in enumerate(zip(gmv.tolist(), squares.tolist(), strict=True))
        ]
        total = {"orders": orders, "gmv": gmv.sum(), "gmv_squares": squares.sum(), "gmv_share": 1.0}
        found.append(len(overview.leaders(rows, total)))
    return found


@pytest.mark.parametrize("spread", [0.0, 1.5, 2.5])
def test_of_places_that_are_alike_none_leads_by_a_few_large_orders(spread: float) -> None:
    assert sum(count == 1 for count in _leaders_in_draws(10, spread)) <= 15  # one draw in twenty
    assert sum(count == 1 for count in _leaders_in_draws(2, spread)) <= 24  # two standard errors, and draws are draws


def test_a_place_of_few_orders_is_judged_by_their_size() -> None:
    total = {"gmv": 10_000.0, "gmv_squares": 1_000_000.0 + 9_000.0, "gmv_share": 1.0, "orders": 9_001}
    one_order = {"value": "one", "gmv": 1_000.0, "gmv_squares": 1_000_000.0, "gmv_share": 0.1, "orders": 1}
    many = {"value": "many", "gmv": 500.0, "gmv_squares": 500.0, "gmv_share": 0.05, "orders": 500}
    # That one order drawn twice or not at all: its share is 10 % ± 10 %.
    assert [row["value"] for row in overview.leaders([one_order, many], total)] == ["one", "many"]


def test_a_clear_lead_is_told_whatever_the_spread_of_orders() -> None:
    rng = np.random.default_rng(20260101)
    value, place = rng.lognormal(0, 1.5, 3_000), rng.choice(3, 3_000, p=[0.6, 0.2, 0.2])
    gmv, squares = (np.bincount(place, value**power, 3) for power in (1, 2))
    rows = [
        {"value": str(at), "gmv": gmv[at], "gmv_squares": squares[at], "gmv_share": gmv[at] / gmv.sum(), "orders": 1}
        for at in range(3)
    ]
    total = {"gmv": gmv.sum(), "gmv_squares": squares.sum(), "orders": 3_000}
    assert [row["value"] for row in overview.leaders(rows, total)] == ["0"]


def test_where_the_sizes_of_orders_are_not_known_nobody_is_said_to_lead() -> None:
    frame = overview_frame([("total", None, 1.0, 1.0), ("province", "a", 0.7, 0.7), ("province", "b", 0.3, 0.3)])
    dimensions = overview.by_dimension(frame.drop(columns="gmv_squares"))
    (picture,) = overview.pictures(dimensions, None, ENGLISH)
    assert picture.title == "Province of the buyer"


def test_a_region_that_leads_by_one_seller_is_told_so() -> None:
    places = [("total", None, 1.0, 1.0), ("seller_province", "Bali", 0.7, 0.7), ("seller_province", "Riau", 0.3, 0.3)]
    dimensions = overview.by_dimension(overview_frame(places))

    def title(share: float) -> str:
        (picture,) = overview.pictures(dimensions, None, ENGLISH, largest={"seller_province": {"Bali": share}})
        return picture.title

    assert title(0.9) == "Bali leads with 70.0% of GMV; one seller brings 90.0% of that"
    assert title(0.5) == "Bali leads with 70.0% of GMV"


def test_it_is_said_which_orders_count_as_sales() -> None:
    some = Business(sales=("completed", "in_progress"), no_sales=("unpaid", "cancelled"))
    assert overview.counted(some, ENGLISH) == (
        "As sales count those that are completed / in progress; not those that are unpaid / cancelled."
    )
    assert overview.counted(Business(sales=("completed",)), ENGLISH) == ""


def _alike_orders(**gmv: float) -> dict[str, list[dict[str, object]]]:
    """Dimensions of provinces with orders of 1 each; of no value it is unknown where."""
    whole = sum(gmv.values())
    lines = [
        {"value": None if name == "unknown" else name, "orders": one, "gmv": one, "gmv_squares": one, "gmv_share": one / whole,
         "revenue": None}
        for name, one in gmv.items()
    ]  # fmt: skip
    total = {"value": "total", "orders": whole, "gmv": whole, "gmv_squares": whole, "gmv_share": 1.0, "revenue": None}
    return {"total": [total], "province": lines}


def _lead(lang: Lang = "en", **gmv: float) -> str:
    dimensions = _alike_orders(**gmv)
    return overview.lead(dimensions["province"], overview.totals(dimensions), voice_of(lang, "IDR"))


def test_one_known_value_leads_nobody() -> None:
    assert _lead(Bali=1_000) == ""
    assert _lead(Bali=300, unknown=700) == ""
    assert _lead(Bali=900, Riau=100) == "Bali leads with 90.0% of GMV"


def test_a_lead_that_what_is_unknown_may_change_is_one_of_what_is_known() -> None:
    # Bali is 20 % of GMV ahead: 21 % more in Riau would change that, 19 % would not.
    assert _lead(Bali=4_950, Riau=2_950, unknown=2_100) == (
        "of what is known, Bali leads with 49.5% of GMV; 21.0% of GMV is unknown"
    )
    assert _lead(Bali=5_050, Riau=3_050, unknown=1_900) == "Bali leads with 50.5% of GMV"
    assert _lead("id", Bali=4_950, Riau=2_950, unknown=2_100) == (
        "dari yang diketahui, Bali memimpin dengan 49,5% dari GMV; 21,0% dari GMV tidak diketahui"
    )


def test_shares_that_show_as_one_are_told_once() -> None:
    assert _lead(a=250, b=250, c=250, d=250) == "no clear leader: 25.0% of GMV for each of the 4"
    assert _lead("id", a=250, b=250) == "tidak ada yang jelas memimpin: 50,0% dari GMV untuk masing-masing dari 2"


def test_what_is_unknown_is_none_of_the_others() -> None:
    dimensions = _alike_orders(**{f"p{at:02}": 100.0 - at for at in range(12)}, unknown=20.0)
    (picture,) = overview.pictures(dimensions, None, ENGLISH)
    bars = picture.draw.args[0][0].bars  # type: ignore[attr-defined]
    assert [(bar.label, bar.figure) for bar in bars[-2:]] == [("unknown", "Rp 20"), ("2 others", "Rp 179")]  # 90 + 89
    one_left = _alike_orders(**{f"p{at:02}": 100.0 - at for at in range(11)}, unknown=20.0)
    (picture,) = overview.pictures(one_left, None, ENGLISH)
    assert [bar.label for bar in picture.draw.args[0][0].bars[-2:]] == ["p10", "unknown"]  # type: ignore[attr-defined]


def test_of_months_that_show_the_same_none_stands_out() -> None:
    def title(*gmv: float, lang: Lang = "en") -> str:
        picture = months.picture(_months("2024-01", *gmv), None, voice_of(lang, "USD"))
        assert picture is not None
        return picture.title

    assert title(5.0, 5.0, 5.0, 5.0) == "No month stands out: Jan 2024–Apr 2024 brought USD 5 each"
    # January has 10 more, which is not to be seen.
    assert title(27_540_010.0, 3.0, 27_540_000.0) == "No month stands out: Jan 2024, Mar 2024 brought USD 27.5 M each"
    assert title(5.0, 5.0, lang="id") == (
        "Tidak ada bulan yang menonjol: Jan 2024–Feb 2024 masing-masing menghasilkan USD 5"
    )


def test_revenue_of_a_part_of_the_sales_is_told_as_such_beside_the_months() -> None:
    def note(known: int, lang: Lang = "en") -> str:
        rows = [{**row, "revenue": 1.0, "orders": 100, "revenue_orders": known} for row in _months("2024-01", 3.0, 4.0)]
        picture = months.picture(rows, None, voice_of(lang, "USD"))
        assert picture is not None
        return picture.note

    assert note(10).endswith("Platform revenue: known of 10.0% of the sales (orders).")
    assert note(10, "id").endswith("Pendapatan platform: diketahui untuk 10,0% dari penjualan (pesanan).")
    assert "known of" not in note(100) and "known of" not in note(0)
