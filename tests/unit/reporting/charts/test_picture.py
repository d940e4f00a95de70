from __future__ import annotations

import base64
import itertools
import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from PIL import Image

from segmentation.i18n.labels import clean
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars
from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.flow import Flow, Part, draw_flows
from segmentation.reporting.charts.heat import Cell, Grid, draw_grid, grid_in_words
from segmentation.reporting.charts.paths import Band, Place, draw_paths
from segmentation.reporting.charts.picture import Picture, _png, _styled, draw, draw_all, themed
from segmentation.reporting.charts.points import Cloud, Dimension, draw_points
from segmentation.reporting.charts.ranges import Range, Spread, draw_ranges
from segmentation.reporting.charts.sweep import Line, Marks, Point, draw_sweep
from segmentation.reporting.theme import DARK, INK, PHONE, Canvas
from tests.unit.reporting.pages import words
from tests.unit.reporting.published import HOSTILE

BANDS = [Band(0, 0, 5, "5 · Rp 27.5 T", "5")]
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


def test_a_png_stands_alone_with_title_kicker_and_note_and_the_page_s_drawing_does_not_repeat_them(
    tmp_path: Path,
) -> None:
    plain = Picture("plain", "", "alt", bars)
    told = Picture("told", "A title that is there", "alt", bars, kicker="Kicker", note="Note")
    drawn = draw(told, tmp_path, origin="PaDi UMKM · As of 1 May 2024")
    draw(plain, tmp_path)

    height = {name: Image.open(tmp_path / f"{name}.png").size[1] for name in ("plain", "told")}
    # Two dots a pixel: kicker and title, note and origin, and the space beneath and above them.
    assert abs(height["told"] - height["plain"] - 2 * (17 + 23 + 12 + 16 + 16 + 12)) <= 1
    assert (drawn.wide, drawn.size) == (draw(plain, tmp_path).wide, draw(plain, tmp_path).size)
    written = _frame_texts(told, "PaDi UMKM · As of 1 May 2024")
    assert written == ["Kicker", "A title that is there", "Note", "PaDi UMKM · As of 1 May 2024"]


def _frame_texts(picture: Picture, origin: str) -> list[str]:
    with _styled():
        figure = picture.draw(Canvas(picture.width))
        _png(figure, picture, origin)
    return [text.get_text() for text in figure.texts]


def test_long_titles_and_notes_are_set_in_lines() -> None:
    title = " ".join(["government procurement"] * 6)
    lines = _frame_texts(Picture("name", title, "alt", bars, note="a note " * 40), "")

    assert len(lines) > 5
    assert title in " ".join(lines)
    assert not any("…" in line for line in lines)


SIXTY = "Moderate-Spending Dormant Buyers With Large Government Orders"[:60]
TWENTY_FIVE = "Perlengkapan Kantor & ATK"


@pytest.mark.parametrize("name", [SIXTY, TWENTY_FIVE], ids=["60", "25"])
@pytest.mark.parametrize("width", [358, 464, 960])
def test_long_names_are_whole(width: float, name: str) -> None:
    assert len(SIXTY) == 60 and len(TWENTY_FIVE) == 25
    canvas = Canvas(width)
    panel = Panel(name, [Bar(name, 1.0, "Rp 853.8 B", "41.0%"), Bar("short", 0.5, "Rp 1.2 T", "59.0%")])
    ranges = [Range(name, INK, 1.0, 5.0, 9.0, [1.0, 2.0]), Range("short", INK, 1.0, 5.0, 9.0)]
    spread = Spread(name, ranges, str, str, [0.0, 5.0, 10.0])
    values = np.arange(3.0)
    axes = [Dimension(one, values, [0.0, 3.0], str) for one in (name, "y", name + " 2")]
    drawings = {
        "bars": draw_bars([panel] * 3, canvas),
        "heat": draw_grid(Grid([name] * 3, [name, "x"], [[Cell(4, "×7.0")] * 3] * 2, "low", "high"), canvas),
        "narrow heat": draw_grid(Grid([name] * 8, [name, "x"], [[Cell(4, "×7.0")] * 8] * 2, "low", "high"), canvas),
        "flows": draw_flows([Flow(name, "1,234,567 rows read", [Part(1.0, "accepted 5", INK)])], [], canvas),
        "ranges": draw_ranges([spread, spread], "median", canvas),
        "paths": draw_paths([Place(name, "5 left", INK)], [Place(name, "5 came", INK)], BANDS, ("May", "June"), canvas),
        "points": draw_points([(axes[0], axes[1]), (axes[1], axes[2])], Cloud([INK] * 3, [(name, INK)]), canvas),
    }
    for kind, figure in drawings.items():
        figure.canvas.draw()
        texts = [text for axes in figure.axes for text in axes.findobj(Text) if text.get_text().strip()]
        said = " ".join(text.get_text().replace("\n", " ") for text in texts)
        assert "…" not in said, kind
        assert name.replace("-", "").replace(" ", "") in said.replace("-", "").replace(" ", ""), kind
        for text in texts:
            box = text.get_window_extent()
            assert box.x0 >= -1 and box.x1 <= width + 1, (kind, text.get_text())


