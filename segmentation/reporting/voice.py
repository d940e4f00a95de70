"""The report's way of speaking: its texts, figures and names, in one hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from segmentation.reporting.figures import Figures
from segmentation.reporting.labels import Labels
from segmentation.reporting.rules import rule_in_words
from segmentation.reporting.texts import Texts, load_texts
from segmentation.story.texts import Lang


@dataclass(frozen=True)
class Voice:
    """How texts, figures and names are put in the report's language and currency."""

    say: Texts
    figures: Figures
    labels: Labels

    @property
    def lang(self) -> Lang:
        """The language."""
        return "id" if self.say.lang == "id" else "en"

    def rule(self, condition: str) -> str:
        """A rule of a profile table, a condition in SQL, in the language's words and figures."""
        return rule_in_words(condition, self.say, self.figures, self.labels)


def voice_of(lang: str, currency: str, money: Collection[str] = (), alone: bool = False, told: bool = True) -> Voice:
    """The voice of a language and a currency; `money` names attributes of a source that are amounts of it.

    alone: nobody else sells, and buyers are customers. told: there are orders to tell of.
    """
    texts = load_texts(lang)
    texts = texts.with_own("alone") if alone else texts
    texts = texts if told else texts.with_own("without_orders")
    return Voice(texts, Figures(texts, currency, money), Labels(texts))
