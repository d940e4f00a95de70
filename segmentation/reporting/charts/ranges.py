"""How a feature spreads within segments: how many lie where, the 10th to the 90th percentile, the median."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from segmentation.reporting.charts.scale import Scale, Steps
from segmentation.reporting.theme import (
    BODY,
    GRID,
    INK,
    MUTED,
    SMALL,
    SURFACE,
    Canvas,
    stage,
    text_width,
    wrap,
    write,
)

ROW, HILL, NAME, HEAD, FOOT, GAP = 24, 18, 22, 30, 34, 44
APART = 9  # pixels above a name that stands above its line: it is nearer to that than to the line before
LINE, NAMES = 14, 3  # of a name: how high a line is, and how many there are at most


@dataclass(frozen=True)
class Range:
    """One segment's spread of a feature; `hill` is how many lie in each bin of the axis, over the most."""

    label: str
    colour: str
    low: float
    median: float
    high: float
    hill: Sequence[float] = ()


@dataclass(frozen=True)
class Spread:
    """One feature: its name, its ranges, and how a value is written in full and beside the axis.

    `edges` are the bins' on the axis; without them the axis is drawn from the values.
    """

    title: str
    ranges: Sequence[Range]
    form: Callable[[float], str]
    tick: Callable[[float], str]
    edges: Sequence[float] = ()


@dataclass(frozen=True)
class _Laid:
    """A panel with its heading and names in lines, its figures, and the room for names and figures beside the axis."""

    spread: Spread
    stacked: bool
    heading: Sequence[str]
    names: Sequence[Sequence[str]]
    figures: Sequence[str]
    left: float
    right: float

    @property
    def rows(self) -> list[float]:
        """How high each row is."""
        hill = HILL if self.spread.edges else 0
        if self.stacked:
            return [ROW + hill + NAME + LINE * (len(lines) - 1) for lines in self.names]
        return [max(ROW + hill, LINE * len(lines) + 8) for lines in self.names]


def draw_ranges(spreads: Sequence[Spread], median: str, canvas: Canvas) -> Figure:
    """A panel per feature, two beside each other where there is room; else names stand above their line."""
    stacked = canvas.narrow
    across = 1 if stacked or len(spreads) == 1 else 2
    width = (canvas.width - GAP * (across - 1)) / across
    laid = [_laid(spread, median, width, stacked) for spread in spreads]
    lines = [laid[at : at + across] for at in range(0, len(laid), across)]
    heads = [HEAD + LINE * (max(len(one.heading) for one in line) - 1) for line in lines]
    heights = [head + max(sum(one.rows) for one in line) + FOOT for head, line in zip(heads, lines, strict=True)]
    figure = canvas.figure(sum(heights))
    axes = stage(figure)
    top = 0.0
    for line, head, height in zip(lines, heads, heights, strict=True):
        for at, one in enumerate(line):
            left = at * (width + GAP)
            first = top + head - HEAD + 11 - LINE * (len(one.heading) - 1)
            write(axes, left, first, one.heading, LINE, size=BODY, weight="bold")
            axes.text(left + width, top + head - HEAD + 11, median, size=SMALL, color=MUTED, ha="right", va="center")
            _spread(axes, one, left, top + head, width)
        top += height
    return figure


def _laid(spread: Spread, median: str, width: float, stacked: bool) -> _Laid:
    figures = [spread.form(one.median) for one in spread.ranges]
    widths = [text_width(text, BODY, bold=True) + 14 for text in figures]
    longest = max(text_width(one.label, SMALL) for one in spread.ranges) + 12
    left, right = (0.0, 0.0) if stacked else (min(longest, width * 0.5), max(widths))
    names = [
        wrap(one.label, width - wide if stacked else left - 12, SMALL, NAMES)
        for one, wide in zip(spread.ranges, widths, strict=True)
    ]
    heading = wrap(spread.title, width - text_width(median, SMALL) - 12, BODY, NAMES, bold=True)
    return _Laid(spread, stacked, heading, names, figures, left, right)


def _spread(axes: Axes, laid: _Laid, left: float, top: float, width: float) -> None:
    spread, rows = laid.spread, laid.rows
    place: Scale | Steps
    if spread.edges:
        place = Steps(spread.edges, left + laid.left, width - laid.left - laid.right)
    else:
        values = [value for one in spread.ranges for value in (one.low, one.median, one.high)]
        place = Scale(values, left + laid.left, width - laid.left - laid.right)
    _axis(axes, spread, place, top - 4, top + sum(rows))
    below = top
    for one, figure, lines, row in zip(spread.ranges, laid.figures, laid.names, rows, strict=True):
        below += row
        line = below - ROW / 2 + 2
        words = line - (HILL / 2 if spread.edges else 0)
        if laid.stacked:
            words = below - row + APART + LINE * len(lines) / 2
        write(axes, left, words - LINE * (len(lines) - 1) / 2, lines, LINE, size=SMALL, color=INK)
        axes.text(left + width, words, figure, size=BODY, weight="bold", color=INK, ha="right", va="center")
        if one.hill:
            _hill(axes, one, spread.edges, place, line - 5)
        ends = [place(one.low), place(one.high)]
        axes.plot(ends, [line, line], color=one.colour, linewidth=4, solid_capstyle="round", zorder=2)
        dot = axes.plot(place(one.median), line, marker="o", markersize=8, color=one.colour, zorder=3)[0]
        dot.set(markerfacecolor=SURFACE, markeredgewidth=2.5)


def _hill(axes: Axes, one: Range, edges: Sequence[float], place: Scale | Steps, bottom: float) -> None:
    """Steps as high as the bins are full, the fullest as high as there is room."""
    most = max(one.hill) or 1.0
    across = [place(edge) for edge in edges]
    heights = [bottom - HILL * value / most for value in one.hill]
    x = [end for at in range(len(heights)) for end in across[at : at + 2]]
    y = [height for height in heights for _ in range(2)]
    axes.fill_between(x, y, bottom, color=one.colour, alpha=0.6, linewidth=0, zorder=2)


def _axis(axes: Axes, spread: Spread, place: Scale | Steps, top: float, bottom: float) -> None:
    """Hair lines at round values, and their figures where these do not touch."""
    taken = -math.inf
    for value in place.ticks:
        x, text = place(value), spread.tick(value)
        half = text_width(text, SMALL) / 2
        axes.plot([x, x], [top, bottom], color=GRID, linewidth=1, zorder=1)
        x = min(max(x, place.left + half), place.left + place.width - half)
        if x - half > taken:
            axes.text(x, bottom + 9, text, size=SMALL, color=MUTED, ha="center", va="center")
            taken = x + half + 10
