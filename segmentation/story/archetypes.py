"""What a file of conf/segments may say: archetypes, words, and the sentences around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, model_validator

from segmentation.errors import InputError
from segmentation.i18n.text import LANGS, Text
from segmentation.i18n.wording import WORDINGS, BusinessKind, Side, Wording
from segmentation.plans import FrozenModel
from segmentation.story.claims import Claim
from segmentation.story.levels import Term
from segmentation.story.texts import Sentences
from segmentation.yaml_file import load_model

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class Advice(FrozenModel):
    """What is seen and what to do."""

    insight: Sentences
    recommendation: Sentences


class Archetype(Advice):
    """A kind of segment that is known: its rule over levels and over text columns, and what to say of it."""

    name: Text
    when: dict[str, Term] = {}
    where: dict[str, str] = Field({}, description="what half or more have, e.g. top_category: Fashion")
    claims: tuple[str, ...] = Field((), description="what the name says, by the claims of common.yml")
    strategy: dict[str, Text] = Field({}, description="channel, message, product, partners, …")
    priority: int | None = Field(None, description="1 first; by share of GMV where not given")

    @model_validator(mode="after")
    def _has_a_rule(self) -> Archetype:
        if not self.when and not self.where:
            raise ValueError("found no rule, expected when or where")
        return self


class Word(Advice):
    """A word for one side of a feature, and what to say where it names a segment."""

    word: Text
    weight: Annotated[float, Field(gt=0)] = Field(1.0, description="beside other words that are true")
    claims: tuple[str, ...] = Field((), description="without which the word says too much")


class Words(FrozenModel):
    """What one feature is called when it is high or low, or merely higher or lower than a like segment's."""

    high: Word | None = None
    low: Word | None = None
    more: Text
    less: Text


class Tier(FrozenModel):
    """One step of the ladder of tiers."""

    name: Text
    recommendation: Sentences


class Plain(Advice):
    """A name that claims nothing."""

    name: Text


class Composed(Plain):
    """How a name is put together from words, and what is said where no word is true."""

    with_words: Text


class Category(FrozenModel):
    """A value of a text that most of a segment share and fewer of all: {top}, {top_share}, {top_lift} are those of
    the profile table."""

    common: Word
    with_it: Word = Field(description="for a value that says yes")
    without_it: Word = Field(description="for a value that says no")


class Grammar(FrozenModel):
    """What all entities share: conf/segments/common.yml. Slots beside columns: noun, Noun, words, tier, feature."""

    claims: dict[str, Claim] = Field(description="what words claim, in figures of the member in the middle")
    other: Words = Field(description="for an attribute of a source that has no words of its own")
    natural: Composed = Field(description="groups that are there, where no archetype fits")
    tiers: Composed = Field(description="slices of a continuum")
    unranked: Composed = Field(description="slices of a continuum, where nothing says which of them is worth more")
    category: Category
    slices: Composed = Field(description="slices that were asked for though not even stable")
    ladder: Annotated[tuple[Tier, ...], Field(min_length=2)]
    everybody: Plain
    without_sale: Plain
    set_apart: Text = Field(description="{name} with {more}, for segments that differ only in degree")
    set_further_apart: Text = Field(description="the same, once more")
    twin: Text = Field(description="for segments that no figure tells apart")


class EntityTexts(FrozenModel):
    """What is said of one entity: conf/segments/buyers.yml, or a source's own file."""

    noun: Text | None = Field(None, description="what they are called, over the source's sides")
    deal: Text | None = Field(None, description="what a sale is to them")
    archetypes: tuple[Archetype, ...] = ()
    words: dict[str, Words] = {}
    claims: dict[str, Claim] = Field({}, description="beside those of common.yml, or over them")
    ladder: tuple[Tier, ...] = Field((), description="instead of that of common.yml")

    @model_validator(mode="after")
    def _names_differ(self) -> EntityTexts:
        names = [{archetype.name.into(lang) for lang in LANGS} for archetype in self.archetypes]
        for name in set().union(*names):
            if sum(name in several for several in names) > 1:
                raise ValueError(f"archetypes: found the name {name!r} twice, expected it once")
        return self


@dataclass(frozen=True)
class Archetypes:
    """All that can be said of one entity's segments."""

    us: Side
    others: Side
    deal: Text
    archetypes: tuple[Archetype, ...]
    words: Mapping[str, Words]
    grammar: Grammar
    claims: Mapping[str, Claim]
    wording: Wording = WORDINGS["marketplace"]


def load_archetypes(
    entity: str,
    path: str | None = None,
    kind: BusinessKind = "marketplace",
    wording: Wording | None = None,
) -> Archetypes:
    """The built-in texts of buyers or sellers, those of the kind of business over them, and a source's own file last.

    wording: a source's own words, else those of the kind of business.

    Words and claims are laid over one by one; archetypes and a ladder are the last file's that may say them.
    """
    grammar, wording = built_in("common", Grammar), wording or WORDINGS[kind]
    laid = [found for name in (entity, f"{kind}/{entity}") if (found := find_built_in(name, EntityTexts))]
    laid += [load_model(path, EntityTexts)] if path else []
    words = {feature: words for file in laid for feature, words in file.words.items()}
    claims = {**grammar.claims, **{name: claim for file in laid for name, claim in file.claims.items()}}
    noun, deal, ladder = (_last(getattr(file, key) for file in laid) for key in ("noun", "deal", "ladder"))
    assert deal  # the built-in files say so
    if ladder:
        grammar = grammar.model_copy(update={"ladder": ladder})
    own = laid[-1].archetypes
    _check_claims(path or entity, own, words, grammar.ladder, claims)
    us, others = (wording.buyers, wording.sellers)[:: 1 if entity == "buyers" else -1]
    us = us.model_copy(update={"many": noun}) if noun else us
    return Archetypes(us, others, deal, own, words, grammar, claims, wording)


def _last(found: Iterable[T]) -> T | None:
    """The last that says something."""
    return next((each for each in reversed(list(found)) if each), None)


def _check_claims(
    place: str,
    archetypes: Sequence[Archetype],
    words: Mapping[str, Words],
    ladder: Sequence[Tier],
    claims: Collection[str],
) -> None:
    """Every claim that a text names is declared."""
    sides: list[Archetype | Word] = [word for each in words.values() for word in (each.high, each.low) if word]
    named: list[str] = []
    for each in [*archetypes, *sides]:
        named += each.claims
        named += [name for text in (*each.insight, *each.recommendation) for name in (*text.claims, *text.unless)]
    named += [name for tier in ladder for text in tier.recommendation for name in (*text.claims, *text.unless)]
    for name in named:
        if name not in claims:
            near = get_close_matches(name, claims, n=1) or [", ".join(claims)]
            raise InputError(f"{place}: claims: found {name!r}, expected one that is declared, such as {near[0]}")


def built_in(name: str, model: type[M]) -> M:
    """A file of conf/segments: the checkout's, else the copy that the wheel carries."""
    found = find_built_in(name, model)
    assert found, name
    return found


def find_built_in(name: str, model: type[M]) -> M | None:
    """A file of conf/segments, as `built_in` finds it; None where there is no such file."""
    checkout = Path(__file__).parents[2] / "conf" / "segments" / f"{name}.yml"
    if checkout.is_file():
        return load_model(str(checkout), model)
    carried = files("segmentation.story") / "segments" / f"{name}.yml"
    if not carried.is_file():
        return None
    with as_file(carried) as packaged:
        return load_model(str(packaged), model)
