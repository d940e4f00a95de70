"""What the page says where the segments of the two days are by two models."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from segmentation.reporting.data import rows
from segmentation.reporting.sections.other_model import is_by_two_models, is_move, what_became
from segmentation.reporting.sections.past import Past, pasts
from segmentation.reporting.sections.paths import picture
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_entity, make_report_data
from tests.unit.reporting.published import BUYERS
from tests.unit.reporting.sections.test_past import MOVED, migrations

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")
WERE = {1: "Champions", 2: "Occasional", 3: "Away"}
ARE = {1: "Bulk offices", 2: "Champions", 3: "Occasional", 4: "Away", 5: "Lost"}


def between(
    were: dict[int, str], are: dict[int, str], *lines: tuple[int | None, int | None, str | None, int, int, int]
):
    """Rows of migrations whose segments are called by the earlier model and by the later one."""
    found = migrations(*lines)
    for side, names in (("from", were), ("to", are)):
        found[f"name_{side}"] = [names.get(at) if at is not pd.NA else None for at in found[f"segment_{side}"]]
    return found


# By the later model Champions are 2, Occasional 3 and Away 4 or 5; Bulk offices is what some of Champions became.
REFITTED = between(
    WERE, ARE,
    (1, 2, "refit", 900, 9000, 9000), (1, 1, "behaviour", 7, 70, 700), (2, 3, "refit", 400, 800, 800),
    (3, 4, "refit", 60, 60, 60), (3, 5, "refit", 40, 40, 40), (2, 2, "behaviour", 30, 60, 600), (None, 3, "behaviour", 5, 0, 5),
)  # fmt: skip


def past_of(moved: pd.DataFrame, voice=ENGLISH) -> Past:
    (past,) = pasts(
        replace(make_report_data(), entities={"buyers": make_entity(BUYERS, "natural", migrations=moved)}), voice
    )
    return past


def test_the_cause_tells_a_move_and_not_the_number() -> None:
    found = {(row["segment_from"], row["segment_to"], row["cause"]) for row in rows(REFITTED) if is_move(row)}
    assert found == {(1, 1, "behaviour"), (2, 2, "behaviour")}


def test_what_another_model_did_is_no_move() -> None:
    past = past_of(REFITTED)
    # 907 + 430 + 100 were there; 7 and 30 of them moved; 900 + 400 + 60 + 40 are elsewhere by the model alone.
    assert past.lead == (
        "In another segment on 30 April 2024 than on 31 March 2024: 37 of 1,437 buyers. New: 5. "
        "Another model made the segments of 30 April 2024: Champions has rank 2 now; Occasional has rank 3 now; "
        "Away was split into Away and Lost. In one of another rank by that alone, without a move: 1,400 buyers. "
        "7 left the segment Champions: they had brought Rp 70 up to the earlier day."
    )
    assert [(line.cause, line.entities) for line in past.causes] == [("Behaviour", "37"), ("Another model", "1,400")]


def test_segments_are_called_by_the_model_of_their_day() -> None:
    paths, matrix = past_of(REFITTED).pictures
    assert paths.alt == "Champions → Bulk offices: 7 · Rp 70; Occasional → Champions: 30 · Rp 60"
    assert paths.title == "37 buyers with Rp 130 moved to another segment"  # ranks of two models are not compared
    assert paths.note.endswith("Who is elsewhere by another model alone is left out too.")
    assert matrix.title == "The most taken path: from Occasional to Champions, 30 buyers"
    assert matrix.alt.split("; ")[:2] == [
        "New: Bulk offices –, Champions –, Occasional 5, Away –, Lost –",
        "Champions: Bulk offices 7, Champions 900, Occasional –, Away –, Lost –",
    ]
    assert matrix.note.endswith("columns of the later one: one need not be the other.")


def test_where_nobody_moved_nothing_is_told_as_a_move() -> None:
    moved = between({1: "Champions", 2: "Occasional"}, {1: "Bulk offices", 2: "Champions"},
                    (1, 2, "refit", 900, 90, 90), (2, 1, "refit", 9, 9, 9))  # fmt: skip
    past = past_of(moved)
    (matrix,) = past.pictures  # and no paths
    assert matrix.title == "None of the buyers changed segment"
    assert past.lead == (
        "In another segment on 30 April 2024 than on 31 March 2024: 0 of 909 buyers. New: 0. "
        "Another model made the segments of 30 April 2024: Occasional is called Bulk offices now; "
        "Champions has rank 2 now. In one of another rank by that alone, without a move: 909 buyers."
    )


@pytest.mark.parametrize(
    ("lines", "english", "indonesian"),
    [
        ([(1, 1, None, 50, 1, 1), (2, 1, "refit", 20, 1, 1), (3, 2, "refit", 30, 1, 1)],
         "Champions and Occasional were merged into Bulk offices; Away is called Champions now.",
         "Champions dan Occasional bergabung menjadi Bulk offices; Away kini bernama Champions."),
        ([(1, each, "refit" if each > 1 else None, 20, 1, 1) for each in range(1, 6)],
         "Champions was scattered; Bulk offices is new; Champions is new; Occasional is new; Away is new; Lost is new.",
         "Champions tersebar; Bulk offices baru; Champions baru; Occasional baru; Away baru; Lost baru."),
    ],
)  # fmt: skip
def test_what_became_of_segments_in_both_languages(lines, english: str, indonesian: str) -> None:
    moved = rows(between(WERE, ARE, *lines))
    assert f": {english} In one of another rank" in what_became("buyers", moved, ENGLISH)
    assert f": {indonesian} Karena itu saja" in what_became("buyers", moved, INDONESIAN)


def test_where_segments_stayed_what_they_were_only_the_count_is_told() -> None:
    moved = rows(between(WERE, WERE, (1, 1, None, 90, 1, 1), (1, 2, "refit", 1, 1, 1), (2, 2, None, 50, 1, 1)))
    assert what_became("buyers", moved, ENGLISH) == (
        "Another model made the segments of 30 April 2024. In one of another rank by that alone, without a move: 1 buyer."
    )


def test_one_model_is_told_as_before() -> None:
    moved = rows(MOVED)
    assert not is_by_two_models(moved) and what_became("buyers", moved, ENGLISH) == ""


def test_a_later_model_that_nobody_asked_of_the_earlier_day() -> None:
    # It is no more in the lake, and causes go by numbers: other names tell that ranks are not to be compared.
    moved = rows(between(WERE, ARE, (1, 1, None, 5, 5, 5), (2, 1, "behaviour", 3, 9, 0)))
    found = picture("buyers", moved, ENGLISH)
    assert found is not None and found.title == "3 buyers with Rp 9 moved to another segment"
    assert what_became("buyers", moved, ENGLISH) == ""
