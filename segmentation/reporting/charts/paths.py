"""Paths from places on the left to places on the right: bands as wide as what takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from segmentation.reporting.theme import BODY, INK, MUTED, SMALL, Canvas, fit, stage, wrap, write

HEAD, LINE, NAMES = 30, 15, 7  # above the places; of a name: how high a line is, and how many at most
GAP, BAR, SPACE = 20.0, 6.0, 9.0  # between places, of a place's own mark, and between that and its name
TALL, ALONE, HAIR = 200.0, 56.0, 2.0  # what all bands together are high at most, each of a few, and the least of one
WORDS = 15.0  # what a line on a band needs; of a thinner one it stands above it


@dataclass(frozen=True)
class Place:
    """Where paths begin or end: its name, a line under it, and its colour."""

    name: str
    told: str
    colour: str


@dataclass(frozen=True)
class Band:
    """One path: its places, by number on the left and on the right, what takes it, and what is written on it, in full
    and in short."""

    start: int
    end: int
    size: float
    text: str
    short: str


def draw_paths(
    starts: Sequence[Place], ends: Sequence[Place], bands: Sequence[Band], heads: tuple[str, str], canvas: Canvas
) -> Figure:
    """Names stand outside, and what is on a band at its beginning, where bands do not yet cross."""
    room = 110.0 if canvas.narrow else 214.0
    whole = sum(band.size for band in bands)
    tall = min(TALL, ALONE * len(bands))
    thick = [max(tall * band.size / whole, HAIR) for band in bands]
    names = [[wrap(place.name, room - SPACE, BODY, NAMES, bold=True) for place in side] for side in (starts, ends)]
    places = [
        [
            _height([high for band, high in zip(bands, thick, strict=True) if _end(band, side) == at], lines)
            for at, lines in enumerate(names[side])
        ]
        for side in (0, 1)
    ]
    heights = [sum(side) + GAP * (len(side) - 1) for side in places]
    figure = canvas.figure(HEAD + max(heights) + 6)
    axes = stage(figure)
    left, right = room, canvas.width - room
    for head, x, towards in ((heads[0], left - SPACE, "right"), (heads[1], right + SPACE, "left")):
        axes.text(x, 8, fit(head, room - SPACE, SMALL), size=SMALL, color=MUTED, ha=towards, va="center")
    middles: list[dict[int, float]] = []
    for side, (own, x) in enumerate(((starts, left), (ends, right))):
        top = HEAD + (max(heights) - heights[side]) / 2
        found: dict[int, float] = {}
        for at, place in enumerate(own):
            high = places[side][at]
            _place(axes, place, names[side][at], x, (top, high), side)
            found |= _slots(bands, thick, side, at, top, high)
            top += high + GAP
        middles.append(found)
    for number in sorted(range(len(bands)), key=lambda each: -thick[each]):
        ends_at = middles[0][number], middles[1][number]
        _band(axes, (left + BAR, right - BAR), ends_at, thick[number], starts[bands[number].start].colour)
    for number, band in enumerate(bands):
        text = band.short if canvas.narrow else band.text
        above = 0.0 if thick[number] >= WORDS else (thick[number] + WORDS) / 2
        axes.text(left + BAR + 7, middles[0][number] - above, text, size=SMALL, color=INK, va="center", zorder=3)
    return figure


def _end(band: Band, side: int) -> int:
    return band.end if side else band.start


def _slot(thick: float) -> float:
    """What a band needs at either end, with the line on it or above it."""
    return thick if thick >= WORDS else thick + WORDS + 1


def _height(thick: Sequence[float], lines: Sequence[str]) -> float:
    """Of a place: room for its bands, and for its name and the line under it."""
    return max(sum(map(_slot, thick)), LINE * (len(lines) + 1) + 2)


def _slots(
    bands: Sequence[Band], thick: Sequence[float], side: int, at: int, top: float, high: float
) -> dict[int, float]:
    """By number of a band the middle of its end at a place: in the order of the places at their other ends."""
    mine = sorted(
        (each for each, band in enumerate(bands) if _end(band, side) == at),
        key=lambda each: _end(bands[each], 1 - side),
    )
    top += (high - sum(_slot(thick[each]) for each in mine)) / 2
    found = {}
    for each in mine:
        top += _slot(thick[each])
        found[each] = top - thick[each] / 2
    return found


def _place(axes: Axes, place: Place, lines: Sequence[str], x: float, span: tuple[float, float], side: int) -> None:
    """A place's mark with its name and the line under it beside it: to the left of it, or to the right; `span` is its
    upper end and its height."""
    top, high = span
    axes.add_patch(Rectangle((x - BAR * side, top), BAR, high, color=place.colour, linewidth=0))
    beside, towards = (x + SPACE, "left") if side else (x - SPACE, "right")
    first = top + high / 2 - LINE * len(lines) / 2
    write(axes, beside, first, lines, LINE, size=BODY, weight="bold", color=INK, ha=towards)
    axes.text(beside, first + LINE * len(lines), place.told, size=SMALL, color=MUTED, ha=towards, va="center")


def _band(axes: Axes, ends: tuple[float, float], middles: tuple[float, float], thick: float, colour: str) -> None:
    """A band that leaves and arrives level."""
    (left, right), (start, end), half = ends, middles, thick / 2
    bend = (left + right) / 2
    points = [
        (left, start - half),
        (bend, start - half),
        (bend, end - half),
        (right, end - half),
        (right, end + half),
        (bend, end + half),
        (bend, start + half),
        (left, start + half),
        (left, start - half),
    ]
    curve, line = Outline.CURVE4, Outline.LINETO
    codes = [Outline.MOVETO, curve, curve, curve, line, curve, curve, curve, Outline.CLOSEPOLY]
    axes.add_patch(PathPatch(Outline(points, codes), facecolor=colour, alpha=0.38, linewidth=0))
