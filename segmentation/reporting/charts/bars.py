"""Ranked bars: a name above each bar and its figure at the end of the line, so that no label is squeezed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from segmentation.reporting.theme import ACCENT, BODY, GRID, INK, MUTED, SMALL, Canvas, fit, stage, text_width

ROW, HEAD, GAP, BETWEEN, THICK, NOTE = 36, 26, 40, 16, 8, 16


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length as a fraction of its track, which stands for the whole, the figure beside it."""

    label: str
    length: float
    figure: str
    aside: str = ""
    colour: str = ACCENT
    mark: float | None = None  # a line across the track, as a fraction of it


@dataclass(frozen=True)
class Panel:
    """Bars under one heading, and a line below it that says more."""

    title: str
    bars: Sequence[Bar]
    note: str = ""


def draw_bars(panels: Sequence[Panel], canvas: Canvas, beside: int = 3) -> Figure:
    """Panels side by side, at most `beside` in a line; below each other on a narrow canvas."""
    across = 1 if canvas.narrow else min(len(panels), beside)
    heights = [_head(panel) + ROW * len(panel.bars) for panel in panels]
    lines = [max(heights[at : at + across]) for at in range(0, len(panels), across)]
    figure = canvas.figure(sum(lines) + BETWEEN * (len(lines) - 1))
    axes = stage(figure)
    width = (canvas.width - GAP * (across - 1)) / across
    for at, panel in enumerate(panels):
        line = at // across
        _panel(axes, panel, (at % across) * (width + GAP), sum(lines[:line]) + BETWEEN * line, width)
    return figure


def _head(panel: Panel) -> float:
    return HEAD + (NOTE if panel.note else 0)


def _panel(axes: Axes, panel: Panel, left: float, top: float, width: float) -> None:
    axes.text(left, top + 11, fit(panel.title, width, SMALL), size=SMALL, color=MUTED, va="center")
    if panel.note:
        axes.text(left, top + 11 + NOTE, fit(panel.note, width, SMALL), size=SMALL, color=MUTED, va="center")
    column = max((text_width(bar.figure, BODY, bold=True) for bar in panel.bars), default=0.0) + 12
    for at, bar in enumerate(panel.bars):
        _bar(axes, bar, left, top + _head(panel) + at * ROW, width, column)


def _bar(axes: Axes, bar: Bar, left: float, top: float, width: float, taken: float) -> None:
    """One bar; `taken` is the room that the figures of its panel need."""
    right = left + width
    axes.text(right, top + 8, bar.figure, size=BODY, weight="bold", color=INK, ha="right", va="center")
    if bar.aside:
        axes.text(right - taken, top + 8, bar.aside, size=SMALL, color=MUTED, ha="right", va="center")
        taken += text_width(bar.aside, SMALL) + 12
    axes.text(left, top + 8, fit(bar.label, width - taken, BODY), size=BODY, color=INK, va="center")
    axes.add_patch(Rectangle((left, top + 18), width, THICK, color=GRID))
    if bar.length > 0:
        axes.add_patch(Rectangle((left, top + 18), max(width * bar.length, 1.5), THICK, color=bar.colour))
    if bar.mark is not None:
        axes.add_patch(Rectangle((left + width * bar.mark - 1, top + 15), 2, THICK + 6, color=INK))
