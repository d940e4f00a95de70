"""Do segments say what comes in the next quarter? What stands beside simpler ways, told by intervals alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from segmentation.i18n.numbers import number
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

MEASURES = {"gmv": "r2", "activity": "auc", "returns": "auc"}  # by target; others are in the table alone
SIMPLER = ("rfm", "last_gmv")
MORE, LESS, ALIKE = "more", "less", "alike"


@dataclass(frozen=True)
class Prediction:
    """What the page says of it: an answer, a sentence for each target, how it was found, a table of all quarters."""

    title: str
    answer: str
    sentences: Sequence[str]
    how: str
    columns: Sequence[str]
    lines: Sequence[tuple[str, Sequence[str]]]


def verdict(row: Row) -> str:
    """Whether segments say more or less than the row's predictor: by the interval of their lead.

    >>> verdict({"lead_low": -0.2, "lead_high": -0.1}), verdict({"lead_low": -0.2, "lead_high": 0.1})
    ('less', 'alike')
    """
    if (number(row["lead_low"]) or 0.0) > 0:
        return MORE
    return LESS if (number(row["lead_high"]) or 0.0) < 0 else ALIKE


def prediction(name: str, found: Sequence[Row], voice: Voice) -> Prediction | None:
    """Rows of the table prediction, in words of the last quarter judged; None where there are none."""
    judged: dict[tuple[date, str], dict[str, Row]] = {}
    for row in found:
        if MEASURES.get(str(row["target"])) == row["measure"]:
            judged.setdefault((row["as_of"], str(row["target"])), {})[str(row["predictor"])] = row
    if not judged:
        return None
    last = max(as_of for as_of, _ in judged)
    latest = {target: judged[last, target] for target in MEASURES if (last, target) in judged}
    verdicts = [verdict(rows[simpler]) for rows in latest.values() for simpler in SIMPLER]
    row = next(iter(latest.values()))["segments"]
    return Prediction(
        voice.translate.side(name, "past.predicted"),
        _answer(verdicts, voice),
        [_sentence(target, rows, voice) for target, rows in latest.items()],
        voice.translate(
            "past.prediction.how",
            first=_quarter(row["fitted_on"], voice),
            second=_quarter(last, voice),
            count=voice.figures.count(row["entities"]),
        ),
        list(voice.translate.section("past.prediction.columns").values()),
        [
            _line(as_of, target, judged[as_of, target], voice)
            for as_of in sorted({as_of for as_of, _ in judged}, reverse=True)
            for target in MEASURES
            if (as_of, target) in judged
        ],
    )


def _answer(verdicts: Sequence[str], voice: Voice) -> str:
    counts = {kind: verdicts.count(kind) for kind in (MORE, LESS, ALIKE)}
    key = "yes" if counts[MORE] == len(verdicts) else "no" if not counts[MORE] else "partly"
    told = {kind: voice.figures.count(count) for kind, count in counts.items()}
    return voice.translate(f"past.prediction.{key}", all=voice.figures.count(len(verdicts)), **told)


def _sentence(target: str, rows: dict[str, Row], voice: Voice) -> str:
    values = {f"{predictor}_value": voice.figures.count(row["value"], 2) for predictor, row in rows.items()}
    than = {simpler: voice.translate(f"past.prediction.{verdict(rows[simpler])}") for simpler in SIMPLER}
    return voice.translate(
        "past.prediction.sentence", target=voice.translate(f"past.prediction.targets.{target}"), **than, **values
    )


def _line(as_of: date, target: str, rows: dict[str, Row], voice: Voice) -> tuple[str, list[str]]:
    what = voice.translate(f"past.prediction.targets.{target}")
    values = [_interval(rows[predictor], ("value", "low", "high"), voice) for predictor in ("segments", *SIMPLER)]
    leads = [_interval(rows[simpler], ("lead", "lead_low", "lead_high"), voice) for simpler in SIMPLER]
    return what, [_quarter(as_of, voice), *values, *leads]


def _interval(row: Row, columns: tuple[str, str, str], voice: Voice) -> str:
    value, low, high = (voice.figures.count(row[column], 2) for column in columns)
    return voice.translate("past.prediction.interval", value=value, low=low, high=high)


def _quarter(end: date, voice: Voice) -> str:
    """The quarter after a quarter's end, by its first and last month."""
    first = end + timedelta(days=1)
    months = [f"{first:%Y}-{first.month + later:02d}" for later in (0, 2)]
    return "–".join(voice.figures.month(month) for month in months)
