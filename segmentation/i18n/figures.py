"""Figures in the form of a language: Rp 27.5 T and 325,074, or Rp 27,5 T and 325.074.

Marks, units and months are those of Unicode's CLDR, by Babel; how many digits a figure has is the report's own
(docs/decisions/0014-babel.md).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_precision, get_decimal_symbol, list_currencies

from segmentation.i18n.labels import kind_of
from segmentation.i18n.numbers import exact_number
from segmentation.i18n.texts import Texts

CARRIES = Decimal("0.99995")  # of a unit: from here on, 999.95 of the smaller one would be shown as 1,000.0
IN_FULL = 100_000  # features below this are written out
NEARLY_ONE = Decimal("0.995")  # a multiple from here on is ×1.0 with any number of decimals
LEAST = Decimal("0.05")  # below this one decimal would show 0.0
TRACE = Decimal("0.001")  # a share so near to nothing or to all takes two decimals
HAIR = Decimal("0.00005")  # so near, these would show 0.00% or 100.00%
LEAST_TIMES = Decimal("0.005")  # below this two decimals would show ×0.00
NOISE = Decimal("1e-9")  # nearer still is the rounding of floating-point sums
MOST_PLACES = 8
SHORT_PLACES = 3  # of a unit, in a threshold
DAYS = Decimal("9.95")  # from here on days are whole
SYMBOLS = {"IDR": "Rp", "BRL": "R$"}  # as at home, in every language
POWERS = (12, 9, 6, 3)  # of ten, for which a language may have a unit
OF_FEATURES = ("mean", "median", "p10", "p90")  # what profile tables hold of a feature: mean_total_gmv
MONEY_CELLS = ("gmv", "revenue", "voucher_value", "order_value")
SHARE_CELLS = ("share", "rule_precision", "rule_recall", "fidelity", "separation")
SCORE_CELLS = ("silhouette", "chance", "stability")


def is_currency(code: str) -> bool:
    """Whether a text is a currency's code by ISO 4217.

    >>> is_currency("IDR"), is_currency("Rupiah")
    (True, False)
    """
    return code in list_currencies()


class Figures:
    """Numbers, money, shares and days as text. What is unknown is said so, and is never 0.

    >>> from segmentation.i18n.texts import load_texts
    >>> Figures(load_texts("id"), "IDR").money(27_540_670_420_148)
    'Rp 27,5 T'
    """

    def __init__(self, texts: Texts, currency: str, money: Collection[str] = ()) -> None:
        self._texts, self._money = texts, money
        self._symbol = SYMBOLS.get(currency, currency)
        self._cents = get_currency_precision(currency)
        self._locale = Locale(texts.lang)
        self._decimal = get_decimal_symbol(self._locale)
        self._units = _units(self._locale)

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
        """A fraction as a percentage with one decimal; with two where it is a trace or nearly all, and neither is
        shown as nothing or all."""
        exact = exact_number(value)
        if exact is None:
            return self._unknown
        if NOISE <= exact < HAIR:
            return f"<{self._digits(100 * 2 * HAIR, 2)}%"
        if NOISE <= 1 - exact < HAIR:
            return f">{self._digits(100 * (1 - 2 * HAIR), 2)}%"
        return f"{self._digits(exact * 100, _places_of_share(exact))}%"

    def rest(self, value: Any) -> str:
        """What a share leaves of the whole: both, as they are shown, add up to it."""
        exact = exact_number(value)
        if exact is None:
            return self._unknown
        is_hair = min(abs(exact), abs(1 - exact)) < HAIR
        return self.share(1 - exact if is_hair else 1 - _round(exact * 100, _places_of_share(exact)) / 100)

    def points(self, value: Any) -> str:
        """A difference of two shares in percentage points: one decimal, or those up to its first figure."""
        exact = exact_number(value)
        if exact is None:
            return self._unknown
        exact *= 100
        return self._digits(exact, max(1, _places(exact)) if abs(exact) < LEAST else 1)

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
        """A multiple, e.g. ×4.2; two decimals below ×1.0, and ×0.00 only where it is nought."""
        exact = exact_number(value)
        if exact is None:
            return "–"
        if 0 < exact < LEAST_TIMES:
            return f"<×{self._digits(2 * LEAST_TIMES, 2)}"
        return "×" + self._digits(exact, 2 if exact < NEARLY_ONE else 1 if exact < 100 else 0)

    def score(self, value: Any) -> str:
        """A measure such as a silhouette, with three decimals."""
        return self.count(value, 3)

    def kind(self, feature: str) -> str:
        """money, share or number: as declared, or as the source says of its own attributes."""
        return "money" if feature in self._money else kind_of(feature)

    def feature(self, name: str, value: Any) -> str:
        """A feature's value in the form of its kind; days from ten on are whole."""
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
        if name.endswith("_days") and abs(exact) >= DAYS:
            return self.count(exact)
        if exact == exact.to_integral_value():
            return self.count(exact)
        if LEAST <= abs(exact) < 1:  # 0.07 times a month, not 0.1
            places = 1 if exact == round(exact, 1) or round(exact, 2) == round(exact, 1) else 2
            return self.count(exact, places)
        return self.count(exact, max(1, _places(exact)) if abs(exact) < LEAST else 1)

    def cell(self, column: str, value: Any) -> str:
        """A cell of a table in the form of its column: its one text, in sentences, tables and pictures alike."""
        kind, _, feature = column.partition("_")
        if kind in OF_FEATURES and feature:
            return self.feature(feature, value)
        if kind == "lift" or column.startswith("top_lift_"):
            return self.times(value)
        if column in MONEY_CELLS:
            return self.money(value)
        if column in SCORE_CELLS:
            return self.score(value)
        if column in SHARE_CELLS or column.endswith(("_share", "_rate")) or column.startswith("top_share_"):
            return self.share(value)
        return self.count(value)

    def threshold(self, name: str, value: Any) -> str:
        """A feature's value to its last digit: of a rule that holds for it, and would not for a rounded one."""
        exact = exact_number(value)
        if exact is None:
            return self._unknown
        kind = self.kind(name)
        if kind == "share":
            return f"{self._digits(exact * 100, max(1, _decimals(exact * 100)))}%"
        if kind == "money":
            return f"{self._symbol} {self._exactly(exact)}"
        return self.count(exact, _decimals(exact))

    def day(self, value: date | None) -> str:
        """A day with its month's name."""
        if value is None:
            return self._unknown
        return format_date(value, "d MMMM y", self._locale)

    def month(self, value: str) -> str:
        """A month written YYYY-MM, by its short name."""
        try:
            first = date.fromisoformat(f"{value}-01")
        except ValueError:
            return value
        return format_date(first, "MMM y", self._locale)

    @property
    def _unknown(self) -> str:
        return self._texts("figures.unknown")

    def _short(self, value: Decimal) -> str:
        for power, unit in self._units:
            if abs(value) >= power * CARRIES:
                return f"{self._digits(value / power, 1)} {unit}"
        return self._digits(value, 0 if value == value.to_integral_value() else max(2, _places(value)))

    def _exactly(self, value: Decimal) -> str:
        """In short where at most three decimals say it all, else in full."""
        for power, unit in self._units:
            if abs(value) >= power and _decimals(value / power) <= SHORT_PLACES:
                return f"{self._digits(value / power, max(1, _decimals(value / power)))} {unit}"
        return self._digits(value, _decimals(value))

    def _digits(self, value: Decimal, places: int) -> str:
        form = "#,##0" + ("." + "0" * places if places else "")
        return format_decimal(_round(value, places), f"{form};−{form}", self._locale)


