"""A chart as a picture of the page: drawn for a wide and a narrow page, in colours that follow light and dark."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from segmentation.reporting.theme import DARK, HALF, INK, MUTED, PHONE, SMALL, SURFACE, Canvas, style, wrap

FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
RASTER = 108  # dots per inch
MARGIN = 24 / 72  # inches around a PNG
KICKER, TITLE, SPACE = 11.0, 16.0, 12.0  # sizes of its texts, and pixels between these and the drawing
TAG = re.compile(r"<[^<>]+>")
STYLE = re.compile(r'style="[^"<>]*"')
TOKEN = re.compile("|".join(DARK), re.IGNORECASE)
NAMES = {colour: f"--c{at}" for at, colour in enumerate(DARK)}
THEME = "<style>:root{{{}}}@media (prefers-color-scheme: dark){{:root{{{}}}}}</style>".format(
    "".join(f"{name}:{colour};" for colour, name in NAMES.items()),
    "".join(f"{name}:{DARK[colour]};" for colour, name in NAMES.items()),
)


@dataclass(frozen=True)
class Picture:
    """A chart to be drawn: its name, its message, what it shows in words, and how it is drawn.

    The page sets kicker, title and note around the drawing itself; a PNG, which may stand on a slide alone, has them
    in it.
    """

    name: str
    title: str
    alt: str
    draw: Callable[[Canvas], Figure]
    kicker: str = ""
    note: str = ""
    width: float = HALF

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        with _styled():
            return _png(self.draw(Canvas(self.width)), self)


@dataclass(frozen=True)
class RenderedPicture:
    """A picture with its forms as data: URIs."""

    picture: Picture
    wide: str
    narrow: str
    size: tuple[int, int]
    narrow_size: tuple[int, int]


def draw(picture: Picture, folder: Path, origin: str = "") -> RenderedPicture:
    """Draw the picture for the page, and as a PNG on white into the folder."""
    with _styled():
        wide = picture.draw(Canvas(picture.width))
        light, size = _svg(wide), _size(wide)
        (folder / f"{picture.name}.png").write_bytes(_png(wide, picture, origin))
        narrow = picture.draw(Canvas(PHONE))
        narrow_light = _svg(narrow)
    return RenderedPicture(
        picture,
        size=size,
        wide=_uri(themed(light)),
        narrow_size=_size(narrow),
        narrow=_uri(themed(narrow_light)),
    )


def draw_all(pictures: Sequence[Picture], folder: Path, origins: Mapping[str, str] = {}) -> dict[str, RenderedPicture]:
    """Every picture by its name; PNGs of an earlier report make way.

    `origins` say, by the name of a picture, whose and of when it is: in the PNG, for who has no page around it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return {picture.name: draw(picture, folder, origins.get(picture.name, "")) for picture in pictures}


def themed(svg: str) -> str:
    """The drawing with its colours as names that a dark page gives other values; texts stay as they are.

    Printing takes the light ones: the names are looked up in the drawing itself, whenever it is painted.
    """

    def named(tag: re.Match[str]) -> str:
        return STYLE.sub(lambda found: TOKEN.sub(lambda token: f"var({NAMES[token[0].lower()]})", found[0]), tag[0])

    head, tag, rest = svg.partition("<defs>")
    return head + THEME + TAG.sub(named, tag + rest)


@contextmanager
def _styled() -> Iterator[None]:
    """The style sheet for one drawing, and no warning for letters that the drawing library's font lacks."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcParams.update(style())
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.set_dpi(RASTER)  # of the parts that are pictures; all else is drawn in pixels of the page
    FigureCanvasSVG(figure).print_svg(buffer, metadata=NO_METADATA)
    figure.set_dpi(72)
    return buffer.getvalue().replace("'DejaVu Sans'", FONTS)


def _png(figure: Figure, picture: Picture, origin: str = "") -> bytes:
    """The figure on white with a margin, in two dots per pixel, under its title and over its note: for slides and
    documents.

    In memory first: a library that writes pictures may go back in its file, which not every mount can.
    """
    buffer = io.BytesIO()
    width, height = figure.get_size_inches()
    head, foot = _frame(figure, picture, origin)
    FigureCanvasAgg(figure)
    frame = Bbox.from_extents(-MARGIN, -MARGIN - foot / 72, width + MARGIN, height + MARGIN + head / 72)
    figure.savefig(
        buffer,
        dpi=144,
        facecolor=SURFACE,
        bbox_inches=frame,
        metadata={"Software": None},
        pil_kwargs={"compress_level": 4},
    )
    return buffer.getvalue()


def _frame(figure: Figure, picture: Picture, origin: str) -> tuple[float, float]:
    """Write kicker, title, note and origin around the drawing; returns the pixels above and below that they take."""
    width, height = figure.get_size_inches() * 72
    above = [
        *((line, KICKER, 17.0, MUTED, "bold") for line in wrap(picture.kicker, width, KICKER, 2, bold=True) if line),
        *((line, TITLE, 23.0, INK, "bold") for line in wrap(picture.title, width, TITLE, 4, bold=True) if line),
    ]
    said = [line for text in (picture.note, origin) for line in wrap(text, width, SMALL, 8) if line]
    below = [(line, SMALL, 16.0, MUTED, "normal") for line in said]
    head = sum(high for _, _, high, _, _ in above) + (SPACE if above else 0)
    foot = sum(high for _, _, high, _, _ in below) + (SPACE if below else 0)
    for lines, top in ((above, -head), (below, height + SPACE)):
        for text, size, high, colour, weight in lines:
            place = (0, 1 - (top + high / 2) / height)
            figure.text(*place, text, size=size, color=colour, weight=weight, va="center", clip_on=False)
            top += high
    return head, foot


def _uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


def _size(figure: Figure) -> tuple[int, int]:
    width, height = figure.get_size_inches() * 72
    return round(width), round(height)
