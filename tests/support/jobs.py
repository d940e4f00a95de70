"""Jobs as spark-submit runs them, but in the session at hand: what is told of one needs no process of its own."""

from __future__ import annotations

import io
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.processes import REPOSITORY


@dataclass(frozen=True)
class Ended:
    """How a job ended, and all that it said."""

    status: int
    said: str

    @property
    def sentence(self) -> str:
        """The one error, without any traceback."""
        assert "Traceback" not in self.said
        (sentence,) = [line for line in self.said.splitlines() if line.startswith("error: ")]
        return sentence


@contextmanager
def lent(spark: SparkSession) -> Iterator[None]:
    """For a block that takes the session for its own: it cannot stop it, and its settings are undone."""
    before = dict(spark.conf.getAll)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SparkSession, "stop", lambda session: None)
        yield
    for key, value in dict(spark.conf.getAll).items():
        if key not in before:
            spark.conf.unset(key)
        elif value != before[key]:
            spark.conf.set(key, before[key])


def call(spark: SparkSession, job: str, *options: str) -> Ended:
    """A job by its file (`jobs/segment.py`), with options as on the command line, in the session at hand."""
    said, status = io.StringIO(), 0
    with lent(spark), pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.setattr(sys, "argv", [job, *options])
        try:
            runpy.run_path(str(REPOSITORY / job), run_name="__main__")
        except SystemExit as end:
            status = int(end.code or 0)
    return Ended(status, said.getvalue())


def made(spark: SparkSession, folder: Path, raw: Path, *options: str, config: str = "local.yml") -> Path:
    """The lake that the main job makes of raw files, its report beside it."""
    ended = call(
        spark, "jobs/segment.py", "--config", str(REPOSITORY / "conf" / config), "--input", str(raw),
        "--lake", str(folder / "lake"), "--output", str(folder / "report"), *options,
    )  # fmt: skip
    assert ended.status == 0, ended.said
    return folder / "lake"
