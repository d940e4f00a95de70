"""Whether segments say what comes next: the words follow from the intervals."""

from __future__ import annotations

from datetime import date

import pytest

from segmentation.reporting.sections.prediction import prediction
from segmentation.reporting.voice import voice_of
from segmentation.schemas import Row

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")
FIRST, SECOND = date(2023, 12, 31), date(2024, 3, 31)
MORE, LESS, ALIKE = (0.1, 0.05, 0.15), (-0.1, -0.15, -0.05), (-0.01, -0.05, 0.03)


def judged(target: str, measure: str, rfm: tuple[float, ...], last: tuple[float, ...], day: date = SECOND) -> list[Row]:
    """Rows of one target on one day: what the segments measure, and their leads."""
    nothing = dict.fromkeys(("lead", "lead_low", "lead_high"))
    told = [("segments", 0.6, nothing)]
    for predictor, lead in (("rfm", rfm), ("last_gmv", last)):
        told.append((predictor, 0.6 - lead[0], dict(zip(nothing, lead, strict=True))))
    return [
        {"as_of": day, "fitted_on": FIRST, "target": target, "measure": measure, "predictor": predictor, "entities": 1234,
         "value": value, "low": value - 0.02, "high": value + 0.02, **lead}
        for predictor, value, lead in told
    ]  # fmt: skip


def both(rfm: tuple[float, ...], last: tuple[float, ...]) -> list[Row]:
    return [*judged("gmv", "r2", rfm, last), *judged("activity", "auc", rfm, last)]


@pytest.mark.parametrize(
    ("rows", "english", "indonesian"),
    [
        (both(MORE, MORE), "Yes: in all of 4 comparisons", "Ya: dalam semua dari 4 perbandingan"),
        (both(LESS, ALIKE), "No: in none of 4 comparisons do segments say more of the next quarter than a simpler way does. "
         "They say less in 2; in 2 no difference is told.", "Tidak: dalam 4 perbandingan"),
        (both(MORE, LESS), "In part: in 2 of 4 comparisons segments say more of the next quarter than a simpler way does, in 2 "
         "they say less, and in 0 no difference is told.", "Sebagian: dalam 2 dari 4 perbandingan"),
        # An interval that ends at nought holds it.
        (both((0.1, 0.0, 0.2), (-0.1, -0.2, 0.0)), "No: in none of 4 comparisons do segments say more of the next quarter than "
         "a simpler way does. They say less in 0; in 4 no difference is told.", "Tidak: dalam 4 perbandingan"),
    ],
)  # fmt: skip
def test_the_answer(rows: list[Row], english: str, indonesian: str) -> None:
    for voice, expected in ((ENGLISH, english), (INDONESIAN, indonesian)):
        found = prediction("buyers", rows, voice)
        assert found is not None and found.answer.startswith(expected)


def test_a_sentence_for_each_target_of_the_last_quarter() -> None:
    earlier = judged("returns", "auc", MORE, MORE, FIRST)
    found = prediction("buyers", [*earlier, *both(LESS, MORE), *judged("activity", "brier", MORE, MORE)], ENGLISH)
    assert found is not None
    assert found.title == "Do segments of buyers say what comes next?"
    assert found.sentences == [
        "GMV of the next quarter: segments say less than the time, number and GMV of past sales (0.60 against 0.70), "
        "and say more than the last quarter's GMV alone (0.50).",
        "Activity in the next quarter: segments say less than the time, number and GMV of past sales (0.60 against 0.70), "
        "and say more than the last quarter's GMV alone (0.50).",
    ]
    assert found.how.startswith(
        "Each way learnt what followed in Jan 2024–Mar 2024, and was judged by Apr 2024–Jun 2024, which it had not seen, on "
        "1,234 of them."
    )
    # The table has all quarters, the last one first.
    assert [(line, cells[0]) for line, cells in found.lines] == [
        ("GMV of the next quarter", "Apr 2024–Jun 2024"), ("Activity in the next quarter", "Apr 2024–Jun 2024"),
        ("Returns in the next quarter", "Jan 2024–Mar 2024"),
    ]  # fmt: skip
    assert found.lines[0][1][1:] == [
        "0.60 (0.58 to 0.62)", "0.70 (0.68 to 0.72)", "0.50 (0.48 to 0.52)", "−0.10 (−0.15 to −0.05)", "0.10 (0.05 to 0.15)",
    ]  # fmt: skip
    assert len(found.columns) == 1 + len(found.lines[0][1])


def test_without_rows_nothing_is_said() -> None:
    assert prediction("buyers", [], ENGLISH) is None
    assert prediction("buyers", judged("activity", "brier", MORE, MORE), ENGLISH) is None
