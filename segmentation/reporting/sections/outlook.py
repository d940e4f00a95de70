"""What comes next: steps by horizon and what to track, as the config says, with today's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segmentation.i18n.numbers import number
from segmentation.reporting.data import EntityData, ReportData, rows
from segmentation.reporting.sections.overview import totals
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row
from segmentation.story.levels import overall_mean


@dataclass(frozen=True)
class Steps:
    """One horizon."""

    name: str
    steps: Sequence[str]


@dataclass(frozen=True)
class Tracked:
    """Something to track, and its figure today; "" where the tables hold none."""

    name: str
    today: str


def next_steps(data: ReportData, voice: Voice) -> list[Steps]:
    """The horizons in their order."""
    lang = voice.lang
    return [
        Steps(horizon.name.into(lang), [step.into(lang) for step in horizon.steps])
        for horizon in data.business.next_steps
    ]


def metrics(data: ReportData, dimensions: Mapping[str, list[Row]], voice: Voice) -> list[Tracked]:
    """What to track."""
    total = totals(dict(dimensions))
    return [
        Tracked(metric.name.into(voice.lang), _today(metric.measure, total, data, voice))
        for metric in data.business.metrics
    ]


def repeat_rate(data: EntityData | None) -> float | None:
    """The share of all with a sale who came back; None where it is unknown."""
    known = [
        (value, size)
        for row in rows(data.profiles if data else None)
        if row["segment"] and (value := number(row.get("repeat_rate"))) is not None and (size := number(row["size"]))
    ]
    whole = sum(size for _, size in known)
    return sum(value * size for value, size in known) / whole if whole else None


def mean_of(data: EntityData | None, feature: str) -> float | None:
    """The mean of a feature over all with a sale of whom it is known; None where it is unknown."""
    return overall_mean([row for row in rows(data.profiles if data else None) if row["segment"]], feature)


def _today(measure: str | None, total: Row, data: ReportData, voice: Voice) -> str:
    buyers, figures = data.entities.get("buyers"), voice.figures
    if measure in ("repeat_rate", "completion_rate"):
        rate = repeat_rate(buyers) if measure == "repeat_rate" else mean_of(buyers, measure)
        return "" if rate is None else figures.share(rate)
    if measure == "arpu":
        gmv, count = number(total.get("gmv")), number(total.get("buyers"))
        return figures.money(gmv / count) if gmv is not None and count else ""
    value = total.get(measure or "")
    if number(value) is None:
        return ""
    return figures.cell(measure or "", value)
