"""Sentences in every language, their figures in slots."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from segmentation.i18n.text import LANGS, NOUNS, SLOT, Text
from segmentation.i18n.wording import MARKETPLACE
from segmentation.story.levels import Term

# Slots that hold words: who is spoken of, and those of the kind of business.
WORDS = {*NOUNS, *(noun.capitalize() for noun in NOUNS), *MARKETPLACE.words("en"), "feature", "Feature"}


class Sentence(Text):
    """A sentence that carries its figure in a slot, told where its condition holds."""

    when: dict[str, Term] = {}
    claims: tuple[str, ...] = ()
    unless: tuple[str, ...] = Field((), description="claims of which one must not hold: what is said otherwise")

    @model_validator(mode="after")
    def _figures_in_slots(self) -> Sentence:
        if not set(SLOT.findall(self.en)) - WORDS:
            raise ValueError(f"found no figure in {self.en!r}, expected one such as {{share}}")
        for text in map(self.into, LANGS):
            if re.search(r"\d", SLOT.sub("", text)):
                raise ValueError(f"found a number in {text!r}, expected every figure in a slot such as {{share}}")
        return self


def _several(value: object) -> object:
    """One sentence may stand without its list."""
    return [value] if isinstance(value, dict) else value


Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(_several), Field(min_length=1)]
