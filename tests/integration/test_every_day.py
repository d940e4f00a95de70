"""A lake over days on which something else befalls the exports each time: columns, orders and people change."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from tests.support.shop import HEADERS, PRODUCTS, Shop, line, order

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
    fourth = shop.export()
    for name in HEADERS:  # a day without a sale
        (fourth / f"{name}.csv").write_text(HEADERS[name] + "\n")
    shop.take(fourth)
    assert sum(str(fourth) in path for path in shop.table("files")["file"]) == len(HEADERS)
    assert len(shop.table("orders")) == 3
    waiting = shop.table("quarantine")
    assert len(waiting) == 3 and waiting["fingerprint"].notna().all()
    assert len(shop.table("released")) == 0
    shop.take(shop.export([order("w1", 40), order("w2", 30)], users=[], products=[]))
    assert shop.rows("order_lines", "order_id", "line_no", "subtotal") == [
        ("o1", "1", "10.00"), ("o2", "1", "10.00"), ("w1", "1", "20.00"), ("w1", "2", "20.00"), ("w2", "1", "30.00"),
    ]  # fmt: skip
    assert len(shop.table("quarantine")) == 0
    assert sorted(shop.table("released")["fingerprint"]) == sorted(waiting["fingerprint"])


@pytest.mark.parametrize("holds_rows", [True, pytest.param(False, marks=pytest.mark.full)])
def test_people_move_and_orders_get_another_first_seller(
    spark: SparkSession, tmp_path: Path, holds_rows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PySparkException("NOT_SUPPORTED_WITH_SERVERLESS")

    if not holds_rows:  # a platform on which nothing is computed but for a write
        monkeypatch.setattr(type(spark.range(1)), "localCheckpoint", refuse)
        monkeypatch.setattr(type(spark.range(1)), "persist", refuse)
    shop = Shop(spark, tmp_path)
    first = [order("o1", 30).replace(",s1,", ",s5,"), order("\u00a0o2\t", 10)]
    users = ["b1,Bandung,Coblong,Jawa Barat,Buyer", "b2,Solo,Laweyan,Jawa Tengah,Buyer"]
    shop.take(shop.export(first, [line("o1", 10, "Rice"), line("o1", 20, "Salt"), line("o2")], users))
    assert [row[:2] for row in shop.rows("order_lines", "order_id", "seller_id")] == [
        ("o1", "s5"),
        ("o1", "s5"),
        ("o2", "s1"),
    ]
    moved = ["b1,Denpasar,Kota,Bali,Buyer"]
    shop.take(shop.export([order("o1", 5)], users=moved, products=[PRODUCTS[0].replace(",10", ",8")]))
    assert [row[:2] for row in shop.rows("order_lines", "order_id", "seller_id")] == [
        ("o1", "s1"),
        ("o1", "s1"),
        ("o2", "s1"),
    ]
    assert shop.rows("users", "user_id", "province") == [("b1", "Bali"), ("b2", "Jawa Tengah")]
    assert shop.rows("products", "product_id", "unit_price") == [("p1", "8.00")]
    assert len(shop.table("quarantine")) == 0
    book = shop.table("ledger").groupby("table_name").sum(numeric_only=True)
    for name in ("orders", "order_lines", "users", "products"):
        held = book.loc[name, "rows_accepted"] + book.loc[name, "rows_released"] - book.loc[name, "rows_outranked"]
        assert held == len(shop.table(name)), name
    again = shop.export(
        lines=[line("o1", 10, "Rice"), line("o1", 20, "Salt"), line("o1", 20, "Salt")], users=[], products=[]
    )
    shop.take(again)
    assert len(shop.table("order_lines")) == 3
    assert any(shop.lake.glob("scratch_*")) != holds_rows
    # Back home, and away again: the file of the last move is, line by line, that of the first one.
    home = ["b1,Bandung,Coblong,Jawa Barat,Buyer"]
    shop.take(shop.export([order("o3")], users=home, products=[PRODUCTS[0]]))
    assert shop.rows("users", "user_id", "province")[0] == ("b1", "Jawa Barat")
    shop.take(shop.export([order("o4")], users=moved, products=[PRODUCTS[0].replace(",10", ",8")]))
    assert shop.rows("users", "user_id", "province") == [("b1", "Bali"), ("b2", "Jawa Tengah")]
    assert shop.rows("products", "product_id", "unit_price") == [("p1", "8.00")]
