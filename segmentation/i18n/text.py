"""A text in every language, with slots."""

from __future__ import annotations

import re
from typing import Literal, get_args

from pydantic import model_validator

from segmentation.plans import FrozenModel

Lang = Literal["en", "id"]
LANGS: tuple[Lang, ...] = get_args(Lang)
SLOT = re.compile(r"\{(\w+)\}")
# Slots that hold words: who is spoken of, who the others are, and what a sale is. {Noun} begins with a capital.
NOUNS = ("noun", "one_noun", "other", "one_other", "deal")


class Text(FrozenModel):
    """A text in every language; {slots} name columns of a table or words of the business, the same ones in each but for
    NOUNS, which one language may need where another does not.
    """

    en: str
    id: str

    @model_validator(mode="after")
    def _same_slots(self) -> Text:
        for lang in LANGS:
            if _figures(self.en) != _figures(self.into(lang)):
                raise ValueError(
                    f"found other slots in {lang} than in en, expected the same: {self.en!r}, {self.into(lang)!r}"
                )
        return self

    def into(self, lang: Lang) -> str:
        """The text in one language."""
        return str(getattr(self, lang))


def _figures(text: str) -> list[str]:
    return sorted(slot for slot in SLOT.findall(text) if slot.lower() not in NOUNS)
