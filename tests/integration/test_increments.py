"""Exports that come day after day: late, twice, corrected, in whatever order.

Three days go into one lake; the first letters of the orders say what befalls them: a: added, v: versions,
t: tied versions, x: a conflict that a later version settles, w: lines that wait, p: lines in parts,
c: corrected lines, q: a corrected order, r: the same broken order again.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from tests.support.shop import Shop, line, order

pytestmark = pytest.mark.slow

FIRST = {
    "orders": [
        order("a1"), order("v1", status="Menunggu Pembayaran"), order("v2"), order("t1", 10), order("t2", 12),
        order("x1", 10), order("x1", 12), order("p1", 60), order("c1", 60), order("q1", "ten"), order("r1", "ten"),
    ],
    "lines": [
        line("a1"), line("w1", 20), line("w2", 5), line("p1", 10, "Rice"),
        line("c1", 10, "Rice"), line("c1", 20, "Salt"), line("c1", 30, "Oil"),
    ],
}  # fmt: skip
SECOND = {
    "orders": [
        order("a2", 20, day="2024-01-02"), order("v1"), order("v2", status="Menunggu Pembayaran"), order("t1", 12),
        order("t2", 10), order("x1", 11, status="Dikembalikan"), order("w1", 20), order("q1", 10), order("r1", "ten"),
    ],
    "lines": [line("a2", 20), line("p1", 20, "Salt"), line("c1", 10, "Rice"), line("c1", 50, "Oil")],
    "users": [], "products": [],
}  # fmt: skip
THIRD = {
    "lines": [line("p1", 30, "Oil"), line("p1", 10, "Rice")],
    "users": ["b3,Medan,Kota,Sumatera Utara,Buyer"],
    "products": [],
}


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(spark, tmp_path_factory.mktemp("days"))
    for day in (FIRST, SECOND, THIRD):
        shop.take(shop.export(**day))
    return shop


def _orders(shop: Shop, start: str, *columns: str) -> list[tuple[Any, ...]]:
    return [row for row in shop.rows("orders", "order_id", *columns) if row[0].startswith(start)]


def _lines(shop: Shop, no: str) -> list[tuple[Any, ...]]:
    return [
        row[1:] for row in shop.rows("order_lines", "order_id", "line_no", "product_name", "subtotal") if row[0] == no
    ]


def _refused(shop: Shop) -> dict[str, list[str]]:
    rows = shop.table("quarantine").to_dict("records")
    return {json.loads(row["record"])["order_id"]: list(row["reasons"]) for row in rows}


def _ledger(shop: Shop, table: str) -> pd.DataFrame:
    ledger = shop.table("ledger")
    return ledger[ledger["table_name"] == table].sort_values("run_id", ignore_index=True)


def test_a_new_order_is_added(shop: Shop) -> None:
    assert _orders(shop, "a", "gmv") == [("a1", "10.00"), ("a2", "20.00")]
    assert _lines(shop, "a2") == [("1", "Rice", "20.00")]


def test_a_higher_version_is_kept_whatever_came_first(shop: Shop) -> None:
    assert _orders(shop, "v", "status") == [("v1", "completed"), ("v2", "completed")]


def test_tied_versions_conflict_in_either_order(shop: Shop) -> None:
    assert _orders(shop, "t", "gmv") == [("t1", "12.00"), ("t2", "12.00")]
    refused = _refused(shop)
    assert refused["t1"] == refused["t2"] == ["conflicting_versions"]
    lost = [json.loads(row) for row in shop.table("quarantine")["record"]]
    assert {float(row["gmv"]) for row in lost if row["order_id"] in ("t1", "t2")} == {10.0}


def test_a_higher_version_settles_a_conflict(shop: Shop) -> None:
    assert _orders(shop, "x", "gmv", "status") == [("x1", "11.00", "returned")]
    assert "x1" not in _refused(shop)


def test_lines_wait_for_their_order(shop: Shop) -> None:
    assert _lines(shop, "w1") == [("1", "Rice", "20.00")]
    assert _refused(shop)["w2"] == ["line_without_order"]


def test_lines_that_come_in_parts_are_put_together(shop: Shop) -> None:
    assert _lines(shop, "p1") == [("1", "Oil", "30.00"), ("2", "Rice", "10.00"), ("3", "Salt", "20.00")]


def test_corrected_lines_replace_the_set(shop: Shop) -> None:
    assert _lines(shop, "c1") == [("1", "Oil", "50.00"), ("2", "Rice", "10.00")]


def test_a_corrected_order_leaves_the_quarantine(shop: Shop) -> None:
    assert _orders(shop, "q", "gmv") == [("q1", "10.00")]
    assert "q1" not in _refused(shop)


def test_the_same_refused_row_again_is_a_duplicate(shop: Shop) -> None:
    assert _refused(shop)["r1"] == ["bad_number"]
    assert sorted(_refused(shop)) == ["r1", "t1", "t2", "w2"]
    assert len(shop.table("quarantine")) == 4


def test_what_left_the_quarantine_is_on_record(shop: Shop) -> None:
    left = [
        (row["table_name"], json.loads(row["record"])["order_id"], row["why"])
        for row in shop.table("released").to_dict("records")
    ]
    assert sorted(left) == [
        ("order_lines", "w1", "accepted"),
        ("orders", "q1", "corrected"),
        ("orders", "x1", "outranked"),
    ]


def test_the_ledger_adds_up_over_all_days(shop: Shop) -> None:
    orders = _ledger(shop, "orders")
    assert list(orders["rows_read"]) == [11, 9]
    assert list(orders["rows_accepted"]) == [8, 6]  # a2 v1 t1 x1 w1 q1
    assert list(orders["rows_quarantined"]) == [3, 1]  # t2
    assert list(orders["rows_duplicate"]) == [0, 2]  # v2 r1
    assert list(orders["rows_outranked"]) == [0, 3]  # v1 t1 x1
    held = orders["rows_accepted"].sum() + orders["rows_released"].sum() - orders["rows_outranked"].sum()
    assert held == len(shop.table("orders")) == 11
    money = orders["gmv_accepted"].sum() + orders["gmv_released"].sum() - orders["gmv_outranked"].sum()
    assert money == shop.table("orders")["gmv"].sum() == 235
    lines = _ledger(shop, "order_lines")
    assert list(lines["rows_read"]) == [7, 4, 2]
    assert list(lines["rows_released"]) == [0, 1, 0]
    assert list(lines["rows_outranked"]) == [0, 3, 0]
    assert list(lines["rows_duplicate"]) == [0, 0, 1]


def test_what_a_day_says_nothing_of_is_not_rewritten(shop: Shop) -> None:
    versions = [dict(row) for row in shop.table("runs").sort_values("run_id")["table_versions"]]
    assert [each["products"] for each in versions] == [0, 0, 0]
    assert [each["orders"] for each in versions] == [0, 1, 1]
    assert [each["users"] for each in versions] == [0, 0, 1]


def test_the_same_file_again_changes_nothing_whatever_its_name(shop: Shop) -> None:
    before = {name: shop.table(name) for name in ("orders", "order_lines", "quarantine", "ledger", "files")}
    again = shop.export(**SECOND)
    shutil.move(again / "df_order.csv", again / "df_order_07.csv")
    shop.take(again)
    assert "already ingested" in shop.said.getvalue()
    for name, table in before.items():
        pd.testing.assert_frame_equal(shop.table(name), table)


def test_every_published_run_can_be_read_and_made_the_present_again(spark: SparkSession, shop: Shop) -> None:
    first = shop.table("runs").sort_values("run_id").iloc[0]
    version = dict(first["table_versions"])["orders"]
    then = DeltaTable(str(shop.lake / "orders"), version=version).to_pyarrow_table().to_pandas()
    assert sorted(then["order_id"]) == ["a1", "c1", "p1", "t1", "t2", "v1", "v2", "x1"]
    copy = shop.lake.parent / "copy"
    shutil.copytree(shop.lake / "orders", copy)
    spark.sql("RESTORE TABLE delta.`" + str(copy) + "` TO VERSION AS OF " + str(int(version)))
    restored = DeltaTable(str(copy)).to_pyarrow_table().to_pandas()
    assert sorted(restored["order_id"]) == sorted(then["order_id"])
