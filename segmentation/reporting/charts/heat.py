"""Heat maps: a grid of figures on quantised colours, so that the dark page has its own form of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from segmentation.reporting.theme import (
    BODY,
    GRID,
    INK,
    MUTED,
    RAMP,
    SMALL,
    WHITE,
    Canvas,
    fit,
    is_whole,
    stage,
    text_width,
    wrap,
    write,
)

MIDDLE = len(RAMP) // 2
CELL, LINE, NARROWEST = 34, 14, 64
HEADING, NAME = 4, 3  # lines of a name, at most
APART, NEAR = 12, 2  # pixels from a row to the next one's name, and from a name to its own row below it


@dataclass(frozen=True)
class Cell:
    """One cell: its step of the ramp (0 at the mean, ±4 at the ends; None where unknown) and its text; one without a
    text is left empty."""

    step: int | None
    text: str


@dataclass(frozen=True)
class Grid:
    """Names of columns and rows, cells row by row, and what the two ends of the ramp mean."""

    columns: Sequence[str]
    rows: Sequence[str]
    cells: Sequence[Sequence[Cell]]
    low: str
    high: str
    column_colours: Sequence[str] = ()
    rising: bool = False  # from little to much, with nothing below the middle of the ramp


def grid_in_words(grid: Grid) -> str:
    """What the grid shows, for whoever does not see it."""
    return "; ".join(
        f"{row}: "
        + ", ".join(f"{column} {cell.text}" for column, cell in zip(grid.columns, line, strict=True) if cell.text)
        for row, line in zip(grid.rows, grid.cells, strict=True)
    )


def draw_grid(grid: Grid, canvas: Canvas) -> Figure:
    """The grid with its row names to the left; on a narrow canvas above their row.

    Columns too narrow for their names are numbered, and the names are told by number.
    """
    stacked = canvas.narrow
    left = 0.0 if stacked else _left(grid.rows, canvas)
    width = (canvas.width - left) / max(len(grid.columns), 1)
    headings = [wrap(name, width - 8, SMALL, HEADING) for name in grid.columns]
    all_whole = all(is_whole(lines) for lines in headings)
    numbered = not all_whole or (width < NARROWEST and any(len(lines) > 1 for lines in headings))
    square = list(grid.columns) == list(grid.rows)
    rows = [f"{at}  {name}" for at, name in enumerate(grid.rows, 1)] if numbered and square else list(grid.rows)
    key = [f"{at}  {name}" for at, name in enumerate(grid.columns, 1)] if numbered and not square else []
    if numbered:
        headings = [[str(at)] for at in range(1, len(grid.columns) + 1)]
    names = [wrap(name, canvas.width if stacked else left - 12, BODY, NAME) for name in rows]
    told = [line for name in key for line in wrap(name, canvas.width, SMALL, 2)]
    head = 20 + LINE * max(len(lines) for lines in headings)
    tops = list(accumulate((_height(lines, stacked) for lines in names), initial=float(head)))
    bottom = tops[-1]
    figure = canvas.figure(bottom + 34 + 18 * len(told))
    axes = stage(figure)
    for at, lines in enumerate(headings):
        colour = grid.column_colours[at] if grid.column_colours else None
        _heading(axes, lines, colour, left + at * width, width, head)
    for at, lines in enumerate(names):
        below = tops[at + 1] - (0 if stacked else 2)
        cell = (below - CELL, CELL) if stacked else (tops[at], below - tops[at])
        middle = below - CELL - NEAR - LINE * len(lines) / 2 if stacked else cell[0] + cell[1] / 2
        write(axes, 0, middle - LINE * (len(lines) - 1) / 2, lines, LINE, size=BODY, color=INK)
        for across, one in enumerate(grid.cells[at]):
            _cell(axes, one, left + across * width, cell, width)
    _legend(axes, grid, canvas.width, bottom + 18)
    write(axes, 0, bottom + 42, told, 18, size=SMALL, color=MUTED)
    return figure


def _left(names: Sequence[str], canvas: Canvas) -> float:
    """Room for the names of rows: as much as the longest needs, within bounds."""
    longest = max((text_width(name, BODY) for name in names), default=0.0)
    return min(max(longest + 12, 200.0), canvas.width * 0.3)


def _height(lines: Sequence[str], stacked: bool) -> float:
    """Of a row, with the gap to the next; its name stands above it where rows are stacked."""
    if stacked:
        return APART + LINE * len(lines) + NEAR + CELL
    return max(CELL, LINE * len(lines) + 6) + 2


def _heading(axes: Axes, lines: Sequence[str], colour: str | None, left: float, width: float, head: float) -> None:
    if colour:
        axes.add_patch(Rectangle((left + 2, head - 7), width - 4, 3, color=colour))
    first = head - 17 - LINE * (len(lines) - 1)
    write(axes, left + width / 2, first, lines, LINE, size=SMALL, color=MUTED, ha="center")


def _cell(axes: Axes, cell: Cell, left: float, place: tuple[float, float], width: float) -> None:
    """One cell; `place` is its upper end and its height."""
    if not cell.text:
        return
    top, height = place
    box = (left + 1, top), width - 2, height
    if cell.step is None:
        axes.add_patch(Rectangle(*box, facecolor="none", edgecolor=GRID, linewidth=1))
        colour = MUTED
    else:
        axes.add_patch(Rectangle(*box, color=RAMP[MIDDLE + cell.step]))
        colour = WHITE if abs(cell.step) == MIDDLE else INK
    text, size = cell.text, BODY
    if text_width(text, size) > width - 4:  # smaller, and without its sign, before any digit is cut
        text, size = text.replace("×", ""), SMALL
    middle = (left + width / 2, top + height / 2)
    axes.text(*middle, fit(text, width - 2, size), size=size, color=colour, ha="center", va="center")


def _legend(axes: Axes, grid: Grid, right: float, top: float) -> None:
    """The ramp from low to high at the lower right."""
    box, gap = 16, 8
    ramp = RAMP[MIDDLE:] if grid.rising else RAMP
    start = right - text_width(grid.high, SMALL) - gap - box * len(ramp)
    axes.text(start - gap, top, fit(grid.low, start - gap, SMALL), size=SMALL, color=MUTED, ha="right", va="center")
    for at, colour in enumerate(ramp):
        axes.add_patch(Rectangle((start + at * box, top - 5), box, 10, color=colour))
    axes.text(right, top, grid.high, size=SMALL, color=MUTED, ha="right", va="center")
