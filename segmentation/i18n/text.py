"""A text in every language, with slots."""

from __future__ import annotations

import re
from typing import Literal, get_args

from pydantic import model_validator

from segmentation.plans import FrozenModel

Lang = Literal["en", "id"]
LANGS: tuple[Lang, ...] = get_args(Lang)
SLOT = re.compile(r"\{(\w+)\}")


class Text(FrozenModel):
    """A text in every language; {slots} name columns of a table or words of the business, the same ones in each."""

    en: str
    id: str

    @model_validator(mode="after")
    def _same_slots(self) -> Text:
        for lang in LANGS:
            if sorted(SLOT.findall(self.en)) != sorted(SLOT.findall(self.into(lang))):
                raise ValueError(
                    f"found other slots in {lang} than in en, expected the same: {self.en!r}, {self.into(lang)!r}"
                )
        return self

    def into(self, lang: Lang) -> str:
        """The text in one language."""
        return str(getattr(self, lang))
