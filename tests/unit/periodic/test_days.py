"""Which days are looked back on."""

from datetime import date
from itertools import pairwise

import pytest

from segmentation.periodic.days import judged_quarters, pairs_to_tell, quarter_end, snapshot_days

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


def test_told_anew_is_what_is_new_untold_or_told_of_other_snapshots() -> None:
    jan, feb, mar, apr, may = (date(2024, month, 1) for month in range(1, 6))
    made_by = {jan: "r1", feb: "r1", mar: "r3", apr: "r1", may: "r4"}
    told_by = {(jan, feb): "r1", (feb, mar): "r2", (mar, apr): "r3", (jan, mar): "r3"}
    # (feb, mar) was told before March was made anew, (apr, may) never; (jan, mar) are no neighbours any more.
    assert pairs_to_tell([], made_by, told_by) == ([(feb, mar), (apr, may)], [(jan, feb), (mar, apr)])
    assert pairs_to_tell([jan], made_by, told_by) == ([(jan, feb), (feb, mar), (apr, may)], [(mar, apr)])
    assert pairs_to_tell([apr], {jan: "r1", apr: "r5"}, {}) == ([(jan, apr)], [])
    assert pairs_to_tell([], {}, told_by) == pairs_to_tell([jan], {jan: "r1"}, {}) == ([], [])


def test_quarters_that_can_be_judged() -> None:
    ends = [date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31), date(2024, 3, 31)]
    made_by = {**dict.fromkeys([*ends, date(2023, 10, 31)], "a")}
    assert judged_quarters(made_by, until=date(2024, 6, 30)) == [*pairwise(ends)]
    assert judged_quarters(made_by, until=date(2024, 6, 29)) == [*pairwise(ends[:-1])]  # the last quarter is not over
    # By another model, and with a quarter between them that nobody knows, two quarters cannot be compared.
    assert judged_quarters({**made_by, ends[1]: "b"}, until=date(2024, 6, 30)) == [(ends[2], ends[3])]
    assert judged_quarters(dict.fromkeys((ends[0], ends[2], ends[3]), "a"), until=date(2024, 6, 30)) == [
        (ends[2], ends[3])
    ]
    assert judged_quarters({}, until=date(2024, 6, 30)) == []
    assert [quarter_end(date(2024, month, 1)).isoformat()[5:] for month in range(1, 13)] == [
        *["03-31"] * 3, *["06-30"] * 3, *["09-30"] * 3, *["12-31"] * 3,
    ]  # fmt: skip
