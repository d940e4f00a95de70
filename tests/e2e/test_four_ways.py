"""The four ways to run the jobs give the same: local mode, a cluster, Spark Connect, and a scheduled Databricks job.

There is no Databricks here. What a workspace does with the bundle is done as near as can be: the wheel alone is
installed, each task is a process of its own with the parameters that the bundle hands it, on a Connect server that was
there before, into a schema of its catalog, and with the variable by which the jobs know where they are.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest

from tests.support.cluster import ONLY_PACKAGED, PATIENCE, answers, cluster_of, free_port, packaged, wait_for
from tests.support.lakes import OF_THE_PAST, SAME, comparable, differing
from tests.support.processes import BIN, NEEDS_SETUP, REPOSITORY, SUBMIT, ended_well, submit
from tests.unit import test_bundle

pytestmark = [pytest.mark.full, NEEDS_SETUP]


@dataclass(frozen=True)
class Step:
    """A job with its options, and the tasks of the bundle's job that do the same with these parameters."""

    job: str
    options: Sequence[str] = ()
    tasks: Sequence[str] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


EARLIER = "2023-12-31"  # a day on which much was another than on the sample's last one
PLACED = ("--stage=features", "--stage=segment")
MAIN = Step("jobs/segment.py", tasks=("ingest", "features", "segment", "track", "report"))
# Two states of a lake. First: segments, and the past by their model. Then: those of another day, for which the model
# is found to have drifted; today's by its successor; and the past, of which some is by either model.
STATES = (
    (MAIN, Step("jobs/track.py")),
    (
        Step("jobs/segment.py", (*PLACED, "--refit=auto", f"--as-of={EARLIER}"), ("features", "segment"),
             {"refit": "auto", "as_of": EARLIER}),
        Step("jobs/score.py", PLACED, ("features", "segment"), {"refit": "never"}),
        Step("jobs/track.py", ("--months=2",), ("track",), {"months": "2"}),
    ),
)  # fmt: skip
Opened = tuple[Path, Callable[[Step], object]]  # a lake, and how to run a step on it


@contextmanager
def locally(folder: Path, raw: Path, made: Path) -> Iterator[Opened]:
    """As one develops, on a copy of the lake that the main job made in local mode."""
    lake = Path(shutil.copytree(made, folder / "lake"))
    yield lake, lambda step: step is MAIN or submit(step.job, folder, raw, *step.options)


@contextmanager
def on_a_cluster(folder: Path, raw: Path) -> Iterator[Opened]:
    """The packaged jobs on two workers."""
    lake = folder / "lake"
    with cluster_of(folder / "cluster", workers=2) as cluster:
        yield lake, lambda step: cluster.run(cluster.command(lake, raw, *step.options, job=step.job))


@contextmanager
def over_connect(folder: Path, raw: Path) -> Iterator[Opened]:
    """Each job against a Connect server of its own."""
    yield folder / "lake", lambda step: submit(step.job, folder, raw, *step.options, SPARK_API_MODE="connect")


@contextmanager
def as_scheduled(folder: Path, raw: Path) -> Iterator[Opened]:
    """Each task of the bundle's job by itself."""
    bundle = test_bundle.read()
    job = test_bundle.job_of(bundle, "prod")
    # No workspace is there to keep runs in MLflow; where this machine knows one, it is not a test's to write to.
    config = folder / "databricks.yml"
    asked = (REPOSITORY / "conf" / "databricks.yml").read_text()
    config.write_text(asked.replace("mlflow: auto", "mlflow: off").replace("sources/", f"{REPOSITORY}/conf/sources/"))
    given = {
        **{one["name"]: one["default"] for one in job["parameters"]},
        "config": str(config), "input": str(raw), "lake": "spark_catalog.padi", "output": str(folder / "report"),
    }  # fmt: skip
    with _workspace(folder) as environment:

        def run(step: Step) -> None:
            for task in job["tasks"]:
                if task["task_key"] in step.tasks:
                    python_file = Path(task["spark_python_task"]["python_file"]).relative_to(REPOSITORY)
                    options = test_bundle.options_of(task, {**given, **step.parameters})
                    ended_well([str(BIN / "python"), str(python_file), *options], at=packaged(folder), **environment)

        yield folder / "warehouse" / "padi.db", run


@contextmanager
def _workspace(folder: Path) -> Iterator[dict[str, str]]:
    """A Connect server with a catalog of its own; yields the environment of a task that has the wheel."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(port),
        "spark.sql.catalogImplementation": "hive", "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }  # fmt: skip
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [
                str(SUBMIT), "--master", "local[2]", "--driver-java-options", f"-Dderby.system.home={folder}",
                *[part for name, value in settings.items() for part in ("--conf", f"{name}={value}")],
                "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
            ],
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: answers(port) or server.poll() is not None, "the Connect server", PATIENCE)
        assert server.poll() is None, (folder / "server.log").read_text()
        yield {
            **_installed(folder), "SPARK_REMOTE": f"sc://127.0.0.1:{port}", "DATABRICKS_RUNTIME_VERSION": "client.6.0",
        }  # fmt: skip
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _installed(folder: Path) -> Mapping[str, str]:
    """An environment whose Python has the package from the wheel, and not from the checkout."""
    site = folder / "site"
    if not site.exists():
        (wheel,) = packaged(folder).glob("*.whl")
        pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(site), str(wheel)], check=True, capture_output=True)
        (site / "sitecustomize.py").write_text(f"{ONLY_PACKAGED}\nsys.path.insert(0, {str(site)!r})\n")
    return {"PYTHONPATH": str(site)}


def _states(way: AbstractContextManager[Opened]) -> list[dict[str, pa.Table]]:
    """What a lake holds after each of STATES."""
    found = []
    with way as (lake, run):
        for steps in STATES:
            for step in steps:
                run(step)
            decisions = comparable(lake, ["runs"])["runs"].select(["refit"]).drop_null()
            found.append({**comparable(lake, (*SAME, "models", *OF_THE_PAST)), "decisions": decisions})
    return found


def test_the_four_ways_give_the_same_tables(sample: Path, lake: Path, tmp_path: Path) -> None:
    first, later = expected = _states(locally(tmp_path, sample, lake))
    assert {*first["buyer_segments"]["segment"].to_pylist()} == {0, 1, 2, 3}
    assert first["prediction"].num_rows
    assert any('"reason": "drift"' in told for told in later["decisions"]["refit"].to_pylist())
    assert "refit" in later["buyer_migrations"]["cause"].to_pylist()
    differences = {}
    for way in (on_a_cluster, over_connect, as_scheduled):
        folder = tmp_path / way.__name__
        folder.mkdir()
        found = _states(way(folder, sample))
        assert (folder / "report" / "report.html").is_file()
        differences[way.__name__] = [differing(*tables) for tables in zip(found, expected, strict=True)]
    assert differences == {way: [{}, {}] for way in differences}
