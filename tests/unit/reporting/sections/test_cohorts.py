"""Who came in the same month, and how many were active again."""

from __future__ import annotations

from datetime import date

import pytest

from segmentation.reporting.data import Row
from segmentation.reporting.sections.cohorts import picture
from segmentation.reporting.voice import voice_of

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
    assert found.title == "Dari pembeli baru, 35,0% aktif sebulan kemudian, dan 0,0% setelah 2 bulan"


def test_one_month_later_alone() -> None:
    found = picture("sellers", [*cohort("2024-01", 4, 1), *cohort("2024-02", 3)], date(2024, 2, 29), ENGLISH)
    assert found is not None and found.title == "Of the new sellers 25.0% were active a month later"


@pytest.mark.parametrize("rows", [[], cohort("2024-03", 7)])
def test_without_a_later_month_there_is_no_picture(rows: list[Row]) -> None:
    assert picture("buyers", rows, date(2024, 3, 31), ENGLISH) is None
