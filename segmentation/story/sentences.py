"""Sentences with their figures put in, each figure a cell of the profile table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from segmentation.i18n.agreement import marked, plain
from segmentation.i18n.figures import Figures
from segmentation.i18n.labels import clean
from segmentation.i18n.numbers import number
from segmentation.i18n.text import NOUNS, SLOT, Lang, Text
from segmentation.i18n.texts import load_texts
from segmentation.i18n.wording import capital, small
from segmentation.story.archetypes import Archetypes
from segmentation.story.levels import FIGURES, Levels
from segmentation.story.texts import Sentence

LONGEST = 60  # letters of a name from data
TOPS = ("top", "top_share", "top_lift")


@dataclass(frozen=True)
class Figure:
    """A figure as a text shows it: its column in the profile table, the cell's value, the words."""

    column: str
    value: float
    shown: str


@dataclass(frozen=True)
class Prose:
    """Sentences and the figures in them."""

    text: str = ""
    figures: tuple[Figure, ...] = ()

    def __add__(self, more: Prose) -> Prose:
        """This and then more."""
        return Prose(f"{self.text} {more.text}".strip(), self.figures + more.figures)


class Teller:
    """Puts texts in one language and currency, for one row of the profile table at a time."""

    def __init__(
        self, lang: Lang, currency: str, levels: Levels, archetypes: Archetypes, money: Collection[str] = ()
    ) -> None:
        self.lang = lang
        self._texts = load_texts(lang).worded(archetypes.wording)
        self._figures = Figures(self._texts, currency, money)
        self._levels = levels
        us, others = archetypes.us, archetypes.others
        texts = (us.many, us.one, others.many, others.one, archetypes.deal)
        nouns = {slot: text.into(lang) for slot, text in zip(NOUNS, texts, strict=True)}
        inside = {slot: small(noun) for slot, noun in nouns.items()}
        self._plurals = {inside["noun"]: inside["one_noun"], inside["other"]: inside["one_other"]}
        in_front = {slot.capitalize(): capital(noun) for slot, noun in nouns.items()}
        self._nouns = {**self._texts.words, **inside, **in_front}

    def name(self, text: Text, **parts: str) -> str:
        """A text without figures."""
        words = {**self._nouns, **parts}
        return SLOT.sub(lambda slot: words[slot[1]], text.into(self.lang))

    def prose(self, sentences: Iterable[Sentence], row: Mapping[str, Any], feature: str = "") -> Prose:
        """The sentences whose condition holds and whose figures are known, one after another.

        {mean}, {lift} and the like are those of `feature`.
        """
        told = [self.text(one, row, feature) for one in sentences if self._holds(one, int(row["segment"]))]
        return sum(told, Prose())

    def text(self, text: Text, row: Mapping[str, Any], feature: str = "") -> Prose:
        """One text; nothing where a figure is not known. A column of texts (top_province) may stand in a slot too."""
        template = text.into(self.lang)
        words = {**self._nouns, "feature": self.feature(feature), "Feature": capital(self.feature(feature))}
        figures: dict[str, Figure] = {}
        for slot in SLOT.findall(template):
            if slot in words:
                continue
            column = f"{slot}_{feature}" if slot in (*FIGURES, *TOPS) else slot
            cell = row.get(column)
            if isinstance(cell, str):
                words[slot] = self.value(cell)
                continue
            value = number(cell)
            if value is None:
                return Prose()
            figures[slot] = Figure(column, value, self._figures.cell(column, value))
        words |= {slot: figure.shown for slot, figure in figures.items()}
        said = self._texts.agreed(SLOT.sub(lambda slot: marked(words[slot[1]]), template), self._plurals)
        in_digits = [figure for figure in figures.values() if marked(figure.shown) in said]  # once is no figure
        return Prose(plain(said), tuple(in_digits))

    def feature(self, name: str) -> str:
        """What a feature is called in the middle of a sentence: by the source, by the texts, else by its column."""
        own = self._texts.names.get(name) or self._texts.find(f"features.{name}", "")
        return small(own) if own else name.replace("_", " ").strip()

    def value(self, value: str) -> str:
        """A value of the data, as the source calls it in the language."""
        return clean(self._texts.value(value), LONGEST)

    def _holds(self, sentence: Sentence, segment: int) -> bool:
        levels = all(self._levels.holds(segment, feature, term) for feature, term in sentence.when.items())
        otherwise = bool(sentence.unless) and self._levels.all_true(sentence.unless, segment)
        return levels and not otherwise and self._levels.all_true(sentence.claims, segment)