def _units(locale: Locale) -> list[tuple[Decimal, str]]:
    """The powers of ten for which a language has a short unit, largest first.

    >>> [unit for _, unit in _units(Locale("id"))]
    ['T', 'M', 'jt', 'rb']
    """
    forms = locale.compact_decimal_formats["short"]["other"]  # 1000000: "0 jt"
    short = [(Decimal(10) ** power, forms[str(10**power)]) for power in POWERS]
    # Where there is none the form has no suffix; Spanish writes 10⁹ as a thousand of the unit below.
    return [(power, form.suffix[0].strip()) for power, form in short if form.suffix[0] and form.pattern.count("0") == 1]


def _round(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # no minus before a zero


def _places_of_share(share: Decimal) -> int:
    """Decimals of a share's percentage."""
    return 2 if NOISE <= min(abs(share), abs(1 - share)) < TRACE else 1


def _places(value: Decimal) -> int:
    """Decimals up to the first figure of a value below 1, at most MOST_PLACES.

    >>> _places(Decimal("0.0042")), _places(Decimal(0)), _places(Decimal(3))
    (3, 0, 0)
    """
    return min(max(-value.adjusted(), 0), MOST_PLACES) if value else 0


def _decimals(value: Decimal) -> int:
    """All decimals that a value has."""
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
