"""The texts of a kind of business, laid over the built-in ones."""

from __future__ import annotations

from pathlib import Path

from segmentation.i18n.wording import BusinessKind
from segmentation.story import Archetypes, load_archetypes

SEGMENTS = Path(__file__).parents[3] / "conf" / "segments"
KINDS: tuple[BusinessKind, ...] = ("shop", "services")


def archetypes_of(kind: BusinessKind, entity: str) -> Archetypes:
    """All that can be said of one entity's segments in a business of the kind."""
    return load_archetypes(entity, None, kind)
