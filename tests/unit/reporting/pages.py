"""Reading a page as a browser would, without one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segmentation.i18n.text import Lang
from segmentation.reporting import write_report
from segmentation.reporting.charts.picture import Picture, RenderedPicture, draw_all
from segmentation.reporting.data import ReportData

EMPTY = ("meta", "link", "img", "source", "rect", "br", "input")


class Page(HTMLParser):
    """The text of a page, and its elements with their attributes."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(self.source)

    @property
    def text(self) -> str:
        """All that is said, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def drawings(self) -> list[str]:
        """Every SVG that is built in."""
        uris = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", self.source)
        return [base64.b64decode(uri).decode("utf-8") for uri in uris]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in EMPTY:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self._inside.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] not in ("style", "script"):
            self.texts.append(data)


def words(svg: str) -> list[str]:
    """The texts of a drawing; one that is no XML raises."""
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@contextmanager
def sketched(*drawn: str) -> Iterator[None]:
    """For a block, pages have only those pictures whose names begin so, and in place of any other the first of these.

    A page takes seconds to draw, and most tests read what stands around the pictures.
    """

    def draw_some(
        pictures: Sequence[Picture], folder: Path, origins: Mapping[str, str] = {}
    ) -> dict[str, RenderedPicture]:
        some = [picture for picture in pictures if picture.name.startswith(drawn or "overview_month")] or pictures[:1]
        found = draw_all(some, folder, origins)
        return {each.name: found.get(each.name) or replace(found[some[0].name], picture=each) for each in pictures}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segmentation.reporting.page.draw_all", draw_some)
        yield


def sketch(data: ReportData, folder: Path, lang: Lang, *drawn: str) -> Page:
    """The page of the data with some of its pictures."""
    with sketched(*drawn):
        return Page(Path(write_report(data, str(folder), lang)))
