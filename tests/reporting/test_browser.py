"""The page in a real Chromium: nothing leaves, the console is silent, nothing sticks out, all can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reporting.browser import Browser, find_chromium

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
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
PICTURES = "[...document.images].filter(image => !image.alt || !image.naturalWidth).length"
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None
    with Browser(CHROMIUM) as one:
        yield one


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("variant", ["english", "indonesian", "hostile"])
def test_page(browser: Browser, variant: str, width: int, dark: bool, request: pytest.FixtureRequest) -> None:
    page: Path = request.getfixturevalue(variant)

    browser.open(page, width, dark)

    assert [url for url in _requests(browser.events) if not url.startswith("data:")] == [page.resolve().as_uri()]
    assert _complaints(browser.events) == []
    assert browser.run(WIDTHS) == [width, width]
    assert browser.run(STICKING_OUT) == []
    assert browser.run(PICTURES) == 0
    assert browser.run(CONTRAST) == []


def test_phone_and_dark_have_drawings_of_their_own(browser: Browser, english: Path) -> None:
    shown = "document.querySelector('#chart-overview_province img').currentSrc"
    seen = set()
    for width, dark in ((390, False), (390, True), (1280, False), (1280, True)):
        browser.open(english, width, dark)
        seen.add(browser.run(shown))

    assert len(seen) == 4


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
