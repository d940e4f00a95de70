"""A source whose files are Parquet: the type that a column has on one day is not that of every day."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.support.lakes import table_of

JOINED = """
name: joined
raw:
  sold: {format: parquet, glob: sold*, columns: {nr: string, who: string, at: date}}
  items:
    format: parquet
    glob: items*
    columns: {nr: string, pieces: integer, worth: decimal, paid: boolean}
tables:
  orders:
    counted_on: sold
    select: |
      SELECT s._row, s.nr AS order_id, s.who AS buyer_id, s.at AS ordered_at,
             CASE WHEN i.paid THEN 'completed' ELSE 'unpaid' END AS status, i.pieces * i.worth AS gmv
      FROM sold s LEFT JOIN items i ON i.nr = s.nr
"""
LINES = """
name: till
grain: line
raw:
  sold: {format: parquet, glob: sold*, columns: {nr: string, who: string, at: date, worth: decimal}}
tables:
  orders:
    counted_on: sold
    select: SELECT _row, nr AS order_id, who AS buyer_id, at AS ordered_at, 'completed' AS status, worth AS gmv FROM sold
"""
CONFIG = "source: source.yml\ninput: in\nlake: lake\noutput: out\nquality: {max_quarantine_share: 1.0}\n"
DAY = "2024-01-01"

pytestmark = pytest.mark.slow


@dataclass
class Typed:
    """A lake, and the days' files that go into it."""

    spark: SparkSession
    folder: Path
    said: io.StringIO = field(default_factory=io.StringIO)

    def declare(self, source: str) -> None:
        """The source of all days."""
        (self.folder / "source.yml").write_text(source)
        (self.folder / "config.yml").write_text(CONFIG)

    def take(self, day: str, **files: Mapping[str, Any]) -> None:
        """Take in a day's files, each with its columns."""
        (self.folder / day).mkdir()
        for name, columns in files.items():
            pq.write_table(pa.table(dict(columns)), self.folder / day / f"{name}.parquet")
        places = {
            "input": str(self.folder / day),
            "lake": str(self.folder / "lake"),
            "output": str(self.folder / "out"),
        }
        config = load_config(str(self.folder / "config.yml"), {**places, "stages": ("ingest",)})
        self.said = io.StringIO()
        segment(self.spark, config, Progress(self.said))

    def orders(self) -> list[tuple[str, str, str]]:
        """Each order's number, status and value."""
        rows = table_of(self.folder / "lake", "orders")
        return sorted((row.order_id, row.status, str(row.gmv)) for row in rows.itertuples())


@pytest.fixture
def typed(spark: SparkSession, tmp_path: Path) -> Typed:
    return Typed(spark, tmp_path)


def _sold(*numbers: str) -> dict[str, Any]:
    return {"nr": list(numbers), "who": [f"b{nr}" for nr in numbers], "at": [DAY for _ in numbers]}


def test_orders_of_earlier_days_stay_whatever_type_their_numbers_had(typed: Typed) -> None:
    typed.declare(JOINED)
    doubles = {"nr": ["o1"], "pieces": [2.0], "worth": [12.5], "paid": pa.array([1], pa.int32())}
    typed.take("one", sold=_sold("o1"), items=doubles)
    assert typed.orders() == [("o1", "completed", "25.00")]
    typed.take("two", sold=_sold("o2"))  # without a file of items
    assert typed.orders() == [("o1", "completed", "25.00")]
    whole = {"nr": ["o2"], "pieces": [3], "worth": [7], "paid": [False]}  # of types of their own
    typed.take("three", items=whole)
    assert typed.orders() == [("o1", "completed", "25.00"), ("o2", "unpaid", "21.00")]
    texts = {"nr": ["o3"], "pieces": ["1"], "worth": ["5.5"], "paid": ["yes"]}
    typed.take("four", sold=_sold("o3"), items=texts)
    assert typed.orders() == [("o1", "completed", "25.00"), ("o2", "unpaid", "21.00"), ("o3", "completed", "5.50")]


def test_rows_that_only_the_type_of_their_numbers_tells_apart_are_told(typed: Typed) -> None:
    typed.declare(LINES)
    typed.take("one", sold={**_sold("o1", "o2"), "worth": [12.0, 5.0]})
    # The whole export again, and an order more; an integer where it was a double.
    typed.take("two", sold={**_sold("o1", "o2", "o3"), "worth": [12, 5, 9]})
    said = typed.said.getvalue()
    assert (
        "2 rows are equal to rows of earlier batches in all that the source declares, and counted beside them" in said
    )
    assert "how numbers are written (12, 12.0)" in said
    warned = table_of(typed.folder / "lake", "warnings").query("warning == 'undeclared_columns'")
    assert [(row.table_name, row.rows) for row in warned.itertuples()] == [("orders", 2)]
