"""From a profile table to names, insights and recommendations: nothing is said that the table does not show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from segmentation.entities import Entity
from segmentation.i18n.numbers import number
from segmentation.i18n.text import Lang
from segmentation.schemas import Row
from segmentation.story.archetypes import Archetype, Archetypes, Composed, Plain, Tier
from segmentation.story.compose import Composer
from segmentation.story.levels import Levels, of_most
from segmentation.story.match import match
from segmentation.story.sentences import Figure, Prose, Teller

SPOKEN_OF = 2  # words of a composed name that the insight explains


@dataclass(frozen=True)
class StoryContext:
    """What is known beside the figures: which attributes are money, which features made the segments (None: all),
    whether segments are ranked by what they are worth, and the names that they have already, by number."""

    money: Collection[str] = ()
    used: Collection[str] | None = None
    ranked: bool = True
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """What is said of one segment, and per text the cells of the profile table that its figures show."""

    segment: int
    segment_name: str
    insight: str
    recommendation: str
    strategy: Mapping[str, str] | None = None
    priority: int | None = None
    figures: Mapping[str, tuple[Figure, ...]] = field(default_factory=dict)


def tell(
    profiles: Sequence[Row],
    entity: Entity,
    verdict: str,
    archetypes: Archetypes,
    lang: Lang,
    currency: str,
    known: StoryContext = StoryContext(),
) -> list[Story]:
    """A story for every row of the profile table.

    Natural groups are matched with archetypes, else named from words that are true of them; tiers are called
    tiers; where there is no verdict on groups, one segment is simply everybody.
    """
    profiles = [of_most(row) for row in profiles]
    rows = sorted((row for row in profiles if row["segment"] > 0), key=lambda row: row["segment"])
    are_tiers = verdict == "tiers" and known.ranked
    levels = Levels(rows, archetypes.claims, are_tiers)
    teller = Teller(lang, currency, levels, archetypes, known.money)
    narrator = _Narrator(entity, levels, archetypes, teller, known)
    told = _in_order(rows, *narrator.segments(rows, verdict), are_tiers) if rows else []
    nobody = [
        replace(narrator.plain(row, archetypes.grammar.without_sale), priority=len(rows) + 1)
        for row in profiles
        if row["segment"] == 0
    ]
    at = {int(row["segment"]): row for row in rows}
    return nobody + [narrator.under_its_name(story, at[story.segment]) for story in told]


def name_without_sale(archetypes: Archetypes, lang: Lang) -> str:
    """What segment 0 is called."""
    teller = Teller(lang, "", Levels([], archetypes.claims), archetypes, ())
    return teller.name(archetypes.grammar.without_sale.name)


class _Narrator:
    def __init__(
        self, entity: Entity, levels: Levels, archetypes: Archetypes, teller: Teller, known: StoryContext
    ) -> None:
        self._teller, self._levels, self._ranked, self._names = teller, levels, known.ranked, known.names
        self._archetypes, self._grammar = archetypes.archetypes, archetypes.grammar
        self._composer = Composer(entity, levels, archetypes, teller, known.used)

    def segments(self, rows: Sequence[Row], verdict: str) -> tuple[list[Story], dict[int, int]]:
        """Stories of segments 1 … k, and the priorities that archetypes declare."""
        if len(rows) == 1:
            return [self.plain(rows[0], self._grammar.everybody)], {}
        numbers = [int(row["segment"]) for row in rows]
        matched = match(self._archetypes, self._levels, numbers) if verdict == "natural" else {}
        ranked = verdict == "tiers" and self._ranked
        steps = self._grammar.tiers if ranked else self._grammar.unranked
        form = {"natural": self._grammar.natural, "tiers": steps}.get(verdict, self._grammar.slices)
        tiers = dict(zip(numbers, ladder(self._grammar.ladder, len(rows)), strict=True)) if ranked else {}
        taken = {segment: self._teller.name(archetype.name) for segment, archetype in matched.items()}
        names = taken | self._composer.names(
            [segment for segment in numbers if segment not in matched],
            form,
            {segment: self._teller.name(tier.name) for segment, tier in tiers.items()},
            set(taken.values()),
        )
        stories = [
            self._known(row, names[row["segment"]], archetype)
            if (archetype := matched.get(row["segment"]))
            else self._composed(row, names[row["segment"]], form, tiers.get(row["segment"]))
            for row in rows
        ]
        declared = {segment: a.priority for segment, a in matched.items() if a.priority is not None}
        return stories, declared

    def under_its_name(self, story: Story, row: Row) -> Story:
        """The story under the name that the segment has had. Where it would be called something else today, nothing is
        said of it but how large it is and what it brings: the rest may be true of the new name alone.
        """
        name = self._names.get(story.segment, story.segment_name)
        if name == story.segment_name:
            return story
        told = self._story(row, name, Prose(), Prose())
        return replace(told, priority=story.priority)

    def plain(self, row: Row, plain: Plain) -> Story:
        """The story of a segment of which nothing is claimed."""
        return self._story(
            row,
            self._teller.name(plain.name),
            self._teller.prose(plain.insight, row),
            self._teller.prose(plain.recommendation, row),
        )

    def _known(self, row: Row, name: str, archetype: Archetype) -> Story:
        texts = {key: self._teller.text(text, row) for key, text in archetype.strategy.items()}
        return self._story(
            row,
            name,
            self._teller.prose(archetype.insight, row),
            self._teller.prose(archetype.recommendation, row),
            {key: prose for key, prose in texts.items() if prose.text},
        )

    def _composed(self, row: Row, name: str, form: Composed, tier: Tier | None) -> Story:
        said = self._composer.words(row["segment"])[:SPOKEN_OF]
        # A tier says how much somebody brought; whether they still come decides what is to be done.
        gone = self._composer.gone(row["segment"]) if tier else None
        if gone and gone.word not in [one.word for one in said]:
            said = [gone, *said]
        seen = (self._teller.prose(one.word.insight, row, one.feature) for one in said)
        if gone and tier is not self._grammar.ladder[-1]:  # whom to win back costs more than they ever brought
            advice = self._teller.prose(gone.word.recommendation, row, gone.feature)
        elif tier and (known := self._teller.prose(tier.recommendation, row)).text:
            advice = known
        elif said and form is self._grammar.natural:
            advice = self._teller.prose(said[0].word.recommendation, row, said[0].feature)
        else:
            advice = self._teller.prose(form.recommendation, row)
        return self._story(row, name, sum(seen, self._teller.prose(form.insight, row)), advice)

    def _story(
        self, row: Row, name: str, insight: Prose, recommendation: Prose, strategy: Mapping[str, Prose] | None = None
    ) -> Story:
        """The story; where all its figures are unknown, what is said of any group."""
        insight = insight if insight.text else self._teller.prose(self._grammar.natural.insight, row)
        if not recommendation.text:
            recommendation = self._teller.prose(self._grammar.natural.recommendation, row)
        strategy = strategy or {}
        figures = {"insight": insight.figures, "recommendation": recommendation.figures}
        figures |= {f"strategy.{key}": prose.figures for key, prose in strategy.items()}
        told = {key: prose.text for key, prose in strategy.items()} or None
        return Story(int(row["segment"]), name, insight.text, recommendation.text, told, None, figures)


def ladder(steps: Sequence[Tier], count: int) -> list[Tier]:
    """As many steps as there are tiers, from both ends of the ladder inwards."""
    if count > len(steps):
        return [steps[round(at * (len(steps) - 1) / (count - 1))] for at in range(count)]
    half = count // 2
    middle = [steps[len(steps) // 2]] * (count % 2)
    return [*steps[:half], *middle, *steps[len(steps) - half :]]


def _in_order(
    rows: Sequence[Row], stories: Sequence[Story], declared: Mapping[int, int], is_ladder: bool
) -> list[Story]:
    """Stories with priorities: as archetypes declare, then by share of GMV, or of size where that is unknown.

    Of a ladder of tiers the top comes first, however few they are.
    """
    worth = {row["segment"]: 0.0 if is_ladder else _worth(row) for row in rows}
    order = sorted(worth, key=lambda segment: (declared.get(segment, inf), -worth[segment], segment))
    return [replace(story, priority=1 + order.index(story.segment)) for story in stories]


def _worth(row: Row) -> float:
    """The share of GMV, which may be nothing; that of all where it is unknown."""
    return next((share for name in ("gmv_share", "share") if (share := number(row.get(name))) is not None), 0.0)
