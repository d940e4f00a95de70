"""The page in a real Chromium: nothing leaves, the console is silent, nothing sticks out, all can be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageColor

from segmentation.reporting.theme import ACCENT, DARK
from tests.unit.reporting.browser import Browser, find_chromium
from tests.unit.reporting.fixtures import make_report_data
from tests.unit.reporting.pages import sketch

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
LEFT = "node => node.getBoundingClientRect().left"
BOX_OF = "node => { const box = node.getBoundingClientRect(); return [box.left, box.right, box.height]; }"
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
    heights = browser.run(
        "[...document.querySelectorAll('details table')].map(one => one.getBoundingClientRect().height)"
    )
    browser.call("Emulation.setEmulatedMedia", media="")

    assert len(heights) == 3
    assert min(heights) > 100


def test_bars_of_one_side_begin_below_each_other_and_the_page_ends_with_a_margin(
    browser: Browser, english: Path
) -> None:
    for width in (390, 1280):
        browser.open(english, width)
        starts = browser.run(
            f"[...document.querySelectorAll('.splits')].map(one => [...one.querySelectorAll('svg')].map({LEFT}))"
        )
        assert len(starts) == 2
        assert all(len(side) == 2 and side[0] == side[1] for side in starts)
        assert browser.run("getComputedStyle(document.querySelector('footer')).paddingBottom") == "56px"


def test_verdicts_on_a_phone_are_seen_however_far_the_figures_are_moved(browser: Browser, english: Path) -> None:
    browser.open(english, 390)
    for moved in (0, 10_000):
        browser.run(f"document.querySelectorAll('.fits').forEach(one => one.parentElement.scrollLeft = {moved})")
        boxes = browser.run(f"[...document.querySelectorAll('.fits tr > :last-child')].map({BOX_OF})")
        assert len(boxes) > 10
        assert all(left >= 0 and right <= 390 for left, right, _ in boxes)
    heights = browser.run(f"[...document.querySelectorAll('.fits tbody tr')].map({BOX_OF})")
    assert max(height for _, _, height in heights) < 90


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (1280, 2)])
def test_beside_the_only_side_stands_what_to_do(browser: Browser, tmp_path: Path, width: int, columns: int) -> None:
    data = make_report_data()
    sketch(replace(data, entities={"buyers": data.entities["buyers"]}), tmp_path, "en")
    browser.open(tmp_path / "report.html", width)

    who, do, trust = browser.run(f"[...document.querySelectorAll('#summary .pair > div')].map({BOX_OF})")
    assert len({who[0], do[0], trust[0]}) == columns
    assert do[0] == trust[0]
    assert (who[1] < do[0]) == (columns == 2)


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
