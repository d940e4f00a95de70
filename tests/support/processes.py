"""Jobs as processes of their own, in the environment that scripts/setup.sh makes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import event_log

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SUBMIT = BIN / "spark-submit"
NEEDS_SETUP = pytest.mark.skipif(not SUBMIT.exists(), reason="needs the environment that scripts/setup.sh makes")
# For processes that live for seconds: compiled cheaply, with room for all of it, which that mode alone would not give.
QUICK = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"


def ended_well(command: Sequence[str], at: Path = REPOSITORY, said: Path | None = None, **environment: str) -> None:
    """Run a command to its end; where it fails, the test shows what it said. `said` is a file for its stdout alone."""
    ended = subprocess.run(
        command, cwd=at, env={**os.environ, **environment}, text=True, timeout=900,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE if said else subprocess.STDOUT,
    )  # fmt: skip
    assert ended.returncode == 0, f"{ended.stdout}{ended.stderr or ''}"
    if said:
        said.write_text(ended.stdout)


def submit(
    job: str, folder: Path, raw: Path, *options: str,
    config: str = "local.yml", lake: Path | None = None, cores: int = 2, log: Path | None = None, said: Path | None = None,
    **environment: str,
) -> Path:  # fmt: skip
    """A job in local mode, with everything it makes in the folder, unless it has a lake; returns the lake.

    `log` is a folder for Spark's event log, `said` a file for what the job writes to stdout.
    """
    lake = lake or folder / "lake"
    logged = event_log.settings(log) if log else {}
    ended_well(
        [
            str(SUBMIT), "--master", f"local[{cores}]", "--driver-java-options", QUICK,
            *[part for key, value in logged.items() for part in ("--conf", f"{key}={value}")],
            job, "--config", f"conf/{config}",
            "--input", str(raw), "--lake", str(lake), "--output", str(folder / "report"), *options,
        ],
        said=said, **environment,
    )  # fmt: skip
    return lake


def start_run(config: Path, raw: Path, lake: Path, *stages: str, **environment: str) -> subprocess.Popen[str]:
    """The main job under way, in a group of processes of its own, with its report beside the lake."""
    return subprocess.Popen(
        [
            str(SUBMIT), "--driver-java-options", QUICK, "jobs/segment.py", "--config", str(config),
            "--input", str(raw), "--lake", str(lake), "--output", str(lake.parent / "report"),
            *[option for stage in stages for option in ("--stage", stage)],
        ],
        cwd=REPOSITORY, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
