"""All that the report says, in the language asked for: texts/<lang>.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from segmentation.i18n.agreement import agreed, marked, plain
from segmentation.i18n.text import Lang
from segmentation.i18n.wording import MARKETPLACE, Wording


class Texts:
    """Texts by dotted key, with named figures put in.

    >>> load_texts("en")("trust.read", rows="3")
    '3 rows read'
    """

    def __init__(self, lang: Lang, texts: Mapping[str, Any], wording: Wording = MARKETPLACE) -> None:
        self.lang = lang
        self.tree = texts
        self.words = wording.words(lang)
        self.names = wording.names_in(lang)
        self._wording = wording
        self.forms = dict(_flatten(texts))

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key; a key that is missing is a defect and raises."""
        slots = {name: marked(value) for name, value in values.items()}
        return plain(self.agreed(self.forms[key].format(**{**self.words, **slots})))

    def agreed(self, text: str, nouns: Mapping[str, str] | None = None) -> str:
        """A text whose slots are marked, with words that agree with their figures; `nouns`: several by one."""
        own = {self.words[f"{role}s"]: self.words[role] for role in ("buyer", "seller")}
        return agreed(text, self.tree.get("number_forms", ()), own if nouns is None else nouns)

    def side(self, entity: str, key: str, **values: object) -> str:
        """A text of the buyers, or the sellers: {one} and {many} are what the business calls them.

        Of a text that either side has in words of its own, as who buys spends and who sells does not, the side's.
        """
        role = entity.removesuffix("s")
        names = {
            "one": self.words[role],
            "One": self.words[role.capitalize()],
            "many": self.words[entity],
            "Many": self.words[entity.capitalize()],
        }
        own = f"side.{entity}.{key}"
        return self(own if own in self.forms else f"side.{key}", **names, **values)

    def find(self, key: str, default: str) -> str:
        """The text of a key that data made up, such as a column's name, or the default."""
        return self(key) if key in self.forms else default

    def value(self, value: str) -> str:
        """A value of the data as the source calls it; of a column of yes or no, yes or no in the language."""
        usual = self(f"attributes.{value}") if value in ("true", "false") else value
        return self.names.get(value, usual)

    def section(self, key: str) -> dict[str, str]:
        """The texts of a section, by the last part of their keys."""
        return {name.rpartition(".")[2]: self(name) for name in self.forms if name.rpartition(".")[0] == key}

    def with_own(self, section: str) -> Texts:
        """The same texts with those of a section over them, key by key."""
        return Texts(self.lang, _over(self.tree, self.tree[section]), self._wording)

    def worded(self, wording: Wording) -> Texts:
        """The same texts in a business's words."""
        return Texts(self.lang, self.tree, wording)

    def told_in(self, entity: str, here: Lang, there: Lang) -> str:
        """That segments of an entity are told in one language on the page, and in another one in the tables."""
        return self.side(entity, "told_in", here=self.language(here), there=self.language(there))

    def language(self, code: str) -> str:
        """A language by its code; the code where the texts do not know it."""
        return self.find(f"languages.{code}", code)

    @property
    def keys(self) -> list[str]:
        """Every key, so that two languages can be held against each other."""
        return sorted(self.forms)


@cache
def load_texts(lang: Lang) -> Texts:
    """The texts of a language."""
    file = files("segmentation.i18n") / "texts" / f"{lang}.json"
    return Texts(lang, json.loads(file.read_text(encoding="utf-8")))


def _over(tree: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with another one over it."""
    deeper = {
        key: _over(tree[key], value)
        for key, value in own.items()
        if isinstance(value, Mapping) and isinstance(tree.get(key), Mapping)
    }
    return {**tree, **own, **deeper}


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Pairs of dotted key and text; lists are read from `tree`."""
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            found.append((prefix + key, value))
    return found
