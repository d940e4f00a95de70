"""A lake that lives for months: a delivery a day, people who look after it by hand, and runs that are killed."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from segmentation.stages import features, upkeep
from tests.support import longlife_by_hand as by_hand
from tests.support.aging import age
from tests.support.lakes import table_of
from tests.support.longlife import Files, deliveries, rows_delivered, write
from tests.support.processes import NEEDS_SETUP, REPOSITORY, start_run

# What the config says beside where things are.
SETTINGS: dict[str, Any] = {"upkeep": "weekly", "keep": "7d"}
UPKEEP_EVERY = 7  # deliveries: the clock of this machine does not go by the days of the lake
MOST_REFUSED = 0.05
COLD = 4  # times as long as in a session takes a run as a process
DAYS_APART = 1.0  # how much older the lake gets between two deliveries
STAGES = ("ingest", "features")
PROPERTY = "owner.team"
COMPARED = ("orders", "order_lines", "users", "products", "buyer_features", "seller_features", "overview")
COUNTED = {"df_order": "orders", "df_order_complete": "order_lines", "df_users": "users", "df_products": "products"}
LOCAL = "Asia/Jakarta"
FLAT = 1.3

pytestmark = [NEEDS_SETUP]


@dataclass
class Day:
    """What one delivery took, and what the lake was after it: files and bytes on disk, and files in use.

    cpu: seconds of both cores that the session's JVM was at work, which neighbours hardly move.
    """

    number: int
    seconds: float
    cpu: float
    files: int
    live: int
    bytes: int
    by_hand: str
    killed_after: float | None = None
    was_dead: bool = False


@dataclass
class Life:
    """A lake and how it came about."""

    spark: SparkSession
    folder: Path
    delivered: list[Files]
    days: list[Day] = field(default_factory=list)
    usual: float = 0.0  # seconds of a run as a process

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def all_files(self) -> Path:
        """One folder with the files of all days."""
        return self.folder / "all"


def live(
    spark: SparkSession, folder: Path, days: int, kill_every: int, maintenance: dict[int, str],
    again_as_process: bool = False, seed: int = 15,
) -> Life:  # fmt: skip
    """The deliveries of so many days, each taken in by a run; every so many days the run is killed first.

    `again_as_process`: the first run, and those after a death, are processes, of which the next death takes its time;
    else it is told from the day before.
    """
    life, dice = Life(spark, folder, deliveries(days, seed)), random.Random(seed)
    _write_config(folder)
    for number, files in enumerate(life.delivered, 1):
        write(files, life.all_files)
        today = write(files, folder / f"day{number}")
        killed_after, was_dead = None, False
        if number > 1 and number % kill_every == 0:
            killed_after = dice.uniform(0.2, 1.0) * (life.usual or COLD * life.days[-1].seconds)
            was_dead = _killed(life, today, killed_after)
            if number % (2 * kill_every) == 0:
                _maintain(life, "optimize")  # nobody knows that a run has died
        began, worked = time.monotonic(), _cpu(spark)
        if again_as_process and (number == 1 or killed_after is not None):
            _run(life, today)
            life.usual = time.monotonic() - began
        else:
            _take(life, today, life.lake, upkeep_is_due=number % UPKEEP_EVERY == 0)
        seconds, cpu = time.monotonic() - began, _cpu(spark) - worked
        shutil.rmtree(today)
        _maintain(life, maintenance.get(number, ""))
        age(life.lake, DAYS_APART)
        measured = _measured(life.lake)
        life.days.append(Day(number, seconds, cpu, *measured, maintenance.get(number, ""), killed_after, was_dead))
        print(_told(life.days[-1]), flush=True)
    return life


def _write_config(folder: Path) -> None:
    text = (REPOSITORY / "conf" / "local.yml").read_text()
    text = text.replace("sources/padi.yml", str(REPOSITORY / "conf" / "sources" / "padi.yml"))
    text = text.replace("max_quarantine_share: 0.05", f"max_quarantine_share: {MOST_REFUSED}")
    said = text.splitlines()
    for key, value in SETTINGS.items():
        said = [line for line in said if not line.startswith(f"{key}:")] + [f"{key}: {value}"]
    (folder / "config.yml").write_text("\n".join(said) + "\n")


def _take(life: Life, raw: Path, lake: Path, upkeep_is_due: bool = False) -> None:
    """A run in the session of the tests."""
    where = {"input": str(raw), "lake": str(lake), "output": str(life.folder / "report"), "stages": STAGES}
    config = load_config(str(life.folder / "config.yml"), where)
    life.spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    with pytest.MonkeyPatch.context() as patch:
        if upkeep_is_due:
            patch.setattr(upkeep, "EVERY", dict.fromkeys(upkeep.EVERY, timedelta(0)))
        segment(life.spark, config, Progress(io.StringIO()))


def _run(life: Life, raw: Path) -> None:
    """A run as a process."""
    run = start_run(life.folder / "config.yml", raw, life.lake, *STAGES)
    said, _ = run.communicate(timeout=900)
    assert run.returncode == 0, said


def _killed(life: Life, raw: Path, after: float) -> bool:
    """A run as a process, and an end to it and its children after so many seconds; whether it was still at work."""
    run = start_run(life.folder / "config.yml", raw, life.lake, *STAGES)
    try:
        said, _ = run.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        return True
    assert run.returncode == 0, said
    return False


def _maintain(life: Life, what: str) -> None:
    """What people do to tables that they look after."""
    tables = [life.lake / name for name in ("orders", "order_lines", "users", "buyer_features", "quarantine", "runs")]
    for path in tables:
        if what == "optimize":
            life.spark.sql(f"OPTIMIZE delta.`{path}`")
        elif what == "compact":  # as delta-rs does it
            DeltaTable(str(path)).optimize.compact()
        elif what == "vacuum":
            DeltaTable(str(path)).vacuum(dry_run=False)
        elif what == "vacuum all":
            DeltaTable(str(path)).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
        elif what == "property":
            life.spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{PROPERTY}' = 'sales')")
        else:
            assert not what


def _cpu(spark: SparkSession) -> float:
    """Seconds that the session's JVM was at work, on all cores, since it began."""
    pid = spark.sparkContext._gateway.proc.pid
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measured(lake: Path) -> tuple[int, int, int]:
    files = [file for file in lake.rglob("*") if file.is_file()]
    tables = [log.parent for log in lake.glob("*/_delta_log")]
    in_use = sum(len(DeltaTable(str(table)).file_uris()) for table in tables)
    return len(files), in_use, sum(file.stat().st_size for file in files)


