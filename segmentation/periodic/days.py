"""The days that are looked back on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from itertools import pairwise


def snapshot_days(as_of: date, months: int, first: date) -> list[date]:
    """The last `months` month ends up to `as_of`, and `as_of` itself, in order; none before the first order's day.

    >>> [str(day) for day in snapshot_days(date(2024, 3, 15), months=2, first=date(2023, 5, 1))]
    ['2024-01-31', '2024-02-29', '2024-03-15']
    >>> [str(day) for day in snapshot_days(date(2024, 2, 29), months=2, first=date(2024, 2, 3))]
    ['2024-02-29']
    """
    end = as_of if (as_of + timedelta(days=1)).day == 1 else as_of.replace(day=1) - timedelta(days=1)
    days = {as_of}
    for _ in range(months):
        days.add(end)
        end = end.replace(day=1) - timedelta(days=1)
    return sorted(day for day in days if day >= first)


def pairs_to_tell(
    made: Collection[date], made_by: Mapping[date, str], told_by: Mapping[tuple[date, date], str]
) -> tuple[list[tuple[date, date]], list[tuple[date, date]]]:
    """Of all consecutive snapshots, in order, the pairs of which is to be told who moved, and those of which it stays
    told: no snapshot of theirs was `made` just now, and they were told when both were what they are now.

    made_by: of each day the run that made its snapshot; told_by: of each pair the run that told it. Ids are in order.
    >>> jan, feb, mar = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)
    >>> told_by = {(jan, feb): "r2", (feb, mar): "r2"}
    >>> pairs_to_tell([mar], {jan: "r1", feb: "r2", mar: "r3"}, told_by) == ([(feb, mar)], [(jan, feb)])
    True
    """
    every = [*pairwise(sorted(made_by))]
    stay = [
        pair
        for pair in every
        if not {*pair} & {*made} and pair in told_by and all(made_by[day] <= told_by[pair] for day in pair)
    ]
    return [pair for pair in every if pair not in stay], stay


def quarter_end(day: date) -> date:
    """The last day of the calendar quarter that a day lies in.

    >>> str(quarter_end(date(2024, 2, 10)))
    '2024-03-31'
    """
    month = 3 * ((day.month + 2) // 3)
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def judged_quarters(made_by: Mapping[date, str], until: date) -> list[tuple[date, date]]:
    """Pairs of quarter ends one after the other, both by the same model, of which the quarter after the second is over
    by `until`; in order.

    made_by: of each snapshot's day, whose model tells it.
    >>> ends = [date(2023, 9, 30), date(2023, 12, 31), date(2024, 3, 31)]
    >>> pairs = judged_quarters(dict.fromkeys(ends, "r1"), until=date(2024, 5, 2))
    >>> [(str(fitted_on), str(as_of)) for fitted_on, as_of in pairs]
    [('2023-09-30', '2023-12-31')]
    """
    ends = sorted(day for day in made_by if day == quarter_end(day))
    return [
        (first, second)
        for first, second in pairwise(ends)
        if quarter_end(first + timedelta(days=1)) == second
        and quarter_end(second + timedelta(days=1)) <= until
        and made_by[first] == made_by[second]
    ]
