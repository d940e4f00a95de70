"""What is said of segments and of the marketplace, as the config and the kind of business have it."""

from __future__ import annotations

from segmentation.config import Config
from segmentation.story import Archetypes, load_archetypes
from segmentation.story.marketplace import Marketplace, load_marketplace
from segmentation.yaml_file import load_model


def archetypes_of(config: Config) -> dict[str, Archetypes]:
    """What is said of segments, by entity."""
    source, own = config.source, config.archetypes
    return {
        name: load_archetypes(name, own.get(name), load_model, source.kind_of_business, source.words)
        for name in config.entities
    }


def marketplace_of(config: Config) -> Marketplace:
    """What is suggested to the business as a whole."""
    return load_marketplace(config.archetypes.get("marketplace"), load_model, config.source.kind_of_business)