def test_lines_of_names_do_not_touch_what_is_beside_them() -> None:
    panel = Panel("GMV", [Bar(SIXTY, 1.0, "Rp 853.8 B", "41.0%"), Bar(SIXTY, 0.5, "Rp 1.2 T", "59.0%")])
    for width in (358, 960):
        figure = draw_bars([panel] * 3, Canvas(width))
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
        assert not [1 for one, other in itertools.combinations(boxes, 2) if one.overlaps(other)]


def test_a_bar_is_never_longer_than_its_track() -> None:
    figure = draw_bars([Panel("GMV", [Bar("more than all, where others are negative", 1.2, "Rp 1")])], Canvas(358))

    assert max(patch.get_x() + patch.get_width() for patch in figure.axes[0].patches) <= 358


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
        draw_paths([Place(label, "5 left", INK)], [Place(label, "5 came", INK)], BANDS, ("May", "June"), Canvas(width)),
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
    assert "10 Segment 10" in said
    assert "0.97" in said


def test_few_rows_are_never_none() -> None:
    parts = [Part(0.999999, "accepted", "#000001"), Part(0.000001, "quarantined 1", "#000002")]
    figure = draw_flows([Flow("Orders", "1,000,000 rows read", parts)], [], Canvas(960))

    assert all(patch.get_width() >= 1 for patch in figure.axes[0].patches)


@pytest.mark.parametrize("width", [358, 464, 960])
def test_what_stands_on_paths_and_beside_them_does_not_touch(width: float) -> None:
    """Four segments, all paths between them, from one who moved to a thousand."""
    names = ["High-Spending Regulars", "Moderate-Spending Dormant Buyers", "Low-Spending Sporadic Buyers", "Others"]
    bands = [
        Band(start, end, 1 if start > end else 1000, "1,000 · Rp 27.5 T", "1,000")
        for start in range(4) for end in range(4) if start != end
    ]  # fmt: skip
    places = [Place(name, "3,000 left", INK) for name in names]
    figure = draw_paths(places, places, bands, ("31 May 2024", "30 June 2024"), Canvas(width))
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) >= len(bands) + 2 * 2 * 4
    for one, other in itertools.combinations(boxes, 2):
        # Letters of two lines of one name come near each other, as everywhere.
        assert min(one.x1, other.x1) - max(one.x0, other.x0) <= 0 or min(one.y1, other.y1) - max(one.y0, other.y0) <= 2
    high = figure.get_size_inches()[1] * 72
    assert all(box.y0 >= 0 and box.y1 <= high for box in boxes)


def test_a_band_is_as_wide_as_what_takes_it_and_never_nothing() -> None:
    places = [Place("a", "", "#000001"), Place("b", "", "#000002")]
    figure = draw_paths(
        places,
        places,
        [Band(0, 1, 3, "3", "3"), Band(1, 0, 1, "1", "1"), Band(1, 1, 10**-9, "0", "0")],
        ("", ""),
        Canvas(960),
    )
    bands = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]
    wide = sorted(abs(patch.get_path().vertices[0][1] - patch.get_path().vertices[7][1]) for patch in bands)
    assert wide[2] == pytest.approx(3 * wide[1]) and wide[0] >= 1


def test_narrow_columns_with_short_names_keep_them() -> None:
    names = [str(months) for months in range(1, 13)]
    grid = Grid(names, ["Jun 2023"], [[Cell(0, "41")] * 11 + [Cell(None, "")]], "low", "high", rising=True)
    figure = draw_grid(grid, Canvas(PHONE))
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said.count("12") == 1 and "1  1" not in said
    assert said.count("41") == 11 and "" not in said  # a cell without a text is left empty
    assert grid_in_words(grid).endswith("11 41")


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
    figure = draw_sweep([Line("K-means", points)], MARKS, lambda value: f"{value:.3f}", str, Canvas(PHONE))
    figure.canvas.draw()

    said = [text for text in figure.axes[0].texts if text.get_text().startswith("chosen: k =")]
    assert len(said) == 1
    assert said[0].get_window_extent().x0 >= 0 and said[0].get_window_extent().x1 <= PHONE


def test_drawings_hold_their_texts_as_text(tmp_path: Path) -> None:
    drawn = draw(Picture("name", "title", "alt", bars), tmp_path)
    svg = base64.b64decode(drawn.wide.split(",")[1]).decode("utf-8")

    assert "$x_$ & <b>" in words(svg)
