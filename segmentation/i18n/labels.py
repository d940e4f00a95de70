"""Names that come from data, made fit to be shown: one line, no control characters, no endless text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol

from segmentation import schemas
from segmentation.i18n.numbers import known
from segmentation.i18n.texts import Texts
from segmentation.i18n.wording import capital

LONGEST = 120
LONGEST_PROSE = 600
NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?(e[+-]?\d+)?%?")  # as 1,234.5 and 12.50%


def clean(value: object, longest: int = LONGEST) -> str:
    r"""One line of printable text, cut with an ellipsis.

    Control characters would break an SVG, and bidirectional marks would turn the text around them; letters of
    right-to-left scripts stay.

    >>> clean("two\nlines"), clean("x" * 9, longest=4)
    ('two lines', 'xxx…')
    """
    text = " ".join(str(value)[: 8 * longest].split())
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


class Labels:
    """Names of features, dimensions, tables and values in the report's language.

    entity: whose features they are, where these have names of their own: sellers have a last sale, and no last order.
    """

    def __init__(self, texts: Texts, entity: str = "") -> None:
        self._texts, self._entity = texts, entity

    def value(self, value: Any, longest: int = LONGEST) -> str:
        """A name from data, or what the source calls it in the language; unknown where there is none."""
        value = known(value)
        cleaned = "" if value is None else clean(self._texts.value(str(value)), longest)
        return cleaned or self._texts("figures.unknown")

    def prose(self, text: Any) -> str:
        """Sentences from a table; nothing where there are none."""
        text = known(text)
        return "" if text is None else clean(text, LONGEST_PROSE)

    def feature(self, name: str) -> str:
        """A feature by what the source calls it, by its name in the language, else by its column name in words; of the
        coordinate of a text's value (plan = gold) either part."""
        of, equals, value = name.partition(" = ")
        if equals:
            return f"{self.feature(of)} = {self.value(value, 60)}"
        usual = self._texts.find(f"features.{name}", _words(name))
        return self._own(name) or self._texts.find(f"features_of.{self._entity}.{name}", usual)

    def dimension(self, name: str) -> str:
        """A dimension of the overview."""
        return self._own(name) or self._texts.find(f"dimensions.{name}", _words(name))

    def _own(self, name: str) -> str:
        """What the source calls a column; nothing where it does not say."""
        return capital(clean(self._texts.names.get(name, "")))

    def strategy(self, name: str) -> str:
        """A part of a strategy: channel, message, …"""
        return self._texts.find(f"strategy.{name}", _words(name))

    def table(self, name: str) -> str:
        """A table or a raw file of the ledger."""
        return self._texts.find(f"tables.{name}", clean(name))

    def reason(self, name: str) -> str:
        """Why a row was refused, or what was told of it: the text of a rule."""
        return self._texts.find(f"reasons.{name}", clean(name).replace("_", " "))

    def why_not(self, code: str, figures: Mapping[str, str]) -> str:
        """Why a segmentation was not taken or a feature left out, by code; its figures are written as 1,234.5."""
        return clean(
            self._texts(f"why_not.{code}", **{name: self._figure(text) for name, text in figures.items()}), 200
        )

    def _figure(self, text: str) -> str:
        """Figures written as 1,234.5 in the language's form; any other text, as a name with a point in it, as it is."""
        if not NUMBER.fullmatch(text):
            return text
        lang = self._texts.lang
        return text.translate({ord("."): get_decimal_symbol(lang), ord(","): get_group_symbol(lang)})

    def method(self, name: str) -> str:
        """A clustering method."""
        return self._texts.find(f"methods.{name}", _words(name))

    def segment(self, segment: int, name: Any) -> str:
        """A segment by its name, else by its number."""
        name = known(name)
        cleaned = "" if name is None else clean(name)
        if cleaned:
            return cleaned
        return self._texts("segment.no_sale") if segment == 0 else self._texts("segment.number", number=segment)


def kind_of(feature: str) -> str:
    """money, share or number: read from the declared type of the feature's column.

    >>> kind_of("total_gmv"), kind_of("cancel_rate"), kind_of("age")
    ('money', 'share', 'number')
    """
    for table in (schemas.BUYER_FEATURES, schemas.SELLER_FEATURES):
        for column in table.columns:
            if column.name == feature and column.type.startswith("decimal"):
                return "money"
            if column.name == feature and column.name.endswith(("_share", "_rate")):
                return "share"
    return "number"


def _words(name: str) -> str:
    return capital(clean(name).replace("_", " ").strip())
