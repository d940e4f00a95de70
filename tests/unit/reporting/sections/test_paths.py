"""Who moved where, and what it was worth."""

from __future__ import annotations

import pytest

from segmentation.reporting.data import rows
from segmentation.reporting.sections.paths import MOST, picture
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.sections.test_past import MOVED, migrations

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")


def test_moves_add_up_whatever_their_cause() -> None:
    found = picture("buyers", rows(MOVED), ENGLISH)
    assert found is not None
    # 7 by time alone with 70, and 1 on the border with 20, went from 1 to 2; 4 came up with 8, and 2 had nothing.
    assert found.alt == "Best <b> → Others: 8 · Rp 90; Others → Best <b>: 4 · Rp 8; Without → Others: 2 · Rp 0"
    assert found.title == "8 buyers with Rp 90 moved to a lower-ranked segment, 6 with Rp 8 to a higher-ranked one"
    assert found.kicker == "Who moved where, from 31 March 2024 to 30 April 2024"


@pytest.mark.parametrize(
    ("move", "english", "indonesian"),
    [
        ((1, 2), "3 buyers with Rp 9 moved to a lower-ranked segment, and none to a higher-ranked one",
         "3 pembeli dengan Rp 9 pindah ke segmen berperingkat lebih rendah, dan tidak ada ke yang berperingkat lebih tinggi"),
        ((1, 0), "3 buyers with Rp 9 moved to a lower-ranked segment, and none to a higher-ranked one",
         "3 pembeli dengan Rp 9 pindah ke segmen berperingkat lebih rendah, dan tidak ada ke yang berperingkat lebih tinggi"),
        ((0, 2), "3 buyers with Rp 9 moved to a higher-ranked segment, and none to a lower-ranked one",
         "3 pembeli dengan Rp 9 pindah ke segmen berperingkat lebih tinggi, dan tidak ada ke yang berperingkat lebih rendah"),
    ],
)  # fmt: skip
def test_one_direction_alone(move: tuple[int, int], english: str, indonesian: str) -> None:
    moved = rows(migrations((*move, "behaviour", 3, 9, 0), (1, 1, None, 5, 5, 5)))
    for voice, expected in ((ENGLISH, english), (INDONESIAN, indonesian)):
        found = picture("buyers", moved, voice)
        assert found is not None and found.title == expected


def test_who_stays_comes_or_goes_takes_no_path() -> None:
    assert picture("buyers", rows(migrations((1, 1, None, 5, 5, 5), (None, 2, "behaviour", 5, 0, 5))), ENGLISH) is None


def test_the_smallest_of_many_paths_are_told() -> None:
    pairs = [(a, b) for a in range(1, 6) for b in range(1, 6) if a != b]
    moved = migrations(*[(a, b, "behaviour", 100 - at, 1, 1) for at, (a, b) in enumerate(pairs)])
    found = picture("sellers", rows(moved), ENGLISH)
    assert found is not None and found.alt.count(";") == MOST - 1
    rest = sum(100 - at for at in range(MOST, len(pairs)))
    assert found.note.endswith(f"Not drawn, on smaller paths ({len(pairs) - MOST}): {rest}.")
