"""One cell of a table has one text on the page: in sentences, in tables, and in pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from segmentation.entities import ENTITIES
from segmentation.i18n.text import LANGS, Lang
from segmentation.reporting.data import EntityData
from segmentation.story import Story, tell
from tests.unit.reporting.fixtures import make_entity, make_report_data
from tests.unit.reporting.pages import Page, sketch, words
from tests.unit.reporting.published import BUYERS, SELLERS
from tests.unit.story.profiles import ARCHETYPES

# Days with fractions, traces of shares, and lifts near nought: where two ways of rounding differ.
KINDS: dict[str, dict[str, Any]] = {
    "buyers": {**BUYERS, "gmv": (0.8584, 0.1412, 0.0004), "revenue": (0.84, 0.1596, 0.0004)},
    "sellers": {**SELLERS, "gmv": (0.9997, 0.0003, 0.0), "revenue": (None, None, None)},
}


def told(name: str, verdict: str, lang: Any) -> tuple[EntityData, list[Story]]:
    """An entity with the sentences that its figures lead to."""
    data = make_entity(KINDS[name], verdict)
    profiles = data.profiles
    rows = [{key: None if pd.isna(value) else value for key, value in row.items() if key != "strategy"}
            for row in profiles.to_dict("records")]  # fmt: skip
    stories = tell(rows, ENTITIES[name], verdict, ARCHETYPES[name], lang, "IDR")
    by_segment = {story.segment: story for story in stories}
    texts = {
        key: [getattr(by_segment[one], key) for one in profiles["segment"]] for key in ("insight", "recommendation")
    }
    return replace(data, profiles=profiles.assign(**texts)), stories


@pytest.mark.parametrize("verdict", ["natural", "tiers"])
@pytest.mark.parametrize("lang", LANGS)
def test_a_cell_has_one_text_everywhere(lang: Lang, verdict: str, tmp_path: Path) -> None:
    found = {name: told(name, verdict, lang) for name in KINDS}
    data = make_report_data(entities={name: entity for name, (entity, _) in found.items()})
    page = sketch(data, tmp_path, lang, "buyers_value", "sellers_value")

    texts: dict[str, set[str]] = {}
    for of, text in re.findall(r'<data value="[^"]*" data-of="([^"]*)">([^<]*)</data>', page.source):
        texts.setdefault(of, set()).add(text)
    assert len(texts) > 100
    assert {of: said for of, said in texts.items() if len(said) > 1} == {}

    in_sentences = {
        (f"{ENTITIES[name].profiles.name}/{story.segment}/{figure.column}", figure.shown)
        for name, (_, stories) in found.items()
        for story in stories
        for key, figures in story.figures.items()
        if not key.startswith("strategy.")
        for figure in figures
    }
    both = {(of, shown) for of, shown in in_sentences if of in texts}
    assert len(both) > 10
    assert {(of, shown, *texts[of]) for of, shown in both if {shown} != texts[of]} == set()

    drawn = {name: _words(page, f"{name}_value") for name in KINDS}
    for of, (text,) in texts.items():
        table, segment, column = of.split("/")[:3]
        if table.endswith("_profiles") and segment != "0" and column in ("share", "gmv_share"):
            assert text in drawn["buyers" if table.startswith("buyer") else "sellers"], of


def _words(page: Page, picture: str) -> set[str]:
    """The words of the drawing of a picture."""
    uris = re.search(rf'id="chart-{picture}".*?<img src="data:image/svg\+xml;base64,([^"]*)"', page.source, re.DOTALL)
    assert uris is not None
    at = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page.source).index(uris.group(1))
    return set(words(page.drawings[at]))


def test_rows_of_the_sweep_say_no_figure_twice(tmp_path: Path) -> None:
    """What stands in a column is not in the verdict beside it in another form."""
    page = sketch(make_report_data(), tmp_path, "en")

    rows = re.findall(r'<tr[^>]* class="refused">(.*?)</tr>', page.source, re.DOTALL)
    assert rows
    for row in rows:
        *cells, verdict = re.findall(r"<bdi>(.*?)</bdi>", row)
        assert not set(re.findall(r"\d+\.\d+", verdict)) - {"0.75"}, (cells, verdict)
