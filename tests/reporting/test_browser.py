"""The page in a real Chromium: nothing leaves, the console is silent, nothing sticks out, all can be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageColor

from segmentation.reporting.theme import ACCENT, DARK
from tests.reporting.browser import Browser, find_chromium

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None and "NEED_CHROMIUM" not in os.environ,
        reason="no Chromium on this machine: apt-get install chromium",
    ),
]

# Every text against the background that it stands on, by the rules of WCAG.
CONTRAST = """(() => {
  const rgb = text => text.match(/[0-9.]+/g).map(Number);
  const part = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), node = walker.currentNode.parentElement;
    if (!text || !node.getClientRects().length) continue;
    const lights = [rgb(getComputedStyle(node).color), ground(node)].map(light).sort((a, b) => b - a);
    const ratio = (lights[0] + 0.05) / (lights[1] + 0.05);
    if (ratio < 4.5) poor.push([text.slice(0, 40), ratio.toFixed(2)]);
  }
  return poor;
})()"""
STICKING_OUT = """[...document.querySelectorAll('body *')].filter(node => {
  const box = node.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && !node.closest('.scroll, nav, .skip');
}).map(node => node.tagName + '.' + node.className).slice(0, 5)"""
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
PICTURES = "[...document.images].filter(image => !image.alt || !image.naturalWidth).length"
BOX = """(() => {
  const box = document.querySelector('#chart-overview_month img').getBoundingClientRect();
  return [box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY];
})()"""
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "NEED_CHROMIUM is set, and there is no Chromium"
    with Browser(CHROMIUM) as one:
        yield one


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("variant", ["english", "indonesian", "hostile"])
def test_page(browser: Browser, variant: str, width: int, dark: bool, request: pytest.FixtureRequest) -> None:
    page: Path = request.getfixturevalue(variant)

    browser.open(page, width, dark)
    browser.run(UNFOLD)

    assert [url for url in _requests(browser.events) if not url.startswith("data:")] == [page.resolve().as_uri()]
    assert _complaints(browser.events) == []
    assert browser.run(WIDTHS) == [width, width]
    assert browser.run(STICKING_OUT) == []
    assert browser.run(PICTURES) == 0
    assert browser.run(CONTRAST) == []


def test_a_phone_has_drawings_of_its_own(browser: Browser, english: Path) -> None:
    seen = set()
    for width in (390, 1280):
        browser.open(english, width)
        seen.add(browser.run("document.querySelector('#chart-overview_province img').currentSrc"))

    assert len(seen) == 2


def test_drawings_are_dark_on_a_dark_page(browser: Browser, english: Path, tmp_path: Path) -> None:
    inks = []
    for dark in (False, True):
        browser.open(english, 1280, dark)
        browser.run("document.querySelector('#chart-overview_month').scrollIntoView()")
        browser.shoot(tmp_path / "page.png")
        box = browser.run(BOX)
        picture = Image.open(tmp_path / "page.png").convert("RGB").crop(tuple(round(side) for side in box))
        inks.append({colour for _, colour in picture.getcolors(1 << 24)})

    light, dark = ({ImageColor.getrgb(colour) for colour in (ACCENT, DARK[ACCENT])} & ink for ink in inks)
    assert light == {ImageColor.getrgb(ACCENT)}
    assert dark == {ImageColor.getrgb(DARK[ACCENT])}


def test_what_is_folded_is_printed(browser: Browser, english: Path) -> None:
    browser.open(english, 1280)
    browser.call("Emulation.setEmulatedMedia", media="print")
    heights = browser.run("[...document.querySelectorAll('details table')].map(one => one.getBoundingClientRect().height)")
    browser.call("Emulation.setEmulatedMedia", media="")

    assert len(heights) == 3
    assert min(heights) > 100


def _requests(events: list[dict[str, Any]]) -> list[str]:
    return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


def _complaints(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    loud = (
        "Log.entryAdded",
        "Runtime.consoleAPICalled",
        "Runtime.exceptionThrown",
        "Page.javascriptDialogOpening",
    )
    return [event for event in events if event["method"] in loud]
