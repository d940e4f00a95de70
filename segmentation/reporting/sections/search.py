"""How the number of segments was found: elbow, silhouette, the gates, and the features that went in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.charts.sweep import Line, Marks, Point, draw_sweep
from segmentation.reporting.data import EntityData, Row, rows
from segmentation.reporting.numbers import number
from segmentation.reporting.sections import correlation
from segmentation.reporting.voice import Voice

ALIKE = 0.8  # correlation from which on two features say nearly the same


@dataclass(frozen=True)
class Fit:
    """One line of the table of all fits."""

    chosen: bool
    admitted: bool
    cells: Sequence[str]


def pictures(entity: str, data: EntityData, voice: Voice) -> list[Picture]:
    """Elbow, silhouette by k, correlation matrix: those there are data for."""
    fits = sorted(rows(data.sweep), key=lambda row: (row["method"], row["k"]))
    found = [
        _sweep_picture(entity, "wssse", fits, voice),
        _sweep_picture(entity, "silhouette", fits, voice),
        correlation.picture(entity, data, voice),
    ]
    return [picture for picture in found if picture]


def fits_table(data: EntityData, voice: Voice) -> list[Fit]:
    """Every fit with its measures and what the gates said of it."""
    figures, labels = voice.figures, voice.labels
    return [
        Fit(
            bool(row["chosen"]), bool(row["admitted"]),
            (
                labels.method(row["method"]), figures.count(row["k"]),
                _measured(figures.score(row["silhouette"]), row["silhouette"]),
                _measured(figures.score(row["chance"]), row["chance"]),
                _measured(figures.share(row["smallest_share"]), row["smallest_share"]),
                _measured(figures.score(row["stability"]), row["stability"]), _judgement(row, voice),
            ),
        )
        for row in sorted(rows(data.sweep), key=lambda row: (row["method"], row["k"]))
    ]  # fmt: skip


def chosen(data: EntityData) -> Row | None:
    """The fit that became the segments, if one did."""
    return next((row for row in rows(data.sweep) if row["chosen"]), None)


def left_out(data: EntityData, voice: Voice) -> list[tuple[str, str]]:
    """Features that were asked for and not used, with the reason."""
    return [(voice.labels.feature(name), voice.labels.reason(reason)) for name, reason in data.left_out.items()]


def remarks(data: EntityData, voice: Voice) -> list[str]:
    """Features that say nearly the same, and values that were not known."""
    found = []
    if data.correlation is not None:
        names = [str(name) for name in data.correlation.columns]
        for at, other in combinations(range(len(names)), 2):
            value = number(data.correlation.iat[at, other])
            of_one_text = " = " in names[at] and names[at].split(" = ")[0] == names[other].split(" = ")[0]
            if value is not None and abs(value) >= ALIKE and not of_one_text:
                found.append(
                    voice.say(
                        "search.alike", one=voice.labels.feature(names[at]), other=voice.labels.feature(names[other]),
                        value=voice.figures.count(value, 2),
                    )
                )  # fmt: skip
    for name, share in data.imputed.items():
        found.append(voice.say("search.imputed", name=voice.labels.feature(name), share=voice.figures.share(share)))
    return found


def _measured(text: str, value: object) -> str:
    return "–" if value is None else text


def _judgement(row: Row, voice: Voice) -> str:
    if row["chosen"]:
        said = voice.say("search.chosen")
        return said if not row["reason"] else f"{said} ({voice.labels.reason(str(row['reason']))})"
    if row["admitted"]:
        return voice.say("search.admitted")
    return voice.labels.reason(str(row["reason"])) if row["reason"] else voice.say("search.refused")


def _sweep_picture(entity: str, measure: str, fits: Sequence[Row], voice: Voice) -> Picture | None:
    """One measure by k, a line per method."""
    lines = []
    for method in dict.fromkeys(str(row["method"]) for row in fits):
        points = [
            Point(int(row["k"]), value, bool(row["admitted"]), bool(row["chosen"]), _chance(row, measure))
            for row in fits
            if row["method"] == method and (value := number(row[measure])) is not None
        ]
        if points:
            lines.append(Line(voice.labels.method(method), points))
    if not lines:
        return None
    form = voice.figures.tick if measure == "wssse" else _two_places(voice)
    say = voice.say
    marks = Marks(say("search.k"), say("search.chosen"), say("search.chance"), say("search.refused"))
    best = next((point for line in lines for point in line.points if point.chosen), None)
    title = say(f"search.{measure}")
    if best is not None and measure == "silhouette":
        title = say("search.silhouette_title", k=best.k, value=voice.figures.score(best.value))
    alt = "; ".join(
        f"{line.name}: " + ", ".join(f"k={point.k} {_exactly(measure, point.value, voice)}" for point in line.points)
        for line in lines
    )
    return Picture(
        f"{entity}_{'elbow' if measure == 'wssse' else measure}", title, f"{say(f'search.{measure}')}. {alt}",
        partial(draw_sweep, lines, marks, form),
        kicker=say(f"search.{measure}_kicker"), note=say(f"search.{measure}_note"),
    )  # fmt: skip


def _chance(row: Row, measure: str) -> float | None:
    return number(row["chance"]) if measure == "silhouette" else None


def _exactly(measure: str, value: float, voice: Voice) -> str:
    return voice.figures.short(value) if measure == "wssse" else voice.figures.score(value)


def _two_places(voice: Voice) -> Callable[[float], str]:
    return lambda value: voice.figures.count(value, 2)
