"""The days that are looked back on."""

from __future__ import annotations

from collections.abc import Collection
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


def consecutive(days: Collection[date], touched: Collection[date]) -> list[tuple[date, date]]:
    """Each of the days with the next one, where either is among `touched`.

    >>> jan, feb, mar = date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)
    >>> consecutive([mar, jan, feb], touched=[mar]) == [(feb, mar)]
    True
    """
    return [pair for pair in pairwise(sorted({*days})) if {*pair} & {*touched}]
