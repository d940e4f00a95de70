"""What tells segments apart: pictures of what they are worth and of how far each lies from the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars, in_words
from segmentation.reporting.charts.heat import MIDDLE, Cell, Grid, draw_grid, grid_in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData
from segmentation.reporting.sections.segments import features_of, ordered, whom
from segmentation.reporting.sections.values import furthest_apart
from segmentation.reporting.theme import FULL, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row
from segmentation.story.claims import is_apart
from segmentation.story.levels import overall_mean

STEPS = (0.2, 0.8, 1.6, 2.6)  # of log2(lift): where a colour turns into the next


def pictures(entity: str, data: EntityData, voice: Voice) -> list[Picture]:
    """Size and value of each segment, and the heat map of lift."""
    profiles = [row for row in ordered(data) if row["segment"] != 0]
    if not profiles:
        return []
    found = [_value_picture(entity, profiles, whom(entity, data, voice), voice)]
    # Times a mean below nought tells the wrong way round: what is above it has less of it.
    features = [name for name in features_of(data) if (overall_mean(profiles, name) or 0.0) > 0]
    if len(profiles) > 1 and features:
        found.append(_lift_picture(entity, profiles, features, voice))
    return found


def lift_step(lift: float | None) -> int | None:
    """The step of the colour ramp for a lift: 0 near 1, ±4 beyond six times or a sixth.

    >>> lift_step(1.0), lift_step(9.0), lift_step(0.5), lift_step(None)
    (0, 4, -2, None)
    """
    if lift is None or lift < 0:
        return None
    if lift == 0:
        return -MIDDLE
    distance = math.log2(lift)
    step = sum(abs(distance) > limit for limit in STEPS)
    return step if distance > 0 else -step


def _value_picture(entity: str, profiles: Sequence[Row], of: str, voice: Voice) -> Picture:
    """Three panels: share of the entities (`of`: who they are), of GMV and of revenue."""
    panels = []
    for measure in ("share", "gmv_share", "revenue_share"):
        if all(row[measure] is None for row in profiles):
            continue
        title = voice.translate.side(entity, "share") if measure == "share" else voice.translate(f"measures.{measure}")
        panels.append(Panel(title, [_share_bar(row, measure, voice) for row in profiles]))
    top = max(profiles, key=lambda row: number(row["gmv_share"]) or 0.0)
    title = voice.translate("segment.value")
    if top["gmv_share"] is not None:
        title = voice.translate.side(
            entity,
            "value_title",
            whom=of,
            segment=voice.labels.segment(int(top["segment"]), top["segment_name"]),
            share=voice.figures.share(top["share"]),
            gmv_share=voice.figures.share(top["gmv_share"]),
        )
    alt = in_words(panels)
    return Picture(
        f"{entity}_value",
        title,
        alt,
        partial(draw_bars, panels),
        kicker=voice.translate("segment.value"),
        width=FULL,
    )


def _share_bar(row: Row, measure: str, voice: Voice) -> Bar:
    share = number(row[measure])
    return Bar(
        voice.labels.segment(int(row["segment"]), row["segment_name"]),
        share or 0.0,
        voice.figures.cell(measure, row[measure]),
        "",
        segment_colour(int(row["segment"])),
    )


def _lift_picture(entity: str, profiles: Sequence[Row], features: Sequence[str], voice: Voice) -> Picture:
    names = [voice.labels.segment(int(row["segment"]), row["segment_name"]) for row in profiles]
    cells = [
        [Cell(lift_step(number(row[name])), voice.figures.cell(name, row[name])) for row in profiles]
        for name in (f"lift_{feature}" for feature in features)
    ]
    labels = [voice.labels.feature(name) for name in features]
    grid = Grid(
        names,
        labels,
        cells,
        voice.translate("segment.below"),
        voice.translate("segment.above"),
        [segment_colour(int(row["segment"])) for row in profiles],
    )
    title = _widest(profiles, features, voice) or voice.translate.side(entity, "lift_title")
    return Picture(
        f"{entity}_lift",
        title,
        grid_in_words(grid),
        partial(draw_grid, grid),
        kicker=voice.translate("segment.lift"),
        note=voice.translate("segment.lift_note"),
        width=FULL,
    )


def _is_apart(feature: str, lifts: Sequence[tuple[float, Row]]) -> bool:
    """Whether the segments with the highest and the lowest mean hardly overlap."""
    if len(lifts) < 2:
        return False
    lowest, highest = (pick(lifts, key=lambda each: each[0])[1] for pick in (min, max))
    return bool(is_apart(highest, lowest, feature))


def _widest(profiles: Sequence[Row], features: Sequence[str], voice: Voice) -> str:
    """The feature in which segments lie furthest apart, and between which; "" where nothing can be compared.

    Only of segments that hardly overlap in it: means that chance alone moves tell nobody apart.
    """
    lifts = {
        name: [(lift, row) for row in profiles if (lift := number(row.get(f"lift_{name}"))) is not None]
        for name in features
    }
    found = furthest_apart({name: own for name, own in lifts.items() if _is_apart(name, own)})
    if not found:
        return ""
    feature, (high, above), (low, below) = found
    names = [voice.labels.segment(int(row["segment"]), row["segment_name"]) for row in (above, below)]
    return voice.translate(
        "segment.lift_finding",
        feature=voice.labels.feature(feature),
        high=voice.figures.times(high),
        above=names[0],
        low=voice.figures.times(low),
        below=names[1],
    )
