"""Scatter plots in a grid: points of segments in pairs of features.

The points are a picture within the drawing: thousands of shapes would weigh too much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray

from segmentation.reporting.charts.scale import Steps
from segmentation.reporting.theme import BODY, GRID, INK, MUTED, SMALL, Canvas, fit, plot_area, stage, text_width

PANEL, HEAD, FOOT, LEFT, RIGHT, GAP, LEGEND = 230, 14, 46, 58, 16, 14, 26


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
    height = PANEL + HEAD + FOOT
    rows = _legend_rows(cloud.legend, canvas)
    top = LEGEND * len(rows)
    figure = canvas.figure(top + height * down)
    _legend(stage(figure), rows)
    for at, (x, y) in enumerate(pairs):
        left, above = (at % across) * (width + GAP), top + (at // across) * height
        axes = plot_area(
            figure, left=left + LEFT, top=above + HEAD + 12, right=canvas.width - left - width + RIGHT,
            bottom=(down - 1 - at // across) * height + FOOT,
        )  # fmt: skip
        _panel(axes, x, y, cloud, width - LEFT - RIGHT)
    return figure


def _panel(axes: Axes, x: Dimension, y: Dimension, cloud: Cloud, width: float) -> None:
    across, upwards = Steps(x.marks, 0, width), Steps(y.marks, 0, PANEL)
    known = np.isfinite(x.values) & np.isfinite(y.values)
    axes.scatter(
        across.places(x.values[known]), upwards.places(y.values[known]),
        c=[colour for colour, is_known in zip(cloud.colours, known, strict=True) if is_known],
        s=9, alpha=0.55, linewidths=0, rasterized=True,
    )  # fmt: skip
    axes.set(xlim=(0, width), ylim=(0, PANEL))
    for axis, scale, tick in ((axes.xaxis, across, x.tick), (axes.yaxis, upwards, y.tick)):
        ticks = scale.ticks
        axis.set_major_locator(FixedLocator([scale(value) for value in ticks]))
        axis.set_major_formatter(FixedFormatter([tick(value) for value in ticks]))
    axes.grid(True, axis="both", color=GRID)
    axes.set_xlabel(fit(x.name, width, SMALL), labelpad=6, color=INK)
    axes.set_title(fit(y.name, width, SMALL), loc="left", size=SMALL, color=INK, pad=8)


def _legend_rows(legend: Sequence[tuple[str, str]], canvas: Canvas) -> list[list[tuple[str, str]]]:
    """Names in as many lines as they need."""
    lines: list[list[tuple[str, str]]] = [[]]
    at = 0.0
    for name, colour in legend:
        shown = fit(name, canvas.width - 20, BODY)
        wide = text_width(shown, BODY) + 36
        if lines[-1] and at + wide > canvas.width + 18:
            lines.append([])
            at = 0.0
        lines[-1].append((shown, colour))
        at += wide
    return lines


def _legend(axes: Axes, lines: Sequence[Sequence[tuple[str, str]]]) -> None:
    for row, line in enumerate(lines):
        at, middle = 0.0, LEGEND * row + 10
        for name, colour in line:
            axes.plot(at + 5, middle, marker="o", markersize=8, color=colour, markeredgewidth=0)
            axes.text(at + 16, middle, name, size=BODY, color=MUTED, va="center")
            at += text_width(name, BODY) + 36
