"""Who came in the same month, and how many were active again."""

from __future__ import annotations

from datetime import date

import pytest

from segmentation.reporting.sections.cohorts import picture
from segmentation.reporting.voice import voice_of
from segmentation.schemas import Row

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")


def cohort(month: str, size: int, *active: int | None) -> list[Row]:
    """Rows of one cohort: who was active 0, 1, … months later; none where nobody was."""
    at = int(month[:4]) * 12 + int(month[5:]) - 1
    return [
        {"cohort": month, "month": f"{(at + since) // 12}-{(at + since) % 12 + 1:02d}", "months_since": since, "size": size,
         "active_entities": count}
        for since, count in enumerate([size, *active]) if count is not None
    ]  # fmt: skip


ROWS = [
    *cohort("2023-12", 100, 50, None, 8),
    *cohort("2024-01", 300, 90, 60),
    *cohort("2024-02", 10, 1),
    *cohort("2024-03", 7),
]


def test_months_that_are_over() -> None:
    found = picture("buyers", ROWS, date(2024, 3, 31), ENGLISH)
    assert found is not None
    # After two months nobody of December was active: a nought, not unknown. Of March no later month is over.
    assert found.alt == "Dec 2023 (100): 1 50, 2 0, 3 8; Jan 2024 (300): 1 30, 2 20; Feb 2024 (10): 1 10"
    # A month later 50 + 90 + 1 of 410; three months later 8 of 100.
    assert found.title == "Of the new buyers 34.4% were active a month later, and 8.0% after 3 months"


def test_a_month_that_is_not_over_is_left_out() -> None:
    found = picture("buyers", ROWS, date(2024, 3, 30), INDONESIAN)
    assert found is not None
    assert found.alt == "Des 2023 (100): 1 50, 2 0; Jan 2024 (300): 1 30"
    assert found.note.endswith("Mar 2024 belum berakhir, dan tidak dihitung.")
    assert found.title == "Dari pembeli baru, 35,0% aktif sebulan kemudian, dan 0,0% setelah 2 bulan"


def test_one_month_later_alone() -> None:
    found = picture("sellers", [*cohort("2024-01", 4, 1), *cohort("2024-02", 3)], date(2024, 2, 29), ENGLISH)
    assert found is not None and found.title == "Of the new sellers 25.0% were active a month later"


def test_a_month_in_which_nobody_came_and_one_in_which_nobody_was_active_are_there() -> None:
    rows = [*cohort("2023-11", 10, 5, 1), *cohort("2024-01", 4, 2)]
    found = picture("buyers", rows, date(2024, 3, 31), ENGLISH, began="2023-11")
    assert found is not None
    # In March nobody was active at all: noughts, up to the day that they speak of.
    assert found.alt == "Nov 2023 (10): 1 50, 2 10, 3 0, 4 0; Dec 2023 (0): ; Jan 2024 (4): 1 50, 2 0; Feb 2024 (0): "
    assert found.note.endswith(
        "The orders begin in Nov 2023: not all who count as new there need be. "
        "Nobody had the first sale in Dec 2023, Feb 2024."
    )


def test_it_is_said_that_earlier_months_are_not_shown() -> None:
    rows = [row for at in range(1, 15) for row in cohort(f"{2022 + at // 12}-{at % 12 + 1:02d}", 9, 3)]
    found = picture("buyers", rows, date(2023, 4, 30), ENGLISH, began="2022-02")
    assert found is not None
    assert found.alt.startswith("Apr 2022 (9)")  # of 14 months that have a month after them the last twelve
    assert "Shown are the last 12 months." in found.note


def test_a_month_is_judged_by_the_day_that_its_row_speaks_of() -> None:
    rows = [{**row, "as_of": date(2024, 3, 20)} for row in ROWS]  # and the report of a later day
    found = picture("buyers", rows, date(2024, 5, 31), ENGLISH)
    assert found is not None and "Mar 2024 is not over, and left out." in found.note
    assert found.alt == "Dec 2023 (100): 1 50, 2 0; Jan 2024 (300): 1 30"


@pytest.mark.parametrize("rows", [[], cohort("2024-03", 7)])
def test_without_a_later_month_there_is_no_picture(rows: list[Row]) -> None:
    assert picture("buyers", rows, date(2024, 3, 31), ENGLISH) is None


def test_a_few_are_not_nobody_and_nearly_all_are_not_all() -> None:
    # 4 and 996 of 1,000 are 0.4 % and 99.6 %, 5 are 0.5 %.
    rows = cohort("2024-01", 1_000, 4, 996, 5, 1_000, None)
    found = picture("buyers", rows, date(2024, 6, 30), ENGLISH)
    assert found is not None
    assert found.alt.startswith("Jan 2024 (1,000): 1 <1, 2 >99, 3 1, 4 100, 5 0;")


def test_one_month_is_one() -> None:
    rows = cohort("2024-01", 4, 1)
    for voice, said in ((ENGLISH, "Shown is the last month."), (INDONESIAN, "Yang ditampilkan: 1 bulan terakhir.")):
        found = picture("buyers", rows, date(2024, 2, 29), voice, began="2023-11")
        assert found is not None and said in found.note
