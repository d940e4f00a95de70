"""All that the report says, in the language asked for: texts/<lang>.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


class Texts:
    """Texts by dotted key, with named figures put in.

    >>> load_texts("en")("trust.read", rows="3")
    '3 rows read'
    """

    def __init__(self, lang: str, texts: Mapping[str, Any]) -> None:
        self.lang = lang
        self.tree = texts
        self._flat = dict(_flatten(texts))

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key; a key that is missing is a defect and raises."""
        return self._flat[key].format(**values)

    def find(self, key: str, default: str) -> str:
        """The text of a key that data made up, such as a column's name, or the default."""
        return self._flat.get(key, default)

    def with_own(self, section: str) -> Texts:
        """The same texts with those of a section over them, key by key."""
        return Texts(self.lang, _over(self.tree, self.tree[section]))

    @property
    def keys(self) -> list[str]:
        """Every key, so that two languages can be held against each other."""
        return sorted(self._flat)


@cache
def load_texts(lang: str) -> Texts:
    """The texts of a language."""
    file = files("segmentation.reporting") / "texts" / f"{lang}.json"
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
