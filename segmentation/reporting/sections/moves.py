"""Who is a few sales or one small change away from a better segment, and what either segment is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation.i18n.numbers import number
from segmentation.reporting.border import MOST_SALES, SALES
from segmentation.reporting.data import EntityData, rows
from segmentation.reporting.sections.segments import ordered, whom
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

LINES = 10


@dataclass(frozen=True)
class Move:
    """What moves some from a segment to a better one: both by number and name, and what is to be said."""

    from_number: int
    from_name: str
    to_number: int
    to_name: str
    text: str


@dataclass(frozen=True)
class Moves:
    """How many are on the border to the next better segment, what would move the most of them, and the others."""

    title: str
    lines: Sequence[Move]
    rest: str
    note: str


def moves(entity: str, data: EntityData, voice: Voice) -> Moves | None:
    """None where nobody on such a border is moved by a little, or where the segments are not to be built on."""
    found = rows(data.near)
    profiles = {int(row["segment"]): row for row in ordered(data)}
    found = [row for row in found if {int(row["segment"]), int(row["to_segment"])} <= set(profiles)]
    shown = [row for row in found if row["feature"] is not None][:LINES]
    if not shown or data.verdict == "none":
        return None
    count, told = (sum(number(row["entities"]) or 0.0 for row in some) for some in (found, shown))
    everyone = sum(number(row["size"]) or 0.0 for segment, row in profiles.items() if segment)
    title = voice.translate(
        "moves.title_one" if count == 1 else "moves.title",
        count=voice.figures.count(count),
        all=voice.figures.count(everyone),
        noun=whom(entity, data, voice),
    )
    others = count - told
    rest = voice.translate("moves.rest_one" if others == 1 else "moves.rest", count=voice.figures.count(others))
    note = voice.translate("moves.note", sales=voice.figures.count(MOST_SALES))
    return Moves(title, [_move(entity, row, profiles, voice) for row in shown], rest if others else "", note)


def _move(entity: str, row: Row, profiles: dict[int, Row], voice: Voice) -> Move:
    segment, to_segment = int(row["segment"]), int(row["to_segment"])
    names = [voice.labels.segment(one, profiles[one]["segment_name"]) for one in (segment, to_segment)]
    feature, change, one = str(row["feature"]), number(row["change"]) or 0.0, number(row["entities"]) == 1
    way = "sales" if feature == SALES else "alone"
    exact = one or (feature == SALES and change == 1)  # else the change is a median
    on_border = voice.translate("moves.on_one" if one else "moves.on", count=voice.figures.count(row["entities"]))
    needed = voice.translate(
        f"moves.{way}_one" if exact else f"moves.{way}", step=_step(entity, feature, change, voice)
    )
    text = f"{on_border} {needed}"
    own, better = (number(profiles[one].get("median_total_gmv")) for one in (segment, to_segment))
    if own is not None and better is not None and better > own:
        worth = voice.translate("moves.worth", better=voice.figures.money(better), own=voice.figures.money(own))
        text = f"{text} {worth}"
    return Move(segment, names[0], to_segment, names[1], text)


def _step(entity: str, feature: str, change: float, voice: Voice) -> str:
    """What somebody has to do: in words of its own for features that a campaign knows, else up or down by so much."""
    far = abs(change)
    shown = voice.figures.feature(feature, far)
    if voice.figures.kind(feature) == "share":
        shown = voice.translate("moves.points", points=voice.figures.points(far))
    way = "up" if change > 0 else "down"
    for of in (entity, "any"):
        for form in ([f"{feature}_{way}_one"] if far == 1 else []) + [f"{feature}_{way}"]:
            if f"moves.{of}.{form}" in voice.translate.forms:
                return voice.translate(f"moves.{of}.{form}", change=shown)
    return voice.translate(f"moves.{way}", feature=voice.labels.feature(feature), change=shown)
