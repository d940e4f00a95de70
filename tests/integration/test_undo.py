"""Runs that die, and what others do to the lake before the next one: that undoes the dead run's commits and no others'."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation import pipeline
from segmentation.errors import InputError
from segmentation.lake.tables import Lake, as_rows
from segmentation.schemas import UNDO_LOG
from segmentation.stages import features, ingest, publication
from segmentation.stages.undo import prune
from tests.support.aging import age
from tests.support.lakes import table_of
from tests.support.shop import Shop, line, order

FIRST = {
    "orders": [order("a1"), order("v1", status="Menunggu Pembayaran"), order("c1", 60), order("a3", 7, buyer="b2")],
    "lines": [line("a1"), line("w1", 20), line("c1", 10, "Rice"), line("c1", 20, "Salt"), line("c1", 30, "Oil")],
}
SECOND = {
    "orders": [order("v1"), order("w1", 20), order("a2", 20, day="2024-01-02"), order("x1", "ten")],
    "lines": [line("c1", 10, "Rice"), line("c1", 50, "Oil"), line("a2", 20)],
    "users": ["b3,Medan,Kota,Sumatera Utara,Buyer"],
    "products": [],
}
STAGES = ("ingest", "features")
COMPARED = (
    "orders", "order_lines", "users", "products", "quarantine", "released", "files", "ledger", "warnings",
    "buyer_features", "seller_features", "overview",
)  # fmt: skip
HERE = ["batch_id", "run_id", "quarantined_at", "source_file", "file", "modified_at", "content"]

OTHERS = ("judged", "orders", "tables", "ledger", "features", "unpublished")
FULL = pytest.mark.full

pytestmark = pytest.mark.slow


class DiedError(Exception):
    """Raised where a run is to end."""


@pytest.fixture(scope="module", autouse=True)
def _touched_alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "SMALL", 0)
        yield


@pytest.fixture(scope="module")
def young(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A shop's folder with a lake of one published run, and the exports of the second day."""
    shop = Shop(spark, tmp_path_factory.mktemp("young"))
    shop.take(shop.export(**FIRST), *STAGES)
    return shop.folder, shop.export(**SECOND)


@pytest.fixture(scope="module")
def expected(
    spark: SparkSession, young: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    """The tables after both days, where nothing went wrong."""
    shop = _copy(spark, young[0], tmp_path_factory.mktemp("calm"))
    shop.take(young[1], *STAGES)
    return _tables(shop)


def _copy(spark: SparkSession, of: Path, to: Path) -> Shop:
    shutil.copytree(of / "lake", to / "lake")
    return Shop(spark, to)


def _tables(shop: Shop) -> dict[str, pd.DataFrame]:
    tables = {name: shop.table(name).drop(columns=HERE, errors="ignore").astype(str) for name in COMPARED}
    return {name: table.sort_values(list(table.columns), ignore_index=True) for name, table in tables.items()}


def _die(shop: Shop, folder: Path, point: str) -> None:
    def reach(at: str) -> None:
        if at == point:
            raise DiedError(at)

    with pytest.MonkeyPatch.context() as patch:
        for module in (pipeline, ingest, publication):
            patch.setattr(module, "reach", reach)
        with pytest.raises(DiedError):
            shop.take(folder, *STAGES)


def _vacuum(shop: Shop, name: str) -> None:
    """All files go that the latest version does not have."""
    DeltaTable(str(shop.lake / name)).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)


def _same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, obj=name)


@pytest.mark.parametrize("point", ["order_lines", *(pytest.param(each, marks=FULL) for each in OTHERS)])
def test_a_dead_run_is_undone_whenever_it_died(
    spark: SparkSession, young: tuple[Path, Path], expected: dict[str, pd.DataFrame], tmp_path: Path, point: str
) -> None:
    shop = _copy(spark, young[0], tmp_path)
    _die(shop, young[1], point)
    shop.take(young[1], *STAGES)
    _same(_tables(shop), expected)
    assert ("did not end" in shop.said.getvalue()) is (point != "judged")


@pytest.mark.full  # in make test: two dead runs of one table, in tests/unit/lake/test_tables.py
@pytest.mark.parametrize("point", ["features", "unpublished"])
def test_runs_that_die_one_after_another_count_no_money_twice(
    spark: SparkSession, young: tuple[Path, Path], expected: dict[str, pd.DataFrame], tmp_path: Path, point: str
) -> None:
    shop = _copy(spark, young[0], tmp_path)
    for _ in range(2):
        _die(shop, young[1], point)
    shop.take(young[1], *STAGES)
    _same(_tables(shop), expected)


