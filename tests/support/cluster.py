"""A real cluster on loopback: a master and workers of Spark standalone, and jobs that spark-submit hands to it."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.processes import BIN, REPOSITORY, SUBMIT

PATIENCE = 60.0  # seconds for a process to come up
# A checkout that is installed would serve where the package was not handed over: it is taken off the path.
ONLY_PACKAGED = """
import pathlib, sys
sys.meta_path[:] = [each for each in sys.meta_path if "editable" not in getattr(each, "__module__", "")]
sys.path[:] = [each for each in sys.path if not pathlib.Path(each, "segmentation", "pipeline.py").is_file()]
"""


@dataclass
class Cluster:
    """The processes of a cluster, each the head of its own group, with the memory and cores of its workers."""

    folder: Path
    port: int
    page: int
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What --master takes."""
        return f"spark://127.0.0.1:{self.port}"

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """One of Spark's daemons."""
        log = (self.folder / f"daemon{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [str(BIN / "spark-class"), *command, "--properties-file", str(self.folder / "cluster.conf")],
            env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def add_worker(self, memory: str = "2g") -> None:
        """One more worker of one core."""
        self.workers.append(
            self.start(
                "org.apache.spark.deploy.worker.Worker", self.url, "--host", "127.0.0.1", "--cores", "1",
                "--memory", memory, "--work-dir", str(self.folder / "work"), "--webui-port", "0",
            )
        )  # fmt: skip

    def kill_worker(self) -> None:
        """SIGKILL to the oldest worker that is left, and to its executor."""
        os.killpg(self.workers.pop(0).pid, signal.SIGKILL)

    def alive(self) -> int:
        """How many workers the master knows to be alive; 0 where it does not answer yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.page}/json/", timeout=5) as answer:
                return int(json.load(answer)["aliveworkers"])
        except (OSError, ValueError):  # of its pages the overview answers before the JSON does
            return 0

    def wait(self, workers: int) -> None:
        """Until that many workers are there."""
        wait_for(lambda: self.alive() == workers, f"{workers} workers of {self.url}", PATIENCE)

    def command(self, lake: Path, raw: Path, *options: str, job: str = "jobs/segment.py", **settings: str) -> list[str]:
        """A packaged job on this cluster; by default the main one."""
        confs = {"spark.executor.memory": "1500m", "spark.driver.host": "127.0.0.1", **settings}
        return [
            str(SUBMIT), "--master", self.url, "--deploy-mode", "client",
            "--properties-file", str(self.folder / "cluster.conf"), "--load-spark-defaults",
            "--py-files", str(packaged(self.folder) / "segmentation.zip"),
            *[part for name, value in confs.items() for part in ("--conf", f"{name}={value}")],
            job, "--config", str(REPOSITORY / "conf" / "cluster.yml"),
            "--input", str(raw), "--lake", str(lake), "--output", str(lake.parent / "report"), *options,
        ]  # fmt: skip

    def submit(self, command: list[str]) -> subprocess.Popen[str]:
        """The job, with what it says in `said` of the folder."""
        said = (self.folder / "said").open("w")
        return subprocess.Popen(
            command, cwd=packaged(self.folder), env=self.environment, text=True, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def said(self) -> str:
        """What the last job has said so far."""
        return (self.folder / "said").read_text()

    def has_done(self, step: str) -> bool:
        """Whether the last job has said how long a step took."""
        return re.search(rf"^  {step} +\d+\.\d s", self.said(), re.MULTILINE) is not None

    def run(self, command: list[str], minutes: float = 10) -> float:
        """The job to its end; the seconds that it took."""
        begun = time.monotonic()
        status = self.submit(command).wait(timeout=60 * minutes)
        assert status == 0, self.said()
        return time.monotonic() - begun

    def stop(self) -> None:
        """All processes, at once."""
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()


@contextmanager
def cluster_of(folder: Path, workers: int, **settings: Any) -> Iterator[Cluster]:
    """A cluster with workers of one core each."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cluster.conf").write_text(
        f"spark.master.rest.enabled false\nspark.authenticate true\nspark.authenticate.secret {secrets.token_hex(16)}\n"
    )
    (folder / "cluster.conf").chmod(0o600)
    path = folder / "path"
    path.mkdir(exist_ok=True)
    (path / "sitecustomize.py").write_text(ONLY_PACKAGED)
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", "PYTHONPATH": str(path)}
    cluster = Cluster(folder, free_port(), free_port(), environment)
    try:
        cluster.start(
            "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(cluster.port),
            "--webui-port", str(cluster.page),
        )  # fmt: skip
        for _ in range(workers):
            cluster.add_worker(**settings)
        cluster.wait(workers)
        yield cluster
    finally:
        cluster.stop()


def packaged(folder: Path) -> Path:
    """What one takes to a cluster, made once: the zip, and jobs/ beside it; the sources stay at home."""
    place = folder / "packaged"
    if not place.exists():
        subprocess.run([str(REPOSITORY / "scripts" / "package.sh"), str(place)], check=True, capture_output=True)
        (place / "jobs").symlink_to(REPOSITORY / "jobs")
    return place


def wait_for(is_so: Callable[[], bool], what: str, seconds: float) -> None:
    """Until it is so, or fail."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
