"""Runs that die and runs that hold a lake, in processes of their own; what comes after them, in the session."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation.lake.failpoints import VARIABLE
from tests.support.jobs import call
from tests.support.processes import NEEDS_SETUP, QUICK, REPOSITORY, SUBMIT
from tests.support.shop import Shop, line, order

# In the order in which a run reaches them.
POINTS = ("locked", "judged", "orders", "tables", "ledger", "features", "unpublished")
SOME = ("unpublished",)  # all is written, and nothing published
COMPARED = ("orders", "order_lines", "quarantine", "ledger", "released", "buyer_features", "overview")
HERE = ["batch_id", "run_id", "quarantined_at", "source_file"]  # not the same in two lakes

pytestmark = [pytest.mark.slow, NEEDS_SETUP]


def _options(shop: Shop, folder: Path, *stages: str) -> list[str]:
    return [
        "--config", str(shop.folder / "config.yml"), "--input", str(folder), "--lake", str(shop.lake),
        "--output", str(shop.folder / "report"),
        *[option for stage in stages or ("ingest", "features") for option in ("--stage", stage)],
    ]  # fmt: skip


def _start(shop: Shop, folder: Path, *stages: str, die_at: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SUBMIT), "--driver-java-options", QUICK, "jobs/segment.py", *_options(shop, folder, *stages)],
        cwd=REPOSITORY, env={**os.environ, VARIABLE: die_at}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _published(shop: Shop) -> dict[str, pd.DataFrame]:
    """The tables as a reader sees them who goes by the last row of `runs`."""
    versions = dict(shop.table("runs").sort_values("run_id")["table_versions"].iloc[-1])
    tables = {}
    for name in COMPARED:
        table = DeltaTable(str(shop.lake / name), version=versions[name]).to_pyarrow_table().to_pandas()
        table = table.drop(columns=HERE, errors="ignore").astype(str)
        tables[name] = table.sort_values(list(table.columns), ignore_index=True)
    return tables


def _latest(shop: Shop) -> dict[str, pd.DataFrame]:
    tables = {}
    for name in COMPARED:
        table = shop.table(name).drop(columns=HERE, errors="ignore").astype(str)
        tables[name] = table.sort_values(list(table.columns), ignore_index=True)
    return tables


def _same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    for name in COMPARED:
        pd.testing.assert_frame_equal(found[name], expected[name], obj=name)


@pytest.fixture
def shop(spark: SparkSession, tmp_path: Path) -> Shop:
    shop = Shop(spark, tmp_path)
    config = (REPOSITORY / "conf" / "local.yml").read_text().replace("0.05", "1.0")
    source = str(REPOSITORY / "conf" / "sources" / "padi.yml")
    (tmp_path / "config.yml").write_text(config.replace("sources/padi.yml", source))
    return shop


@pytest.mark.full  # in make test a run dies in the session: test_undo.py
@pytest.mark.parametrize("points", [SOME, POINTS], ids=["some", "all"])
def test_a_run_that_dies_anywhere_changes_nothing_and_the_next_one_ends_its_work(
    spark: SparkSession, shop: Shop, tmp_path: Path, points: tuple[str, ...]
) -> None:
    first = ([order("o1"), order("o2", 30, status="Menunggu Pembayaran")], [line("o1"), line("o2", 30), line("o3", 9)])
    second = ([order("o2", 30), order("o3", 9, buyer="b2"), order("o4", "ten")], [line("o4", 4)], (), ())
    undisturbed = Shop(spark, tmp_path / "undisturbed")
    shop.take(shop.export(*first), "ingest", "features")
    shutil.copytree(shop.lake, undisturbed.lake)
    before = _published(shop)
    day = shop.export(*second)
    for point in points:
        died = _start(shop, day, die_at=point)
        said, _ = died.communicate(timeout=600)
        assert died.returncode != 0, f"{point}: {said}"
        assert "error:" not in said, f"{point}: {said}"
        _same(_published(shop), before)
    ended = call(spark, "jobs/segment.py", *_options(shop, day))
    assert ended.status == 0, ended.said
    assert "did not end" in ended.said
    undisturbed.take(undisturbed.export(*second), "ingest", "features")
    _same(_latest(shop), _latest(undisturbed))
    _same(_published(shop), _published(undisturbed))
    assert len(shop.table("runs")) == 2


def test_a_second_run_at_once_is_told_who_holds_the_lake(spark: SparkSession, shop: Shop) -> None:
    day = shop.export([order("o1")], [line("o1")])
    one = _start(shop, day, "ingest")
    named = Path(f"{shop.lake}.lock.json")
    deadline = time.monotonic() + 300
    while not named.exists():
        assert time.monotonic() < deadline and one.poll() is None
        time.sleep(0.1)
    holder = named.read_text()
    other = call(spark, "jobs/segment.py", *_options(shop, day, "ingest"))
    assert other.status == 4, other.said
    assert "found it held by run 2" in other.sentence
    assert "process" in other.sentence
    assert other.sentence.split("held by ")[1].split(",")[0] in holder
    assert one.communicate(timeout=600) and one.returncode == 0
    assert len(shop.table("runs")) == 1
