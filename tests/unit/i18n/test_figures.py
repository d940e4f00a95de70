from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from segmentation.i18n.figures import Figures
from segmentation.i18n.texts import load_texts


def figures(lang: str = "en", currency: str = "IDR") -> Figures:
    return Figures(load_texts(lang), currency)


@pytest.mark.parametrize(
    ("value", "english", "indonesian"),
    [
        (Decimal("27540670420148.00"), "Rp 27.5 T", "Rp 27,5 T"),
        (122_766_236_154, "Rp 122.8 B", "Rp 122,8 M"),
        (18_840_121.0, "Rp 18.8 M", "Rp 18,8 jt"),
        (216_786, "Rp 216.8 K", "Rp 216,8 rb"),
        (999_949, "Rp 999.9 K", "Rp 999,9 rb"),
        (999_950, "Rp 1.0 M", "Rp 1,0 jt"),  # rounding carries into the next unit
        (16.89, "Rp 16.89", "Rp 16,89"),
        (0, "Rp 0", "Rp 0"),
        (-2_500_000, "Rp −2.5 M", "Rp −2,5 jt"),
        (None, "not published", "tidak dipublikasikan"),
        (float("nan"), "not published", "tidak dipublikasikan"),
    ],
)
def test_money(value: object, english: str, indonesian: str) -> None:
    assert figures().money(value) == english
    assert figures("id").money(value) == indonesian


def test_money_to_the_last_digit_of_the_currency() -> None:
    assert figures().money_full(Decimal("27540670420148.00")) == "Rp 27,540,670,420,148"
    assert figures("id").money_full(Decimal("27540670420148.00")) == "Rp 27.540.670.420.148"
    assert figures(currency="BRL").money_full(Decimal("15843553.24")) == "R$ 15,843,553.24"
    assert figures(currency="USD").money_full(5) == "USD 5.00"


def test_money_beyond_what_a_float_holds() -> None:
    assert figures(currency="BRL").money_full(Decimal("99999999999999999999999999.99")).endswith("999.99")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.41, "41.0%"),
        (0, "0.0%"),
        (1, "100.0%"),
        (None, "unknown"),
        (0.0012, "0.1%"),
        (0.0004, "0.04%"),
        (0.00001, "<0.01%"),
        (-0.0004, "−0.04%"),  # a trace is not nothing
        (0.9988, "99.9%"),
        (0.9997, "99.97%"),
        (0.99999, ">99.99%"),
        (1 - 1e-14, "100.0%"),  # nor nearly all all
    ],
)
def test_share(value: object, shown: str) -> None:
    assert figures().share(value) == shown


def test_counts_and_scores() -> None:
    assert figures("id").count(325_074) == "325.074"
    assert figures().score(0.7834) == "0.783"
    assert figures().score(-0.0001) == "0.000"
    assert figures().count(None) == "unknown"


def test_multiples() -> None:
    assert [figures().times(value) for value in (0.0, 0.00021, 0.031, 0.994, 0.996, 1, 7.04, 120.4, None)] == [
        "×0.00",
        "<×0.01",
        "×0.03",
        "×0.99",
        "×1.0",
        "×1.0",
        "×7.0",
        "×120",
        "–",
    ]


def test_change_has_a_sign() -> None:
    assert figures().change(0.1) == "+10.0%"
    assert figures().change(-0.034) == "−3.4%"


