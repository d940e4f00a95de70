"""The ledger as a picture: each table's rows as one bar of what came in, split by what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from segmentation.reporting.theme import BODY, GRID, INK, MUTED, SMALL, Canvas, fit, stage, text_width, wrap, write

ROW, HEAD, THICK, LEAST = 62, 30, 14, 3.0
LINE, NAMES = 15, 3  # of a name: how high a line is, and how many there are at most


@dataclass(frozen=True)
class Part:
    """One part of a bar: its fraction of the rows, its text and its colour."""

    share: float
    text: str
    colour: str


@dataclass(frozen=True)
class Flow:
    """One table: its name, how many rows were read, and the parts they fell into."""

    name: str
    read: str
    parts: Sequence[Part]


def draw_flows(flows: Sequence[Flow], legend: Sequence[tuple[str, str]], canvas: Canvas) -> Figure:
    """A bar per table; parts that are there are at least a hair wide, so that few is never none."""
    names = [wrap(flow.name, canvas.width - text_width(flow.read, BODY) - 12, BODY, NAMES, bold=True) for flow in flows]
    rows = [ROW + (18 if canvas.narrow else 0) + LINE * (len(lines) - 1) for lines in names]
    figure = canvas.figure(HEAD + sum(rows))
    axes = stage(figure)
    at = 0.0
    for name, colour in legend:
        axes.add_patch(Rectangle((at, 6), 10, 10, color=colour))
        axes.text(at + 15, 11, name, size=SMALL, color=MUTED, va="center")
        at += 15 + text_width(name, SMALL) + 18
    for number, (flow, lines) in enumerate(zip(flows, names, strict=True)):
        _flow(axes, flow, lines, HEAD + sum(rows[:number]), canvas)
    return figure


def _flow(axes: Axes, flow: Flow, lines: Sequence[str], top: float, canvas: Canvas) -> None:
    width = canvas.width
    write(axes, 0, top + 10, lines, LINE, size=BODY, weight="bold", color=INK)
    top += LINE * (len(lines) - 1)
    axes.text(width, top + 10, flow.read, size=BODY, color=INK, ha="right", va="center")
    axes.add_patch(Rectangle((0, top + 22), width, THICK, color=GRID))
    present = [part for part in flow.parts if part.share > 0]
    widths = [max(width * part.share, LEAST) for part in present]
    if widths:
        widest = max(range(len(widths)), key=lambda at: widths[at])
        widths[widest] -= sum(widths) - width * sum(part.share for part in present)
    left = 0.0
    for part, wide in zip(present, widths, strict=True):
        axes.add_patch(Rectangle((left, top + 22), max(wide - 1, 1), THICK, color=part.colour))
        left += wide
    _words(axes, present, top + 48, canvas)


def _words(axes: Axes, parts: Sequence[Part], top: float, canvas: Canvas) -> None:
    """What the parts are, in one line; in two where the canvas is narrow."""
    at = 0.0
    for part in parts:
        room = text_width(part.text, SMALL)
        if canvas.narrow and at and at + room > canvas.width:
            at, top = 0.0, top + 17
        axes.text(at, top, fit(part.text, canvas.width, SMALL), size=SMALL, color=MUTED, va="center")
        at += room + 16
