"""Silhouette plots as a grid over k: each segment's silhouettes in steps, highest first, and their mean as a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from segmentation.reporting.theme import BODY, INK, MUTED, SMALL, Canvas, plot_area

PANEL, HEAD, FOOT, GAP = 150, 52, 34, 32
APART = 0.02  # between segments, of the height


@dataclass(frozen=True)
class Blade:
    """One segment: its colour, and of each step, highest first, the silhouette and how many members it stands for."""

    colour: str
    values: NDArray[np.float64]
    members: NDArray[np.int64]


@dataclass(frozen=True)
class Blades:
    """One k: its heading, a line beneath, its segments, and the mean of all."""

    title: str
    aside: str
    groups: Sequence[Blade]
    mean: float
    chosen: bool


def draw_silhouettes(panels: Sequence[Blades], tick: Callable[[float], str], canvas: Canvas) -> Figure:
    """Three panels beside each other, two on a narrow canvas; all on one axis from the lowest value to 1."""
    across = 2 if canvas.narrow else 3
    down = -(-len(panels) // across)
    width = (canvas.width - GAP * (across - 1)) / across
    height = PANEL + HEAD + FOOT
    figure = canvas.figure(height * down)
    low = min(0.0, *(float(blade.values.min()) for panel in panels for blade in panel.groups))
    for at, panel in enumerate(panels):
        left, above = (at % across) * (width + GAP), (at // across) * height
        axes = plot_area(
            figure,
            left=left + 4,
            top=above + HEAD,
            right=canvas.width - left - width + 4,
            bottom=(down - 1 - at // across) * height + FOOT,
        )
        _panel(axes, panel, max(low, -1.0), tick)
    return figure


def _panel(axes: Axes, panel: Blades, low: float, tick: Callable[[float], str]) -> None:
    gap = sum(int(blade.members.sum()) for blade in panel.groups) * APART
    top = 0.0
    for blade in panel.groups:
        rows = top + np.concatenate([[0], np.cumsum(blade.members)])
        values = np.concatenate([blade.values[:1], blade.values])
        axes.fill_betweenx(rows, 0, values, color=blade.colour, step="pre", linewidth=0)
        top = float(rows[-1]) + gap
    axes.axvline(panel.mean, color=INK, linestyle=(0, (3, 2)), linewidth=1.2)
    axes.set(xlim=(low - 0.02, 1.02), ylim=(top - gap, 0))
    axes.set_yticks([])
    ticks = [value for value in (-1.0, -0.5, 0.0, 0.5, 1.0) if value >= low - 0.02]
    axes.set_xticks(ticks, [tick(value) for value in ticks])
    axes.grid(True, axis="x")
    weight = "bold" if panel.chosen else "normal"
    above: dict[str, Any] = {"textcoords": "offset points", "xycoords": "axes fraction", "va": "center"}
    axes.annotate(panel.title, (0, 1), xytext=(0, 28), size=BODY, weight=weight, color=INK, **above)
    axes.annotate(panel.aside, (0, 1), xytext=(0, 11), size=SMALL, color=MUTED, **above)
