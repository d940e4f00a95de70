"""How the marketplace does over time: GMV and revenue by month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date
from functools import partial

import pandas as pd

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.sections.values import revenue_known
from segmentation.reporting.theme import FULL
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

MEASURES = ("gmv", "revenue")
MONTHS_SHOWN = 60
YEAR = 12
NEAR = 0.05  # of the best month: one that falls short by less is hardly behind


def picture(rows_of: Sequence[Row], as_of: date | None, voice: Voice) -> Picture | None:
    """GMV and revenue by month, with what the same month had a year before; months without a sale are months with
    none. The note says which months are not shown, not whole, or held against none."""
    every = full_months(rows_of, as_of)
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
            title, values = voice.translate(f"measures.{measure}"), [found[month] for month in months]
            series.append(Series(title, values, figures.money, figures.money_tick, before))
    if not series:
        return None
    partly = [said] if (said := revenue_known([at[month] for month in months if month in at], voice)) else []
    labels = [voice.figures.month(month) for month in months]
    heights = [value or 0.0 for value in series[0].values]
    title = _best(months, heights, open_end, voice)
    told = [f"{one}: {voice.figures.money(value)}" for one, value in zip(labels, series[0].values, strict=True)]
    alt = voice.translate("overview.months_alt", first=labels[0], last=labels[-1], figures="; ".join(told))
    return Picture(
        "overview_month",
        title,
        alt,
        partial(draw_columns, labels, series, open_end, before=voice.translate("by_month.mark")),
        kicker=voice.labels.dimension("month"),
        note=" ".join(
            [*_left_out(every, months, at, open_end, voice), *without_figure(months, series, voice), *partly]
        ),
        width=FULL,
    )


def _best(months: Sequence[str], heights: Sequence[float], open_end: bool, voice: Voice) -> str:
    """The month with the most, called the best only where that is so per day too, and not by a hair; none where another
    shows the same."""
    order = sorted(range(len(months)), key=lambda at: (-heights[at], at))
    best, second = order[:2]
    shown = [voice.figures.money(height) for height in heights]
    if shown[best] == shown[second]:
        alike = [month for month, money in zip(months, shown, strict=True) if money == shown[best]]
        return voice.translate("overview.best_month_none", months=spans(alike, voice), money=shown[best])
    told = {"month": voice.figures.month(months[best]), "money": shown[best]}
    whole = range(len(months) - open_end)  # what a part of a month would bring per day is not known yet
    ahead = max(whole, key=lambda at: heights[at] / days_in(months[at]))
    if best in whole and heights[ahead] / days_in(months[ahead]) > heights[best] / days_in(months[best]):
        return voice.translate("overview.best_month_longer", **told, other=voice.figures.month(months[ahead]))
    if heights[best] - heights[second] < NEAR * heights[best]:
        other = {"other": voice.figures.month(months[second]), "other_money": shown[second]}
        return voice.translate("overview.best_month_near", **told, **other)
    return voice.translate("overview.best_month", **told)


def _left_out(
    every: Sequence[str], months: Sequence[str], sold: Collection[str], open_end: bool, voice: Voice
) -> list[str]:
    """In sentences, which months of `every` one are not among the `months` shown, are not whole, have no mark of a year
    before, or had no sale."""
    translate, month = voice.translate, voice.figures.month
    said = []
    if len(months) < len(every):
        said.append(
            translate("by_month.cut", count=voice.figures.count(len(months)), all=voice.figures.count(len(every)))
        )
    if open_end:
        is_unmarked = year_before(months[-1]) in every[1:]
        said.append(translate("by_month.open" if is_unmarked else "overview.open_month", month=month(months[-1])))
    whole, later = months[: len(months) - open_end], every[YEAR : YEAR + 1]
    if {*later} & {*whole}:
        said.append(translate("by_month.unmarked", first=month(every[0]), later=month(later[0])))
    elif every[0] in months:
        said.append(translate("by_month.first", first=month(every[0])))
    if empty := [one for one in months if one not in sold]:
        said.append(translate("by_month.none", months=spans(empty, voice)))
    return said


def without_figure(
    months: Sequence[str], series: Sequence[Series], voice: Voice, but: Collection[str] = ()
) -> list[str]:
    """In which months, `but` those told elsewhere, a measure has no figure: nothing is drawn there, as for nought."""
    said = []
    for one in series:
        unknown = [month for month, value in zip(months, one.values, strict=True) if value is None and month not in but]
        if unknown:
            said.append(voice.translate("by_month.unknown", measure=one.title, months=spans(unknown, voice)))
    return said


def last_full_month(rows_of: Sequence[Row], as_of: date | None, voice: Voice) -> str:
    """GMV of the last month that is over, against the same month of the year before and the month before; "" where
    there is no whole month, or no money.

    Who buys by the budget year spends in December and rests in January: the month before alone misleads. Months of
    different lengths are compared per day: March has a tenth more days than February. Nothing is held against the first
    month of all, since the orders may begin in the midst of it, nor against one without a sale or of sales that brought
    nothing; each is said.
    """
    months = full_months(rows_of, as_of)
    if months and is_open(months[-1], as_of):
        months = months[:-1]
    at = {str(row["value"]): number(row["gmv"]) for row in rows_of if row["value"] is not None}
    if len(months) < 2 or None in at.values():
        return ""
    figures, last = voice.figures, months[-1]
    gmv = at.get(last) or 0.0
    told, remarks = {"month": figures.month(last), "money": figures.money(gmv)}, []
    for kind, other in (("yearly", year_before(last)), ("before", months[-2])):
        if other not in months:
            continue
        if other == months[0]:
            remarks.append(voice.translate(f"by_month.first_{kind}", month=figures.month(other)))
        elif value := at.get(other):
            told |= {kind: _beside(gmv, last, value, other, voice), f"{kind}_month": figures.month(other)}
        else:  # sales of no value are sales
            remarks.append(
                voice.translate(f"by_month.{'nought' if other in at else 'none'}_{kind}", month=figures.month(other))
            )
    kinds = [kind for kind in ("yearly", "before") if kind in told]
    form = "both" if len(kinds) > 1 else "".join(kinds) or "alone"
    return " ".join([voice.translate(f"by_month.{form}", **told), *remarks])


def _beside(value: float, month: str, other: float, other_month: str, voice: Voice) -> str:
    """A month's figure beside another month's: per day, and said so, where one has more days."""
    days, other_days = days_in(month), days_in(other_month)
    if days == other_days or not value:  # none is none per day too
        return _than(value / other - 1, voice)
    return voice.translate("summary.per_day", change=_than(value / days / (other / other_days) - 1, voice))


def _than(change: float, voice: Voice) -> str:
    """So much more than, or less than, what is named next; or as much, where no digit shown tells them apart."""
    share = voice.figures.share(abs(change))
    if share == voice.figures.share(0.0):
        return voice.translate("summary.than_same")
    return voice.translate(f"summary.than_{'more' if change > 0 else 'less'}", share=share)


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


def full_months(rows_of: Sequence[Row], as_of: date | None = None) -> list[str]:
    """Every month from the first with a sale to that of the day that the figures speak of (else to the last with a
    sale), as YYYY-MM."""
    known = sorted(str(row["value"]) for row in rows_of if row["value"] is not None)
    if not known:
        return []
    return calendar(known[0], max(known[-1], f"{as_of:%Y-%m}") if as_of else known[-1])


def calendar(first: str, last: str) -> list[str]:
    """Every month from the first to the last.

    >>> calendar("2023-11", "2024-01")
    ['2023-11', '2023-12', '2024-01']
    """
    return [str(month) for month in pd.period_range(first, last, freq="M")]


def spans(months: Sequence[str], voice: Voice) -> str:
    """Months in order as a list, those that follow each other by the first and the last of them."""
    runs: list[list[str]] = []
    for month in months:
        if runs and calendar(runs[-1][-1], month)[1:] == [month]:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join("–".join(voice.figures.month(one) for one in dict.fromkeys([run[0], run[-1]])) for run in runs)


def is_open(month: str, as_of: date | None) -> bool:
    """Whether the month was not over on the day that the figures speak of."""
    if as_of is None or month != f"{as_of:%Y-%m}":
        return False
    return as_of.day < monthrange(as_of.year, as_of.month)[1]
