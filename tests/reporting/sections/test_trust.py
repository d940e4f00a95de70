"""What is said of rows that were refused, and of those that were accepted with a remark."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from segmentation.reporting.data import Business
from segmentation.reporting.sections import trust
from segmentation.reporting.voice import voice_of
from tests.reporting.fixtures import make_report_data

ENGLISH, INDONESIAN = (voice_of(lang, "IDR") for lang in ("en", "id"))
WARNINGS = pd.DataFrame(
    [("r", "order_lines", "identical_rows", 592), ("r", "orders", "order_against_lines", 18)],
    columns=["run_id", "table_name", "warning", "rows"],
)


def test_rows_that_were_accepted_with_a_remark_are_told() -> None:
    data = make_report_data(warnings=WARNINGS)

    assert trust.remarks(data, ENGLISH) == [
        "Order lines: 592 rows are equal in full to another of the same file and were taken for copies of it.",
        "Orders, order value is not the sum of its lines: 18 of the accepted rows.",
    ]
    real = replace(data, business=Business(counts_identical_rows=True))
    assert trust.remarks(real, ENGLISH)[0].endswith("and were counted as rows of their own.")
    assert trust.remarks(data, INDONESIAN)[0].startswith("Rincian pesanan: 592 baris sama persis")
    assert trust.remarks(make_report_data(), ENGLISH) == []


def test_shares_of_reasons_are_of_refused_rows_of_which_one_may_have_several() -> None:
    ledger = make_report_data().ledger.assign(rows_quarantined=[775, 0, 0, 0])
    twice = pd.DataFrame(
        [("orders", "missing_key", 775), ("orders", "missing_value", 775)], columns=["table_name", "reason", "rows"]
    )

    picture = trust.pictures(make_report_data(ledger=ledger, quarantine=twice), ENGLISH)[-1]

    assert picture.title == "No reason stands out: 775 each of the most frequent"
    (panel,) = picture.draw.args[0]  # type: ignore[attr-defined]
    assert [(bar.figure, bar.aside, bar.length) for bar in panel.bars] == [("775", "100.0%", 1.0)] * 2
