"""Reasons of the search in the language of the page."""

from __future__ import annotations

import re

import pytest

from segmentation.clustering.reasons import SENTENCES
from segmentation.i18n.text import LANGS
from segmentation.i18n.texts import load_texts
from segmentation.reporting.sections import summary
from segmentation.reporting.voice import voice_of
from tests.unit.clustering.test_reasons import every_reason

ENGLISH = {
    "the", "than", "less", "more", "not", "tried", "only", "have", "has", "value", "values", "unknown", "same", "and",
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "english", "indonesian"),
    [
        (
            "count_orders hardly varies: 97.0% have the same value (1,000)",
            "hardly varies: 97.0% have the same value (1,000)",
            "hampir tidak bervariasi: 97,0% bernilai sama (1.000)",
        ),
        (
            "the smallest segment holds 0.52%, less than 1.00%",  # what it holds has a column of its own
            "the smallest segment holds less than 1.00%",
            "segmen terkecil berisi kurang dari 1,00%",
        ),
        (
            "no better than chance: silhouette 0.673 against 0.670 without groups, less than 0.050 above",
            "no better than chance: silhouette less than 0.050 above that without groups",
            "tidak lebih baik dari kebetulan: silhouette kurang dari 0,050 di atas yang tanpa kelompok",
        ),
        ("something new", "something new", "something new"),
    ],
)
def test_reasons_in_the_language(written: str, english: str, indonesian: str) -> None:
    assert voice_of("en", "IDR").why_not(written) == english
    assert voice_of("id", "IDR").why_not(written) == indonesian


@pytest.mark.parametrize("lang", LANGS)
def test_every_reason_has_a_text(lang: str) -> None:
    texts = load_texts(lang).tree  # type: ignore[arg-type]
    assert {*texts["why_not"]} == {*SENTENCES}
    assert {*texts["why"]} < {*SENTENCES}


@pytest.mark.parametrize("name", every_reason())
@pytest.mark.parametrize("lang", [lang for lang in LANGS if lang != "en"])
def test_every_reason_is_told_in_the_language(lang: str, name: str) -> None:
    sentence = str(every_reason()[name])
    told = voice_of(lang, "IDR").why_not(sentence)  # type: ignore[arg-type]

    assert not set(re.findall(r"[a-z]{3,}", told)) & ENGLISH, (sentence, told)


@pytest.mark.parametrize("name", ["small", "outliers", "unstable", "returns", "chance", "bridge"])
@pytest.mark.parametrize("lang", LANGS)
def test_the_first_screen_gives_reasons_without_coefficients(name: str, lang: str) -> None:
    told = summary._plainly(every_reason()[name], voice_of(lang, "IDR"))

    assert told
    assert not re.search(r"\d|silhouette", told)


def test_names_with_points_and_commas_are_no_figures() -> None:
    written = "plan hardly varies: 97.0% have the same value (PT. Maju, Tbk)"
    assert voice_of("id", "IDR").why_not(written) == "hampir tidak bervariasi: 97,0% bernilai sama (PT. Maju, Tbk)"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("not tried: 1 entities, fewer than the 60 needed", "not tried: 1 entity, fewer than the 60 needed"),
        ("not tried: 21 entities, fewer than the 60 needed", "not tried: 21 entities, fewer than the 60 needed"),
        (
            "not tried: only 1 different entities, fewer than k = 2",
            "not tried: only 1 different entity, fewer than k = 2",
        ),
        ("not tried: only 1 of 4 segments have anyone in them", "not tried: only 1 of 4 segments has anyone in them"),
    ],
)
def test_one_is_told_as_one(written: str, said: str) -> None:
    assert voice_of("en", "IDR").why_not(written) == said
