"""How charts look: colours, type, and a canvas that is measured in CSS pixels.

At 72 dots per inch a point is a pixel, so sizes here are the page's own. Neutral colours are tokens: a
chart is drawn once, and a dark page gives each token another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

INK, MUTED, GRID, ACCENT, SOFT, SURFACE = "#1b2330", "#5a6575", "#e2e6ec", "#0f62ae", "#c3ccd8", "#ffffff"
WHITE = "#fffffe"  # stays white in the dark, as text on a strong colour
ACCEPTED, DUPLICATE, QUARANTINED = ACCENT, "#8fa3ba", "#c2571a"

SURE = ("#c2571a", "#8fa3ba", ACCENT)  # on the border, leaning, well inside

# Below, at and above the mean: blue to orange, which colour-blind readers tell apart.
RAMP = ("#2a6fb3", "#5b95c9", "#9cc2e0", "#d6e6f2", "#f1f3f5", "#fbe3cf", "#f6bd8e", "#e08a45", "#ad5407")
RAMP_DARK = (
    "#2b70b4",
    "#265a8c",
    "#1f4566",
    "#1c3145",
    "#232b36",
    "#40301f",
    "#664420",
    "#8f5a1f",
    "#ae5508",
)

DARK = {
    INK: "#e9edf3",
    MUTED: "#9aa6b5",
    GRID: "#2a323d",
    ACCENT: "#6cb2ff",
    SOFT: "#465264",
    SURFACE: "#12161c",
    **dict(zip(RAMP, RAMP_DARK, strict=True)),
}

# Each stands out from white and from near-black (a contrast of at least 3), and any two are told apart by
# colour-blind eyes: found by search, and held by a test.
NO_SALE = "#7d8794"
SEGMENTS = (
    "#2f74c0",
    "#d8742a",
    "#1b9a7d",
    "#d4255a",
    "#6749df",
    "#a25793",
    "#82682b",
    "#df49df",
    "#219cba",
    "#29a329",
)

HALF, FULL, PHONE = 464, 960, 358
SMALL, BODY, LARGE = 11.0, 12.0, 14.0


def segment_colour(segment: int) -> str:
    """The colour of a segment, the same in every chart and table."""
    return NO_SALE if segment < 1 else SEGMENTS[(segment - 1) % len(SEGMENTS)]


@dataclass(frozen=True)
class Canvas:
    """How wide a chart may be, in CSS pixels."""

    width: float

    @property
    def narrow(self) -> bool:
        """Whether panels stand below each other."""
        return self.width < 480

    def figure(self, height: float) -> Figure:
        """An empty figure of the canvas's width."""
        return Figure(figsize=(self.width / 72, height / 72), dpi=72)


def stage(figure: Figure) -> Axes:
    """Axes over the whole figure whose coordinates are pixels from the top left."""
    width, height = figure.get_size_inches() * 72
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def write(axes: Axes, left: float, top: float, lines: Sequence[str], step: float, **form: Any) -> None:
    """Lines of a text on a stage, each `step` pixels below the one before; the middle of the first is at `top`."""
    for at, line in enumerate(lines):
        axes.text(left, top + step * at, line, va="center", **form)


def plot_area(figure: Figure, left: float, top: float, right: float, bottom: float) -> Axes:
    """Axes with the given margins in pixels."""
    width, height = figure.get_size_inches() * 72
    return figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )


@cache
def style() -> matplotlib.RcParams:
    """The one style sheet."""
    with as_file(files("segmentation.reporting") / "templates" / "charts.mplstyle") as path:
        return matplotlib.rc_params_from_file(path, use_default_template=False)


@lru_cache(16_384)  # of a chart's forms all have much the same texts
def text_width(text: str, size: float, bold: bool = False) -> float:
    """How wide a text is in pixels, in the widest of the fonts that it may be shown in."""
    font = get_font(_font_file(bold))
    font.set_size(size, 72)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64


def axis_room(texts: Iterable[str], least: float) -> float:
    """How many pixels an axis needs beside it for its figures: at least `least`, and no figure is cut."""
    return max([least, *(text_width(text, SMALL) + 8 for text in texts)])


def fit(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` pixels."""
    if text_width(text, size, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrap(text: str, width: float, size: float, most: int, bold: bool = False) -> list[str]:
    """The text in at most `most` lines of `width` pixels, the last one cut where it must be.

    Lines end between words, and after a hyphen, a slash or an underscore within them.
    """
    lines = [""]
    for word in text.split():
        for at, part in enumerate(re.findall(r"[^-/–_]+[-/–_]*|[-/–_]+", word)):
            longer = f"{lines[-1]}{'' if at or not lines[-1] else ' '}{part}"
            if lines[-1] and text_width(longer, size, bold) > width and len(lines) < most:
                lines.append(part)
            else:
                lines[-1] = longer
    return [fit(line, width, size, bold) for line in lines]


def is_whole(lines: Sequence[str]) -> bool:
    """Whether nothing of a wrapped text was cut."""
    return not any(line.endswith("…") for line in lines)


@cache
def _font_file(bold: bool) -> str:
    return str(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
