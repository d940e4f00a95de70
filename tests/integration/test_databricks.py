"""What differs on Databricks: errors are raised, its session lives on, and no file locks a lake."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from segmentation.cli.command import run_job
from segmentation.config import Config
from segmentation.errors import GateError, InputError, LakeHeldError
from segmentation.lake.lock import _beat, held
from segmentation.progress import Progress
from tests.unit.test_progress import read

SOURCE = (
    "name: shop\nraw:\n  sold: {glob: sold.csv, columns: {id: string}}\n"
    "tables: {orders: {counted_on: sold, select: SELECT * FROM sold}}\n"
)
CONFIG = "source: shop.yml\ninput: in\nlake: lake\noutput: out\n"


@pytest.fixture(params=["19.0", "client.6.1"], ids=["cluster", "serverless"])
def _databricks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", request.param)


@pytest.fixture
def argv(tmp_path: Path) -> list[str]:
    (tmp_path / "shop.yml").write_text(SOURCE)
    (tmp_path / "config.yml").write_text(CONFIG)
    return ["--config", str(tmp_path / "config.yml"), "--as-of="]


def _refuse(spark: SparkSession, config: Config, progress: Progress) -> None:
    raise GateError("found too much refused")


@pytest.mark.usefixtures("_databricks")
def test_an_error_is_raised_and_the_session_lives_on(spark: SparkSession, argv: list[str]) -> None:
    with pytest.raises(GateError, match="found too much refused"):
        run_job(_refuse, "job", argv)
    assert run_job(lambda spark, config, progress: None, "job", argv) == 0
    assert spark.range(2).count() == 2
    with pytest.raises(InputError, match="--nosuch"):
        run_job(_refuse, "job", [*argv, "--nosuch"])


@pytest.mark.usefixtures("_databricks")
def test_an_error_is_raised_where_the_log_is_json_too(
    spark: SparkSession, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GateError, match="found too much refused"):
        run_job(_refuse, "job", [*argv, "--log-format", "json"])
    _, error, ended = read(capsys.readouterr().err)
    assert [error["event"], error["exit_status"]] == ["error", 3]
    assert [ended["event"], ended["exit_status"]] == ["run_ended", 3]
    assert spark.range(2).count() == 2


@pytest.mark.usefixtures("_databricks")
def test_the_lock_is_a_row_whatever_the_place(tmp_path: Path) -> None:
    calls: list[str] = []

    def claim(holder: str, silent: float) -> str | None:
        calls.append("claim")
        return None

    with held(
        str(tmp_path / "lake"), False, "r1", claim, lambda holder: calls.append("release"), pytest.fail
    ) as still_held:
        assert list(tmp_path.iterdir()) == []
        still_held()
    assert calls == ["claim", "claim", "release"]
    other = held(str(tmp_path / "lake"), False, "r1", lambda holder, silent: "r0", calls.append, pytest.fail)
    with pytest.raises(LakeHeldError, match="held by r0"), other:
        pass
    assert calls == ["claim", "claim", "release"]


@pytest.mark.usefixtures("_databricks")
def test_a_run_that_lost_its_row_publishes_nothing(tmp_path: Path) -> None:
    holders = [None, "r2"]  # taken over while the run was silent

    def cannot(holder: str) -> None:
        raise OSError("no answer")

    with (
        pytest.raises(LakeHeldError, match="held by r2"),
        held(
            str(tmp_path / "lake"), False, "r1", lambda holder, silent: holders.pop(0), cannot, pytest.fail
        ) as still_held,
    ):
        still_held()
        pytest.fail("published")


def test_a_beat_that_fails_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segmentation.lake.lock.BEAT", 0.001)
    ended, beats = threading.Event(), 0

    def claim(holder: str, silent: float) -> str | None:
        nonlocal beats
        beats += 1
        if beats == 3:
            ended.set()
        raise OSError("no answer")

    _beat(ended, claim, "r1", pytest.fail)
    assert beats == 3