def _told(day: Day) -> str:
    """A day as a line of a table."""
    killed = "" if day.killed_after is None else f"killed after {day.killed_after:.1f} s"
    if killed and not day.was_dead:
        killed = "was done before it was killed"
    return (
        f"day {day.number:>3}  {day.seconds:6.1f} s  {day.cpu:6.1f} CPU s  {day.files:>6,} files, {day.live:>4,} of them in use  "
        f"{day.bytes / 1e6:7.2f} MB  {day.by_hand} {killed}".rstrip()
    )


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A table as texts, without what is not the same in two lakes."""
    table = table.drop(columns=["batch_id", "run_id", "quarantined_at"], errors="ignore").astype(str)
    return table.sort_values(list(table.columns), ignore_index=True)


def refused(lake: Path) -> list[tuple[str, str, str]]:
    """Rows of the quarantine: table, reasons, key."""
    rows = table_of(lake, "quarantine").to_dict("records")
    key = ("order_id", "user_id", "product_id")
    records = [(row, json.loads(row["record"])) for row in rows]
    return sorted(
        (row["table_name"], ",".join(row["reasons"]), next(str(record[name]) for name in key if name in record))
        for row, record in records
    )


def check_ledger(lake: Path, delivered: list[Files]) -> None:
    """Every row and every rupiah that came in is accounted for, per run and over all of them."""
    ledger = table_of(lake, "ledger")
    for kind in ("rows", "gmv"):
        parts = sum(ledger[f"{kind}_{part}"].fillna(0) for part in ("accepted", "quarantined", "duplicate"))
        assert list(ledger[f"{kind}_read"].fillna(0)) == list(parts), kind
    for raw, name in COUNTED.items():
        mine, table = ledger[ledger["table_name"] == name], table_of(lake, name)
        assert mine["rows_read"].sum() == rows_delivered(delivered, raw), name
        came, left = mine["rows_accepted"].sum() + mine["rows_released"].sum(), mine["rows_outranked"].sum()
        assert came - left == len(table), name
    mine = ledger[ledger["table_name"] == "orders"]
    held = mine["gmv_accepted"].sum() + mine["gmv_released"].sum() - mine["gmv_outranked"].sum()
    assert held == table_of(lake, "orders")["gmv"].sum()


def check_by_hand(life: Life) -> None:
    """The tables say what the files say, by the rules in words."""
    orders = table_of(life.lake, "orders")
    at = orders["ordered_at"].dt.tz_convert(LOCAL).dt.strftime("%Y-%m-%d %H:%M:%S")
    found = orders.assign(ordered_at=at)[["order_id", "seller_id", "buyer_id", "ordered_at", "status", "gmv"]]
    assert _tuples(found) == by_hand.orders(life.all_files)
    columns = {
        "users": ["user_id", "role", "province", "city", "district"],
        "products": ["product_id", "product_name", "unit_price"],
        "order_lines": ["order_id", "seller_id", "product_name", "quantity", "subtotal"],
    }
    for name, wanted in columns.items():
        assert _tuples(table_of(life.lake, name)[wanted]) == getattr(by_hand, name)(life.all_files), name


def _tuples(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(map(tuple, table.values))


def _as_corrected(life: Life) -> Path:
    """All files, without the lines of orders that a later delivery brought anew: within one delivery nothing says which
    of two sets of lines is right. Neither does it of a line that both have, the later one with a column more.
    """
    kept = {(no, product, pieces, subtotal) for no, _, product, pieces, subtotal in by_hand.order_lines(life.all_files)}
    orders = {no for no, *_ in kept}
    folder = life.folder / "corrected"
    shutil.copytree(life.all_files, folder)
    last: dict[tuple[str, str, Decimal, Decimal], list[str]] = {}
    for path in sorted(folder.glob("df_order_complete_*.csv"), reverse=True):
        lines = pd.read_csv(path, dtype=str, keep_default_na=False)
        keys = zip(lines["order_id"], lines["product name"], lines["quantity"], lines["price_subtotal"], strict=True)
        stays = []
        for no, product, pieces, subtotal in keys:
            if no not in orders or not pieces.isdigit():
                stays.append(True)
                continue
            key = (no, product, Decimal(pieces), Decimal(subtotal))
            stays.append(key in kept and last.setdefault(key, sorted(lines.columns)) == sorted(lines.columns))
        lines[stays].to_csv(path, index=False)
    return folder


def check_one_delivery(life: Life) -> None:
    """The tables are those that one run makes of all files."""
    whole = life.folder / "whole"
    _take(life, _as_corrected(life), whole)
    assert refused(life.lake) == refused(whole)
    differ = {
        name for name in COMPARED if not in_order(table_of(life.lake, name)).equals(in_order(table_of(whole, name)))
    }
    for name in sorted(differ):
        pd.testing.assert_frame_equal(in_order(table_of(life.lake, name)), in_order(table_of(whole, name)), obj=name)
    assert not differ


def check_property(life: Life) -> None:
    """What people set by hand is still there."""
    for name in ("orders", "order_lines", "users", "buyer_features", "quarantine", "runs"):
        assert DeltaTable(str(life.lake / name)).metadata().configuration.get(PROPERTY) == "sales", name


@pytest.fixture(scope="module", autouse=True)
def _touched_alone() -> Iterator[None]:
    """Features of what a batch touched alone, however small the lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "SMALL", 0, raising=False)
        yield


