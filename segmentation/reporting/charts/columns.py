"""Columns over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from segmentation.reporting.theme import ACCENT, INK, MUTED, SMALL, SOFT, Canvas, plot_area, text_width

HEIGHT, TOP, BOTTOM = 190, 40, 26


@dataclass(frozen=True)
class Series:
    """One measure by month: heights, and how they are written on a column and beside the axis."""

    title: str
    values: Sequence[float | None]
    form: Callable[[float], str]
    tick: Callable[[float], str]


def draw_columns(labels: Sequence[str], series: Sequence[Series], open_end: bool, canvas: Canvas) -> Figure:
    """One panel per measure, side by side or stacked; the last column is pale where its month is not over."""
    across = 1 if canvas.narrow else len(series)
    down = len(series) // across
    figure = canvas.figure(HEIGHT * down)
    width = canvas.width / across
    for at, one in enumerate(series):
        left = 64 + (at % across) * width
        axes = plot_area(
            figure, left=left, top=TOP + (at // across) * HEIGHT,
            right=canvas.width - (at % across + 1) * width + (24 if at % across < across - 1 else 4),
            bottom=BOTTOM + (down - 1 - at // across) * HEIGHT,
        )  # fmt: skip
        _columns(axes, labels, one, open_end)
        figure.text(
            (left - 64) / canvas.width, 1 - (11 + (at // across) * HEIGHT) / (HEIGHT * down), one.title,
            size=SMALL, color=MUTED, va="center",
        )  # fmt: skip
    return figure


def _columns(axes: Axes, labels: Sequence[str], series: Series, open_end: bool) -> None:
    heights = [value or 0.0 for value in series.values]
    last = len(heights) - 1
    colours = [SOFT if open_end and at == last else ACCENT for at in range(len(heights))]
    axes.bar(range(len(heights)), heights, width=0.72, color=colours)
    axes.set_xlim(-0.6, last + 0.6)
    axes.set_ylim(min(0.0, *heights), max(*heights, 0.0) * 1.08 or 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: series.tick(value)))
    shown = _spread(labels, axes)
    axes.set_xticks(shown, [labels[at] for at in shown])
    room = axes.get_window_extent().width / (last + 1.2)  # a column's: labels at the ends lean inwards
    for place, tick in zip(shown, axes.get_xticklabels(), strict=True):
        if text_width(labels[place], SMALL) > room and place in (0, last):
            tick.set_horizontalalignment("left" if place == 0 else "right")
    best = heights.index(max(heights))
    axes.annotate(
        series.form(heights[best]), (best, heights[best]), xytext=(0, 3), textcoords="offset points",
        ha="center" if 0 < best < last else ("left" if best == 0 and last else "right" if last else "center"),
        size=SMALL, color=INK, annotation_clip=False,
    )  # fmt: skip


def _spread(labels: Sequence[str], axes: Axes) -> list[int]:
    """Which labels fit beside each other: the last one always, then every n-th before it."""
    room = axes.get_window_extent().width
    widest = max(text_width(label, SMALL) for label in labels) + 30
    every = max(1, -(-len(labels) // max(1, int(room / widest))))
    return sorted(range(len(labels) - 1, -1, -every))
