"""What is said of segments and of the marketplace, as the config and the kind of business have it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from segmentation.clustering.model import Model
from segmentation.config import Config
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.source import Source
from segmentation.story import Archetypes, StoryContext, load_archetypes
from segmentation.story.marketplace import Marketplace, load_marketplace


def archetypes_of(config: Config) -> dict[str, Archetypes]:
    """What is said of segments, by entity."""
    source, own = config.source, config.archetypes
    told: dict[str, Archetypes] = {
        name: load_archetypes(name, own.get(name), source.kind_of_business, source.words) for name in config.entities
    }
    for name in config.entities:
        if path := own.get(name):
            _check_features(path, told[name], source.features(ENTITIES[name].features).names)
    return told


def _check_features(path: str, archetypes: Archetypes, known: Collection[str]) -> None:
    """A condition on a feature that nobody has is never true: it would not be noticed that the name is misspelt."""
    for archetype in archetypes.archetypes:
        sentences = (*archetype.insight, *archetype.recommendation)
        for feature in {**archetype.when, **{name: term for told in sentences for name, term in told.when.items()}}:
            if feature not in known:
                near = get_close_matches(feature, known, n=1) or ["a feature, or an attribute of the source"]
                raise InputError(
                    f"{path}: archetype {archetype.name.en!r}: when: found the feature {feature!r}, expected {near[0]}"
                )


def story_context(source: Source, model: Model, names: Mapping[int, str]) -> StoryContext:
    """What is known of a model's segments beside their figures; `names` are those that they have already."""
    return StoryContext(source.money, {*model.features}, source.worth is not None, names)


def marketplace_of(config: Config) -> Marketplace:
    """What is suggested to the business as a whole."""
    return load_marketplace(config.archetypes.get("marketplace"), config.source.kind_of_business)
