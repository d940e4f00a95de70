"""The same rows in whatever batches and order give the same tables: held on splits that hypothesis draws."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from segmentation.stages import features
from tests.support.shop import PRODUCTS, USERS, Shop, line, order

ORDERS = [
    order("o1", 60),
    order("o1", 60, status="Menunggu Pembayaran"),
    order("o2", 25, buyer="b2", day="2024-01-03"),
    order("o2", 20, buyer="b2", day="2024-01-03", status="Dikembalikan"),
    order("o3", 30, day="2024-01-05"),
    order("o3", 35, day="2024-01-05"),  # conflicts
    order("o4", 7, status="Diproses", day="2024-01-02"),
    order("o4", 7, status="Selesai", day="2024-01-04"),  # another day and buyer
    order("o5", 12, buyer="b2", day="2023-12-30"),
    order("o5", 12, buyer="b2", day="2023-12-30"),  # twice
    order("o6", "ten"),
]
LINES = [
    line("o1", 10, "Rice"), line("o1", 20, "Salt", "Spice"), line("o1", 30, "Oil"),
    line("o2", 20, "Rice"), line("o3", 35, "Pan", "Tools"), line("o4", 7, "Salt", "Spice"),
    line("o5", 5, "Rice"), line("o5", 7, "Oil"), line("o5", 5, "Rice"),  # once twice
    line("o9", 5, "Rice"),  # no order
]  # fmt: skip
COMPARED = ("orders", "order_lines", "users", "products", "buyer_features", "seller_features", "overview")

pytestmark = pytest.mark.slow


def _tables(shop: Shop) -> dict[str, pd.DataFrame]:
    tables = {name: shop.table(name).drop(columns=["batch_id", "run_id"], errors="ignore") for name in COMPARED}
    return {name: t.sort_values(list(t.columns[:3]), ignore_index=True) for name, t in tables.items()}


def _refused(shop: Shop) -> list[tuple[str, str, str]]:
    rows = shop.table("quarantine").itertuples()
    return sorted((row.table_name, ",".join(row.reasons), json.loads(row.record)["order_id"]) for row in rows)


@pytest.fixture(scope="module", autouse=True)
def _touched_alone() -> Iterator[None]:
    """Features of what a batch touched alone, however small the lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "SMALL", 0)
        yield


@pytest.fixture(scope="module")
def whole(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """All rows in one batch."""
    shop = Shop(spark, tmp_path_factory.mktemp("whole"))
    shop.take(shop.export(ORDERS, LINES), "ingest", "features")
    return shop


def _hold(spark: SparkSession, folder: Path, whole: Shop, batches: int, seed: int) -> None:
    dice = random.Random(seed)
    rows = {"orders": ORDERS, "lines": LINES, "users": USERS, "products": PRODUCTS}
    parts: list[dict[str, list[str]]] = [{name: [] for name in rows} for _ in range(batches)]
    for name, lines in rows.items():
        for at, each in enumerate(dice.sample(lines, len(lines))):
            # the first batch has some of everything
            parts[0 if at == 0 else dice.randrange(batches)][name].append(each)
    shop = Shop(spark, folder)
    for at, part in enumerate(parts):
        if any(part.values()):  # features of each batch with it, or of several in a run of their own
            shop.take(shop.export(*part.values()), *(["ingest"] if at % 2 else ["ingest", "features"]))
    shop.take(shop.folder, "features")
    expected, found = _tables(whole), _tables(shop)
    for name in COMPARED:
        pd.testing.assert_frame_equal(expected[name], found[name], check_exact=True, obj=f"{name} of {parts}")
    assert _refused(whole) == _refused(shop)
    ledger = shop.table("ledger").groupby("table_name").sum(numeric_only=True)
    for name, held in (("orders", 5), ("order_lines", 8)):
        book = ledger.loc[name]
        assert book["rows_read"] == book["rows_accepted"] + book["rows_quarantined"] + book["rows_duplicate"]
        assert book["rows_accepted"] + book["rows_released"] - book["rows_outranked"] == held, name


def test_all_in_one_is_what_it_should_be(whole: Shop) -> None:
    assert whole.rows("orders", "order_id", "gmv", "status") == [
        ("o1", "60.00", "completed"), ("o2", "20.00", "returned"), ("o3", "35.00", "completed"),
        ("o4", "7.00", "completed"), ("o5", "12.00", "completed"),
    ]  # fmt: skip
    assert len(whole.table("order_lines")) == 8
    assert _refused(whole) == [
        ("order_lines", "line_without_order", "o9"), ("orders", "bad_number", "o6"),
        ("orders", "conflicting_versions", "o3"),
    ]  # fmt: skip


@pytest.mark.full
@settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batches=st.just(3), seed=st.integers(0, 10_000))
def test_some_splits_give_the_same(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, whole: Shop, batches: int, seed: int
) -> None:
    _hold(spark, tmp_path_factory.mktemp("split"), whole, batches, seed)


@pytest.mark.full
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batches=st.integers(2, 6), seed=st.integers(0, 1_000_000))
def test_many_splits_give_the_same(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, whole: Shop, batches: int, seed: int
) -> None:
    _hold(spark, tmp_path_factory.mktemp("split"), whole, batches, seed)
