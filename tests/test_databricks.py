"""What differs on Databricks: errors are raised, its session lives on, and no file locks a lake."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from segmentation.command import run_job
from segmentation.config import Config
from segmentation.errors import GateError, InputError, LakeHeldError
from segmentation.lock import held
from segmentation.progress import Progress

SOURCE = "name: shop\nraw:\n  sold: {glob: sold.csv, columns: {id: string}}\ntables: {}\n"
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
def test_the_lock_is_a_row_whatever_the_place(tmp_path: Path) -> None:
    calls: list[str] = []

    def claim(holder: str, silent: float) -> str | None:
        calls.append("claim")
        return None

    with held(str(tmp_path / "lake"), False, "r1", claim, lambda holder: calls.append("release")):
        assert list(tmp_path.iterdir()) == []
    assert calls == ["claim", "release"]
    other = held(str(tmp_path / "lake"), False, "r1", lambda holder, silent: "r0", calls.append)
    with pytest.raises(LakeHeldError, match="held by r0"), other:
        pass
    assert calls == ["claim", "release"]
