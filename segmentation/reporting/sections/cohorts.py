"""Who came in the same month, and how many of them were active again so many months later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.heat import MIDDLE, Cell, Grid, draw_grid, grid_in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.sections.months import calendar, is_open, spans
from segmentation.reporting.theme import FULL
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

SHOWN = 12  # cohorts, and months after the first one, at most
LATER = 6  # months after the first one that the title speaks of, where they are over

Active = dict[tuple[str, int], int]  # by cohort and months since


def picture(
    name: str, found: Sequence[Row], as_of: date | None, voice: Voice, began: str | None = None
) -> Picture | None:
    """Rows of cohorts as a grid: a row per month of the first sale, a column per month after it; None where no month
    after a first one is over. The note says which months are left out; began: the month of the first order."""
    sizes = {str(row["cohort"]): int(number(row["size"]) or 0) for row in found}
    until = max((str(row["month"]) for row in found), default="")
    day = max((row["as_of"] for row in found if row.get("as_of")), default=as_of)  # which they speak of
    if day and until:
        until = max(until, f"{day:%Y-%m}")
    is_left_out = is_open(until, day)
    last = _shifted(until, -1) if is_left_out else until
    cohorts = [month for month in calendar(min(sizes), until) if month < last][-SHOWN:] if sizes else []
    if not any(cohort in sizes for cohort in cohorts):
        return None
    active = {(str(row["cohort"]), int(row["months_since"])): int(number(row["active_entities"]) or 0) for row in found}
    since = range(1, min(SHOWN, _apart(cohorts[0], last)) + 1)
    shares = {
        (cohort, months): active.get((cohort, months), 0) / sizes[cohort]
        for cohort in cohorts
        for months in since
        if cohort in sizes and _shifted(cohort, months) <= last
    }
    most = max(shares.values())
    figures = voice.figures

    def cell(cohort: str, months: int) -> Cell:
        share = shares.get((cohort, months))
        if share is None:
            return Cell(None, "")
        return Cell(min(int((MIDDLE + 1) * share / most), MIDDLE) if most else 0, _percent(share, voice))

    grid = Grid(
        [figures.count(months) for months in since],
        [f"{figures.month(cohort)} ({figures.count(sizes.get(cohort, 0))})" for cohort in cohorts],
        [[cell(cohort, months) for months in since] for cohort in cohorts],
        figures.percent(0),
        figures.share(most),
        rising=True,
    )
    return Picture(
        f"{name}_cohorts",
        _title(name, cohorts, sizes, active, last, voice),
        grid_in_words(grid),
        partial(draw_grid, grid),
        kicker=voice.translate.side(name, "past.cohorts"),
        note=" ".join(_note(cohorts, sizes, until if is_left_out else "", began, voice)),
        width=FULL,
    )


def _percent(share: float, voice: Voice) -> str:
    """A whole percentage, which is nought or a hundred only where nobody or everybody is meant."""
    shown = voice.figures.count(100 * share)
    if share > 0 and shown == voice.figures.count(0):
        return f"<{voice.figures.count(1)}"
    return f">{voice.figures.count(99)}" if share < 1 and shown == voice.figures.count(100) else shown


def _note(cohorts: Sequence[str], sizes: Collection[str], left_out: str, began: str | None, voice: Voice) -> list[str]:
    """What the grid is, and which months it leaves out, or tells less of than they had."""
    translate, month = voice.translate, voice.figures.month
    said = [translate("past.cohorts_note")]
    if left_out:
        said.append(translate("past.cohorts_open", month=month(left_out)))
    if began and began < cohorts[0]:
        said.append(translate("past.cohorts_cut", count=voice.figures.count(len(cohorts))))
    if began in cohorts:
        said.append(translate("past.cohorts_first", first=month(str(began))))
    if nobody := [cohort for cohort in cohorts if cohort not in sizes]:
        said.append(translate("past.cohorts_none", months=spans(nobody, voice)))
    return said


def _title(name: str, cohorts: Sequence[str], sizes: dict[str, int], active: Active, last: str, voice: Voice) -> str:
    """Of all who came in months that long ago, the share that was active so many months later."""

    def share(months: int) -> float | None:
        mine = [cohort for cohort in cohorts if cohort in sizes and _shifted(cohort, months) <= last]
        whole = sum(sizes[cohort] for cohort in mine)
        return sum(active.get((cohort, months), 0) for cohort in mine) / whole if whole else None

    later = max((months for months in range(2, LATER + 1) if share(months) is not None), default=None)
    first = voice.figures.share(share(1))
    if later is None:
        return voice.translate.side(name, "past.cohorts_title_one", first=first)
    return voice.translate.side(
        name,
        "past.cohorts_title",
        first=first,
        later=voice.figures.share(share(later)),
        months=voice.figures.count(later),
    )


def _shifted(month: str, by: int) -> str:
    """The month so many months later.

    >>> _shifted("2023-11", 3), _shifted("2024-01", -1)
    ('2024-02', '2023-12')
    """
    at = 12 * int(month[:4]) + int(month[5:]) - 1 + by
    return f"{at // 12:04d}-{at % 12 + 1:02d}"


def _apart(first: str, second: str) -> int:
    return 12 * (int(second[:4]) - int(first[:4])) + int(second[5:]) - int(first[5:])
