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
    fit,
    stage,
    text_width,
)

ROW, HILL, NAME, HEAD, FOOT, GAP = 24, 18, 18, 30, 34, 44


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


def draw_ranges(spreads: Sequence[Spread], median: str, canvas: Canvas) -> Figure:
    """A panel per feature, two beside each other where there is room; else names stand above their line."""
    stacked = canvas.narrow
    across = 1 if stacked or len(spreads) == 1 else 2
    heights = [HEAD + _row(spread, stacked) * len(spread.ranges) + FOOT for spread in spreads]
    lines = [max(heights[at : at + across]) for at in range(0, len(spreads), across)]
    figure = canvas.figure(sum(lines))
    axes = stage(figure)
    width = (canvas.width - GAP * (across - 1)) / across
    for at, spread in enumerate(spreads):
        left, top = (at % across) * (width + GAP), float(sum(lines[: at // across]))
        title = fit(spread.title, width - 60, BODY, bold=True)
        axes.text(left, top + 11, title, size=BODY, weight="bold", va="center")
        axes.text(left + width, top + 11, median, size=SMALL, color=MUTED, ha="right", va="center")
        _spread(axes, spread, left, top + HEAD, width, stacked)
    return figure


def _row(spread: Spread, stacked: bool) -> int:
    return ROW + (HILL if spread.edges else 0) + (NAME if stacked else 0)


def _spread(axes: Axes, spread: Spread, left: float, top: float, width: float, stacked: bool) -> None:
    figures = [spread.form(one.median) for one in spread.ranges]
    row, names, right = _row(spread, stacked), 0.0, 0.0
    if not stacked:
        right = max(text_width(text, BODY, bold=True) for text in figures) + 14
        names = min(max(text_width(one.label, SMALL) for one in spread.ranges) + 12, width * 0.5)
    place: Scale | Steps
    if spread.edges:
        place = Steps(spread.edges, left + names, width - names - right)
    else:
        values = [value for one in spread.ranges for value in (one.low, one.median, one.high)]
        place = Scale(values, left + names, width - names - right)
    _axis(axes, spread, place, top - 4, top + row * len(spread.ranges))
    for at, (one, figure) in enumerate(zip(spread.ranges, figures, strict=True)):
        below = top + row * (at + 1)
        line = below - ROW / 2 + 2
        words = below - row + 8 if stacked else line - (HILL / 2 if spread.edges else 0)
        room = width - text_width(figure, BODY, bold=True) - 14 if stacked else names - 12
        axes.text(left, words, fit(one.label, room, SMALL), size=SMALL, color=INK, va="center")
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
    axes.fill_between(x, y, bottom, color=one.colour, alpha=0.45, linewidth=0, zorder=2)


def _axis(axes: Axes, spread: Spread, place: Scale | Steps, top: float, bottom: float) -> None:
    """Hair lines at round values, and their figures where these do not touch."""
    taken = -math.inf
    for value in place.ticks:
        x, text = place(value), spread.tick(value)
        half = text_width(text, SMALL) / 2
        axes.plot([x, x], [top, bottom], color=GRID, linewidth=1, zorder=1)
        x = max(x, place.left + half)
        if x - half > taken:
            axes.text(x, bottom + 9, text, size=SMALL, color=MUTED, ha="center", va="center")
            taken = x + half + 10
