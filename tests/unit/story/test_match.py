"""Archetypes are matched one-to-one, together, and only where their rules are true."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.entities import BUYERS
from segmentation.story.archetypes import Archetype
from segmentation.story.levels import Levels
from segmentation.story.match import fit_of, match
from tests.unit.story.profiles import ARCHETYPES, Row, drawn_profiles, make_profiles


def archetype(name: str, **when: str) -> Archetype:
    """An archetype of a name and a rule."""
    text = {"en": "{share}", "id": "{share}"}
    return Archetype.model_validate(
        {"name": {"en": name, "id": name}, "when": when, "insight": text, "recommendation": text}
    )


def matched(archetypes: list[Archetype], profiles: list[Row]) -> dict[int, str]:
    """Names by segment."""
    found = match(archetypes, Levels(profiles), [row["segment"] for row in profiles])
    return {segment: archetype.name.en for segment, archetype in found.items()}


def test_a_segment_gives_way_where_all_together_fit_better() -> None:
    profiles = make_profiles({"x": (10, 9, 1), "y": (5, 1, 1)})
    wide, narrow = archetype("wide", x="high"), archetype("narrow", x="high", y="high")
    assert matched([wide, narrow], profiles) == {1: "narrow", 2: "wide"}
    assert matched([wide], profiles) in ({1: "wide"}, {2: "wide"}), "one archetype names one segment"


def test_a_rule_that_is_not_true_names_nobody() -> None:
    assert matched([archetype("rare", x="high", y="low")], make_profiles({"x": (10, 1), "y": (10, 1)})) == {}
    assert matched([archetype("unknown", z="high")], make_profiles({"x": (10, 1)})) == {}


def test_a_segment_is_named_by_what_at_least_half_of_it_have() -> None:
    text = {"en": "{share}", "id": "{share}"}
    for column, share in (("top_category", "top_category_share"), ("top_plan", "top_share_plan")):
        named = Archetype.model_validate(
            {"name": {"en": "Makers", "id": "Makers"}, "where": {column: "x"}, "insight": text, "recommendation": text}
        )
        (profile,) = make_profiles({"y": (1,)})
        for known, names in ((0.5, {1: "Makers"}), (0.13, {}), (None, {})):  # of eight values at 13 % one is the first
            assert matched([named], [{**profile, column: "x", share: known}]) == names
        assert matched([named], [{**profile, column: "z", share: 0.9}]) == {}
        assert matched([named], [{**profile, column: "x"}]) == {}  # nor where it is not known how many have it


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_no_other_assignment_fits_better(data: st.DataObject) -> None:
    profiles = data.draw(drawn_profiles(BUYERS, 2, 4))
    archetypes, levels = ARCHETYPES["buyers"].archetypes, Levels(profiles, ARCHETYPES["buyers"].claims)
    segments = [row["segment"] for row in profiles]
    found = match(archetypes, levels, segments)
    total = sum(fit_of(archetype, levels, segment) for segment, archetype in found.items())
    best = 0.0
    for chosen in itertools.permutations([*archetypes, *[None] * len(segments)], len(segments)):
        best = max(best, sum(fit_of(a, levels, s) for a, s in zip(chosen, segments, strict=True) if a))
    assert abs(total - best) < 1e-9
    assert len({archetype.name.en for archetype in found.values()}) == len(found)
