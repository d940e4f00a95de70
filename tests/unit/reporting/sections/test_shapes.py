"""What a silhouette plot draws of its segments."""

from __future__ import annotations

import numpy as np
import pytest

from segmentation.clustering.shape import Shape, Silhouettes
from segmentation.reporting.sections.shapes import pictures
from segmentation.reporting.theme import Canvas
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_entity, make_shape, make_sweep
from tests.unit.reporting.published import BUYERS


@pytest.mark.parametrize("width", [358, 960])
def test_the_mean_width_of_a_blade_is_the_mean_of_its_segment(width: float) -> None:
    # Of 1,000 members 950 have 0.8 and 50 have -0.6: the mean is 0.76 - 0.03 = 0.73. The other three have 0.5, 0.2 and
    # 0.2: 0.3. All of them together: (730 + 0.9) / 1,003 = 0.7287.
    first, second = np.repeat([0.8, -0.6], [950, 50]), np.array([0.5, 0.2, 0.2])
    known = make_shape(["count_orders"])
    plot = Silhouettes(2, True, ((1, first), (2, second)), 0.7287)
    shape = Shape(known.values, known.segments, known.components, known.explained, (plot,), 14_309)
    silhouettes, *_ = pictures("buyers", make_entity(BUYERS, "natural", shape=shape), voice_of("en", "IDR"))

    (axes,) = silhouettes.draw(Canvas(width)).axes
    areas, heights = zip(*[_area_and_height(blade.get_paths()[0].vertices) for blade in axes.collections], strict=True)

    assert [area / height for area, height in zip(areas, heights, strict=True)] == pytest.approx([0.73, 0.3])
    assert heights[0] / heights[1] == pytest.approx(1000 / 3)
    assert sum(areas) / sum(heights) == pytest.approx(0.7287, abs=1e-4)
    assert [line.get_xdata()[0] for line in axes.lines] == [0.7287]  # the mean, beside which they stand


def test_without_its_search_nothing_is_said_of_other_segmentations() -> None:
    known, values = make_shape(["count_orders"]), np.array([0.5, 0.2, 0.2])
    plots = tuple(Silhouettes(k, k == 2, ((1, values), (2, values)), 0.3) for k in (2, 3))
    shape = Shape(known.values, known.segments, known.components, known.explained, plots, 14_309)
    data = make_entity(BUYERS, "natural", shape=shape, sweep=make_sweep().head(0))
    silhouettes, *_ = pictures("buyers", data, voice_of("en", "IDR"))
    assert "k = 2" in silhouettes.alt and "k = 3" not in silhouettes.alt


def _area_and_height(outline: np.ndarray) -> tuple[float, float]:
    """Of a drawn blade, what lies left of 0 taken away (the shoelace formula)."""
    (x, y), (next_x, next_y) = outline.T, np.roll(outline, -1, axis=0).T
    return abs(float((x * next_y - next_x * y).sum())) / 2, float(np.ptp(y))
