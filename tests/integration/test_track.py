"""The past rebuilt: on the sample, beside runs of other jobs, and by runs that die."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.errors import InputError
from segmentation.lake.failpoints import VARIABLE
from segmentation.lake.tables import Lake
from segmentation.pipeline import track
from segmentation.progress import Progress
from segmentation.stages.publication import last_run
from tests.support.lakes import (
    OF_THE_PAST,
    comparable,
    differing,
    in_order,
    make_sample,
    run_job,
    table_of,
    unannounced,
    versions_of,
)
from tests.support.processes import NEEDS_SETUP, QUICK, REPOSITORY, SUBMIT
from tests.unit.reporting.pages import sketched

SIDES = ("buyer", "seller")


@pytest.fixture
def copy(lake: Path, tmp_path: Path) -> Path:
    shutil.copytree(lake, tmp_path / "lake")
    return tmp_path


def look_back(
    spark: SparkSession, folder: Path, said: io.StringIO | None = None, **overrides: Any
) -> dict[str, pd.DataFrame]:
    """Run the job on `<folder>/lake`; returns what it wrote, without what names the run."""
    places = {"lake": str(folder / "lake"), "output": str(folder / "report"), "input": str(folder)}
    config = load_config(str(REPOSITORY / "conf" / "local.yml"), {**places, "refit": "never", **overrides})
    spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    track(spark, config, Progress(said or io.StringIO()))
    return written(folder / "lake")


def written(lake: Path) -> dict[str, pd.DataFrame]:
    tables = {name: table_of(lake, name).drop(columns="run_id") for name in OF_THE_PAST}
    keys = {"history": 8, "migrations": 5, "movers": 5, "kpis": 5, "cohorts": 3, "prediction": 6}
    return {
        name: table.sort_values(list(table.columns[: keys[name.split("_")[-1]]]), ignore_index=True)
        for name, table in tables.items()
    }


def same(found: Mapping[str, pd.DataFrame], expected: Mapping[str, pd.DataFrame]) -> None:
    assert list(found) == list(expected)
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, check_exact=True, obj=name)


@pytest.mark.slow
@pytest.mark.parametrize("twice", [False, pytest.param(True, marks=pytest.mark.full)])
def test_the_sample_s_past(spark: SparkSession, copy: Path, sample: Path, twice: bool) -> None:
    months = 4
    lake = copy / "lake"
    segments = {side: table_of(lake, f"{side}_segments") for side in SIDES}
    features = {side: table_of(lake, f"{side}_features") for side in SIDES}
    model = table_of(lake, "models").set_index("entity")["fitted_by"]
    before = last_run(Lake(spark, str(lake)), having="segment")
    versions = versions_of(lake)
    found = look_back(spark, copy, months=months)
    assert unannounced(lake, versions) == set()

    for side in SIDES:
        id, history = f"{side}_id", found[f"{side}_history"]
        as_of = segments[side]["as_of"].iloc[0]
        days = sorted(history["as_of"].unique())
        # The sample's last order is of the last day of a month.
        ends = ["2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]
        assert list(map(str, days)) == ends and days[-1] == as_of
        assert set(history["fitted_by"]) == {model[f"{side}s"]}
        last = history[history["as_of"] == as_of]
        for table in (segments[side], features[side]):  # the last snapshot is what there is, to the last bit
            expected = table.drop(columns=["run_id", "as_of"], errors="ignore").sort_values(id, ignore_index=True)
            mine = last[list(expected.columns)].sort_values(id, ignore_index=True)
            pd.testing.assert_frame_equal(mine, expected, check_exact=True)
        _adds_up(found[f"{side}_migrations"], found[f"{side}_movers"], history, id)

    assert set(found["kpis"]["entity"]) == {"buyers", "sellers"} and found["kpis"]["month"].nunique() == months
    assert found["kpis"]["tier"].isna().all()  # orders of this source fall into no tiers
    assert found["prediction"].empty  # a quarter to learn from lies further back
    _is_no_run_that_segmented(spark, lake, before)

    if twice:
        same(look_back(spark, copy, months=months), found)
    # A shorter look back replaces its own days and leaves the others.
    same(look_back(spark, copy, months=1, entities=("buyers",)), found)
    # Scoring and the report go on from the run that segmented.
    with sketched():
        run_job(spark, copy, input=str(sample), stages=("segment", "report") if twice else ("report",), refit="never")
    assert len(table_of(lake, "buyer_history")) == len(found["buyer_history"])


def _adds_up(migrations: pd.DataFrame, movers: pd.DataFrame, history: pd.DataFrame, id: str) -> None:
    days = sorted(history["as_of"].unique())
    pairs = sorted({*zip(migrations["as_of_from"], migrations["as_of_to"], strict=True)})
    assert pairs == list(pairwise(days))
    for first, second in pairs:
        rows = migrations[(migrations["as_of_from"] == first) & (migrations["as_of_to"] == second)]
        was, now = (history[history["as_of"] == day].set_index(id) for day in (first, second))
        assert rows["entities"].sum() == len({*was.index} | {*now.index})
        assert rows["gmv_from"].sum() == was["total_gmv"].sum()
        assert rows["gmv_to"].sum() == now["total_gmv"].sum()
        both = was.join(now, how="inner", lsuffix="_from", rsuffix="_to")
        stayed = both["segment_from"] == both["segment_to"]
        assert rows[rows["cause"].isna()]["entities"].sum() == stayed.sum()
        assert set(rows["cause"].dropna()) <= {"behaviour", "recency", "border"}
        mine = movers[(movers["as_of_from"] == first) & (movers["as_of_to"] == second)]
        counted = mine.groupby("cause").size().to_dict()
        assert counted == rows.dropna(subset="cause").groupby("cause")["entities"].sum().to_dict()
        waited = mine[mine["cause"] == "recency"]
        bought = now.loc[waited["id"], "count_orders"].to_numpy() != was.loc[waited["id"], "count_orders"].to_numpy()
        assert not bought.any()
    assert len(movers) > 10
    told = movers[(movers["cause"] == "behaviour") & (movers["segment_from"] > 0)]
    assert len(told) and told["feature"].notna().all()


@pytest.mark.full
def test_planted_movers_are_found_in_their_month(spark: SparkSession, tmp_path: Path) -> None:
    """Found is who moved into the segment of the planted group between the snapshots around the planted month, or between
    those around the next one."""
    sample = make_sample(tmp_path / "sample", 0.05, "padi", "--movers", "40")
    run_job(spark, tmp_path, input=str(sample), stages=("ingest", "features", "segment"))
    history = look_back(spark, tmp_path, months=12)
    planted = pd.read_csv(sample / "truth" / "movers.csv").set_index("buyer")
    groups = pd.read_csv(sample / "truth" / "buyers.csv").set_index("id")["group_name"]
    others = groups[~groups.index.isin(planted.index)]
    last = table_of(tmp_path / "lake", "buyer_segments").set_index("buyer_id")["segment"]
    home = {name: last[ids].mode()[0] for name, ids in others.groupby(others).groups.items()}
    assert len(set(home.values())) == 3

    moves = history["buyer_movers"].dropna(subset=["segment_from", "segment_to"])
    month = pd.to_datetime(moves["as_of_to"]).dt.to_period("M")
    arrivals = {(id, at): to for id, at, to in zip(moves["id"], month, moves["segment_to"], strict=True)}
    found = [
        any(arrivals.get((id, pd.Period(row["month"], "M") + later)) == home[row["to"]] for later in (0, 1))
        for id, row in planted.iterrows()
    ]
    assert len(found) == 40 and sum(found) >= 0.95 * len(found)

    # Few others come into that segment, and of those who stay hardly anybody is of another group in truth.
    regulars = home["High-Spending Regulars"]
    snapshots = history["buyer_history"].pivot(index="buyer_id", columns="as_of", values="segment")
    into = moves[(moves["segment_to"] == regulars) & ~moves["id"].isin(planted.index)]
    stayed = [
        row["id"] for _, row in into.iterrows()
        if (snapshots.loc[row["id"], [day for day in snapshots if day >= row["as_of_to"]]] == regulars).all()
    ]  # fmt: skip
    strangers = [id for id in stayed if groups[id] != "High-Spending Regulars"]
    assert len(strangers) <= 0.01 * len(others) and len(strangers) < 0.2 * len(stayed)
    assert into["id"].nunique() <= 0.1 * len(others)
    # A visit of others is a move in truth too: each of them bought since the snapshot before.
    assert set(into["cause"]) <= {"behaviour", "border"}

    told = history["prediction"]
    assert {*map(str, told["as_of"])} == {"2023-12-31", "2024-03-31"} and set(told["entity"]) == {"buyers", "sellers"}
    assert (told["low"] <= told["value"]).all() and (told["value"] <= told["high"]).all()
    assert told["lead"].isna().eq(told["predictor"] == "segments").all()


@pytest.mark.full
def test_after_a_refit_what_the_model_did_is_told_apart(spark: SparkSession, copy: Path, sample: Path) -> None:
    before = look_back(spark, copy, months=3)
    plan = {"features": {"count_orders": {}, "recency_days": {}}, "sweep": {"k": 5}}
    run_job(spark, copy, input=str(sample), stages=("segment",), entities=("buyers",), plans={"buyers": plan})
    said = io.StringIO()
    found = look_back(spark, copy, months=1, said=said)
    days = sorted(found["buyer_history"]["as_of"].unique())
    assert days == sorted(before["buyer_history"]["as_of"].unique())
    by_model = found["buyer_history"].groupby("as_of")["fitted_by"].agg(set)
    assert by_model[days[0]] == by_model[days[1]] != by_model[days[2]]
    moves = found["buyer_migrations"].dropna(subset="cause")
    causes = {day: set(rows["cause"]) for day, rows in moves.groupby("as_of_from")}
    assert "refit" in causes[days[1]] and "refit" not in causes[days[0]]
    assert not any("correction" in each for each in causes.values())
    assert f"buyers of {days[1]} by a later model: segment" in said.getvalue()
    assert "sellers of" not in said.getvalue()
    # The older pair is what it was, and those of sellers, whose model is the same, are all the same.
    first = [table[table["as_of_from"] == days[0]] for table in (before["buyer_migrations"], found["buyer_migrations"])]
    pd.testing.assert_frame_equal(first[1].reset_index(drop=True), first[0].reset_index(drop=True))
    for name in ("seller_history", "seller_migrations", "seller_movers"):
        pd.testing.assert_frame_equal(found[name], before[name], obj=name)


def _is_no_run_that_segmented(spark: SparkSession, lake: Path, before: Any) -> None:
    runs = table_of(lake, "runs").sort_values("run_id")
    assert list(runs["job"]) == ["segment", "track"]
    assert runs["verdict_buyers"].isna().tolist() == [False, True]
    reopened = Lake(spark, str(lake))
    assert last_run(reopened, having="segment") == before == last_run(reopened, having="features")
    assert last_run(reopened).run_id == runs["run_id"].iloc[-1]  # type: ignore[union-attr]


def test_without_orders_there_is_no_past(tmp_path: Path) -> None:
    places = {"lake": str(tmp_path / "lake"), "input": str(tmp_path), "output": str(tmp_path)}
    config = load_config(str(REPOSITORY / "conf" / "classes.yml"), places)
    people = config.source.model_copy(update={"tables": {"users": config.source.tables["users"]}})
    config = config.model_copy(update={"source": people})
    with pytest.raises(InputError, match=r"^source classes: found no orders, expected some") as error:
        track(None, config, Progress(io.StringIO()))  # type: ignore[arg-type]
    assert error.value.exit_status == 2
    assert not (tmp_path / "lake").exists()


def _process(folder: Path, die_at: str = "") -> subprocess.CompletedProcess[str]:
    command = [
        str(SUBMIT), "--driver-java-options", QUICK, "jobs/track.py", "--config", "conf/local.yml", "--input", str(folder),
        "--lake", str(folder / "lake"), "--output", str(folder / "report"), "--months", "2",
    ]  # fmt: skip
    environment = {**os.environ, VARIABLE: die_at}
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        text=True,
        timeout=600,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.full
@NEEDS_SETUP
@pytest.mark.parametrize("points", [["seller_history", "kpis"], ["buyer_history", "unpublished"]])
def test_a_look_back_that_dies_is_done_again(spark: SparkSession, copy: Path, points: list[str]) -> None:
    first = look_back(spark, copy, months=1, as_of=date(2024, 1, 10)) if points[0] == "buyer_history" else None
    calm = copy / "calm"
    shutil.copytree(copy / "lake", calm / "lake")
    for point in points:
        died = _process(copy, die_at=point)
        assert died.returncode != 0 and "error:" not in died.stdout, died.stdout
        runs = table_of(copy / "lake", "runs").sort_values("run_id")
        assert list(runs["job"]) == (["segment", "track"] if first else ["segment"])
    ended = _process(copy)
    assert ended.returncode == 0, ended.stdout
    assert "did not end" in ended.stdout
    expected = look_back(spark, calm, months=2, input=str(copy))
    names, there = ({table.name for table in (folder / "lake").iterdir()} for folder in (calm, copy))
    assert there == names > {*OF_THE_PAST, "buyer_segments", "orders", "runs", "undo_log"}
    assert differing(comparable(copy / "lake", names), comparable(calm / "lake", names)) == {}
    if first is not None:  # another day's snapshot outlived the runs that died
        kept = expected["buyer_history"][expected["buyer_history"]["as_of"] == date(2024, 1, 10)]
        mine = first["buyer_history"][first["buyer_history"]["as_of"] == date(2024, 1, 10)]
        assert len(in_order(kept)) == len(mine) > 0
