"""How the number of segments was found: elbow, silhouette, the gates, and the features that went in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.charts.sweep import Line, Marks, Point, draw_sweep
from segmentation.reporting.data import EntityData, rows
from segmentation.reporting.sections import correlation
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

MEASURED = ("k", "silhouette", "chance", "separation", "smallest_share", "stability")  # columns of the table of fits
REMARKS = 10  # on pairs of features that are alike
ALIKE = 0.8  # correlation from which on two features say nearly the same


@dataclass(frozen=True)
class FitLine:
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


def fits_table(data: EntityData, voice: Voice) -> list[FitLine]:
    """Every fit with its measures and what the gates said of it."""
    labels = voice.labels
    return [
        FitLine(
            bool(row["chosen"]),
            bool(row["admitted"]),
            (
                labels.method(row["method"]),
                *(_measured(row, column, voice) for column in MEASURED),
                _came_back(row, data, voice),
                _judgement(row, data, voice),
            ),
        )
        for row in sorted(rows(data.sweep), key=lambda row: (row["method"], row["k"]))
    ]


def came_back(data: EntityData, voice: Voice) -> str:
    """What coming back from other data means; "" where it was not counted."""
    if all(row.get("stable_resamples") is None for row in rows(data.sweep)):
        return ""
    note = voice.translate(
        "stable.note", all=voice.figures.count(data.resamples), least=voice.figures.percent(data.steady)
    )
    return f"{note} {voice.translate('stable.least')}"


def chosen(data: EntityData) -> Row | None:
    """The fit that became the segments, if one did."""
    return next((row for row in rows(data.sweep) if row["chosen"]), None)


def used(data: EntityData, voice: Voice) -> list[str]:
    """Features that were used, with the weight of those that count for less than others."""
    names, labels = data.used, [voice.labels.feature(name) for name in data.used]
    weights = data.weights or (1.0,) * len(names)
    return [
        label if weight >= 1 else voice.translate("search.weighed", name=label, weight=voice.figures.count(weight, 2))
        for label, weight in zip(labels, weights, strict=True)
    ]


def left_out(data: EntityData, voice: Voice) -> list[tuple[str, str]]:
    """Features that were asked for and not used, with the reason."""
    return [(voice.labels.feature(name), voice.why_not(reason)) for name, reason in data.left_out.items()]


def remarks(data: EntityData, voice: Voice) -> list[str]:
    """Features that say nearly the same, and values that were not known."""
    alike = [couple for couple in correlation.couples(data) if abs(couple.value) >= ALIKE and not couple.of_one_text]
    found = [
        voice.translate(
            "search.alike" if couple.value > 0 else "search.opposite",
            one=voice.labels.feature(couple.one),
            other=voice.labels.feature(couple.other),
            value=voice.figures.count(couple.value, 2),
        )
        for couple in alike[:REMARKS]
    ]
    for name, share in data.imputed.items():
        found.append(
            voice.translate("search.imputed", name=voice.labels.feature(name), share=voice.figures.share(share))
        )
    return found


def _measured(row: Row, column: str, voice: Voice) -> str:
    share = number(row.get(column))
    if column == "smallest_share" and share is not None and share < 0.1:
        return voice.figures.rate(share)  # the floor is 1 %: 0.97 % must not read as that
    return "–" if row.get(column) is None else voice.figures.cell(column, row[column])


def _came_back(row: Row, data: EntityData, voice: Voice) -> str:
    """From how many resamples every segment came back."""
    if row.get("stable_resamples") is None:
        return "–"
    times, all = (voice.figures.count(count) for count in (row["stable_resamples"], data.resamples))
    return voice.translate("stable.of", times=times, all=all)


def _judgement(row: Row, data: EntityData, voice: Voice) -> str:
    if row["chosen"] and row["reason"] and data.verdict == "tiers":
        return voice.translate("search.chosen_as_tiers", reason=voice.why_not(str(row["reason"])))
    if row["chosen"]:
        said = voice.translate("search.chosen")
        return said if not row["reason"] else f"{said} ({voice.why_not(str(row['reason']))})"
    if row["admitted"]:
        return voice.translate("search.admitted")
    return voice.why_not(str(row["reason"])) if row["reason"] else voice.translate("search.refused")


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
    tick = voice.figures.tick if measure == "wssse" else _two_places(voice)
    form = partial(_exactly, measure, voice)
    translate = voice.translate
    marks = Marks(
        translate("search.k"), translate("search.chosen"), translate("search.chance"), translate("search.not_admitted")
    )
    best = next((point for line in lines for point in line.points if point.chosen), None)
    title = translate(f"search.{measure}")
    if best is not None and measure == "silhouette":
        title = translate("search.silhouette_title", k=best.k, value=form(best.value))
        if best.chance is not None:
            title = translate("search.silhouette_chance", k=best.k, value=form(best.value), chance=form(best.chance))
    alt = "; ".join(
        f"{line.name}: " + ", ".join(f"k={point.k} {form(point.value)}" for point in line.points) for line in lines
    )
    return Picture(
        f"{entity}_{'elbow' if measure == 'wssse' else measure}",
        title,
        f"{translate(f'search.{measure}')}. {alt}",
        partial(draw_sweep, lines, marks, form, tick),
        kicker=translate(f"search.{measure}_kicker"),
        note=translate(f"search.{measure}_note"),
    )


def _chance(row: Row, measure: str) -> float | None:
    return number(row["chance"]) if measure == "silhouette" else None


def _exactly(measure: str, voice: Voice, value: float) -> str:
    return voice.figures.short(value) if measure == "wssse" else voice.figures.cell(measure, value)


def _two_places(voice: Voice) -> Callable[[float], str]:
    return lambda value: voice.figures.count(value, 2)
