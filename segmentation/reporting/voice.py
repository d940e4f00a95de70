"""The report's way of speaking: its texts, figures and names, in one hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from segmentation.clustering.reasons import Reason
from segmentation.i18n.figures import Figures
from segmentation.i18n.labels import Labels
from segmentation.i18n.text import Lang
from segmentation.i18n.texts import Texts, load_texts
from segmentation.i18n.wording import MARKETPLACE, Wording
from segmentation.reporting.rule_text import rule_in_words


@dataclass(frozen=True)
class Voice:
    """How texts, figures and names are put in the report's language and currency."""

    translate: Texts
    figures: Figures
    labels: Labels

    @property
    def lang(self) -> Lang:
        """The language."""
        return self.translate.lang

    def of(self, entity: str) -> Voice:
        """The voice in which buyers, or sellers, are told of: features go by their own side's names."""
        return replace(self, labels=Labels(self.translate, entity))

    def why_not(self, sentence: str) -> str:
        """Why a segmentation was not taken or a feature left out, from the sentence that the tables hold; as it stands
        there where this release does not know it.
        """
        reason = Reason.read(sentence)
        return self.labels.why_not(reason.code, reason.figures) if reason else self.labels.prose(sentence)

    def rule(self, condition: str) -> str:
        """A rule of a profile table, a condition in SQL, in the language's words and figures."""
        return rule_in_words(condition, self.translate, self.figures, self.labels)


def voice_of(
    lang: Lang,
    currency: str,
    money: Collection[str] = (),
    wording: Wording = MARKETPLACE,
    alone: bool = False,
    told: bool = True,
) -> Voice:
    """The voice of a language and a currency; `money` names attributes of a source that are amounts of it.

    wording: what the business calls things. alone: nobody else sells. told: there are orders to tell of.
    """
    texts = load_texts(lang).worded(wording)
    texts = texts.with_own("alone") if alone else texts
    texts = texts if told else texts.with_own("without_orders")
    return Voice(texts, Figures(texts, currency, money), Labels(texts))
