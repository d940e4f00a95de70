"""The ledger of the last batch, and the sums of all of them."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.reporting.data import rows
from segmentation.reporting.gather import all_batches, last_batch

LINES = [
    # run, table, rows read, accepted, refused, twice, released, outranked, and the same in money
    ("r1", "orders", 10, 7, 2, 1, 0, 0, "100.00", "70.00", "20.00", "10.00", "0.00", "0.00"),
    ("r2", "orders", 4, 4, 0, 0, 2, 1, "40.00", "40.00", "0.00", "0.00", "20.00", "10.00"),
    ("r1", "users", 5, 5, 0, 0, 0, 0, None, None, None, None, None, None),
]


@pytest.fixture
def ledger(spark: SparkSession) -> pd.DataFrame:
    """As the lake hands it out."""
    lines = [tuple(None if cell is None else str(cell) for cell in line) for line in LINES]
    frame = spark.createDataFrame(lines, ", ".join(f"{name} string" for name in schemas.LEDGER.names))
    return frame.select(*[F.col(column.name).cast(column.type) for column in schemas.LEDGER.columns]).toPandas()


def test_all_batches_add_up_by_table(ledger: pd.DataFrame) -> None:
    found = rows(all_batches(ledger))
    assert [(row["table_name"], row["batches"]) for row in found] == [("orders", 2), ("users", 1)]
    assert {name: found[0][name] for name in found[0] if name.startswith("rows_")} == {
        "rows_read": 14, "rows_accepted": 11, "rows_quarantined": 2, "rows_duplicate": 1,
        "rows_released": 2, "rows_outranked": 1,
    }  # fmt: skip
    assert (found[0]["gmv_read"], found[0]["gmv_accepted"]) == (Decimal("140.00"), Decimal("110.00"))
    assert found[1]["gmv_read"] is None
    assert [row["rows_read"] for row in rows(last_batch(ledger))] == [4]


def test_of_an_empty_ledger_nothing_is_told(ledger: pd.DataFrame) -> None:
    nothing = ledger.head(0)
    assert list(all_batches(nothing).columns) == list(all_batches(ledger).columns)
    assert rows(all_batches(nothing)) == rows(last_batch(nothing)) == []
