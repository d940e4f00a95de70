"""Which archetype each segment is: one-to-one over all segments together, and only where the rule is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from segmentation.i18n.numbers import number
from segmentation.story.archetypes import Archetype
from segmentation.story.levels import MOST, Levels


def match(archetypes: Sequence[Archetype], levels: Levels, segments: Sequence[int]) -> dict[int, Archetype]:
    """The archetypes that together fit best, by segment; segments that none fits are left out.

    A tie goes to the archetype that is declared first.
    """
    fitting = [
        [(at, fit) for at, archetype in enumerate(archetypes) if (fit := fit_of(archetype, levels, segment))]
        for segment in segments
    ]

    @cache
    def best(place: int, taken: frozenset[int]) -> tuple[float, tuple[int | None, ...]]:
        if place == len(segments):
            return 0.0, ()
        without, rest = best(place + 1, taken)
        found = (without, (None, *rest))
        for at, fit in fitting[place]:
            if at not in taken:
                total, rest = best(place + 1, taken | {at})
                if total + fit > found[0]:
                    found = (total + fit, (at, *rest))
        return found

    _, chosen = best(0, frozenset())
    return {segment: archetypes[at] for segment, at in zip(segments, chosen, strict=True) if at is not None}


def fit_of(archetype: Archetype, levels: Levels, segment: int) -> float:
    """0 where the rule is not true; else the number of its conditions and, below 1, how strongly they hold."""
    row = levels.row(segment)
    if not all(_is_most(column, value, row) for column, value in archetype.where.items()):
        return 0.0
    if not all(levels.holds(segment, feature, term) for feature, term in archetype.when.items()):
        return 0.0
    if not levels.all_true(archetype.claims, segment):
        return 0.0
    standings = [levels.of(segment, feature) for feature in archetype.when]
    strengths = [standing.strength for standing in standings if standing]
    return len(archetype.when) + len(archetype.where) + sum(strengths) / (len(strengths) + 1)


def _is_most(column: str, value: str, row: Mapping[str, Any]) -> bool:
    """Whether a text column has the value, and at least half of the segment of whom it is known do, who must be half of
    the segment themselves: what is merely the most frequent of many values is no name for all.
    """
    share = number(row.get(f"{column}_share", row.get(f"top_share_{column.removeprefix('top_')}")))
    return row.get(column) == value and share is not None and share >= MOST
