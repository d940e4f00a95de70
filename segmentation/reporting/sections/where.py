"""Where the buyers or sellers of each segment are."""

from __future__ import annotations

from functools import partial

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars, in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData, rows
from segmentation.reporting.sections.segments import ordered
from segmentation.reporting.theme import FULL, SOFT, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

BESIDE = 3  # panels


def picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """A panel per segment with its most frequent provinces; None where none is known."""
    found: dict[int, list[Row]] = {}
    for row in rows(data.places):
        found.setdefault(int(row["segment"]), []).append(row)
    if not any(row["province"] is not None for own in found.values() for row in own):
        return None
    names = {int(row["segment"]): row["segment_name"] for row in ordered(data)}
    panels = [
        Panel(
            voice.labels.segment(segment, names.get(segment)),
            [_bar(row, segment, voice) for row in found[segment]],
        )
        for segment in sorted(found)
    ]
    alt = in_words(panels)
    return Picture(
        f"{entity}_where",
        voice.translate.side(entity, "where_title"),
        alt,
        partial(draw_bars, panels, beside=BESIDE),
        kicker=voice.translate("segment.where"),
        note=voice.translate("segment.where_note"),
        width=FULL,
    )


def _bar(row: Row, segment: int, voice: Voice) -> Bar:
    share = number(row["share"]) or 0.0
    colour = SOFT if row["province"] is None else segment_colour(segment)
    return Bar(voice.labels.value(row["province"]), share, voice.figures.share(share), "", colour)
