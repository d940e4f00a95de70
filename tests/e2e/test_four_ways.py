"""The four ways to run the job give the same: local mode, a cluster, Spark Connect, and a scheduled Databricks job.

There is no Databricks here. What a workspace does with the bundle is done as near as can be: the wheel alone is
installed, each task is a process of its own with the parameters that the bundle hands it, on a Connect server that was
there before, into a schema of its catalog, and with the variable by which the jobs know where they are.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest

from tests.support.cluster import ONLY_PACKAGED, PATIENCE, answers, cluster_of, free_port, packaged, wait_for
from tests.support.lakes import tables_of
from tests.support.processes import BIN, NEEDS_SETUP, REPOSITORY, SUBMIT, ended_well, submit
from tests.unit import test_bundle

pytestmark = [pytest.mark.full, NEEDS_SETUP]


def locally(folder: Path, raw: Path) -> Path:
    """As one develops."""
    return submit("jobs/segment.py", folder, raw)


def on_a_cluster(folder: Path, raw: Path) -> Path:
    """The packaged job on two workers."""
    with cluster_of(folder / "cluster", workers=2) as cluster:
        cluster.run(cluster.command(folder / "lake", raw))
    return folder / "lake"


def over_connect(folder: Path, raw: Path) -> Path:
    """Against a Connect server."""
    return submit("jobs/segment.py", folder, raw, SPARK_API_MODE="connect")


def as_scheduled(folder: Path, raw: Path) -> Path:
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
        for task in job["tasks"]:
            python_file = Path(task["spark_python_task"]["python_file"]).relative_to(REPOSITORY)
            options = test_bundle.options_of(task, given)
            ended_well([str(BIN / "python"), str(python_file), *options], at=packaged(folder), **environment)
    return folder / "warehouse" / "padi.db"


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


WAYS = (locally, on_a_cluster, over_connect, as_scheduled)


def test_the_four_ways_give_the_same_tables(sample: Path, tmp_path: Path) -> None:
    tables = {}
    for way in WAYS:
        folder = tmp_path / way.__name__
        folder.mkdir()
        tables[way.__name__] = tables_of(way(folder, sample))
        assert (folder / "report" / "report.html").is_file()
    expected = tables.pop("locally")
    assert set(expected["buyer_segments"]["segment"]) == {0, 1, 2, 3}
    for way, found in tables.items():
        for name, table in expected.items():
            pd.testing.assert_frame_equal(found[name], table, check_exact=True, obj=f"{name} {way}")
