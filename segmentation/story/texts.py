"""Texts in two languages, their figures in slots."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from segmentation.plans import Model
from segmentation.story.levels import Term

Lang = Literal["en", "id"]
SLOT = re.compile(r"\{(\w+)\}")


class Text(Model):
    """A text in every language; {slots} name columns of the profile table, the same ones in each language."""

    en: str
    id: str

    @model_validator(mode="after")
    def _same_slots(self) -> Text:
        if sorted(SLOT.findall(self.en)) != sorted(SLOT.findall(self.id)):
            raise ValueError(f"found other slots in id than in en, expected the same: {self.en!r}, {self.id!r}")
        return self

    def into(self, lang: Lang) -> str:
        """The text in one language."""
        return self.en if lang == "en" else self.id


class Sentence(Text):
    """A sentence that carries its figure in a slot, told where its condition holds."""

    when: dict[str, Term] = {}
    claims: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _figures_in_slots(self) -> Sentence:
        if not SLOT.search(self.en):
            raise ValueError(f"found no slot in {self.en!r}, expected a figure such as {{share}}")
        for text in (self.en, self.id):
            if re.search(r"\d", SLOT.sub("", text)):
                raise ValueError(f"found a number in {text!r}, expected every figure in a slot such as {{share}}")
        return self


def _several(value: object) -> object:
    """One sentence may stand without its list."""
    return [value] if isinstance(value, dict) else value


Sentences = Annotated[tuple[Sentence, ...], BeforeValidator(_several), Field(min_length=1)]
