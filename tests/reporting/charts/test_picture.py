from __future__ import annotations

import base64
import itertools
import re
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

from segmentation.reporting.charts.bars import Bar, Panel, draw_bars
from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.flow import Flow, Part, draw_flows
from segmentation.reporting.charts.heat import Cell, Grid, draw_grid
from segmentation.reporting.charts.picture import Picture, draw, draw_all, themed
from segmentation.reporting.charts.sweep import Line, Marks, Point, draw_sweep
from segmentation.reporting.labels import clean
from segmentation.reporting.theme import DARK, INK, PHONE, Canvas
from tests.reporting.pages import words
from tests.reporting.published import HOSTILE

MARKS = Marks("k", "chosen", "chance", "refused")


def bars(canvas: Canvas) -> Figure:
    return draw_bars([Panel("GMV", [Bar("$x_$ & <b>", 1.0, "Rp 1 T"), Bar("none", 0.0, "Rp 0")])], canvas)


def test_colours_follow_the_page_and_texts_do_not() -> None:
    text = f'{INK} style="fill: {INK}"'
    svg = f'<svg><defs></defs><text style="fill: {INK}">{text}</text></svg>'

    found = themed(svg)

    name = re.findall(r"<text style=\"fill: var\((--c\d+)\)\">", found)[0]
    light, dark = re.findall(rf"{name}:(#\w+);", found)
    assert (light, dark) == (INK, DARK[INK])
    assert words(found.replace("<svg>", '<svg xmlns="http://www.w3.org/2000/svg">')) == [text]


def test_a_picture_has_two_forms_and_a_file(tmp_path: Path) -> None:
    drawn = draw(Picture("name", "title", "alt", bars), tmp_path)

    assert drawn.wide != drawn.narrow
    assert drawn.narrow_size[0] == PHONE
    assert (tmp_path / "name.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_data_gives_the_same_drawing(tmp_path: Path) -> None:
    picture = Picture("name", "title", "alt", bars)

    assert draw(picture, tmp_path) == draw(picture, tmp_path)


def test_drawing_leaves_no_settings_behind(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    draw_all([Picture("name", "title", "alt", bars)], tmp_path)

    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("width", [358, 464, 960])
@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_texts_stay_on_the_canvas(width: float, name: str) -> None:
    label = clean(name)
    drawings = [
        draw_bars([Panel(label, [Bar(label, 1.0, "Rp 27.5 T", "41.0%")])] * 2, Canvas(width)),
        draw_grid(
            Grid([label] * 3, [label], [[Cell(4, "×7.0"), Cell(None, "–"), Cell(-4, "×0.03")]], "low", "high"),
            Canvas(width),
        ),
        draw_flows(
            [Flow(label, "5 rows read", [Part(1.0, "accepted 5", "#000000")])], [("accepted", "#000000")], Canvas(width)
        ),
    ]
    for figure in drawings:
        figure.canvas.draw()
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= width + 1, text.get_text()


def test_many_narrow_columns_are_numbered_and_named_below() -> None:
    names = [f"Segment {at}" for at in range(1, 11)]
    figure = draw_grid(Grid(names, ["Orders"], [[Cell(0, "×0.97")] * 10], "low", "high"), Canvas(PHONE))

    said = [text.get_text() for text in figure.axes[0].texts]
    assert "10  Segment 10" in said
    assert "0.97" in said


def test_few_rows_are_never_none() -> None:
    parts = [Part(0.999999, "accepted", "#000001"), Part(0.000001, "quarantined 1", "#000002")]
    figure = draw_flows([Flow("Orders", "1,000,000 rows read", parts)], [], Canvas(960))

    assert all(patch.get_width() >= 1 for patch in figure.axes[0].patches)


def test_labels_of_months_do_not_touch() -> None:
    labels = [f"Sep 20{at:02}" for at in range(10, 70)]
    series = [Series("GMV", [1.0] * 60, str, str)]
    for width in (358, 464, 960):
        figure = draw_columns(labels, series, True, Canvas(width))
        figure.canvas.draw()
        boxes = [tick.get_window_extent() for tick in figure.axes[0].get_xticklabels()]
        assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
        assert boxes[-1].x1 <= width


@pytest.mark.parametrize("chosen", range(2, 11))
def test_the_chosen_k_is_said_within_the_canvas(chosen: int) -> None:
    points = [Point(k, 1 / k, k < 5, k == chosen, 0.05) for k in range(2, 11)]
    figure = draw_sweep([Line("K-means", points)], MARKS, lambda value: f"{value:.3f}", Canvas(PHONE))
    figure.canvas.draw()

    said = [text for text in figure.axes[0].texts if text.get_text().startswith("chosen: k =")]
    assert len(said) == 1
    assert said[0].get_window_extent().x0 >= 0 and said[0].get_window_extent().x1 <= PHONE


def test_drawings_hold_their_texts_as_text(tmp_path: Path) -> None:
    drawn = draw(Picture("name", "title", "alt", bars), tmp_path)
    svg = base64.b64decode(drawn.wide.split(",")[1]).decode("utf-8")

    assert "$x_$ & <b>" in words(svg)
