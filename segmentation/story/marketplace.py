"""What a file such as conf/segments/marketplace.yml may say of the marketplace as a whole."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from segmentation.i18n.text import SLOT, Text
from segmentation.i18n.wording import MARKETPLACE, BusinessKind
from segmentation.plans import FrozenModel, Share
from segmentation.story.archetypes import built_in, find_built_in
from segmentation.yaml_file import load_model

Count = Annotated[int, Field(ge=1)]


class Suggestion(FrozenModel):
    """One suggestion: a heading and a text, whose slots are filled with figures from tables."""

    slots: ClassVar[tuple[str, ...]] = ()

    title: Text
    text: Text

    @model_validator(mode="after")
    def _known_slots(self) -> Suggestion:
        for text in (value for _, value in self if isinstance(value, Text)):
            for slot in SLOT.findall(text.en):
                if slot not in (*self.slots, *MARKETPLACE.words("en")):
                    raise ValueError(f"found the slot {{{slot}}}, expected one of {', '.join(self.slots)}")
        return self


class Emerging(Suggestion):
    """Regions that come right after the leading ones; those that are mostly one buyer are passed over and named."""

    slots = ("names", "shares", "leaders", "passed")

    past_some: Text | None = Field(None, description="the text where larger regions hang on one buyer each")

    one_buyer: Share = Field(0.5, description="of a region's GMV, from one buyer: more is no demand of the region")
    leaders: Count = Field(1, description="regions that are established")
    at_least: Share = Field(0.02, description="of GMV")
    at_most: Count = Field(2, description="regions that are named")


class LowYield(Suggestion):
    """Large categories of whose GMV the platform keeps less than of the whole."""

    slots = ("names", "rates", "whole", "money")

    at_least: Share = Field(0.05, description="of GMV")
    yields: float = Field(0.9, description="revenue per GMV, over that of the whole, at most")
    at_most: Count = Field(3, description="categories that are named")


class Underused(Suggestion):
    """Product types that hardly anyone buys."""

    slots = ("names", "shares", "orders")

    at_most: Share = Field(0.1, description="of GMV")


class Gap(Suggestion):
    """What lies between the top sellers and the next segment, and what somewhat more from each of these would bring.

    Money lies between that part of what the one in the middle sells, times their number, and that part of all that
    they sell.
    """

    slots = ("top", "segment", "each", "next_each", "part", "least", "most", "size", "theirs", "by_middle")

    at_least: float = Field(2.0, description="median GMV of a top seller over that of one of the next segment")
    more: Share = Field(0.1, description="the part of what they sell that is reckoned with")


class OneBuyer(Suggestion):
    """A leading region in which one buyer is nearly all."""

    slots = ("name", "share", "largest")


class TopRegion(Suggestion):
    """How much more an order in the leading region is worth than one elsewhere."""

    slots = ("name", "share", "own", "others")

    differs: float = Field(0.1, description="value of an order there over one elsewhere, beyond 1")
    of: tuple[str, ...] = Field((), description="dimensions of the overview that the text speaks of")
    plain: Text | None = Field(None, description="the text where one of these is not known")
    one_buyer: Share = Field(0.5, description="of its GMV, from one buyer: beyond it, `alone` is said instead")
    alone: OneBuyer | None = None


class Dependence(FrozenModel):
    """Sellers that hang on one buyer."""

    at_least: Share = Field(0.5, description="of a seller's GMV, from its largest buyer")


class Marketplace(FrozenModel):
    """All suggestions; one that is left out is not made."""

    emerging: Emerging | None = None
    low_yield: LowYield | None = None
    underused: Underused | None = None
    gap: Gap | None = None
    top_region: TopRegion | None = None
    dependence: Dependence = Dependence()


def load_marketplace(path: str | None = None, kind: BusinessKind = "marketplace") -> Marketplace:
    """The suggestions of a source's own file, else those of its kind of business, else the usual ones."""
    own = load_model(path, Marketplace) if path else find_built_in(f"{kind}/marketplace", Marketplace)
    return own or built_in("marketplace", Marketplace)
