"""What is said of rows that were refused, and of those that were accepted with a remark."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from segmentation.reporting.data import Business
from segmentation.reporting.sections import trust
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_report_data
from tests.unit.reporting.published import GMV

ENGLISH, INDONESIAN = (voice_of(lang, "IDR") for lang in ("en", "id"))
WARNINGS = pd.DataFrame(
    [("r", "order_lines", "identical_rows", 592, GMV / 50), ("r", "orders", "order_against_lines", 18, None)],
    columns=["run_id", "table_name", "warning", "rows", "gmv"],
)


def test_rows_that_were_accepted_with_a_remark_are_told() -> None:
    data = make_report_data(warnings=WARNINGS)

    assert trust.remarks(data, ENGLISH) == [
        "Order lines: identical rows of one file that were taken for copies and not counted, beyond the first: 592.",
        "Orders, order value is not the sum of its lines: 18 of the accepted rows.",
    ]
    real = replace(data, business=Business(counts_identical_rows=True))
    counted = "Order lines: identical rows of one file that were counted as rows of their own, beyond the first: 592."
    assert (
        trust.remarks(real, ENGLISH)[0] == f"{counted} They hold 2.0% of the order value that was accepted with them."
    )
    earlier = replace(real, warnings=WARNINGS.drop(columns="gmv"))  # of a lake whose table does not tell of money
    assert trust.remarks(earlier, ENGLISH)[0] == counted
    assert trust.remarks(data, INDONESIAN)[0].startswith("Rincian pesanan: baris yang sama persis")
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


def test_a_few_refused_rows_are_named_with_their_reasons() -> None:
    ledger = make_report_data().ledger.assign(rows_quarantined=[1, 1, 0, 0])
    one = pd.DataFrame(
        [("orders", "missing_key", 1), ("order_lines", "line_without_order", 1)],
        columns=["table_name", "reason", "rows"],
    )
    data = make_report_data(ledger=ledger, quarantine=one, business=Business(grain="line"))

    picture = trust.pictures(data, ENGLISH)[-1]
    assert picture.title == "Refused: line without an order · Order lines (1); identifier missing · Orders (1)"
    assert "refused as both, it counts under both" in picture.note
    alone = make_report_data(
        ledger=ledger.assign(rows_quarantined=[4, 0, 0, 0]), quarantine=one.iloc[:1].assign(rows=4)
    )
    assert trust.pictures(alone, INDONESIAN)[-1].title == "Ditolak: ID tidak diisi · Pesanan (4)"
