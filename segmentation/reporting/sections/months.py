"""How the marketplace does over time: GMV and revenue by month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import partial

import pandas as pd

from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import Row
from segmentation.reporting.numbers import number
from segmentation.reporting.theme import FULL
from segmentation.reporting.voice import Voice

MEASURES = ("gmv", "revenue")
MONTHS_SHOWN = 60


def picture(rows_of: Sequence[Row], as_of: date | None, voice: Voice) -> Picture | None:
    """GMV and revenue by month; months without a sale are months with none."""
    months = full_months(rows_of)[-MONTHS_SHOWN:]
    if len(months) < 2:
        return None
    open_end = is_open(months[-1], as_of)
    at = {str(row["value"]): row for row in rows_of}
    series = []
    for measure in MEASURES:
        values = [number(at[month][measure]) if month in at else 0.0 for month in months]
        if any(values):
            figures = voice.figures
            series.append(Series(voice.say(f"measures.{measure}"), values, figures.money, figures.money_tick))
    if not series:
        return None
    labels = [voice.figures.month(month) for month in months]
    heights = [value or 0.0 for value in series[0].values]
    best = heights.index(max(heights))
    title = voice.say("overview.best_month", month=labels[best], money=voice.figures.money(heights[best]))
    said = [f"{one}: {voice.figures.money(value)}" for one, value in zip(labels, heights, strict=True)]
    alt = voice.say("overview.months_alt", first=labels[0], last=labels[-1], figures="; ".join(said))
    note = voice.say("overview.open_month", month=labels[-1]) if open_end else ""
    return Picture(
        "overview_month", title, alt, partial(draw_columns, labels, series, open_end),
        kicker=voice.labels.dimension("month"), note=note, width=FULL,
    )  # fmt: skip


def full_months(rows_of: Sequence[Row]) -> list[str]:
    """Every month from the first to the last, as YYYY-MM."""
    known = sorted(str(row["value"]) for row in rows_of if row["value"] is not None)
    if not known:
        return []
    return [str(month) for month in pd.period_range(known[0], known[-1], freq="M")]


def is_open(month: str, as_of: date | None) -> bool:
    """Whether the month was not over on the day that the figures speak of."""
    if as_of is None or month != f"{as_of:%Y-%m}":
        return False
    return as_of.day < monthrange(as_of.year, as_of.month)[1]
