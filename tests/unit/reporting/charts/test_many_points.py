"""Charts of many values: hills, scatter plots and silhouettes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from segmentation.i18n.labels import clean
from segmentation.reporting.charts.points import Cloud, Dimension, draw_points
from segmentation.reporting.charts.ranges import Range, Spread, draw_ranges
from segmentation.reporting.charts.silhouettes import Blade, Blades, draw_silhouettes
from segmentation.reporting.theme import Canvas
from tests.unit.reporting.published import HOSTILE

MARKS = [0.0, 1.0, 3.0, 9.0, 27.0, 81.0, 243.0]


def spread(label: str) -> Spread:
    ranges = [
        Range(label, "#2f74c0", 1.0, 9.0, 243.0, [0, 5, 9, 4, 1, 1]),
        Range(label, "#d8742a", 0.0, 0.0, 3.0, [9, 0, 0, 0, 0, 0]),
    ]
    return Spread(label, ranges, lambda value: f"Rp {value:.1f} M", lambda value: f"Rp {value:g}", MARKS)


def points(label: str, canvas: Canvas, pairs: int = 6) -> Figure:
    values = np.random.default_rng(5).uniform(-5, 300, 50)
    values[3] = np.nan
    one = Dimension(label, values, MARKS, lambda value: f"Rp {value:g}")
    cloud = Cloud(["#2f74c0"] * 50, [(label, "#2f74c0"), (label, "#d8742a")])
    return draw_points([(one, one)] * pairs, cloud, canvas)


def blades(canvas: Canvas) -> Figure:
    groups = [
        Blade("#2f74c0", np.linspace(0.9, -0.3, 40), np.full(40, 3)),
        Blade("#d8742a", np.array([0.2]), np.array([1])),
    ]
    panels = [Blades(f"k = {k} · did not pass", "mean 0.41", groups, 0.41, k == 3) for k in range(2, 11)]
    return draw_silhouettes(panels, lambda value: f"{value:g}", canvas)


def texts(figure: Figure) -> list[Text]:
    FigureCanvasAgg(figure).draw()
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]


@pytest.mark.parametrize("width", [358, 960])
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_texts_stay_on_the_canvas(width: float, name: str) -> None:
    label, canvas = clean(name), Canvas(width)
    for figure in (draw_ranges([spread(label)] * 3, "median", canvas), points(label, canvas), blades(canvas)):
        height = figure.get_size_inches()[1] * 72
        for text in texts(figure):
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= width + 1, text.get_text()
            assert box.y0 >= -1 and box.y1 <= height + 1, text.get_text()


@pytest.mark.parametrize("width", [358, 960])
def test_ticks_do_not_touch(width: float) -> None:
    for figure in (points("Orders", Canvas(width)), blades(Canvas(width))):
        FigureCanvasAgg(figure).draw()
        for axes in figure.axes:
            boxes = [tick.get_window_extent() for tick in axes.get_xticklabels() if tick.get_text()]
            assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_values_that_are_unknown_are_not_drawn() -> None:
    (panel,) = [axes for axes in points("Orders", Canvas(464), pairs=1).axes if axes.collections]

    offsets = panel.collections[0].get_offsets()
    assert len(offsets) == 49
    assert np.isfinite(offsets).all()


def test_a_hill_is_as_high_as_its_bins_are_full() -> None:
    figure = draw_ranges([spread("Orders")], "median", Canvas(960))

    first, _ = figure.axes[0].collections
    heights = np.ptp(first.get_paths()[0].vertices[:, 1])
    assert heights == pytest.approx(18)
    tops = first.get_paths()[0].vertices[:, 1]
    assert len(np.unique(tops.round(6))) == 5  # the floor, and four different counts
