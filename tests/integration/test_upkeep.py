"""Upkeep of a lake, and earlier runs made the present again: read by a reader that is not Spark."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import Config, load_config
from segmentation.errors import InputError
from segmentation.lake.lock_row import claim
from segmentation.lake.tables import Lake, as_rows
from segmentation.pipeline import upkeep
from segmentation.progress import Progress
from segmentation.run import Run
from segmentation.stages import publication
from segmentation.stages.upkeep import is_due, keep_up
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
    said = _upkeep(shop, restore=_first_run(shop))
    assert "as run" in said and "report.html" not in said
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


FIRST, SECOND = "20240101T000000000000Z", "20240102T000000000000Z"
USERS = [(f"u{n:02}", "buyer", "Aceh", "Banda Aceh", None, None) for n in range(40)]


@pytest.fixture
def by_hand(spark: SparkSession, tmp_path: Path) -> Shop:
    """A lake of two published runs, each of which brought users and a file, and made the overview anew.

    The first has its users in two files, of which the second run replaced the smaller one.
    """
    shop = Shop(spark, tmp_path)
    lake, config = Lake(spark, str(shop.lake), signed_by=FIRST), _config(shop)

    def put(run_id: str, total: str, *users: tuple[object, ...]) -> None:
        lake.signed_by = run_id
        rows = as_rows(spark, schemas.USERS, [(*user, run_id) for user in users]).withColumn("_gone", F.lit(False))
        lake.merge(schemas.USERS, rows)
        lake.append_rows(schemas.FILES, [("df_users", f"{run_id}.csv", 1, None, run_id, run_id)])
        figures = [
            {"dimension": "total", "value": total, "run_id": run_id}.get(name) for name in schemas.OVERVIEW.names
        ]
        lake.overwrite(schemas.OVERVIEW, as_rows(spark, schemas.OVERVIEW, [figures]))
        versions = lake.versions(["users", "files", "overview"])
        run = replace(Run.begin("segment", spark, config, Progress(io.StringIO())), lake=lake, as_of=date(2024, 1, 2))
        lake.append_rows(schemas.RUNS, [(run_id, *run.row(versions)[1:])])

    lake.overwrite(schemas.USERS, as_rows(spark, schemas.USERS, [(*USERS[0], FIRST)]))
    put(FIRST, "first", *USERS[1:])
    put(SECOND, "second", ("u00", "buyer", "Bali", "Denpasar", None, None))
    return shop


def _held(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    return {
        "users": shop.rows("users", "user_id", "city", "batch_id"),
        "files": shop.rows("files", "file"),
        "overview": shop.rows("overview", "value"),
        "runs": shop.rows("runs", "run_id", "started_at", "source", "as_of", "config"),
    }


def _versions(shop: Shop) -> dict[str, int]:
    return {name: DeltaTable(str(shop.lake / name)).version() for name in ("users", "files", "overview")}


def _run(shop: Shop) -> Run:
    return Run.begin("upkeep", shop.spark, _config(shop), Progress(io.StringIO()))


@pytest.mark.parametrize("point", ["restored", "forgotten"])
def test_what_a_restore_did_that_died_is_undone(by_hand: Shop, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    before = _held(by_hand)
    restored = publication.restore_version

    def reach(at: str) -> None:
        if at == point:
            raise KeyboardInterrupt(at)

    def restore(lake: Lake, name: str, version: int) -> None:
        restored(lake, name, version)
        reach("restored")

    with monkeypatch.context() as patch:
        patch.setattr(publication, "restore_version", restore)
        patch.setattr(publication, "reach", reach)
        with pytest.raises(KeyboardInterrupt):
            publication.restore(_run(by_hand), FIRST)
    assert _held(by_hand) != before
    for _ in range(2):  # one that dies after it undid it
        publication.resume(_run(by_hand))
        assert _held(by_hand) == before
    assert by_hand.rows("undo_log", "run_id") == []
    publication.restore(_run(by_hand), FIRST)
    assert by_hand.rows("overview", "value") == [("first",)]


def test_what_a_dead_run_spoiled_and_no_restore_puts_back_stays_known(by_hand: Shop) -> None:
    run, dead = _run(by_hand), "20240103T000000000000Z"
    logged = [(SECOND, "users", None, None), (dead, "trade", None, None)]
    run.lake.append(schemas.UNDO_LOG, as_rows(by_hand.spark, schemas.UNDO_LOG, logged))
    run.lake.mark_spoiled(["trade"], dead)
    publication.restore(run, FIRST)
    assert by_hand.rows("undo_log", "run_id", "table_name") == [(dead, "trade")]


def test_of_a_run_whose_files_are_gone_nothing_is_restored(by_hand: Shop) -> None:
    before = _held(by_hand)
    users = DeltaTable(str(by_hand.lake / "users"))
    assert len(users.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)) == 1
    versions = _versions(by_hand)
    with pytest.raises(InputError, match=r"users: found files of version \d gone, expected all of them there"):
        publication.restore(_run(by_hand), FIRST)
    assert (_held(by_hand), _versions(by_hand)) == (before, versions)


def test_a_run_that_was_restored_is_known_by_the_versions_that_hold_it_now(by_hand: Shop) -> None:
    publication.restore(_run(by_hand), FIRST)
    ((run_id, found),) = by_hand.table("runs")[["run_id", "table_versions"]].values
    assert (run_id, dict(found)) == (FIRST, _versions(by_hand))
    assert by_hand.rows("users", "user_id", "city") == [(user[0], "Banda Aceh") for user in USERS]
    assert by_hand.rows("files", "file") == [(f"{FIRST}.csv",)]


def test_a_table_that_cannot_be_served_waits_and_stops_no_run(spark: SparkSession, by_hand: Shop) -> None:
    lake, run = Lake(spark, str(by_hand.lake)), _run(by_hand)
    for n in range(8):
        lake.append(
            schemas.WARNINGS, as_rows(spark, schemas.WARNINGS, [(f"run{n}", "orders", "tax_arithmetic", n, None)])
        )
    next((by_hand.lake / "warnings").glob("*.parquet")).unlink()
    said = io.StringIO()
    keep_up(replace(run, progress=Progress(said)))
    assert re.search(r"upkeep of warnings is left for the next time: .*parquet does not exist", said.getvalue())
    served = [name for (name,) in by_hand.rows("upkeep", "table_name")]
    assert {"users", "files", "overview", "runs"} <= {*served} and "warnings" not in served


def test_tables_that_nobody_reads_are_served_and_kept_no_longer_than_delta_does(
    spark: SparkSession, by_hand: Shop
) -> None:
    lake = Lake(spark, str(by_hand.lake))
    claim(lake, "run r1", silent=600)
    spark.range(1).write.format("delta").save(lake.place("scratch_orders"))
    keep_up(_run(by_hand))
    served = [name for (name,) in by_hand.rows("upkeep", "table_name")]
    assert {"lake_lock", "scratch_orders", "users"} <= {*served}
    found = {name: DeltaTable(lake.place(name)).metadata().configuration for name in served}
    assert [[name in found[table] for name in KEPT] for table in ("lake_lock", "scratch_orders")] == [[False] * 2] * 2
    assert [found["users"][name] for name in KEPT] == ["interval 90 days"] * 2


@pytest.mark.full
def test_small_files_are_put_together_and_old_ones_go(spark: SparkSession, shop: Shop) -> None:
    lake = Lake(spark, str(shop.lake))
    for n in range(10):
        lake.append(
            schemas.WARNINGS, as_rows(spark, schemas.WARNINGS, [(f"run{n}", "orders", "tax_arithmetic", n, None)])
        )
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


def test_upkeep_of_a_clock_that_was_ahead_puts_none_off(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    lake, config = Lake(spark, str(shop.lake)), _config(shop, upkeep="weekly")
    ahead, now = datetime(2040, 1, 1, tzinfo=timezone.utc), datetime(2030, 1, 10, tzinfo=timezone.utc)
    runs = {n: Run("segment", config, lake, Progress(io.StringIO()), now + timedelta(days=n)) for n in (0, 2, 8)}

    def began(run_id: str, at: datetime) -> tuple[object, ...]:
        return (run_id, *replace(runs[0], started_at=at, as_of=at.date()).row({})[1:])

    def done(run_id: str, at: datetime) -> None:
        lake.append_rows(schemas.UPKEEP, [(run_id, "orders", 1, 1, 1, 1, at)])

    lake.append_rows(schemas.RUNS, [began("ahead", ahead)])
    assert is_due(runs[0])
    lake.append_rows(schemas.RUNS, [began("now", now - timedelta(days=1))])
    done("ahead", ahead)
    assert [is_due(run) for run in runs.values()] == [False, False, True]
    done("now", now)
    assert [is_due(run) for run in runs.values()] == [False, False, True]
