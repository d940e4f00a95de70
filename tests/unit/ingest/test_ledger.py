"""Sums and gates of the ledger, on figures written out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from segmentation.errors import GateError
from segmentation.ingest.ledger import (
    Entry,
    RowCount,
    check_committed,
    check_quarantine,
    check_raw,
    entry,
    rows_after,
    tally,
)

NOTHING = RowCount(0, Decimal("0.00"))


def _counts(**given: RowCount) -> dict[tuple[str, str], RowCount]:
    """Counts by origin_label, e.g. new_accepted; nothing where none is given."""
    origins, labels = ("new", "earlier", "stored"), ("accepted", "quarantined", "duplicate")
    return {(origin, label): given.get(f"{origin}_{label}", NOTHING) for origin in origins for label in labels}


def _entry(accepted: int, quarantined: int) -> Entry:
    return entry("orders", _counts(
        new_accepted=RowCount(accepted, Decimal(10)), new_quarantined=RowCount(quarantined, Decimal(1)),
        new_duplicate=RowCount(2, Decimal(3)),
    ))  # fmt: skip


def test_labels_are_counted_in_rows_and_money_and_the_unreadable_counts_0(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [
            ("accepted", "b2", False, Decimal("1.50"), None, ["odd"]),
            ("accepted", "b2", False, Decimal("2.25"), Decimal("2.25"), ["odd", "late"]),
            ("quarantined", "b2", False, None, Decimal(0), ["odd"]), ("accepted", "b1", False, Decimal(7), None, ["odd"]),
            ("duplicate", "b1", True, Decimal(9), None, []),
        ],
        "_label string, _batch string, _stored boolean, gmv decimal(18,2), _identical decimal(18,2), _warnings array<string>",
    )  # fmt: skip
    found = tally(rows, "b2", ["gmv"], ["odd", "late", "never"])
    assert found.counts == _counts(
        new_accepted=RowCount(2, Decimal("3.75")), new_quarantined=RowCount(1, Decimal("0.00")),
        earlier_accepted=RowCount(1, Decimal("7.00")), stored_duplicate=RowCount(1, Decimal("9.00")),
    )  # fmt: skip
    assert found.identical == RowCount(2, Decimal("2.25"))
    assert found.known == {"gmv": 2}  # of the batch's rows of any label
    assert found.warned == {"odd": 2, "late": 1}  # of the accepted ones
    assert found.last_day is None


def test_the_last_day_is_that_of_an_accepted_order_of_any_batch(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [
            ("accepted", "b1", False, datetime(2024, 1, 5, 23), None), ("accepted", "b2", False, datetime(2024, 1, 3), None),
            ("duplicate", "b2", False, datetime(2024, 1, 9), None), ("accepted", "b2", False, None, None),
        ],
        "_label string, _batch string, _stored boolean, ordered_at timestamp, _identical decimal(18,2)",
    )  # fmt: skip
    assert tally(rows, "b2").last_day == date(2024, 1, 5)


def test_the_day_of_a_refused_order_may_be_one_that_python_has_none_for(spark: SparkSession) -> None:
    rows = spark.sql(
        "SELECT 'quarantined' AS _label, 'b' AS _batch, false AS _stored, CAST(NULL AS DECIMAL(18,2)) AS _identical, "
        "timestamp_seconds(576000000000) AS ordered_at UNION ALL SELECT 'accepted', 'b', false, NULL, "
        "timestamp'2024-01-05 10:00:00'"
    )  # the first is of the year 20222
    assert tally(rows, "b").last_day == date(2024, 1, 5)


def test_outside_orders_there_is_no_money(spark: SparkSession) -> None:
    kinds = "_label string, _batch string, _stored boolean, _identical decimal(18,2)"
    counts = tally(spark.createDataFrame([("accepted", "b", False, None)], kinds), "b").counts
    assert counts["new", "accepted"] == RowCount(1, None)
    assert entry("users", counts).read == RowCount(1, None)


def test_what_was_read_is_the_sum_of_what_became_of_it() -> None:
    line = _entry(accepted=7, quarantined=1)
    assert line.row("run") == (
        "run", "orders", 10, 7, 1, 2, 0, 0, Decimal(14), Decimal(10), Decimal(1), Decimal(3), Decimal(0), Decimal(0),
    )  # fmt: skip


def test_what_came_in_and_what_left_of_earlier_batches() -> None:
    counts = _counts(
        new_accepted=RowCount(2, Decimal(20)), earlier_accepted=RowCount(1, Decimal(5)),
        stored_duplicate=RowCount(1, Decimal(8)), stored_quarantined=RowCount(1, Decimal(2)),
    )  # fmt: skip
    line = entry("orders", counts)
    assert (line.released, line.outranked) == (RowCount(1, Decimal(5)), RowCount(2, Decimal(10)))
    assert rows_after(counts, RowCount(10, Decimal(100))) == RowCount(11, Decimal(115))


@pytest.mark.parametrize(("before", "released", "outranked"), [(4, 2, 0), (9, 0, 3)])
def test_of_a_table_made_anew_the_difference_is_known(before: int, released: int, outranked: int) -> None:
    counts = _counts(new_accepted=RowCount(2, Decimal(2)), earlier_accepted=RowCount(6, Decimal(6)))
    line = entry("orders", counts, RowCount(before, Decimal(before)))
    assert (line.released.rows, line.outranked.rows) == (released, outranked)
    assert (line.released.amount, line.outranked.amount) == (Decimal(released), Decimal(outranked))


def test_the_quarantine_gate_lets_its_limit_through_and_stops_above_it() -> None:
    line = _entry(accepted=7, quarantined=1)
    check_quarantine([line], 0.1)
    with pytest.raises(GateError, match=r"1 of 10 rows \(10.0%\).*at most 9.0%") as error:
        check_quarantine([line], 0.09)
    assert (error.value.exit_status, error.value.table) == (3, "orders")
    with pytest.raises(GateError, match="or raise max_quarantine_share in the source file$"):
        check_quarantine([line], 0.09, said_in="max_quarantine_share in the source file")


def test_rows_that_wait_are_not_refused() -> None:
    line = _entry(accepted=4, quarantined=4)
    check_quarantine([line], 0.1, {"orders": 3})
    with pytest.raises(GateError, match=r"2 of 10 rows \(20.0%\)"):
        check_quarantine([line], 0.1, {"orders": 2})
    with pytest.raises(GateError, match="4 of 10 rows"):
        check_quarantine([line], 0.1)


def test_a_select_that_loses_rows_is_stopped() -> None:
    check_raw("orders", 10, 10)
    check_raw("orders", 12, 10)
    with pytest.raises(GateError, match="10 rows came in and 9 were judged"):
        check_raw("orders", 9, 10)


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [(RowCount(6, Decimal(10)), 1), (RowCount(7, Decimal(9)), 1), (RowCount(7, Decimal(10)), 0)],
)
def test_tables_that_hold_something_else_are_stopped(accepted: RowCount, refused: int) -> None:
    line, expected = _entry(accepted=7, quarantined=1), RowCount(7, Decimal("10.00"))
    check_committed(line, expected, expected, 1)
    with pytest.raises(GateError, match="does not add up"):
        check_committed(line, expected, accepted, refused)
