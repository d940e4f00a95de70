"""What kinds of business call those who buy and sell, and the money between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator

from segmentation.i18n.text import LANGS, Lang, Text
from segmentation.plans import FrozenModel

BusinessKind = Literal["marketplace", "shop", "services"]
EntityName = Literal["buyers", "sellers"]


def _alike(value: object) -> object:
    """One text is short for the same in every language."""
    return dict.fromkeys(LANGS, value) if isinstance(value, str) else value


Name = Annotated[Text, BeforeValidator(_alike)]


class Side(FrozenModel):
    """What one of those who buy, or sell, is called, and what several are; as in the middle of a sentence."""

    one: Name
    many: Name


class Wording(FrozenModel):
    """The words that texts hold a place for: {buyers}, {seller}, {gmv}, …, and the same with a capital, {Buyers}.

    names: what attributes and values of the data are called where that is another word in one of the languages.
    """

    buyers: Side
    sellers: Side
    gmv: Text
    revenue: Text
    deals: Text
    business: Text
    names: Mapping[str, Name] = {}

    def of(self, sides: Mapping[EntityName, Side], names: Mapping[str, Name] | None = None) -> Wording:
        """The same with a source's own names of its sides, and of what the data hold."""
        own: dict[str, object] = {str(name): side for name, side in sides.items()}
        return self.model_copy(update=own | {"names": names or {}})

    def names_in(self, lang: Lang) -> dict[str, str]:
        """What attributes and values are called in a language, of those that have a name of their own."""
        return {own: name.into(lang) for own, name in self.names.items()}

    def words(self, lang: Lang) -> dict[str, str]:
        """Every word by its slot."""
        texts = {
            "buyer": self.buyers.one,
            "buyers": self.buyers.many,
            "seller": self.sellers.one,
            "sellers": self.sellers.many,
            "gmv": self.gmv,
            "revenue": self.revenue,
            "deals": self.deals,
            "business": self.business,
        }
        words = {slot: text.into(lang) for slot, text in texts.items()}
        return words | {slot.capitalize(): capital(word) for slot, word in words.items()}


def capital(word: str) -> str:
    """The word as it begins a sentence.

    >>> capital("buyers"), capital("GMV")
    ('Buyers', 'GMV')
    """
    return word[:1].upper() + word[1:]


def small(word: str) -> str:
    """The word as it stands in the middle of a sentence; what begins with several capitals keeps them.

    >>> small("Purchase"), small("NPS")
    ('purchase', 'NPS')
    """
    return word if word[:2].isupper() else word[:1].lower() + word[1:]


def capitals(words: str) -> str:
    """The words as in a title, each with a capital; their other letters stay as they are.

    >>> capitals("avg spend"), capitals("NPS"), capitals("driver's licence")
    ('Avg Spend', 'NPS', "Driver's Licence")
    """
    return re.sub(r"(?<![\w'’])\w", lambda first: first[0].upper(), words)


def _text(en: str, id: str) -> Text:
    return Text(en=en, id=id)


def _side(one: str, many: str, id: str) -> Side:
    return Side(one=_text(one, id), many=_text(many, id))


CUSTOMERS = _side("customer", "customers", "pelanggan")

WORDINGS: Mapping[BusinessKind, Wording] = {
    "marketplace": Wording(
        buyers=_side("buyer", "buyers", "pembeli"),
        sellers=_side("seller", "sellers", "penjual"),
        gmv=_text("GMV", "GMV"),
        revenue=_text("platform revenue", "pendapatan platform"),
        deals=_text("sales (orders)", "penjualan (pesanan)"),
        business=_text("the marketplace", "marketplace"),
    ),
    "shop": Wording(
        buyers=CUSTOMERS,
        sellers=_side("store", "stores", "toko"),
        gmv=_text("sales", "penjualan"),
        revenue=_text("earnings", "pendapatan"),
        deals=_text("orders", "pesanan"),
        business=_text("the shop", "toko"),
    ),
    "services": Wording(
        buyers=CUSTOMERS,
        sellers=_side("provider", "providers", "penyedia"),
        gmv=_text("sales", "penjualan"),
        revenue=_text("earnings", "pendapatan"),
        deals=_text("orders", "pesanan"),
        business=_text("the business", "usaha"),
    ),
}
MARKETPLACE = WORDINGS["marketplace"]
