"""Columns over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from segmentation.reporting.theme import (
    ACCENT,
    INK,
    MUTED,
    SMALL,
    SOFT,
    SURFACE,
    Canvas,
    axis_room,
    plot_area,
    text_width,
)

HEIGHT, TOP, BOTTOM, LEFT = 190, 40, 26, 64
BEFORE, HALO = 1.8, 1.6  # how thick the mark of a year before is, and the edge that sets it off from its column


@dataclass(frozen=True)
class Series:
    """One measure by month: heights, and how they are written on a column and beside the axis.

    `before` are the values of the same months a year before, None where there is none.
    """

    title: str
    values: Sequence[float | None]
    form: Callable[[float], str]
    tick: Callable[[float], str]
    before: Sequence[float | None] = ()


def draw_columns(
    labels: Sequence[str], series: Sequence[Series], open_end: bool, canvas: Canvas, before: str = ""
) -> Figure:
    """One panel per measure, side by side or stacked; the last column is pale where its month is not over.

    A line marks on each column what its month had a year before; `before` says so.
    """
    across = 1 if canvas.narrow else len(series)
    down = len(series) // across
    figure = canvas.figure(HEIGHT * down)
    width = canvas.width / across
    room = max(axis_room([one.tick(value) for value in _ticks(one)], LEFT) for one in series)
    for at, one in enumerate(series):
        left = room + (at % across) * width
        axes = plot_area(
            figure,
            left=left,
            top=TOP + (at // across) * HEIGHT,
            right=canvas.width - (at % across + 1) * width + (24 if at % across < across - 1 else 4),
            bottom=BOTTOM + (down - 1 - at // across) * HEIGHT,
        )
        _columns(axes, labels, one, open_end)
        figure.text(
            (left - room) / canvas.width,
            1 - (11 + (at // across) * HEIGHT) / (HEIGHT * down),
            one.title,
            size=SMALL,
            color=MUTED,
            va="center",
        )
        if any(value is not None for value in one.before):
            _legend(axes, before)
    return figure


def _legend(axes: Axes, before: str) -> None:
    """The mark and what it means, at the upper right, on the line of the panel's title."""
    room = axes.get_window_extent()  # as parts of which all is placed: a PNG has more dots
    middle, start = 1 + (TOP - 11) / room.height, 1 - text_width(before, SMALL) / room.width
    axes.text(start, middle, before, transform=axes.transAxes, size=SMALL, color=MUTED, va="center")
    ends = [start - 22 / room.width, start - 8 / room.width]
    axes.plot(
        ends,
        [middle] * 2,
        transform=axes.transAxes,
        color=INK,
        linewidth=BEFORE,
        clip_on=False,
        solid_capstyle="butt",
    )


def _columns(axes: Axes, labels: Sequence[str], series: Series, open_end: bool) -> None:
    heights = [value or 0.0 for value in series.values]
    last = len(heights) - 1
    colours = [SOFT if open_end and at == last else ACCENT for at in range(len(heights))]
    axes.bar(range(len(heights)), heights, width=0.72, color=colours)
    axes.set_xlim(-0.6, last + 0.6)
    marks = [(at, value) for at, value in enumerate(series.before) if value is not None]
    for at, value in marks:  # an edge of the page's colour, since no colour stands out from page and column alike
        for colour, thick in ((SURFACE, BEFORE + 2 * HALO), (INK, BEFORE)):
            axes.plot(
                [at - 0.36, at + 0.36], [value] * 2, color=colour, linewidth=thick, solid_capstyle="butt", zorder=3
            )
    axes.set_ylim(*_limits(series))
    axes.yaxis.set_major_locator(FixedLocator(_ticks(series)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: series.tick(value)))
    shown = _spread(labels, axes)
    axes.set_xticks(shown, [labels[at] for at in shown])
    room = axes.get_window_extent().width / (last + 1.2)  # a column's: labels at the ends lean inwards
    for place, tick in zip(shown, axes.get_xticklabels(), strict=True):
        if text_width(labels[place], SMALL) > room and place in (0, last):
            tick.set_horizontalalignment("left" if place == 0 else "right")
    best = heights.index(max(heights))
    axes.annotate(
        series.form(heights[best]),
        (best, heights[best]),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center" if 0 < best < last else ("left" if best == 0 and last else "right" if last else "center"),
        size=SMALL,
        color=INK,
        annotation_clip=False,
    )


def _limits(series: Series) -> tuple[float, float]:
    """The ends of the axis: nought, and room for the highest column and for marks."""
    ends = [*(value or 0.0 for value in series.values), *(value for value in series.before if value is not None), 0.0]
    return min(ends), max(ends) * 1.08 or 1.0


def _ticks(series: Series) -> list[float]:
    low, high = _limits(series)
    found = MaxNLocator(nbins=4, min_n_ticks=2).tick_values(low, high)
    return [float(value) for value in found if low <= value <= high]


def _spread(labels: Sequence[str], axes: Axes) -> list[int]:
    """Which labels fit beside each other: the last one always, then every n-th before it."""
    room = axes.get_window_extent().width
    widest = max(text_width(label, SMALL) for label in labels) + 30
    every = max(1, -(-len(labels) // max(1, int(room / widest))))
    return sorted(range(len(labels) - 1, -1, -every))
