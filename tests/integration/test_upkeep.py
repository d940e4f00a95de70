"""Upkeep of a lake, and earlier runs made the present again: read by a reader that is not Spark."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation import schemas
from segmentation.config import Config, load_config
from segmentation.errors import InputError
from segmentation.lake.tables import Lake, as_rows
from segmentation.pipeline import upkeep
from segmentation.progress import Progress
from segmentation.run import Run
from segmentation.stages.upkeep import is_due
from tests.support.aging import age
from tests.support.shop import REPOSITORY, Shop, line, order

KEPT = ("delta.deletedFileRetentionDuration", "delta.logRetentionDuration")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two_days(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(spark, tmp_path_factory.mktemp("two"))
    shop.take(shop.export([order("a1"), order("b1", 5)], [line("a1")]))
    shop.take(shop.export([order("a1", status="Dikembalikan"), order("c1", 7)], [line("c1")], users=[], products=[]))
    return shop


@pytest.fixture
def shop(spark: SparkSession, two_days: Shop, tmp_path: Path) -> Shop:
    """A copy of the lake of two days, to be changed."""
    shutil.copytree(two_days.lake, tmp_path / "lake")
    return Shop(spark, tmp_path)


def _config(shop: Shop, **overrides: object) -> Config:
    places = {"lake": str(shop.lake), "output": str(shop.folder / "report"), "input": str(shop.folder)}
    return load_config(str(REPOSITORY / "conf" / "local.yml"), {**places, **overrides})


def _upkeep(shop: Shop, **overrides: object) -> str:
    said = io.StringIO()
    upkeep(shop.spark, _config(shop, **overrides), Progress(said))
    return said.getvalue()


def _first_run(shop: Shop) -> str:
    return str(min(shop.table("runs")["run_id"]))


@pytest.mark.parametrize("days", [pytest.param(0, marks=pytest.mark.full), 40])
def test_a_run_within_retention_is_made_the_present_again(shop: Shop, days: int) -> None:
    age(shop.lake, days)
    assert "as run" in _upkeep(shop, restore=_first_run(shop))
    assert shop.rows("orders", "order_id", "status") == [("a1", "completed"), ("b1", "completed")]
    assert len(shop.table("runs")) == 1
    assert len(shop.table("files")) == 4
    day = shop.export([order("a1", status="Dikembalikan"), order("c1", 7)], [line("c1")], users=[], products=[])
    shop.take(day)
    assert "did not end" not in shop.said.getvalue()
    assert shop.rows("orders", "order_id", "status") == [("a1", "returned"), ("b1", "completed"), ("c1", "completed")]


def test_a_run_beyond_retention_is_one_sentence_and_changes_nothing(shop: Shop) -> None:
    age(shop.lake, 400)
    before = {name: DeltaTable(str(shop.lake / name)).version() for name in ("orders", "files", "runs")}
    with pytest.raises(InputError, match=r"version 0 is no more to be had .*90 days.*expected a later one") as error:
        _upkeep(shop, restore=_first_run(shop))
    assert "\n" not in str(error.value)
    assert {name: DeltaTable(str(shop.lake / name)).version() for name in before} == before


def test_a_run_that_there_is_not_is_one_sentence(shop: Shop) -> None:
    with pytest.raises(InputError, match=r"found no run 'nosuch', expected a published one such as 20"):
        _upkeep(shop, restore="nosuch")


@pytest.mark.full
def test_small_files_are_put_together_and_old_ones_go(spark: SparkSession, shop: Shop) -> None:
    lake = Lake(spark, str(shop.lake))
    for n in range(10):
        lake.append(schemas.WARNINGS, as_rows(spark, schemas.WARNINGS, [(f"run{n}", "orders", "tax_arithmetic", n)]))
    age(shop.lake, 100)
    files = set(DeltaTable(str(shop.lake / "warnings")).file_uris())
    assert len(files) >= 10
    before = {name: shop.table(name) for name in ("orders", "ledger", "quarantine")}
    rows = shop.rows("warnings", "run_id", "rows")
    _upkeep(shop)
    assert len(DeltaTable(str(shop.lake / "warnings")).file_uris()) == 1
    assert shop.rows("warnings", "run_id", "rows") == rows
    assert all(before[name].equals(shop.table(name)) for name in before)
    assert all(Path(file.removeprefix("file://")).exists() for file in files)  # replaced only now
    age(shop.lake, 100)
    _upkeep(shop)
    assert not any(Path(file.removeprefix("file://")).exists() for file in files)
    assert shop.rows("warnings", "run_id", "rows") == rows
    told = shop.table("upkeep").query("table_name == 'warnings'").sort_values("run_id")
    assert list(told["files_after"]) == [1, 1]
    shop.take(shop.export([order("d1")], [line("d1")], users=[], products=[]))
    assert "did not end" not in shop.said.getvalue()
    assert [no for (no,) in shop.rows("orders", "order_id")] == ["a1", "b1", "c1", "d1"]


@pytest.mark.full
def test_retention_follows_the_config_also_in_a_lake_that_is_there(shop: Shop) -> None:
    orders = str(shop.lake / "orders")
    assert [DeltaTable(orders).metadata().configuration[name] for name in KEPT] == ["interval 90 days"] * 2
    shop.take(shop.export([order("d1")], [line("d1")], users=[], products=[]), keep="10d")
    found = [DeltaTable(str(shop.lake / name)).metadata().configuration for name in ("orders", "products", "ledger")]
    assert [[each[name] for name in KEPT] for each in found] == [["interval 10 days", "interval 30 days"]] * 3


@pytest.mark.full
def test_upkeep_is_due_when_the_last_one_is_old(spark: SparkSession, shop: Shop) -> None:
    lake, config = Lake(spark, str(shop.lake)), _config(shop, upkeep="weekly")
    now = shop.table("runs")["started_at"].min().to_pydatetime()
    after = {days: now + (now - now).__class__(days=days) for days in (1, 6, 8)}
    runs = {day: Run("segment", config, lake, Progress(io.StringIO()), started) for day, started in after.items()}
    assert [is_due(runs[day]) for day in (1, 6, 8)] == [False, False, True]
    assert not is_due(replace(runs[8], config=config.model_copy(update={"upkeep": "off"})))
