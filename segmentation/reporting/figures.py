"""Figures in the form of a language: Rp 27.5 T and 325,074, or Rp 27,5 T and 325.074."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from segmentation.reporting.labels import kind_of
from segmentation.reporting.numbers import exact_number
from segmentation.reporting.texts import Texts

CARRIES = Decimal("0.99995")  # of a unit: from here on, 999.95 of the smaller one would be shown as 1,000.0
IN_FULL = 100_000  # features below this are written out
LEAST = Decimal("0.05")  # below this one decimal would show 0.0
MOST_PLACES = 6
SYMBOLS = {"IDR": "Rp", "BRL": "R$"}
WHOLE = ("IDR", "JPY", "KRW", "VND")  # currencies that nobody writes in hundredths


class Figures:
    """Numbers, money, shares and days as text. What is unknown is said so, and is never 0.

    >>> from segmentation.reporting.texts import load_texts
    >>> Figures(load_texts("id"), "IDR").money(27_540_670_420_148)
    'Rp 27,5 T'
    """

    def __init__(self, texts: Texts, currency: str, money: Collection[str] = ()) -> None:
        self._texts, self._money = texts, money
        self._symbol = SYMBOLS.get(currency, currency)
        self._cents = 0 if currency in WHOLE else 2
        form = texts.tree["figures"]
        self._decimal, self._thousands = form["decimal"], form["thousands"]
        self._units = [(Decimal(10) ** power, unit) for power, unit in form["units"]]

    def count(self, value: Any, places: int = 0) -> str:
        """A number in full, e.g. 325,074."""
        exact = exact_number(value)
        return self._unknown if exact is None else self._digits(exact, places)

    def short(self, value: Any) -> str:
        """A number in at most four digits and a unit, e.g. 27.5 T."""
        exact = exact_number(value)
        return self._unknown if exact is None else self._short(exact)

    def money(self, value: Any) -> str:
        """Money in short, e.g. Rp 27.5 T."""
        exact = exact_number(value)
        return self._texts("figures.not_published") if exact is None else f"{self._symbol} {self._short(exact)}"

    def money_tick(self, value: Any) -> str:
        """Money beside an axis: no decimals where there are none."""
        return self.money(value).replace(f"{self._decimal}0 ", " ")

    def tick(self, value: Any) -> str:
        """A number beside an axis."""
        return self.short(value).replace(f"{self._decimal}0 ", " ")

    def money_full(self, value: Any) -> str:
        """Money to the last digit that the currency has."""
        exact = exact_number(value)
        if exact is None:
            return self._texts("figures.not_published")
        return f"{self._symbol} {self._digits(exact, self._cents)}"

    def share(self, value: Any) -> str:
        """A fraction as a percentage with one decimal; a trace is not shown as nothing."""
        exact = exact_number(value)
        if exact is None:
            return self._unknown
        if 0 < exact < Decimal("0.0005"):
            return f"<{self._digits(Decimal('0.1'), 1)}%"
        if Decimal("0.9995") <= exact < 1:
            return f">{self._digits(Decimal('99.9'), 1)}%"
        return f"{self._digits(exact * 100, 1)}%"

    def rate(self, value: Any) -> str:
        """A small fraction as a percentage with two decimals."""
        exact = exact_number(value)
        return self._unknown if exact is None else f"{self._digits(exact * 100, 2)}%"

    def percent(self, value: Any) -> str:
        """A round fraction as a percentage without needless decimals."""
        exact = exact_number(value)
        return self._unknown if exact is None else self.share(exact).replace(f"{self._decimal}0%", "%")

    def change(self, value: Any) -> str:
        """A relative change with its sign."""
        exact = exact_number(value)
        if exact is None:
            return self._unknown
        return ("+" if exact >= 0 else "−") + f"{self._digits(abs(exact) * 100, 1)}%"

    def times(self, value: Any) -> str:
        """A multiple, e.g. ×4.2; two decimals below 1."""
        exact = exact_number(value)
        if exact is None:
            return "–"
        return "×" + self._digits(exact, 2 if exact < 1 else 1 if exact < 100 else 0)

    def score(self, value: Any) -> str:
        """A measure such as a silhouette, with three decimals."""
        return self.count(value, 3)

    def kind(self, feature: str) -> str:
        """money, share or number: as declared, or as the source says of its own attributes."""
        return "money" if feature in self._money else kind_of(feature)

    def feature(self, name: str, value: Any) -> str:
        """A feature's value in the form of its kind."""
        exact = exact_number(value)
        kind = self.kind(name)
        if exact is None:
            return self._unknown
        if kind == "money":
            return self.money(exact)
        if kind == "share":
            return self.share(exact)
        if abs(exact) >= IN_FULL:
            return self.short(exact)
        places = 0 if exact == exact.to_integral_value() else 1
        if 0 < abs(exact) < LEAST:  # not nothing: as many places as its first figure needs
            places = min(-exact.adjusted(), MOST_PLACES)
        return self.count(exact, places)

    def day(self, value: date | None) -> str:
        """A day with its month's name."""
        if value is None:
            return self._unknown
        return f"{value.day} {self._texts.tree['months'][value.month - 1]} {value.year}"

    def month(self, value: str) -> str:
        """A month written YYYY-MM, by its short name."""
        year, _, month = value.partition("-")
        names = self._texts.tree["months_short"]
        known_month = month.isdigit() and 1 <= int(month) <= len(names)
        return f"{names[int(month) - 1]} {year}" if known_month else value

    @property
    def _unknown(self) -> str:
        return self._texts("figures.unknown")

    def _short(self, value: Decimal) -> str:
        for power, unit in self._units:
            if abs(value) >= power * CARRIES:
                return f"{self._digits(value / power, 1)} {unit}"
        return self._digits(value, 0 if value == value.to_integral_value() else 2)

    def _digits(self, value: Decimal, places: int) -> str:
        text = f"{_round(value, places):,.{places}f}".replace("-", "−")
        return text.replace(",", "\0").replace(".", self._decimal).replace("\0", self._thousands)


def _round(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # no minus before a zero
