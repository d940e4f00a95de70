"""Whether segments were searched for anew or kept, why, and how far their figures are from those of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segmentation.reporting.data import EntityData, ReportData
from segmentation.reporting.voice import Voice

JUDGED = ("feature", "segments", "unsure", "silhouette")  # a single segment's part is told in the table of runs


@dataclass(frozen=True)
class DriftLine:
    """One figure: against the model's own data, against the same season, its limit, and what that makes of it."""

    figure: str
    value: str
    season: str
    limit: str
    level: str


@dataclass(frozen=True)
class Refit:
    """What the page says of one side; due is "" unless a new search is."""

    key: str
    sentence: str
    due: str
    lines: Sequence[DriftLine]


def refits(data: ReportData, voice: Voice) -> list[Refit]:
    """Of each side of which the run tells."""
    return [_refit(name, entity, voice) for name, entity in data.entities.items() if entity.refit]


def tongues(data: ReportData, voice: Voice) -> list[str]:
    """Of each side that the page tells in another language than the tables do, in which."""
    sides = data.entities.items()
    return [voice.translate.told_in(name, voice.lang, one.told_in) for name, one in sides if one.told_in]


def _refit(name: str, entity: EntityData, voice: Voice) -> Refit:
    told = entity.refit
    figures = [figure for figure in told["figures"] if figure["kind"] in JUDGED]
    values = {"run": voice.labels.value(told["fitted_by"] or ""), **_named(told, figures, voice)}
    done = voice.translate.side(name, "refit.anew" if told["refit"] else "refit.kept", **values)
    is_due = bool(told["due"]) and not told["refit"]
    return Refit(
        name,
        f"{done}: {voice.translate.side(name, 'refit.reasons.' + told['reason'], **values)}",
        voice.translate.side(name, "refit.due") if is_due else "",
        [_line(figure, voice) for figure in figures],
    )


def _named(told: Mapping[str, Any], figures: Sequence[Mapping[str, Any]], voice: Voice) -> dict[str, str]:
    """What the reason names, in the language of the page."""
    named = {key: voice.labels.value(value) for key, value in told["named"].items()}
    if told["reason"] == "lang":
        named = {key: voice.translate.language(code) for key, code in told["named"].items()}
    if "feature" in named:
        named["feature"] = voice.labels.feature(told["named"]["feature"])
    if "what" in named:
        named["what"] = "; ".join(_name(figure, voice) for figure in figures if figure["level"] == "drifted")
    return named


def _name(figure: Mapping[str, Any], voice: Voice) -> str:
    name = voice.labels.feature(figure["of"]) if figure["of"] else ""
    return voice.translate(f"refit.kinds.{figure['kind']}", name=name)


def _line(figure: Mapping[str, Any], voice: Voice) -> DriftLine:
    score = voice.figures.score
    season = voice.translate("refit.unasked") if figure["in_season"] is None else score(figure["in_season"])
    level = voice.translate(f"refit.levels.{figure['level']}")
    return DriftLine(_name(figure, voice), score(figure["value"]), season, score(figure["limit"]), level)
