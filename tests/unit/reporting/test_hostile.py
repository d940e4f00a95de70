"""Hostile names go through the page and its charts unharmed."""

from __future__ import annotations

from pathlib import Path

from tests.unit.reporting.pages import Page, words
from tests.unit.reporting.published import HOSTILE

OURS = """
    html head meta title link style body a header div p nav main section h1 h2 h3 h4 dl dt dd small ul ol li bdi b
    span svg rect figure figcaption picture source img article table thead tbody tr th td footer details summary
    data small
"""
SHOWN = {
    "script": "<script>alert(1)</script>",
    "formula": "=cmd|' /C calc'!A0",
    "mathtext": "$x_$ and $y^{",
    "quotes": "\"double\" 'single' <b>& \\",
    "right_to_left": "متجر الجملة abc",
    "newline": "two lines and[31m control",
    "braces": "{0} {segment} {{ 7*7 }} %s",
}


def test_names_are_shown_as_they_are(hostile: Path) -> None:
    page = Page(hostile)
    drawn = {word for svg in page.drawings for word in words(svg)}

    for kind, name in SHOWN.items():
        assert name in page.text or name in drawn, kind
        assert name in drawn, kind


def test_endless_names_are_cut(hostile: Path) -> None:
    page = Page(hostile)

    assert len(HOSTILE["long"]) > 9_000
    assert "ten kilobytes ten kilobytes" in page.text
    assert page.text.count("ten kilobytes") < 400
    assert all(len(word) < 200 for svg in page.drawings for word in words(svg))
    assert all(len(image["alt"]) < 5_000 for image in page.all("img"))


def test_no_name_becomes_markup(hostile: Path) -> None:
    page = Page(hostile)

    assert page.all("script") == []
    assert "\u202e" not in page.source
    assert "\x1b" not in page.source
    assert {tag for tag, _ in page.elements} <= set(OURS.split())


def test_file_names_of_charts_are_plain(hostile: Path) -> None:
    for chart in (hostile.parent / "charts").iterdir():
        assert chart.stem.replace("_", "").isalnum()
