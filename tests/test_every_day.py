"""A lake over days on which something else befalls the exports each time: columns, orders and people change."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.shop import Shop, line, order

pytestmark = pytest.mark.slow


def _with_note(file: Path) -> None:
    """Another column in front, and one more at the end, which is empty."""
    head, *rows = file.read_text().splitlines()
    file.write_text("\n".join([f"note,{head},spare", *[f"n{n},{row}," for n, row in enumerate(rows)]]) + "\n")


def test_lines_wait_whatever_columns_the_files_of_other_days_have(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    first = shop.export([order("o1")], [line("o1"), line("w1", 20), line("w2", 30)])
    _with_note(first / "df_order_complete.csv")
    shop.take(first)
    second = shop.export([order("o2")], [line("o2"), line("w1", 20)], users=[], products=[])
    shop.take(second)  # with a plain header: its line of w1 has no note, and is another one
    third = shop.export([order("o3")], users=[], products=[])
    shop.take(third)
    waiting = shop.table("quarantine")
    assert len(waiting) == 3 and waiting["fingerprint"].notna().all()
    assert len(shop.table("released")) == 0
    shop.take(shop.export([order("w1", 40), order("w2", 30)], users=[], products=[]))
    assert shop.rows("order_lines", "order_id", "line_no", "subtotal") == [
        ("o1", "1", "10.00"), ("o2", "1", "10.00"), ("w1", "1", "20.00"), ("w1", "2", "20.00"), ("w2", "1", "30.00"),
    ]  # fmt: skip
    assert len(shop.table("quarantine")) == 0
    assert sorted(shop.table("released")["fingerprint"]) == sorted(waiting["fingerprint"])
