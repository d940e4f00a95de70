"""Every number in every text is a cell of the profile table, rightly rounded."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.entities import BUYERS, ENTITIES, SELLERS, Entity
from segmentation.i18n.text import LANGS, SLOT
from segmentation.schemas import profile_columns
from segmentation.story import Story, tell
from segmentation.story.archetypes import Archetypes
from segmentation.story.texts import WORDS
from tests.unit.story.kinds import KINDS, archetypes_of
from tests.unit.story.profiles import ARCHETYPES, PUBLISHED_BUYERS, PUBLISHED_SELLERS, Row, drawn_profiles, published

UNITS = {
    "en": {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12},
    "id": {"rb": 1e3, "jt": 1e6, "M": 1e9, "T": 1e12},
}
MARKS = {"en": (".", ","), "id": (",", ".")}  # before decimals, between thousands
NOBODY = {"segment": 0, "size": 1234567, "share": 0.07, "mean_cancel_rate": 0.0004}


def told(profiles: list[Row], entity: Entity, verdict: str = "natural", lang: Any = "en") -> list[Story]:
    """The stories, in rupiah."""
    return tell(profiles, entity, verdict, ARCHETYPES[entity.name], lang, "IDR")


def read(shown: str, lang: str) -> tuple[float, float]:
    """The value that a figure shows, and by how much rounding may have moved it; of <0.01% by all of it."""
    found = re.fullmatch(r"(?P<bound>[<>]?)(?:Rp |×)?(?P<digits>−?[\d.,]+)(?P<unit>%| \w+)?", shown)
    assert found, shown
    digits, unit = found["digits"].replace("−", "-"), (found["unit"] or "").strip()
    decimal, thousands = MARKS[lang]
    plain = digits.replace(thousands, "").replace(decimal, ".")
    scale = 0.01 if unit == "%" else UNITS[lang].get(unit, 1.0)
    places = len(plain.partition(".")[2])
    return float(plain) * scale, (1.0 if found["bound"] else 0.5) * 10.0**-places * scale


def assert_from_the_table(stories: list[Story], profiles: list[Row], lang: str) -> None:
    """No digit is in a text but in figures, and each figure is a cell of the segment's row."""
    rows = {row["segment"]: row for row in profiles}
    for story in stories:
        texts = {"insight": story.insight, "recommendation": story.recommendation}
        texts |= {f"strategy.{key}": text for key, text in (story.strategy or {}).items()}
        assert set(texts) == set(story.figures)
        for key, text in texts.items():
            assert text and not re.search(r"[{}]|  |\bnan\b|None|unknown", text), text
            for figure in story.figures[key]:
                assert figure.value == rows[story.segment][figure.column]
                value, rounding = read(figure.shown, lang)
                assert value == pytest.approx(figure.value, rel=1e-9, abs=rounding * 1.000001), (text, figure)
                assert figure.shown in text
            for figure in sorted(story.figures[key], key=lambda f: -len(f.shown)):
                text = text.replace(figure.shown, "")
            assert not any(sign.isdigit() for sign in text), text


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.data(), st.sampled_from(sorted(ENTITIES)), st.sampled_from(["natural", "tiers", "none"]))
def test_every_number_comes_from_the_table(data: st.DataObject, entity: str, verdict: str) -> None:
    profiles = [NOBODY, *data.draw(drawn_profiles(ENTITIES[entity], 1, 6))]
    for lang in LANGS:
        stories = told(profiles, ENTITIES[entity], verdict, lang)
        assert [story.segment for story in stories] == [row["segment"] for row in profiles]
        assert_from_the_table(stories, profiles, lang)
        assert sorted(story.priority or 0 for story in stories) == list(range(1, len(profiles) + 1))


@pytest.mark.parametrize(("entity", "means"), [(BUYERS, PUBLISHED_BUYERS), (SELLERS, PUBLISHED_SELLERS)])
def test_so_it_is_with_the_published_profiles(entity: Entity, means: Any) -> None:
    profiles = published(means, (1500, 6800, 2611))
    for lang in LANGS:
        assert_from_the_table(told(profiles, entity, lang=lang), profiles, lang)


@pytest.mark.parametrize("entity", sorted(ENTITIES))
@pytest.mark.parametrize("kind", ["marketplace", *KINDS])
def test_every_sentence_of_the_files_names_columns_that_there_are(kind: str, entity: str) -> None:
    archetypes = ARCHETYPES[entity] if kind == "marketplace" else archetypes_of(kind, entity)
    features = ENTITIES[entity].features
    columns = {column.name for column in profile_columns(features.names)} | set(ENTITIES[entity].profiles.names)
    parts = {*WORDS, "mean", "median", "lift"}
    sentences = [s for advice in _advice(archetypes) for s in (*advice.insight, *advice.recommendation)]
    sentences += [s for tier in archetypes.grammar.ladder for s in tier.recommendation]
    assert len(sentences) > 50
    for sentence in sentences:
        assert set(SLOT.findall(sentence.en)) <= columns | parts, sentence.en
        assert set(sentence.when) <= set(features.names), sentence.en
    for archetype in archetypes.archetypes:
        assert set(archetype.when) <= set(features.names), archetype.name.en
    assert set(archetypes.words) <= set(features.names)


def _advice(archetypes: Archetypes) -> list[Any]:
    grammar = archetypes.grammar
    words = [*archetypes.words.values(), grammar.other]
    return [
        *archetypes.archetypes, grammar.natural, grammar.tiers, grammar.slices, grammar.everybody, grammar.without_sale,
        *(word for pair in words for word in (pair.high, pair.low) if word),
    ]  # fmt: skip
