"""Scatter plots in a grid: points of segments in pairs of features.

The points are a picture within the drawing: thousands of shapes would weigh too much.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray

from segmentation.reporting.charts.scale import Steps
from segmentation.reporting.theme import (
    BODY,
    GRID,
    INK,
    MUTED,
    SMALL,
    Canvas,
    axis_room,
    plot_area,
    stage,
    text_width,
    wrap,
)

PANEL, HEAD, FOOT, LEAST, RIGHT, GAP, LEGEND = 230, 14, 46, 58, 16, 14, 26
MANY = 1_500  # points from which on each is as small and as pale as it gets
SMALLEST, LARGEST = (9.0, 0.55), (36.0, 0.85)  # areas of a point, and how opaque it is
LINE, NAMES = 14, 2  # of a feature's name: how high a line is, and how many there are at most


@dataclass(frozen=True)
class Dimension:
    """One feature or component: its name, a value per point, its axis' marks, how a value stands beside it."""

    name: str
    values: NDArray[np.float64]
    marks: Sequence[float]
    tick: Callable[[float], str]


@dataclass(frozen=True)
class Cloud:
    """Points with the colour of their segment, and what the colours mean."""

    colours: Sequence[str]
    legend: Sequence[tuple[str, str]]


def draw_points(pairs: Sequence[tuple[Dimension, Dimension]], cloud: Cloud, canvas: Canvas) -> Figure:
    """A panel per pair, three beside each other where there is room (one where there is but one)."""
    across = min(len(pairs), 1 if canvas.narrow else 3 if canvas.width > 600 else 1)
    down = -(-len(pairs) // across)
    width = (canvas.width - GAP * (across - 1)) / across
    room = max(axis_room(map(y.tick, Steps(y.marks, 0, PANEL).ticks), LEAST) for _, y in pairs)
    names = {one.name: wrap(one.name, width - room - RIGHT, SMALL, NAMES) for pair in pairs for one in pair}
    more = LINE * (max(map(len, names.values())) - 1)
    head, foot = HEAD + 12 + more, FOOT + more
    height = PANEL - 12 + head + foot
    rows = _legend_rows(cloud.legend, canvas)
    top = sum(_legend_height(row) for row in rows)
    figure = canvas.figure(top + height * down)
    _legend(stage(figure), rows)
    for at, (x, y) in enumerate(pairs):
        left, above = (at % across) * (width + GAP), top + (at // across) * height
        axes = plot_area(
            figure,
            left=left + room,
            top=above + head,
            right=canvas.width - left - width + RIGHT,
            bottom=(down - 1 - at // across) * height + foot,
        )
        _panel(axes, x, y, cloud, width - room - RIGHT)
        axes.set_xlabel("\n".join(names[x.name]), labelpad=6, color=INK, linespacing=1.25)
        axes.set_title("\n".join(names[y.name]), loc="left", size=SMALL, color=INK, pad=8, linespacing=1.25)
    return figure


def _panel(axes: Axes, x: Dimension, y: Dimension, cloud: Cloud, width: float) -> None:
    across, upwards = Steps(x.marks, 0, width), Steps(y.marks, 0, PANEL)
    known = np.isfinite(x.values) & np.isfinite(y.values)
    size, alpha = _form(int(known.sum()))
    axes.scatter(
        across.places(x.values[known]),
        upwards.places(y.values[known]),
        c=[colour for colour, is_known in zip(cloud.colours, known, strict=True) if is_known],
        s=size,
        alpha=alpha,
        linewidths=0,
        rasterized=True,
    )
    axes.set(xlim=(0, width), ylim=(0, PANEL))
    for axis, scale, tick in ((axes.xaxis, across, x.tick), (axes.yaxis, upwards, y.tick)):
        ticks = scale.ticks
        axis.set_major_locator(FixedLocator([scale(value) for value in ticks]))
        axis.set_major_formatter(FixedFormatter([tick(value) for value in ticks]))
    axes.grid(True, axis="both", color=GRID)


def _form(count: int) -> tuple[float, float]:
    """The area of a point and how opaque it is: few are large and strong, many small and pale.

    >>> _form(60), _form(15_000)
    ((36.0, 0.85), (9.0, 0.55))
    """
    part = min(max(math.log(MANY / max(count, 1)) / math.log(MANY / 60), 0.0), 1.0)
    size, alpha = (small + part * (large - small) for small, large in zip(SMALLEST, LARGEST, strict=True))
    return size, alpha


def _legend_rows(legend: Sequence[tuple[str, str]], canvas: Canvas) -> list[list[tuple[str, str]]]:
    """Names in as many lines as they need; one too long for a line goes on in the next, without a dot."""
    lines: list[list[tuple[str, str]]] = [[]]
    at = 0.0
    for name, colour in legend:
        for part, shown in enumerate(wrap(name, canvas.width - 20, BODY, NAMES)):
            wide = text_width(shown, BODY) + 36
            if lines[-1] and (part or at + wide > canvas.width + 18):
                lines.append([])
                at = 0.0
            lines[-1].append((shown, "" if part else colour))
            at += wide
    return lines


def _legend_height(line: Sequence[tuple[str, str]]) -> float:
    return LEGEND if any(colour for _, colour in line) else LINE


def _legend(axes: Axes, lines: Sequence[Sequence[tuple[str, str]]]) -> None:
    top = 0.0
    for line in lines:
        high = _legend_height(line)
        at, middle = 0.0, top + high - LEGEND + 10
        for name, colour in line:
            if colour:
                axes.plot(at + 5, middle, marker="o", markersize=8, color=colour, markeredgewidth=0)
            axes.text(at + 16, middle, name, size=BODY, color=MUTED, va="center")
            at += text_width(name, BODY) + 36
        top += high
