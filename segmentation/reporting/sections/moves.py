"""Who is one small change away from a better segment, what that change is, and what either segment is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation.i18n.numbers import number
from segmentation.reporting.data import EntityData, Row, rows
from segmentation.reporting.sections.segments import ordered
from segmentation.reporting.voice import Voice

LINES = 10


@dataclass(frozen=True)
class Move:
    """One change that moves some from a segment to a better one: both by number and name, and what is to be said."""

    from_number: int
    from_name: str
    to_number: int
    to_name: str
    text: str


@dataclass(frozen=True)
class Moves:
    """How many are on a border to a better segment, and what would move the most of them."""

    title: str
    lines: Sequence[Move]


def moves(entity: str, data: EntityData, voice: Voice) -> Moves | None:
    """None where nobody is on such a border, or where the segments are not to be built on."""
    found = rows(data.near)
    profiles = {int(row["segment"]): row for row in ordered(data)}
    found = [row for row in found if {int(row["segment"]), int(row["to_segment"])} <= set(profiles)]
    if not found or data.verdict == "none":
        return None
    count = sum(number(row["entities"]) or 0.0 for row in found)
    everyone = sum(number(row["size"]) or 0.0 for segment, row in profiles.items() if segment)
    title = voice.say(
        "moves.title_one" if count == 1 else "moves.title",
        count=voice.figures.count(count),
        all=voice.figures.count(everyone),
        noun=voice.say.words[entity],
    )
    return Moves(title, [_move(entity, row, profiles, voice) for row in found[:LINES]])


def _move(entity: str, row: Row, profiles: dict[int, Row], voice: Voice) -> Move:
    segment, to_segment = int(row["segment"]), int(row["to_segment"])
    names = [voice.labels.segment(one, profiles[one]["segment_name"]) for one in (segment, to_segment)]
    text = voice.say(
        "moves.line_one" if number(row["entities"]) == 1 else "moves.line",
        count=voice.figures.count(row["entities"]),
        step=_step(entity, str(row["feature"]), number(row["change"]) or 0.0, voice),
    )
    own, better = (number(profiles[one].get("median_total_gmv")) for one in (segment, to_segment))
    if own is not None and better is not None and better > own:
        worth = voice.say("moves.worth", better=voice.figures.money(better), own=voice.figures.money(own))
        text = f"{text} {worth}"
    return Move(segment, names[0], to_segment, names[1], text)


def _step(entity: str, feature: str, change: float, voice: Voice) -> str:
    """What somebody has to do: in words of its own for features that a campaign knows, else up or down by so much."""
    far = abs(change)
    shown = voice.figures.feature(feature, far)
    if voice.figures.kind(feature) == "share":
        shown = voice.say("moves.points", points=voice.figures.count(100 * far, 1))
    way = "up" if change > 0 else "down"
    for of in (entity, "any"):
        for form in ([f"{feature}_{way}_one"] if far == 1 else []) + [f"{feature}_{way}"]:
            if f"moves.{of}.{form}" in voice.say.forms:
                return voice.say(f"moves.{of}.{form}", change=shown)
    return voice.say(f"moves.{way}", feature=voice.labels.feature(feature), change=shown)
