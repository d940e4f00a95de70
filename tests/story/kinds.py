"""The texts of a kind of business, laid over the built-in ones, with what a source calls its sides put in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from segmentation.story import Archetypes, load_archetypes
from segmentation.yaml_file import read_yaml, validated

M = TypeVar("M", bound=BaseModel)

SEGMENTS = Path(__file__).parents[2] / "conf" / "segments"
KINDS = ("shop", "services")
# Singular and plural, by kind, entity and language; Indonesian has one form.
SIDES: dict[str, dict[str, dict[str, tuple[str, str]]]] = {
    "shop": {
        "buyers": {"en": ("Customer", "Customers"), "id": ("Pelanggan", "Pelanggan")},
        "sellers": {"en": ("Store", "Stores"), "id": ("Toko", "Toko")},
    },
    "services": {
        "buyers": {"en": ("Client", "Clients"), "id": ("Klien", "Klien")},
        "sellers": {"en": ("Provider", "Providers"), "id": ("Penyedia Jasa", "Penyedia Jasa")},
    },
}


def archetypes_of(kind: str, entity: str) -> Archetypes:
    """All that can be said of one entity's segments in a business of the kind."""
    mine, others = SIDES[kind][entity], SIDES[kind]["sellers" if entity == "buyers" else "buyers"]
    words = {lang: _words(mine[lang], others[lang]) for lang in ("en", "id")}

    def load(path: str, model: type[M], /) -> M:
        return validated(model, _named(read_yaml(path), words), path)

    return load_archetypes(entity, str(SEGMENTS / kind / f"{entity}.yml"), load)


def _words(mine: tuple[str, str], others: tuple[str, str]) -> dict[str, str]:
    return {
        "{Noun}": mine[1], "{noun}": mine[1].lower(), "{one_noun}": mine[0].lower(),
        "{Other}": others[1], "{other}": others[1].lower(), "{one_other}": others[0].lower(),
    }  # fmt: skip


def _named(value: Any, words: Mapping[str, Mapping[str, str]], lang: str = "") -> Any:
    """The same keys and values, with names in place of the slots of sides wherever a text stands under its language."""
    if isinstance(value, dict):
        return {key: _named(each, words, key if key in words else lang) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each, words, lang) for each in value]
    if isinstance(value, str) and lang:
        for slot, word in words[lang].items():
            value = value.replace(slot, word)
    return value
