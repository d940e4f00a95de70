"""How features spread within segments, and how sure it is who belongs where, as pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.charts.ranges import Range, Spread, draw_ranges
from segmentation.reporting.data import EntityData
from segmentation.reporting.sections.segments import features_of, ordered
from segmentation.reporting.sections.values import furthest_apart
from segmentation.reporting.theme import FULL, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row


def picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """A panel per feature that made the segments; None where no profile has percentiles."""
    profiles = [row for row in ordered(data) if row["segment"] != 0]
    spreads = [spread for name in features_of(data) if (spread := _spread(name, profiles, data.bins, voice))]
    if not spreads:
        return None
    alt = "; ".join(
        f"{spread.title}: " + ", ".join(f"{one.label} {_said(one, spread)}" for one in spread.ranges)
        for spread in spreads
    )
    hills = any(spread.edges for spread in spreads)
    title = _furthest(spreads, voice) or voice.translate.side(
        entity, "spread_title" if len(profiles) > 1 else "spread_title_one"
    )
    return Picture(
        f"{entity}_spread",
        title,
        alt,
        partial(draw_ranges, spreads, voice.translate("segment.median")),
        kicker=voice.translate("segment.spread"),
        note=voice.translate("segment.hills_note" if hills else "segment.spread_note"),
        width=FULL,
    )


def _furthest(spreads: Sequence[Spread], voice: Voice) -> str:
    """The feature in which segments' medians lie furthest apart, and these; "" where nothing can be compared.

    A median of nought is no figure to speak of: nobody has less.
    """
    medians = {at: [(one.median, one) for one in spread.ranges] for at, spread in enumerate(spreads)}
    found = furthest_apart({at: own for at, own in medians.items() if all(median > 0 for median, _ in own)})
    if not found:
        return ""
    at, (high, above), (low, below) = found
    return voice.translate(
        "segment.spread_finding",
        feature=spreads[at].title,
        above=above.label,
        high=spreads[at].form(high),
        below=below.label,
        low=spreads[at].form(low),
    )


def tick_of(feature: str, voice: Voice) -> Callable[[float], str]:
    """How a value of the feature is written beside an axis."""
    kinds = {"money": voice.figures.money_tick, "share": voice.figures.percent}
    return kinds.get(voice.figures.kind(feature), voice.figures.tick)


def edges_of(bins: pd.DataFrame | None, feature: str) -> list[float]:
    """Where the feature's bins begin and end; [] where it has none."""
    if bins is None or bins.empty:
        return []
    own = bins[bins["feature"] == feature].drop_duplicates("bin").sort_values("bin")
    return [*own["low"].astype(float), *own["high"].astype(float).tail(1)]


def _spread(feature: str, profiles: Sequence[Row], bins: pd.DataFrame | None, voice: Voice) -> Spread | None:
    edges = edges_of(bins, feature)
    ranges = []
    for row in profiles:
        low, median, high = (number(row.get(f"{kind}_{feature}")) for kind in ("p10", "median", "p90"))
        if low is None or median is None or high is None:
            continue
        segment = int(row["segment"])
        name = voice.labels.segment(segment, row["segment_name"])
        hill = _hill(bins, feature, segment, edges)
        ranges.append(Range(name, segment_colour(segment), low, median, high, hill))
    if not ranges or all(one.high <= 0 for one in ranges):
        return None
    form = partial(voice.figures.feature, feature)
    return Spread(voice.labels.feature(feature), ranges, form, tick_of(feature, voice), edges)


def _hill(bins: pd.DataFrame | None, feature: str, segment: int, edges: Sequence[float]) -> list[float]:
    """Entities in each bin between the edges."""
    if bins is None or not edges:
        return []
    own = bins[(bins["feature"] == feature) & (bins["segment"] == segment)].sort_values("bin")
    return [float(count) for count in own["entities"]]


def _said(one: Range, spread: Spread) -> str:
    return f"{spread.form(one.median)} ({spread.form(one.low)} – {spread.form(one.high)})"
