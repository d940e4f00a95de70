"""The shape of the data on a fixed sample: silhouettes over k, pairs of features, two principal components."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.shape import Shape, Silhouettes
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.charts.points import Cloud, Dimension, draw_points
from segmentation.reporting.charts.silhouettes import Blade, Blades, draw_silhouettes
from segmentation.reporting.data import EntityData
from segmentation.reporting.sections.segments import ordered
from segmentation.reporting.sections.spreads import edges_of, tick_of
from segmentation.reporting.theme import DUPLICATE, FULL, segment_colour
from segmentation.reporting.voice import Voice

FEATURES = 5  # that are drawn in pairs: ten pairs are a wall already
STEPS = 90  # of a silhouette plot, all segments together


def pictures(entity: str, data: EntityData, voice: Voice) -> list[Picture]:
    """Those there is a shape for."""
    if data.shape is None or len(data.shape.segments) < 3:
        return []
    found = [
        _silhouettes(entity, data.shape, data, voice),
        _components(entity, data.shape, data, voice),
        _pairs(entity, data.shape, data, voice),
    ]
    return [picture for picture in found if picture]


def _silhouettes(entity: str, shape: Shape, data: EntityData, voice: Voice) -> Picture | None:
    if not shape.silhouettes:
        return None
    admitted = set(data.sweep.loc[data.sweep["admitted"].fillna(False).astype(bool), "k"])
    told = [one for one in shape.silhouettes if one.published or len(data.sweep)]  # else nobody knows what gates said
    panels = [_blades(one, one.k in admitted, voice) for one in told]
    alt = "; ".join(f"{panel.title} {panel.aside}" for panel in panels)
    return Picture(
        f"{entity}_silhouettes",
        voice.translate("shape.silhouettes_title"),
        alt,
        partial(draw_silhouettes, panels, partial(_plain, voice)),
        kicker=voice.translate("shape.silhouettes"),
        note=voice.translate("shape.silhouettes_note", **_sampled(shape, voice)),
        width=FULL,
    )


def _blades(one: Silhouettes, admitted: bool, voice: Voice) -> Blades:
    total = sum(len(values) for _, values in one.groups)
    groups = [
        _blade(segment_colour(segment) if one.published else DUPLICATE, values, STEPS * len(values) / total)
        for segment, values in one.groups
    ]
    verdict = "chosen" if one.published else "admitted" if admitted else "refused"
    title = f"k = {voice.figures.count(one.k)} · {voice.translate(f'search.{verdict}')}"
    aside = voice.translate("shape.mean", value=voice.figures.count(one.mean, 2))
    return Blades(title, aside, groups, one.mean, one.published)


def _blade(colour: str, values: NDArray[np.float64], steps: float) -> Blade:
    """A segment's silhouettes, highest first, in about so many steps.

    A step lies at the mean of its members and is as thick as they are many: the blade's area over its height is the
    segment's mean, and all areas over all heights the mean that is drawn as a line.
    """
    parts = np.array_split(values, min(max(2, round(steps)), len(values)))
    return Blade(colour, np.array([part.mean() for part in parts]), np.array([len(part) for part in parts]))


def _components(entity: str, shape: Shape, data: EntityData, voice: Voice) -> Picture | None:
    if shape.components.shape[1] < 2:
        return None
    axes = [
        Dimension(
            voice.translate("shape.component", number=at + 1, share=voice.figures.share(shape.explained[at])),
            shape.components[:, at],
            _marks(shape.components[:, at]),
            partial(_plain, voice),
        )
        for at in (0, 1)
    ]
    both = voice.figures.share(sum(shape.explained))
    title = voice.translate("shape.components_title", share=both)
    return Picture(
        f"{entity}_components",
        title,
        voice.translate(f"shape.points_alt{_of(data)}", **_sampled(shape, voice)),
        partial(draw_points, [(axes[0], axes[1])], _cloud(shape, data, voice)),
        kicker=voice.translate("shape.components"),
        note=voice.translate("shape.components_note", **_sampled(shape, voice)),
        width=FULL,
    )


def _pairs(entity: str, shape: Shape, data: EntityData, voice: Voice) -> Picture | None:
    """Pairs of the first features; each on the axis on which it was clustered."""
    known = [name for name in shape.values.columns if len(edges_of(data.bins, name)) > 1][:FEATURES]
    axes = [
        Dimension(
            voice.labels.feature(name),
            shape.values[name].to_numpy(float),
            edges_of(data.bins, name),
            tick_of(name, voice),
        )
        for name in known
    ]
    pairs = list(combinations(axes, 2))
    if not pairs:
        return None
    names = ", ".join(axis.name for axis in axes)
    return Picture(
        f"{entity}_pairs",
        voice.translate(f"shape.pairs_title{_of(data)}"),
        f"{names}. {voice.translate(f'shape.points_alt{_of(data)}', **_sampled(shape, voice))}",
        partial(draw_points, pairs, _cloud(shape, data, voice)),
        kicker=voice.translate("shape.pairs"),
        note=voice.translate("shape.pairs_note", **_sampled(shape, voice)),
        width=FULL,
    )


def _of(data: EntityData) -> str:
    """How the texts of one group end, of which nothing is said that takes several."""
    return "" if sum(row["segment"] > 0 for row in ordered(data)) > 1 else "_one"


def _cloud(shape: Shape, data: EntityData, voice: Voice) -> Cloud:
    legend = [
        (voice.labels.segment(int(row["segment"]), row["segment_name"]), segment_colour(int(row["segment"])))
        for row in ordered(data)
        if row["segment"] != 0
    ]
    return Cloud([segment_colour(int(segment)) for segment in shape.segments], legend)


def _marks(values: np.ndarray) -> Sequence[float]:
    low, high = float(values.min()), float(values.max())
    return [low, high] if low < high else [low - 1, low + 1]


def _sampled(shape: Shape, voice: Voice) -> dict[str, str]:
    return {"shown": voice.figures.count(len(shape.segments)), "all": voice.figures.count(shape.count)}


def _plain(voice: Voice, value: float) -> str:
    places = 0 if value == round(value) else 1
    return voice.figures.count(value, places)
