"""What shops and services say of their segments: of all that the built-in texts speak of, and in their own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segmentation.i18n.wording import BusinessKind
from segmentation.story.archetypes import EntityTexts
from segmentation.story.marketplace import Marketplace
from segmentation.story.texts import SLOT
from segmentation.yaml_file import load_model
from tests.unit.story.kinds import KINDS, SEGMENTS, archetypes_of
from tests.unit.story.profiles import ARCHETYPES

# What nobody says of a retailer's own stores, of households, or of a class.
FOREIGN = {
    "shop": r"GMV|marketplace|platform|tender|procurement|contract|account manage|seller|penjual\b|pengadaan|kontrak",
    "services": r"GMV|marketplace|the platform|diterima platform|tender|procurement|seller|penjual\b|pengadaan",
}


@pytest.mark.parametrize("entity", ["buyers", "sellers"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_speaks_of_all_that_the_built_in_texts_speak_of(kind: BusinessKind, entity: str) -> None:
    own = load_model(str(SEGMENTS / kind / f"{entity}.yml"), EntityTexts)
    assert own.noun is None  # what the source calls them
    assert own.deal and len(own.archetypes) >= 6
    assert len(own.ladder) == len(ARCHETYPES[entity].grammar.ladder)
    words = archetypes_of(kind, entity).words
    for feature, usual in ARCHETYPES[entity].words.items():
        assert feature in own.words or feature == "age"
        assert (usual.high is None, usual.low is None) == (words[feature].high is None, words[feature].low is None)


@pytest.mark.parametrize("file", sorted(SEGMENTS.glob("*/*.yml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_kind_says_nothing_that_is_foreign_to_it(file: Path) -> None:
    lines = [SLOT.sub("", line) for line in file.read_text().splitlines() if re.search(r"\ben: ", line) or '"' in line]
    assert len(lines) > 10
    assert [line for line in lines if re.search(FOREIGN[file.parent.name], line, flags=re.IGNORECASE)] == []


def test_a_shop_has_no_platform_that_keeps_a_part() -> None:
    shop, services = (load_model(str(SEGMENTS / kind / "marketplace.yml"), Marketplace) for kind in KINDS)
    assert shop.low_yield is None and services.low_yield
    assert all((kind.emerging, kind.underused, kind.gap, kind.top_region) for kind in (shop, services))
