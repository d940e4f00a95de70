"""The log of a job as a whole: what is wrong from the first option on, and real processes read line by line."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation.cli import command
from segmentation.cli.command import _sentence, run_job
from segmentation.config import Config
from segmentation.errors import InputError
from segmentation.progress import Progress
from tests.support.processes import NEEDS_SETUP, QUICK, REPOSITORY, SUBMIT
from tests.support.shop import HEADERS, PRODUCTS, USERS, line, order
from tests.unit.test_progress import read

# What the JVM writes, and no log format reaches: docs/logs.md.
OF_THE_JVM = re.compile(r"WARNING: Using incubator modules: jdk\.incubator\.vector|netlib-blas: .*libblas\.so\.3.*")
CONFIG = f"source: {REPOSITORY}/conf/sources/padi.yml\ninput: in\nlake: lake\noutput: out\n"
JAVA = """An error occurred while calling o41.save.
: org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows to file:/lake/t. SQLSTATE: 58030
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.taskFailed(QueryExecutionErrors.scala:843)
Caused by: org.apache.hadoop.fs.FSError: java.io.IOException: Input/output error
\t... 9 more
Caused by: java.io.IOException: Input/output error
\t... 10 more
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yml"
    path.write_text(CONFIG)
    return path


def _never(spark: SparkSession, config: Config, progress: Progress) -> None:
    raise AssertionError("not reached")


@pytest.mark.parametrize(
    ("options", "more"),
    [
        (["--log-format", "json", "--nosuch"], ""),
        (["--nosuch", "--log-format=json"], ""),
        (["--nosuch"], "log_format: json\n"),
        (["--log-format", "json", "--nosuch", "--config"], ""),
        ([], "log_format: json\nlangg: en\n"),
        (["--log-format", "json"], "log_format: text\nlangg: en\n"),
    ],
)
def test_a_mistake_in_options_or_config_is_json_where_json_is_asked_for(
    config: Path, capsys: pytest.CaptureFixture[str], options: list[str], more: str
) -> None:
    config.write_text(CONFIG + more)
    assert run_job(_never, "job", ["--config", str(config), *options]) == 2
    said = capsys.readouterr()
    error, ended = read(said.err)
    assert said.out == ""
    assert (error["event"], error["level"], error["exit_status"]) == ("error", "error", 2)
    assert re.search("langg|--nosuch|--config", error["message"])
    assert "traceback" not in error
    assert (ended["event"], ended["exit_status"]) == ("run_ended", 2)


