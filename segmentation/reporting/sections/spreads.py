"""How features spread within segments: medians and percentiles of the profile table, as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.charts.ranges import Range, Spread, draw_ranges
from segmentation.reporting.data import EntityData, Row, number
from segmentation.reporting.labels import kind_of
from segmentation.reporting.sections.segments import features_of, ordered
from segmentation.reporting.theme import FULL, segment_colour
from segmentation.reporting.voice import Voice


def picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """A panel per feature that made the segments; None where no profile has percentiles."""
    profiles = [row for row in ordered(data) if row["segment"] != 0]
    spreads = [spread for name in features_of(data) if (spread := _spread(name, profiles, voice))]
    if not spreads:
        return None
    alt = "; ".join(
        f"{spread.title}: " + ", ".join(f"{one.label} {_said(one, spread)}" for one in spread.ranges)
        for spread in spreads
    )
    return Picture(
        f"{entity}_spread", voice.say(f"{entity}.spread_title"), alt,
        partial(draw_ranges, spreads, voice.say("segment.median")),
        kicker=voice.say("segment.spread"), note=voice.say("segment.spread_note"), width=FULL,
    )  # fmt: skip


def _spread(feature: str, profiles: Sequence[Row], voice: Voice) -> Spread | None:
    ranges = []
    for row in profiles:
        low, median, high = (number(row.get(f"{kind}_{feature}")) for kind in ("p10", "median", "p90"))
        if low is None or median is None or high is None:
            continue
        segment = int(row["segment"])
        name = voice.labels.segment(segment, row["segment_name"])
        ranges.append(Range(name, segment_colour(segment), low, median, high))
    if not ranges or all(one.high <= 0 for one in ranges):
        return None
    return Spread(voice.labels.feature(feature), ranges, partial(voice.figures.feature, feature), _tick(feature, voice))


def _tick(feature: str, voice: Voice) -> Callable[[float], str]:
    """How a value of the feature is written beside an axis."""
    kinds = {"money": voice.figures.money_tick, "share": voice.figures.percent}
    return kinds.get(kind_of(feature), voice.figures.tick)


def _said(one: Range, spread: Spread) -> str:
    return f"{spread.form(one.median)} ({spread.form(one.low)} – {spread.form(one.high)})"
