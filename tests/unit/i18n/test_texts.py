from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

import segmentation.reporting
from segmentation.i18n.text import LANGS, Lang
from segmentation.i18n.texts import Texts, load_texts
from segmentation.i18n.wording import MARKETPLACE

WORDS = MARKETPLACE.words("en")


def names(text: str) -> set[str]:
    """Slots of a text. Indonesian has no plural, and another word may begin its sentence."""
    found = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    return {
        name.lower().removesuffix("s")
        if name in WORDS
        else {"Many": "one", "many": "one", "One": "one"}.get(name, name)
        for name in found
    }


@pytest.mark.parametrize("lang", LANGS)
def test_every_language_says_the_same_things(lang: Lang) -> None:
    english, own = load_texts("en"), load_texts(lang)

    assert own.keys == english.keys
    for key in english.keys:
        assert names(own.forms[key]) == names(english.forms[key]), key
    assert "number_forms" in own.tree


def test_values_are_not_read_as_templates() -> None:
    assert Texts("en", {"a": "hello {name}"})("a", name="{0} {name}") == "hello {0} {name}"


def test_a_missing_text_is_a_defect() -> None:
    with pytest.raises(KeyError):
        load_texts("en")("no.such.key")


def test_templates_hold_no_words() -> None:
    """Templates name texts by key: without tags and expressions nothing is left."""
    templates = files("segmentation.reporting") / "templates"
    for file in templates.iterdir():
        if file.name.endswith(".html"):
            said = file.read_text(encoding="utf-8")
            for code in (r"\{[{%#].*?[}%#]\}", r"<[^>]*>"):
                said = re.sub(code, " ", said, flags=re.DOTALL)
            assert re.findall(r"[A-Za-z]{3,}", said) == [], file.name


def test_every_text_that_is_asked_for_is_there() -> None:
    """Keys that stand in code and templates; those put together from parts are seen when pages are drawn."""
    known = set(load_texts("en").keys)
    root = Path(segmentation.reporting.__file__).parent
    files_of = [*root.rglob("*.py"), *root.rglob("*.html")]
    asked = {key for file in files_of for key in re.findall(r"\btranslate\(\s*f?[\"']([\w.]+)[\"']", file.read_text())}
    sides = r"\btranslate\.side\(\s*[\w.]+,\s*[\"']([\w.]+)[\"']"
    of_sides = {key for file in files_of for key in re.findall(sides, file.read_text())}
    own = {key for key in of_sides if {f"side.buyers.{key}", f"side.sellers.{key}"} <= known}
    asked |= {f"side.{key}" for key in of_sides - own}

    assert len(asked) > 80
    assert {key for key in asked if not key.endswith(".")} - known == set()
