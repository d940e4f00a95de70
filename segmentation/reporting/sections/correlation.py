"""Which features go together: the correlation matrix of the coordinates that were clustered."""

from __future__ import annotations

from functools import partial

from segmentation.reporting.charts.heat import Cell, Grid, draw_grid
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData
from segmentation.reporting.numbers import number
from segmentation.reporting.theme import FULL
from segmentation.reporting.voice import Voice


def picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """The matrix as a heat map; None where it is not known."""
    if data.correlation is None or len(data.correlation) < 2 or data.correlation.isna().all(axis=None):
        return None
    names = [str(name) for name in data.correlation.columns]
    labels = [voice.labels.feature(name) for name in names]
    values = [[number(value) for value in line] for line in data.correlation.to_numpy(dtype=object)]
    cells = [
        [Cell(None, "–") if value is None else Cell(round(value * 4), voice.figures.count(value, 2)) for value in line]
        for line in values
    ]
    grid = Grid(labels, labels, cells, voice.say("search.minus_one"), voice.say("search.plus_one"))
    couples = [
        (abs(value), labels[down], labels[across], value)
        for down, line in enumerate(values)
        for across, value in enumerate(line)
        if across < down and value is not None
    ]
    title = alt = voice.say("search.correlation")
    if couples:
        _, one, other, value = max(couples)
        title = voice.say("search.correlation_title", one=one, other=other, value=voice.figures.count(value, 2))
        alt = "; ".join(f"{one} × {other} {voice.figures.count(value, 2)}" for _, one, other, value in couples)
    return Picture(
        f"{entity}_correlation", title, alt, partial(draw_grid, grid),
        kicker=voice.say("search.correlation"), note=voice.say("search.correlation_note"), width=FULL,
    )  # fmt: skip
