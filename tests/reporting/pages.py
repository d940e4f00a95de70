"""Reading a page as a browser would, without one."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

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
