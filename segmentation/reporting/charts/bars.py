"""Ranked bars: a name above each bar and its figure at the end of the line, so that no label is squeezed.

A bar's track always stands for the whole, 100 %: a bar that is as long as its track is all there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from segmentation.reporting.theme import (
    ACCENT,
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

ROW, HEAD, GAP, BETWEEN, THICK = 36, 26, 40, 16, 8
LINE, LINES = 15, 3  # of a name


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length as a fraction of the whole, the figure beside it."""

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


@dataclass(frozen=True)
class _Laid:
    """A panel with its heading and names in lines, and the room that figures take."""

    panel: Panel
    heading: Sequence[str]
    names: Sequence[Sequence[str]]
    taken: float

    @property
    def height(self) -> float:
        return sum(ROW + LINE * (len(lines) - 1) for lines in self.names)


def in_words(panels: Sequence[Panel]) -> str:
    """What the panels show, for whoever does not see them."""
    return "; ".join(
        f"{panel.title}{', ' if panel.note else ''}{panel.note}: "
        + ", ".join(f"{bar.label} {bar.figure}" for bar in panel.bars)
        for panel in panels
    )


def draw_bars(panels: Sequence[Panel], canvas: Canvas, beside: int = 3) -> Figure:
    """Panels side by side, at most `beside` in a line; below each other on a narrow canvas."""
    across = 1 if canvas.narrow else min(len(panels), beside)
    width = (canvas.width - GAP * (across - 1)) / across
    laid = [_laid(panel, width) for panel in panels]
    lines = [laid[at : at + across] for at in range(0, len(laid), across)]
    heads = [HEAD + LINE * (max(len(one.heading) for one in line) - 1) for line in lines]
    heights = [head + max(one.height for one in line) for head, line in zip(heads, lines, strict=True)]
    figure = canvas.figure(sum(heights) + BETWEEN * (len(heights) - 1))
    axes = stage(figure)
    top = 0.0
    for line, head, height in zip(lines, heads, heights, strict=True):
        for at, one in enumerate(line):
            _panel(axes, one, at * (width + GAP), top, head, width)
        top += height + BETWEEN
    return figure


def _laid(panel: Panel, width: float) -> _Laid:
    taken = max((text_width(bar.figure, BODY, bold=True) for bar in panel.bars), default=0.0) + 12
    asides = [text_width(bar.aside, SMALL) + 12 if bar.aside else 0.0 for bar in panel.bars]
    names = [wrap(bar.label, width - taken - aside, BODY, LINES) for bar, aside in zip(panel.bars, asides, strict=True)]
    heading = [*wrap(panel.title, width, SMALL, LINES), *(wrap(panel.note, width, SMALL, LINES) if panel.note else ())]
    return _Laid(panel, heading, names, taken)


def _panel(axes: Axes, laid: _Laid, left: float, top: float, head: float, width: float) -> None:
    first = top + head - HEAD + 11 - LINE * (len(laid.heading) - 1)
    write(axes, left, first, laid.heading, LINE, size=SMALL, color=MUTED)
    top += head
    for bar, lines in zip(laid.panel.bars, laid.names, strict=True):
        _bar(axes, bar, lines, left, top, width, laid.taken)
        top += ROW + LINE * (len(lines) - 1)


def _bar(axes: Axes, bar: Bar, lines: Sequence[str], left: float, top: float, width: float, taken: float) -> None:
    """One bar; `taken` is the room that the figures of its panel need."""
    right = left + width
    write(axes, left, top + 8, lines, LINE, size=BODY, color=INK)
    below = top + 18 + LINE * (len(lines) - 1)
    axes.text(right, below - 10, bar.figure, size=BODY, weight="bold", color=INK, ha="right", va="center")
    if bar.aside:
        axes.text(right - taken, below - 10, bar.aside, size=SMALL, color=MUTED, ha="right", va="center")
    axes.add_patch(Rectangle((left, below), width, THICK, color=GRID))
    if bar.length > 0:
        axes.add_patch(Rectangle((left, below), max(width * min(bar.length, 1.0), 1.5), THICK, color=bar.colour))
    if bar.mark is not None:  # with an edge of the page's colour: it stands out from whatever the bar has
        axes.add_patch(Rectangle((left + width * bar.mark - 2.5, below - 3), 5, THICK + 6, color=SURFACE))
        axes.add_patch(Rectangle((left + width * bar.mark - 1, below - 3), 2, THICK + 6, color=INK))
