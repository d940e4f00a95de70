"""How the marketplace does over time: GMV and revenue by month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import partial

import pandas as pd

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import Row
from segmentation.reporting.theme import FULL
from segmentation.reporting.voice import Voice

MEASURES = ("gmv", "revenue")
MONTHS_SHOWN = 60
NEAR = 0.05  # of the best month: one that falls short by less is hardly behind


def picture(rows_of: Sequence[Row], as_of: date | None, voice: Voice) -> Picture | None:
    """GMV and revenue by month, with what the same month had a year before; months without a sale are months with
    none."""
    every = full_months(rows_of)
    months = every[-MONTHS_SHOWN:]
    if len(months) < 2:
        return None
    open_end = is_open(months[-1], as_of)
    at, whole = {str(row["value"]): row for row in rows_of}, every[1:]
    series = []
    for measure in MEASURES:
        found = {month: number(at[month][measure]) if month in at else 0.0 for month in every}
        if any(found[month] for month in months):
            figures = voice.figures
            before = [found.get(earlier) if (earlier := year_before(month)) in whole else None for month in months]
            if open_end:  # a part of a month is held against no whole one
                before[-1] = None
            title, values = voice.say(f"measures.{measure}"), [found[month] for month in months]
            series.append(Series(title, values, figures.money, figures.money_tick, before))
    if not series:
        return None
    labels = [voice.figures.month(month) for month in months]
    heights = [value or 0.0 for value in series[0].values]
    title = _best(months, heights, open_end, voice)
    said = [f"{one}: {voice.figures.money(value)}" for one, value in zip(labels, heights, strict=True)]
    alt = voice.say("overview.months_alt", first=labels[0], last=labels[-1], figures="; ".join(said))
    note = voice.say("overview.open_month", month=labels[-1]) if open_end else ""
    return Picture(
        "overview_month",
        title,
        alt,
        partial(draw_columns, labels, series, open_end, before=voice.say("by_month.mark")),
        kicker=voice.labels.dimension("month"),
        note=note,
        width=FULL,
    )


def _best(months: Sequence[str], heights: Sequence[float], open_end: bool, voice: Voice) -> str:
    """The month with the most, called the best only where that is so per day too, and not by a hair."""
    order = sorted(range(len(months)), key=lambda at: (-heights[at], at))
    best, second = order[:2]
    told = {"month": voice.figures.month(months[best]), "money": voice.figures.money(heights[best])}
    whole = range(len(months) - open_end)  # what a part of a month would bring per day is not known yet
    ahead = max(whole, key=lambda at: heights[at] / days_in(months[at]))
    if best in whole and heights[ahead] / days_in(months[ahead]) > heights[best] / days_in(months[best]):
        return voice.say("overview.best_month_longer", **told, other=voice.figures.month(months[ahead]))
    if heights[best] - heights[second] < NEAR * heights[best]:
        other = {"other": voice.figures.month(months[second]), "other_money": voice.figures.money(heights[second])}
        return voice.say("overview.best_month_near", **told, **other)
    return voice.say("overview.best_month", **told)


def last_full_month(rows_of: Sequence[Row], as_of: date | None, voice: Voice) -> str:
    """GMV of the last month that is over, against the same month of the year before and the month before; "" where
    there is neither.

    Who buys by the budget year spends in December and rests in January: the month before alone misleads. Months of
    different lengths are compared per day: March has a tenth more days than February. Nothing is held against the first
    month of all: the orders may begin in the midst of it.
    """
    months = full_months(rows_of)
    if months and is_open(months[-1], as_of):
        months = months[:-1]
    if len(months) < 3:
        return ""
    at = {str(row["value"]): number(row["gmv"]) or 0.0 for row in rows_of}
    last, before = (at.get(month, 0.0) for month in (months[-1], months[-2]))
    earlier = year_before(months[-1])
    yearly = at.get(earlier, 0.0) if earlier in months[1:] else 0.0
    figures = voice.figures
    told = {"month": figures.month(months[-1]), "money": figures.money(last)}
    if yearly:
        told |= {"earlier": figures.month(earlier), "yearly": _beside(last, months[-1], yearly, earlier, voice)}
    if before:
        told |= {"change": _beside(last, months[-1], before, months[-2], voice)}
    if not yearly and not before:
        return ""
    return voice.say("summary.month" if not yearly else "by_month.both" if before else "by_month.yearly", **told)


def _beside(value: float, month: str, other: float, other_month: str, voice: Voice) -> str:
    """A month's figure beside another month's: per day, and said so, where one has more days."""
    days, other_days = days_in(month), days_in(other_month)
    if days == other_days:
        return _than(value / other - 1, voice)
    return voice.say("summary.per_day", change=_than(value / days / (other / other_days) - 1, voice))


def _than(change: float, voice: Voice) -> str:
    """So much more than, or less than, what is named next; or as much, where no digit shown tells them apart."""
    share = voice.figures.share(abs(change))
    if share == voice.figures.share(0.0):
        return voice.say("summary.than_same")
    return voice.say(f"summary.than_{'more' if change > 0 else 'less'}", share=share)


def days_in(month: str) -> int:
    """How many days a month has.

    >>> days_in("2024-02"), days_in("2023-02")
    (29, 28)
    """
    return monthrange(*map(int, month.split("-")))[1]


def year_before(month: str) -> str:
    """The same month of the year before.

    >>> year_before("2024-02")
    '2023-02'
    """
    return str(pd.Period(month, freq="M") - 12)


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
