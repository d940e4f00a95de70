"""Colours that can be seen and told apart, on paper and in the dark."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files

import pytest

from segmentation.reporting.theme import (
    ACCENT,
    DARK,
    INK,
    MUTED,
    NO_SALE,
    RAMP,
    SEGMENTS,
    SURFACE,
    WHITE,
    fit,
    segment_colour,
    text_width,
    wrap,
)

# Machado, Oliveira and Fernandes (2009), severity 1: what a colour-blind eye makes of linear RGB.
BLIND = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
}


def linear(colour: str) -> tuple[float, ...]:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def contrast(one: str, other: str) -> float:
    lights = sorted(sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, ...]:
    r, g, b = (min(max(part, 0.0), 1.0) for part in rgb)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )  # fmt: skip
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, eye: str) -> tuple[float, ...]:
    rgb = linear(colour)
    return lab(tuple(sum(w * p for w, p in zip(line, rgb, strict=True)) for line in BLIND[eye]))


@pytest.mark.parametrize("colour", [*SEGMENTS, NO_SALE, ACCENT])
def test_marks_stand_out_from_light_and_dark_pages(colour: str) -> None:
    assert contrast(colour, SURFACE) >= 3
    assert contrast(DARK.get(colour, colour), DARK[SURFACE]) >= 3


def test_texts_stand_out() -> None:
    for text in (INK, MUTED):
        assert contrast(text, SURFACE) >= 4.5
        assert contrast(DARK[text], DARK[SURFACE]) >= 4.5


@pytest.mark.parametrize("step", range(len(RAMP)))
def test_figures_in_a_heat_map_can_be_read(step: int) -> None:
    text = WHITE if step in (0, len(RAMP) - 1) else INK

    assert contrast(RAMP[step], text) >= 4.5
    assert contrast(DARK[RAMP[step]], DARK.get(text, text)) >= 4.5


@pytest.mark.parametrize("eye", BLIND)
def test_segments_are_told_apart_by_colour_blind_eyes(eye: str) -> None:
    for one, other in itertools.combinations(SEGMENTS, 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5
        assert distance > 12, (one, other, distance)


def test_a_segment_has_one_colour_everywhere() -> None:
    assert segment_colour(0) == NO_SALE
    assert [segment_colour(at) for at in (1, 2, 11)] == [SEGMENTS[0], SEGMENTS[1], SEGMENTS[0]]


def test_the_page_has_the_charts_colours() -> None:
    css = (files("segmentation.reporting") / "templates" / "style.css").read_text(encoding="utf-8")
    light, dark = re.findall(
        r"--ink: (#\w+); --muted: (#\w+); --line: (#\w+); --accent: (#\w+); --surface: (#\w+)", css
    )

    assert light[0::4] == (INK, SURFACE)
    assert tuple(DARK[colour] for colour in light) == dark


def test_fit_cuts_to_the_width() -> None:
    cut = fit("a very long name of a segment", 80, 12)

    assert cut.endswith("…")
    assert text_width(cut, 12) <= 80
    assert fit("short", 80, 12) == "short"


def test_wrap_cuts_the_last_line() -> None:
    assert wrap("Average order value", 60, 11, 3) == ["Average", "order value"] or len(wrap("a b", 60, 11, 3)) == 1
    lines = wrap("one two three four five six seven eight", 50, 11, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
