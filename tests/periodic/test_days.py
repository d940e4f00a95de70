"""Which days are looked back on."""

from datetime import date

import pytest

from segmentation.periodic.days import consecutive, snapshot_days

FIRST = date(2023, 1, 5)


@pytest.mark.parametrize(
    ("as_of", "months", "expected"),
    [
        ("2024-03-15", 3, ["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-15"]),
        ("2024-02-29", 3, ["2023-12-31", "2024-01-31", "2024-02-29"]),
        ("2024-03-01", 1, ["2024-02-29", "2024-03-01"]),
        ("2023-02-10", 12, ["2023-01-31", "2023-02-10"]),
        ("2023-01-05", 12, ["2023-01-05"]),
    ],
)
def test_month_ends_and_the_day_itself(as_of, months, expected):
    assert [str(day) for day in snapshot_days(date.fromisoformat(as_of), months, FIRST)] == expected


def test_pairs_are_neighbours_of_which_one_is_new():
    days = [date(2024, month, 1) for month in (1, 2, 3, 4)]
    assert consecutive(days[::-1], touched=[days[1]]) == [(days[0], days[1]), (days[1], days[2])]
    assert consecutive(days, touched=[]) == []
