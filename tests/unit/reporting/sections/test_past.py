"""What the page says of those who moved, and of the months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from segmentation.i18n.text import LANGS
from segmentation.reporting.sections.past import pasts
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_entity, make_report_data
from tests.unit.reporting.pages import sketch
from tests.unit.reporting.published import BUYERS

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")
NAMES = {1: "Best <b>", 2: "Others", 0: "Without"}


def migrations(*lines: tuple[int | None, int | None, str | None, int, int, int]) -> pd.DataFrame:
    columns = ["segment_from", "segment_to", "cause", "entities", "gmv_from", "gmv_to"]
    frame = pd.DataFrame(lines, columns=columns).astype({"segment_from": "Int32", "segment_to": "Int32"})
    frame["gmv_from"], frame["gmv_to"] = (frame[name].map(Decimal) for name in ("gmv_from", "gmv_to"))
    for side in ("from", "to"):
        frame[f"name_{side}"] = [NAMES.get(at) if at is not pd.NA else None for at in frame[f"segment_{side}"]]
    return frame.assign(as_of_from=date(2024, 3, 31), as_of_to=date(2024, 4, 30))


MOVED = migrations(
    (1, 1, None, 90, 900, 950), (1, 2, "recency", 7, 70, 70), (1, 2, "border", 1, 20, 25), (2, 1, "behaviour", 4, 8, 40),
    (2, 2, None, 400, 500, 500), (None, 2, "behaviour", 30, 0, 60), (2, None, "correction", 1, 3, 0), (0, 2, "behaviour", 2, 0, 5),
)  # fmt: skip
MONTHS = pd.DataFrame({
    "month": ["2024-02", "2024-03", "2024-04"], "active_entities": [50, 80, 1200], "new_entities": [50, 20, 30],
    "retention_rate": [None, 0.5, 0.25],
})  # fmt: skip


@pytest.fixture(scope="module")
def data():
    buyers = make_entity(BUYERS, "natural", migrations=MOVED, kpis=MONTHS)
    made = make_report_data()
    return replace(made, entities={**made.entities, "buyers": buyers})


def test_who_moved_and_what_became_of_the_best(data) -> None:
    (past,) = pasts(data, ENGLISH)
    # 90 + 7 + 1 + 4 + 400 + 1 + 2 were there in March; 7 + 1 + 4 + 2 of them are in another segment in April.
    assert past.lead == (
        "In another segment on 30 April 2024 than on 31 March 2024: 14 of 505 buyers. New: 30. "
        "8 left the segment Best <b>: they had brought Rp 90 up to the earlier day."
    )
    paths, matrix, months = past.pictures
    assert paths.name == "buyers_paths"
    assert matrix.title == "The most taken path: from Best <b> to Others, 8 buyers"
    assert matrix.alt.split("; ")[0] == "New: Best <b> –, Others 30, Gone –"
    assert matrix.alt.split("; ")[2] == "Best <b>: Best <b> 90, Others 8, Gone –"
    assert matrix.alt.split("; ")[3] == "Others: Best <b> 4, Others 400, Gone 1"
    assert months.title == "Active in Apr 2024: 1,200 buyers"
    assert months.alt == "Feb 2024: 50; Mar 2024: 80; Apr 2024: 1,200"


def test_months_that_are_not_whole_or_not_looked_back_on_are_named() -> None:
    told = pd.DataFrame({
        "month": ["2024-01", "2024-02", "2024-05", "2024-06"], "active_entities": [50, 0, 80, 9],
        "new_entities": [50, 0, 20, 1], "retention_rate": [None, 0.0, None, 0.25],
        "as_of": [date(2024, 1, 31), date(2024, 2, 10), date(2024, 5, 31), date(2024, 6, 3)],
    })  # fmt: skip
    made = make_report_data()
    (past,) = pasts(replace(made, entities={"buyers": make_entity(BUYERS, "natural", kpis=told)}), ENGLISH)
    (months,) = past.pictures

    assert months.title == "Active in May 2024: 80 buyers"  # the last one that is whole
    assert months.alt == ("Jan 2024: 50; Feb 2024: 0; Mar 2024: unknown; Apr 2024: unknown; May 2024: 80; Jun 2024: 9")
    assert months.note == (
        "Jun 2024 is not over: its column is pale. Known for a part of the month only: Feb 2024. "
        "No figures were worked out for: Mar 2024–Apr 2024. "
        "No figure for Jan 2024, May 2024: Of the active buyers of the month before, active again."
    )


def test_causes_of_those_who_changed_segment(data) -> None:
    (past,) = pasts(data, ENGLISH)
    assert [(line.cause, line.entities, line.gmv_from, line.gmv_to) for line in past.causes] == [
        ("Behaviour", "6", "Rp 8", "Rp 45"), ("No sale since", "7", "Rp 70", "Rp 70"), ("Between two segments", "1", "Rp 20", "Rp 25"),
    ]  # fmt: skip


def test_nobody_moved() -> None:
    made = make_report_data()
    still = make_entity(BUYERS, "natural", migrations=migrations((1, 1, None, 9, 9, 9)))
    (past,) = pasts(replace(made, entities={"buyers": still}), INDONESIAN)
    assert [picture.name for picture in past.pictures] == ["buyers_migrations"]  # and no picture of paths
    assert past.pictures[0].title == "Tidak ada pembeli yang berpindah segmen"
    assert past.causes == []


def test_a_lake_without_history_has_no_such_section(english) -> None:
    assert pasts(make_report_data(), ENGLISH) == []
    assert 'id="past"' not in english.read_text()


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_has_it(data, tmp_path, lang) -> None:
    page = sketch(data, tmp_path, lang, "buyers_migrations", "buyers_kpis").source
    assert 'id="past"' in page and "Best &lt;b&gt;" in page and "Best <b>" not in page
    assert (tmp_path / "charts" / "buyers_migrations.png").is_file() and (
        tmp_path / "charts" / "buyers_kpis.png"
    ).is_file()
