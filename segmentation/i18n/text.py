"""A text in every language, with slots."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import model_validator

from segmentation.plans import Model

Lang = Literal["en", "id"]
SLOT = re.compile(r"\{(\w+)\}")


class Text(Model):
    """A text in every language; {slots} name columns of a table or words of the business, the same ones in each."""

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
