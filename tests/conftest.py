"""What all tests share: one Spark session, in UTC, with nothing left behind from test to test."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyspark
import pytest
from filelock import FileLock
from pyspark.sql import SparkSession

from tests.support.lakes import make_sample
from tests.support.processes import SUBMIT, submit

os.environ["TZ"] = "UTC"  # naive datetimes go into Spark and come out of it in the process's time zone
time.tzset()
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # no looking up of host names

DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
SQL = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.databricks.delta.allFilesInCrc.verificationMode.forceOnNonUTC.enabled": "false",
    "spark.databricks.delta.allFilesInCrc.enabled": "false",
    "spark.sql.dataFrameQueryContext.enabled": "false",
    # Tests are many tiny queries: planning them anew on the way, and code made for each, cost more than they gain
    # (58 -> 32 seconds of CPU for a day's delivery). What runs as a process has both, as users have.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
LAUNCH = {
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    # Tests are many tiny queries: compiling them well costs more than it gains.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC",
    # Spark keeps 100 generated classes, fewer than a delivery needs: the next one would compile them again.
    "spark.sql.codegen.cache.maxEntries": "2000",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.default.parallelism": "2",
    "spark.log.level": "ERROR",
}


@pytest.hookimpl(tryfirst=True)  # xdist then reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What goes to one process where pytest has several (-n): the unit tests of the session, else those of a file.

    A process has one session at most, whatever it is given. What takes long comes first, so that at the end no process
    waits for another.
    """
    groups = []
    for item in items:
        is_unit = "spark" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("slow")
        groups.append("session" if is_unit else item.path.name)
        item.add_marker(pytest.mark.xdist_group(groups[-1]))
    if hasattr(config, "workerinput"):  # alone, a file's tests stay together
        long = {group for group, item in zip(groups, items, strict=True) if item.get_closest_marker("slow")}
        ranks = [0 if group == "session" else 1 if group in long else 2 for group in groups]
        items[:] = [items[at] for at in sorted(range(len(items)), key=ranks.__getitem__)]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The one Spark session of all tests, started by the first that asks for it."""
    settings = {**LAUNCH, **SQL, "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    if any((Path(pyspark.__file__).parent / "jars").glob("delta-spark_*.jar")):
        settings |= DELTA
    session = SparkSession.builder.master("local[2]").appName("tests").config(map=settings).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def sample(shared: Path) -> Path:
    """A fiftieth of the PaDi-shaped sample."""
    return once(shared / "sample", lambda folder: make_sample(folder, 0.02))


@pytest.fixture(scope="session")
def lake(sample: Path, shared: Path) -> Path:
    """The lake that the main job makes of it, its report beside it: to be read, never written to."""
    if not SUBMIT.exists():
        pytest.skip("needs the environment that scripts/setup.sh makes")
    return _run_once(shared, sample) / "lake"


@pytest.fixture(scope="session")
def events(sample: Path, shared: Path) -> Path:
    """The folder of Spark's event log of that run."""
    if not SUBMIT.exists():
        pytest.skip("needs the environment that scripts/setup.sh makes")
    return _run_once(shared, sample) / "events"


@pytest.fixture(scope="session")
def said(sample: Path, shared: Path) -> Path:
    """The file of what that run wrote to stdout: its log, in JSON."""
    if not SUBMIT.exists():
        pytest.skip("needs the environment that scripts/setup.sh makes")
    return _run_once(shared, sample) / "said.jsonl"


def _run_once(shared: Path, sample: Path) -> Path:
    def run(folder: Path) -> Path:
        logs = {"log": folder / "events", "said": folder / "said.jsonl"}
        return submit("jobs/segment.py", folder, sample, "--log-format", "json", **logs)

    return once(shared / "padi", run)


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """A folder that the first process to ask for it fills."""
    done = Path(f"{folder}.done")
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


@pytest.fixture(autouse=True)
def _tidy(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that used Spark: no caches, no temporary views, the session's settings as they were."""
    yield
    if "spark" not in request.fixturenames:
        return
    session = request.getfixturevalue("spark")
    session.catalog.clearCache()
    for view in session.catalog.listTables():
        if view.isTemporary:
            session.catalog.dropTempView(view.name)
    for key, value in SQL.items():
        session.conf.set(key, value)