@pytest.mark.full
def test_a_week_of_deliveries_with_a_death_is_one_delivery(spark: SparkSession, tmp_path: Path) -> None:
    maintenance = {2: "property", 3: "optimize", 4: "vacuum", 6: "compact", 7: "vacuum all"}
    life = live(spark, tmp_path, days=8, kill_every=5, maintenance=maintenance)
    check_ledger(life.lake, life.delivered)
    check_property(life)
    check_by_hand(life)
    check_one_delivery(life)


@pytest.mark.full
def test_months_of_deliveries_are_one_delivery_and_no_day_costs_more(spark: SparkSession, tmp_path: Path) -> None:
    often = {3: "optimize", 6: "compact", 8: "vacuum"}  # by the last figure of the day
    maintenance = {day: often[day % 10] for day in range(1, 121) if day % 10 in often} | {
        5: "property",
        45: "vacuum all",
    }
    life = live(spark, tmp_path, 120, kill_every=10, maintenance=maintenance, again_as_process=True)
    assert any(day.was_dead for day in life.days)
    check_ledger(life.lake, life.delivered)
    check_property(life)
    check_by_hand(life)
    check_one_delivery(life)
    early, late = life.days[10:20], life.days[-10:]
    grown = {name: _median(late, name) / _median(early, name) for name in ("seconds", "cpu", "files", "live", "bytes")}
    print("\n".join(map(_told, life.days)))
    print("last ten days over days 11 to 20: " + ", ".join(f"{name} {times:.2f}" for name, times in grown.items()))
    assert grown["cpu"] <= FLAT  # seconds too, where nobody else is at work on the machine


def _median(days: list[Day], name: str) -> float:
    """Of days whose run was in the session: a process's start is no part of a day's work."""
    return statistics.median(getattr(day, name) for day in days if day.killed_after is None)