@pytest.mark.parametrize(("options", "said"), [(["--nosuch"], "--nosuch"), (["--log-format", "xml"], "'xml'")])
def test_else_it_is_a_sentence(config: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    config.write_text(CONFIG + "log_format: jsn\n" * (said == "'xml'"))
    assert run_job(_never, "job", ["--config", str(config), *options]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("error: options: ") and said in sentence


@pytest.mark.parametrize(("more", "options"), [("verbose: true\n", []), ("", ["--verbose"])])
def test_a_traceback_of_what_is_wrong_with_the_config(
    config: Path, capsys: pytest.CaptureFixture[str], more: str, options: list[str]
) -> None:
    config.write_text(f"{CONFIG}langg: en\n{more}")
    assert run_job(_never, "job", ["--config", str(config), *options]) == 2
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith("Traceback") and last.startswith("error: ") and "langg" in last


def test_an_error_that_nobody_foresaw_says_what_java_gives_as_its_cause() -> None:
    assert _sentence(RuntimeError(JAVA)) == (
        "SparkException: [TASK_WRITE_FAILED] Task failed while writing rows to file:/lake/t. SQLSTATE: 58030; "
        "caused by IOException: Input/output error (--verbose shows where)"
    )
    assert _sentence(RuntimeError()) == "RuntimeError (--verbose shows where)"


def test_with_verbose_the_traceback_has_javas_too(
    spark: SparkSession, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "get_session", lambda settings, zone: _with(spark, settings))
    monkeypatch.setattr(command, "on_databricks", lambda: False)
    monkeypatch.setattr(SparkSession, "stop", lambda session: None)

    def divide(spark: SparkSession, config: Config, progress: Progress) -> None:
        spark.range(2).select(1 / (F.col("id") - F.col("id"))).collect()

    argv = ["--config", str(config), "--log-format", "json"]
    for options, has_traceback in (([], False), (["--verbose"], True)):
        assert run_job(divide, "job", [*argv, *options]) == 1
        started, error, ended = read(capsys.readouterr().err)
        assert (started["event"], ended["exit_status"]) == ("run_started", 1)
        assert error["message"].startswith("ArithmeticException: [DIVIDE_BY_ZERO] Division by zero.")
        assert ("JVM stacktrace:" in error.get("traceback", "")) is has_traceback
    spark.conf.unset("spark.sql.pyspark.jvmStacktrace.enabled")

    def refuse(spark: SparkSession, config: Config, progress: Progress) -> None:
        try:
            raise RuntimeError(JAVA)
        except RuntimeError:
            raise InputError("one sentence") from None

    assert run_job(refuse, "job", [*argv, "--verbose"]) == 2
    _, error, _ = read(capsys.readouterr().err)
    assert error["message"] == "one sentence"
    assert JAVA in error["traceback"]  # what the sentence stands for


def _with(spark: SparkSession, settings: dict[str, Any]) -> SparkSession:
    for key, value in settings.items():
        spark.conf.set(key, str(value).lower())
    return spark


def _submit(folder: Path, config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(SUBMIT), "--driver-java-options", QUICK, "jobs/segment.py", "--config", str(config),
            "--input", str(folder), "--lake", f"{folder}/lake", "--output", f"{folder}/out", "--log-format", "json",
            "--entity", "buyers", *options,
        ],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=900,
    )  # fmt: skip


def _export(folder: Path) -> None:
    for name, rows in {
        "df_order": [order("o1"), order("o2", 30, buyer="b2")], "df_order_complete": [line("o1"), line("o2", 30)],
        "df_users": USERS, "df_products": PRODUCTS,
    }.items():  # fmt: skip
        (folder / f"{name}.csv").write_text("\n".join([HEADERS[name], *rows]) + "\n")


@pytest.mark.slow
def test_every_line_of_a_process_is_json(said: Path, sample: Path) -> None:
    events = read(said.read_text())
    assert [events[0]["event"], events[-1]["event"]] == ["run_started", "run_ended"]
    assert {event["job"] for event in events} == {"segment"}
    assert len({event["run_id"] for event in events[1:]}) == 1
    ended = {event["step"]: event for event in events if event["event"] == "step_ended"}
    assert {"judge orders", "write tables", "features", "report"} <= ended.keys()
    orders = json.loads((sample / "truth" / "manifest.json").read_text())["tables"]["orders"]
    assert ended["judge orders"]["facts"] == {
        "rows": orders["rows_read"], "quarantined": orders["rows_quarantined"], "duplicate": orders["rows_duplicate"],
    }  # fmt: skip


@pytest.mark.full
@NEEDS_SETUP
def test_every_line_of_a_process_whose_tasks_fail_is_json(tmp_path: Path, config: Path) -> None:
    """A table's file is not what it was: the run fails in the middle, and none of Spark's own words is shown."""
    _export(tmp_path)
    done = _submit(tmp_path, config, "--stage", "ingest")
    assert [text for text in done.stderr.splitlines() if not OF_THE_JVM.fullmatch(text)] == []
    assert done.returncode == 0, done.stdout
    assert read(done.stdout)[-1]["event"] == "run_ended"
    for part in (tmp_path / "lake" / "orders").glob("*.parquet"):
        part.write_bytes(b"no parquet")
    failed = _submit(tmp_path, config, "--stage", "features")
    assert failed.returncode == 1
    assert [text for text in failed.stderr.splitlines() if not OF_THE_JVM.fullmatch(text)] == []
    error, last = read(failed.stdout)[-2:]
    assert (error["event"], error["exit_status"], last["event"]) == ("error", 1, "run_ended")
    assert "orders" in error["message"] and "traceback" not in error
