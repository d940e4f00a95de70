"""The search for k: a measure by number of segments, with the chosen one marked."""

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
    SEGMENTS,
    SMALL,
    SURFACE,
    Canvas,
    axis_room,
    plot_area,
    text_width,
)

HEIGHT, RIGHT = 250, 14
COLOURS = (ACCENT, SEGMENTS[1], SEGMENTS[2])


@dataclass(frozen=True)
class Point:
    """One fit: k, its measure, whether it passed the gates, whether it is the one."""

    k: int
    value: float
    admitted: bool
    chosen: bool
    chance: float | None = None


@dataclass(frozen=True)
class Line:
    """The fits of one method."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Marks:
    """Words of the chart."""

    x: str
    chosen: str
    chance: str
    refused: str


def draw_sweep(
    lines: Sequence[Line], marks: Marks, form: Callable[[float], str], tick: Callable[[float], str], canvas: Canvas
) -> Figure:
    """A line per method; hollow points did not pass, the dashed line is what chance would give.

    `form` writes a value in full, `tick` beside the axis.
    """
    figure = canvas.figure(HEIGHT)
    values = [point.value for line in lines for point in line.points]
    values += [point.chance for line in lines for point in line.points if point.chance is not None]
    low, high = min(*values, 0.0), max(*values, 0.0) or 1.0
    high += (high - low) * 0.25
    ticks = [float(value) for value in MaxNLocator(nbins=5).tick_values(low, high) if low <= value <= high]
    axes = plot_area(figure, left=axis_room(map(tick, ticks), 58), top=34, right=RIGHT, bottom=44)
    for line, colour in zip(lines, COLOURS, strict=False):
        _line(axes, line, colour)
    ks = sorted({point.k for line in lines for point in line.points})
    axes.set_xticks(ks, [str(k) for k in ks])
    axes.set_xlim(ks[0] - 0.4, ks[-1] + 0.4)
    axes.set_ylim(low, high)
    _chosen(axes, lines, marks, form)
    axes.set_xlabel(marks.x, labelpad=6)
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    _legend(axes, lines, marks)
    return figure


def _line(axes: Axes, line: Line, colour: str) -> None:
    ks = [point.k for point in line.points]
    axes.plot(ks, [point.value for point in line.points], color=colour, zorder=2)
    for point in line.points:
        face = colour if point.admitted else SURFACE
        axes.plot(point.k, point.value, marker="o", color=colour, markerfacecolor=face, markeredgewidth=2, zorder=3)
    chances = [(point.k, point.chance) for point in line.points if point.chance is not None]
    if chances:
        axes.plot(*zip(*chances, strict=True), color=MUTED, linestyle=(0, (4, 3)), linewidth=1.5, zorder=1)


def _chosen(axes: Axes, lines: Sequence[Line], marks: Marks, form: Callable[[float], str]) -> None:
    """A ring around the chosen point, and its figures on the side to which the curve falls, if there is room."""
    for line in lines:
        for at, point in enumerate(line.points):
            if not point.chosen:
                continue
            after = line.points[at + 1].value if at + 1 < len(line.points) else point.value
            before = line.points[at - 1].value if at else point.value
            said = f"{marks.chosen}: k = {point.k}, {form(point.value)}"
            end = axes.transData.transform((point.k, point.value))[0] + 9 + text_width(said, SMALL, bold=True)
            falls = at <= len(line.points) * 0.5 and after <= max(point.value, before)
            rightwards = falls and end <= axes.bbox.x1 + RIGHT
            ring = axes.plot(point.k, point.value, marker="o", color=INK, markersize=15)[0]
            ring.set(markerfacecolor="none", markeredgewidth=1.5)
            axes.annotate(
                said,
                (point.k, point.value),
                xytext=(9 if rightwards else -9, 11),
                textcoords="offset points",
                ha="left" if rightwards else "right",
                size=SMALL,
                weight="bold",
                color=INK,
                annotation_clip=False,
            )


def _legend(axes: Axes, lines: Sequence[Line], marks: Marks) -> None:
    """Only what needs telling apart: methods where there are several, refused points, chance."""
    points = [point for line in lines for point in line.points]
    named = list(zip(lines, COLOURS, strict=False)) if len(lines) > 1 else []
    handles = [axes.plot([], [], color=colour, label=line.name)[0] for line, colour in named]
    if any(not point.admitted for point in points):
        handles += axes.plot(
            [],
            [],
            marker="o",
            linestyle="",
            color=COLOURS[0],
            markerfacecolor=SURFACE,
            markeredgewidth=2,
            label=marks.refused,
        )
    if any(point.chance is not None for point in points):
        handles += axes.plot([], [], color=MUTED, linestyle=(0, (4, 3)), linewidth=1.5, label=marks.chance)
    if handles:
        axes.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(-0.13, 1.02),
            ncols=len(handles),
            frameon=False,
            fontsize=SMALL,
            labelcolor=MUTED,
            borderpad=0,
            handlelength=1.6,
            columnspacing=1.4,
        )