@FULL
@pytest.mark.parametrize("days", [8, 400])
def test_upkeep_by_hand_and_age_change_nothing(
    spark: SparkSession, young: tuple[Path, Path], expected: dict[str, pd.DataFrame], tmp_path: Path, days: int
) -> None:
    shop = _copy(spark, young[0], tmp_path)
    age(shop.lake, days)
    _die(shop, young[1], "unpublished")
    for name in ("orders", "order_lines", "quarantine", "buyer_features"):
        table = "delta.`" + str(shop.lake / name) + "`"
        spark.sql("OPTIMIZE " + table)
        spark.sql("ALTER TABLE " + table + " SET TBLPROPERTIES ('by.hand' = 'stays')")
        if name != "buyer_features":
            _vacuum(shop, name)
    age(shop.lake, days)
    shop.take(young[1], *STAGES)
    _same(_tables(shop), expected)
    for name in ("orders", "order_lines", "quarantine", "buyer_features"):
        assert DeltaTable(str(shop.lake / name)).metadata().configuration["by.hand"] == "stays", name
    shop.take(young[1], *STAGES)  # and on it goes
    _same(
        {name: table for name, table in _tables(shop).items() if name != "ledger"},
        {name: table for name, table in expected.items() if name != "ledger"},
    )


@FULL
def test_features_whose_earlier_state_is_gone_are_made_anew_or_asked_for(
    spark: SparkSession, young: tuple[Path, Path], expected: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    shop = _copy(spark, young[0], tmp_path)
    _die(shop, young[1], "unpublished")
    for name in ("buyer_features", "seller_features", "overview"):
        _vacuum(shop, name)
    with pytest.raises(InputError, match=r"found what run .* left that did not end.*run all stages"):
        shop.take(young[1], "segment")
    shop.take(young[1], *STAGES)
    _same(_tables(shop), expected)
    assert "what a dead run overwrote is gone" in shop.said.getvalue()
    shop.take(young[1], "features")
    assert "did not end" not in shop.said.getvalue()
    _same(_tables(shop), expected)


@FULL
def test_a_row_that_somebody_erased_since_stays_away(
    spark: SparkSession, young: tuple[Path, Path], tmp_path: Path
) -> None:
    shop = _copy(spark, young[0], tmp_path)
    _die(shop, young[1], "unpublished")
    spark.sql("DELETE FROM delta.`" + str(shop.lake / "orders") + "` WHERE order_id IN ('v1', 'a1')")
    shop.take(shop.export(orders=[order("z1")], lines=[], users=[], products=[]), "ingest")
    assert [no for (no,) in shop.rows("orders", "order_id")] == ["a3", "c1", "z1"]


@FULL
def test_a_run_that_died_before_its_first_commit_stops_no_other(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    for name in ("orders", "buyer_features", "runs", "undo_log"):
        (shop.lake / name).mkdir(parents=True)
        (shop.lake / name / "part-00000-left.snappy.parquet").write_bytes(b"PAR1")
    shop.take(shop.export(**FIRST), *STAGES)
    assert len(shop.table("orders")) == 4
    assert DeltaTable(str(shop.lake / "orders")).metadata().description == "one row per order and seller"


@FULL
def test_the_first_run_of_a_lake_may_die_too(spark: SparkSession, young: tuple[Path, Path], tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    first = shop.export(**FIRST)
    _die(shop, first, "features")
    shop.take(first, *STAGES)
    calm = _copy(spark, young[0], tmp_path / "calm")
    _same(_tables(shop), _tables(calm))


def test_what_a_dead_run_spoiled_is_not_forgotten_until_it_is_made_anew(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path / "lake"))
    logged = [(f"run{n}", "buyer_segments", None, None) for n in (1, 2, 3, 4)]
    lake.append(UNDO_LOG, as_rows(spark, UNDO_LOG, logged))
    lake.mark_spoiled(["buyer_segments"], "run2")
    prune(lake, "run3")
    assert sorted(table_of(tmp_path / "lake", "undo_log")["run_id"]) == ["run2", "run4"]