def test_features_by_their_kind() -> None:
    assert figures().feature("avg_order_value", 18_840_121) == "Rp 18.8 M"
    assert figures().feature("return_rate", 0.04) == "4.0%"
    assert [figures().feature("recency_days", days) for days in (2.44, 9.97, 160.9)] == ["2.4", "10", "161"]
    assert figures().feature("count_orders", 170.63) == "170.6"
    assert figures().feature("count_orders", 97.0) == "97"
    assert figures().feature("count_orders", 0.004) == "0.004"  # a rule that says below 0.0 says nothing
    assert figures("id").feature("orders_per_month", 0.24) == "0,24"
    assert [figures().feature("orders_per_month", value) for value in (0.3, 0.067, 0.999, 1.04)] == [
        "0.3",
        "0.07",
        "1.0",
        "1.0",
    ]
    assert figures().feature("age", None) == "unknown"


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("size", 1412, "1,412"), ("orders", 325_074, "325,074"), ("share", 0.017, "1.7%"), ("gmv_share", 0.0002, "0.02%"),
        ("return_rate", 0.031, "3.1%"), ("rule_recall", 1.0, "100.0%"), ("top_share_interest", 0.61, "61.0%"),
        ("lift_count_orders", 4.21, "×4.2"), ("top_lift_interest", 0.5, "×0.50"), ("mean_total_gmv", 1_100_000, "Rp 1.1 M"),
        ("median_recency_days", 160.9, "161"), ("p90_voucher_rate", 0.25, "25.0%"), ("order_value", 950, "Rp 950"),
        ("silhouette", 0.7834, "0.783"), ("separation", 0.0612, "6.1%"), ("gmv", None, "not published"),
    ],
)  # fmt: skip
def test_a_cell_has_the_form_of_its_column(column: str, value: object, shown: str) -> None:
    assert figures().cell(column, value) == shown


def test_days_and_months() -> None:
    assert figures("id").day(date(2023, 8, 23)) == "23 Agustus 2023"
    assert figures().day(None) == "unknown"
    assert figures().month("2023-05") == "May 2023"
    assert figures().month("2023-13") == "2023-13"
    assert figures().month("soon") == "soon"


@pytest.mark.parametrize(
    ("lang", "long", "short"),
    [
        (
            "en", "January February March April May June July August September October November December",
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        ),
        (
            "id", "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
            "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des",
        ),
    ],
)  # fmt: skip
def test_months_by_their_names(lang: str, long: str, short: str) -> None:
    shown = figures(lang)
    assert [shown.day(date(2023, month, 1)) for month in range(1, 13)] == [f"1 {name} 2023" for name in long.split()]
    assert [shown.month(f"2023-{month:02}") for month in range(1, 13)] == [f"{name} 2023" for name in short.split()]


def test_cents_of_a_currency() -> None:
    assert [figures(currency=code).money_full(5) for code in ("JPY", "VND", "KWD")] == ["JPY 5", "VND 5", "KWD 5.000"]


@pytest.mark.parametrize(
    "value", [-0.04, Decimal("-0.004"), 1e-12, 2.5, 0.125, 1_234_567.885, -99_999.5, Decimal("1e20")]
)
@pytest.mark.parametrize("places", [0, 1, 2])
def test_digits_are_those_of_python_in_the_marks_of_the_language(value: Decimal | float, places: int) -> None:
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), "ROUND_HALF_UP")
    written = f"{exact:,.{places}f}".replace("-", "−" if exact else "")
    assert figures().count(value, places) == written
    assert figures("id").count(value, places) == written.translate(str.maketrans(",.", ".,"))


def test_beside_an_axis_no_needless_decimals() -> None:
    assert figures().money_tick(15e9) == "Rp 15 B"
    assert figures("id").money_tick(1.5e12) == "Rp 1,5 T"
    assert figures().percent(0.2) == "20%"


@pytest.mark.parametrize(
    ("share", "shown", "rest"),
    [
        (0.6525, "65.3%", "34.7%"), (0.92, "92.0%", "8.0%"), (0.9996, "99.96%", "0.04%"), (0.99998, ">99.99%", "<0.01%"),
        (1.0, "100.0%", "0.0%"), (None, "unknown", "unknown"),
    ],
)  # fmt: skip
def test_a_share_and_what_it_leaves_add_up(share: float | None, shown: str, rest: str) -> None:
    assert (figures("en").share(share), figures("en").rest(share)) == (shown, rest)


@pytest.mark.parametrize(("change", "shown"), [(0.05, "5.0"), (0.0006, "0.1"), (0.0004, "0.04"), (0.0, "0.0")])
def test_a_step_in_points_is_not_nought(change: float, shown: str) -> None:
    assert figures("en").points(change) == shown
