"""Sums and gates of the ledger, on figures written out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from segmentation.errors import GateError
from segmentation.ingest.ledger import (
    Count,
    Entry,
    check_committed,
    check_quarantine,
    check_raw,
    count_labels,
    entry,
)


def _entry(accepted: int, quarantined: int) -> Entry:
    return entry("orders", {
        "accepted": Count(accepted, Decimal(10)), "quarantined": Count(quarantined, Decimal(1)),
        "duplicate": Count(2, Decimal(3)),
    })  # fmt: skip


def test_labels_are_counted_in_rows_and_money_and_the_unreadable_counts_0(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [("accepted", Decimal("1.50")), ("accepted", Decimal("2.25")), ("quarantined", None)],
        "_label string, gmv decimal(18,2)",
    )
    assert count_labels(rows) == {
        "accepted": Count(2, Decimal("3.75")), "quarantined": Count(1, Decimal("0.00")),
        "duplicate": Count(0, Decimal("0.00")),
    }  # fmt: skip


def test_outside_orders_there_is_no_money(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("accepted",)], "_label string")
    assert count_labels(rows)["accepted"] == Count(1, None)
    assert entry("users", count_labels(rows)).read == Count(1, None)


def test_what_was_read_is_the_sum_of_what_became_of_it() -> None:
    line = _entry(accepted=7, quarantined=1)
    assert line.row("run") == (
        "run", "orders", 10, 7, 1, 2, Decimal(14), Decimal(10), Decimal(1), Decimal(3),
    )  # fmt: skip


def test_the_quarantine_gate_lets_its_limit_through_and_stops_above_it() -> None:
    line = _entry(accepted=7, quarantined=1)
    check_quarantine([line], 0.1)
    with pytest.raises(GateError, match=r"1 of 10 rows \(10.0%\).*at most 9.0%") as error:
        check_quarantine([line], 0.09)
    assert error.value.exit_status == 3


def test_a_select_that_loses_rows_is_stopped() -> None:
    check_raw("orders", 10, 10)
    check_raw("orders", 12, 10)
    with pytest.raises(GateError, match="10 rows came in and 9 were judged"):
        check_raw("orders", 9, 10)


@pytest.mark.parametrize(
    ("accepted", "refused"), [(Count(6, Decimal(10)), 1), (Count(7, Decimal(9)), 1), (Count(7, Decimal(10)), 0)]
)
def test_tables_that_hold_something_else_are_stopped(accepted: Count, refused: int) -> None:
    line = _entry(accepted=7, quarantined=1)
    check_committed(line, Count(7, Decimal("10.00")), 1)
    with pytest.raises(GateError, match="does not add up"):
        check_committed(line, accepted, refused)
