"""Which features go together: correlations of the coordinates that were clustered, as a matrix or as a list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.heat import Cell, Grid, draw_grid
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData
from segmentation.reporting.theme import FULL
from segmentation.reporting.voice import Voice

MOST = 15  # features: the cells of a larger matrix cannot be read
STRONGEST = 15  # pairs, of more features


@dataclass(frozen=True)
class Couple:
    """Two coordinates and their correlation."""

    one: str
    other: str
    value: float

    @property
    def of_one_text(self) -> bool:
        """Whether both stand for values of one text, of which an entity has but one."""
        return " = " in self.one and self.one.split(" = ")[0] == self.other.split(" = ")[0]


@dataclass(frozen=True)
class Pairs:
    """The strongest relations, where there are too many features for a matrix."""

    title: str
    lines: list[tuple[str, str, str]]
    note: str


def couples(data: EntityData) -> list[Couple]:
    """Every pair whose correlation is known, the strongest first."""
    if data.correlation is None:
        return []
    names = [str(name) for name in data.correlation.columns]
    values = data.correlation.to_numpy(dtype=object)
    found = [
        Couple(names[at], names[other], value)
        for at, other in combinations(range(len(names)), 2)
        if (value := number(values[at][other])) is not None
    ]
    return sorted(found, key=lambda couple: (-abs(couple.value), couple.one, couple.other))


def picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """The matrix as a heat map; None where it is not known, or where it is too large to be read."""
    if data.correlation is None or not 2 <= len(data.correlation) <= MOST or data.correlation.isna().all(axis=None):
        return None
    labels = [voice.labels.feature(str(name)) for name in data.correlation.columns]
    values = [[number(value) for value in line] for line in data.correlation.to_numpy(dtype=object)]
    cells = [
        [Cell(None, "–") if value is None else Cell(round(value * 4), voice.figures.count(value, 2)) for value in line]
        for line in values
    ]
    grid = Grid(labels, labels, cells, voice.translate("search.minus_one"), voice.translate("search.plus_one"))
    told = [_line(couple, voice) for couple in couples(data)]
    title = alt = voice.translate("search.correlation")
    if told:
        title = next((_title(_line(one, voice), voice) for one in couples(data) if not one.of_one_text), title)
        alt = "; ".join(f"{one} × {other} {value}" for one, other, value in told)
    scales = voice.translate("search.correlation_scales")
    return Picture(
        f"{entity}_correlation",
        title,
        f"{alt}. {scales}",
        partial(draw_grid, grid),
        kicker=voice.translate("search.correlation"),
        note=f"{voice.translate('search.correlation_note')} {scales}",
        width=FULL,
    )


def pairs(data: EntityData, voice: Voice) -> Pairs | None:
    """The strongest pairs as a list, where there are more features than a matrix can show.

    Values of one text are no pairs: that who has one has not the other says nothing.
    """
    if data.correlation is None or len(data.correlation) <= MOST:
        return None
    found = [couple for couple in couples(data) if not couple.of_one_text]
    if not found:
        return None
    told = [_line(couple, voice) for couple in found[:STRONGEST]]
    count, all = (voice.figures.count(many) for many in (len(told), len(found)))
    return Pairs(_title(told[0], voice), told, voice.translate("pairs.note", count=count, all=all))


def _line(couple: Couple, voice: Voice) -> tuple[str, str, str]:
    one, other = (voice.labels.feature(name) for name in (couple.one, couple.other))
    return one, other, voice.figures.count(couple.value, 2)


def _title(line: tuple[str, str, str], voice: Voice) -> str:
    one, other, value = line
    return voice.translate("search.correlation_title", one=one, other=other, value=value)
