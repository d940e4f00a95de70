"""Axes whose figures are whole, marks that stand out, and points that can be seen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from segmentation.reporting.charts.bars import Bar, Panel, draw_bars
from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.heat import CELL, Cell, Grid, draw_grid
from segmentation.reporting.charts.points import Cloud, Dimension, draw_points
from segmentation.reporting.charts.ranges import Range, Spread, draw_ranges
from segmentation.reporting.charts.scale import Scale, Steps
from segmentation.reporting.charts.sweep import Line, Marks, Point, draw_sweep
from segmentation.reporting.theme import ACCENT, INK, PHONE, SURFACE, Canvas


def money(value: float) -> str:
    return f"USD {value:,.1f} rb"


def columns(canvas: Canvas) -> Figure:
    series = [Series("Penjualan", [120_200.0, 100_500.0, 118_300.0], money, money, [90_000.0, None, None])]
    return draw_columns(["Jan 2017", "Feb 2017", "Mar 2017"], series * 2, False, canvas, before="setahun sebelumnya")


def sweep(canvas: Canvas) -> Figure:
    points = [Point(k, 400_000.0 / k, False, k == 3) for k in range(2, 8)]
    return draw_sweep([Line("K-means", points)], Marks("k", "chosen", "chance", "refused"), money, money, canvas)


def points(canvas: Canvas, count: int = 60) -> Figure:
    one = Dimension("Sales", np.linspace(60_000, 180_000, count), [60_000.0, 80_000.0, 120_000.0, 180_000.0], money)
    return draw_points([(one, one)] * 3, Cloud([ACCENT] * count, [("all", ACCENT)]), canvas)


@pytest.mark.parametrize("width", [358, 464, 960])
@pytest.mark.parametrize("drawing", [columns, sweep, points])
def test_figures_beside_an_axis_are_whole(drawing, width: float) -> None:  # type: ignore[no-untyped-def]
    figure = drawing(Canvas(width))
    figure.canvas.draw()

    shown = [axes for axes in figure.axes if axes.axison]
    boxes = [tick.get_window_extent() for axes in shown for tick in axes.get_yticklabels() if tick.get_text()]
    assert boxes
    assert min(box.x0 for box in boxes) >= 0


@pytest.mark.parametrize("low", [0.02, 1.0, 15.0, 48.0, 60.0, 99.0, 101.0, 3e6])
@pytest.mark.parametrize("times", [1.3, 2.0, 3.0, 45.0, 900.0])
@pytest.mark.parametrize("width", [170, 230, 460])
def test_every_axis_has_two_ticks(low: float, times: float, width: float) -> None:
    high = low * times
    axes = [
        Scale([low, high], 0, width), Scale([0, low, high], 0, width),
        Steps([low, high], 0, width), Steps([0, low, high], 0, width),
        Steps([float(mark) for mark in np.linspace(low, high, 9)], 0, width),
        Steps([float(mark) for mark in np.geomspace(low, high, 9)], 0, width),
    ]  # fmt: skip
    for axis in axes:
        assert len(axis.ticks) >= 2, axis
        assert all(one < other for one, other in pairwise(axis.ticks)), axis
        assert all(-1e-9 <= tick <= high * (1 + 1e-9) for tick in axis.ticks), axis


def test_a_mark_has_an_edge_of_the_page_s_colour() -> None:
    """Ink on a column has a contrast of 2.5, and of 1.9 in the dark; the page's colour stands out from either."""
    lines = columns(Canvas(960)).axes[0].lines
    edge, mark = (line for line in lines if list(line.get_ydata()) == [90_000.0] * 2)
    assert (edge.get_color(), mark.get_color()) == (SURFACE, INK)
    assert edge.get_linewidth() >= mark.get_linewidth() + 2

    boxes = draw_bars([Panel("GMV", [Bar("a", 0.9, "90%", mark=0.5)])], Canvas(358)).axes[0].patches
    edge, mark = (box for box in boxes if box.get_height() > 10)
    assert (to_hex(edge.get_facecolor()), to_hex(mark.get_facecolor())) == (SURFACE, INK)
    assert edge.get_width() >= mark.get_width() + 2


def test_few_points_are_larger_and_stronger() -> None:
    forms = []
    for count in (20, 60, 400, 1_500, 15_000):
        (cloud, *_) = [one for axes in points(Canvas(960), count).axes for one in axes.collections]
        assert isinstance(cloud, PathCollection)
        forms.append((float(cloud.get_sizes()[0]), float(cloud.get_alpha() or 0)))

    assert forms[0] == forms[1] == (36.0, 0.85)
    assert forms[3] == forms[4] == (9.0, 0.55)
    assert 9 < forms[2][0] < 36 and 0.55 < forms[2][1] < 0.85


def test_on_a_phone_a_name_is_nearer_to_its_own_row_of_a_heat_map() -> None:
    names = ["Orders", "A name of a feature that is so long that it takes more than one line of a phone", "Days"]
    figure = draw_grid(Grid(["a", "b"], names, [[Cell(1, "×1.2")] * 2] * 3, "low", "high"), Canvas(PHONE))
    figure.canvas.draw()
    (axes,) = figure.axes
    rows = sorted(
        {patch.get_y() for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_height() == CELL}
    )
    high = figure.get_size_inches()[1] * 72
    lines = [(high - box.y1, high - box.y0) for text in axes.texts if text.get_text() and text.get_position()[0] == 0
             for box in [text.get_window_extent()]]  # fmt: skip
    for before, row in pairwise(rows):
        mine = [line for line in lines if before + CELL < line[0] and line[1] < row + 4]
        assert mine[0][0] - (before + CELL) > 2 * (row - mine[-1][1])


@pytest.mark.parametrize("edges", [(), (0.0, 1.0, 2.0)])
def test_on_a_phone_a_name_is_nearer_to_its_own_range(edges: tuple[float, ...]) -> None:
    ranges = [Range(name, ACCENT, 0.5, 1.0, 1.5, [1.0, 1.0] if edges else ()) for name in ("one", "two", "three")]
    figure = draw_ranges([Spread("Orders", ranges, str, str, edges)], "median", Canvas(PHONE))
    figure.canvas.draw()
    (axes,) = figure.axes
    high = figure.get_size_inches()[1] * 72
    dots = [float(line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "o"]
    tops = [float(hill.get_paths()[0].vertices[:, 1].min()) for hill in axes.collections] or [dot - 5 for dot in dots]
    for name, before, top in zip(("two", "three"), dots, tops[1:], strict=False):
        (box,) = (text.get_window_extent() for text in axes.texts if text.get_text() == name)
        assert (high - box.y1) - (before + 5) > top - (high - box.y0)
