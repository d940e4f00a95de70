"""Who holds a lake, where a file system has no locks and where its holder was silent for too long."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from segmentation.lake.lock import held
from tests.support.processes import REPOSITORY


@pytest.mark.parametrize("number", ["ENOSYS", "ENOTSUP", "ENOLCK"])
def test_where_a_mount_has_no_locks_the_row_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    def flock(file: int, operation: int) -> None:
        raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)))

    monkeypatch.setattr("fcntl.flock", flock)
    calls: list[str] = []

    def claim(holder: str, silent: float) -> str | None:
        calls.append(holder)
        return None

    for run_id in ("r1", "r2"):
        with held(str(tmp_path / "lake"), False, run_id, claim, calls.append, pytest.fail):
            # What a process leaves that is killed here, another machine could never tell from a living one's.
            assert [path.read_text() for path in tmp_path.glob("lake.lock*")] in ([], [""])
    assert [call.split(",")[0] for call in calls] == ["run r1", "run r1", "run r2", "run r2"]


def test_a_run_whose_row_another_one_took_ends_at_once(tmp_path: Path) -> None:
    script = """
import time
from contextlib import nullcontext
from types import SimpleNamespace
from segmentation.lake import lock
from segmentation.progress import Progress
from segmentation.stages import hold

lock.BEAT = 0.01
holders = [None, None]
lake = SimpleNamespace(
    location="s3a://bucket/lake", in_catalog=False, look_anew=lambda: None, exists=lambda name: False,
    signing=nullcontext,
)
hold.claim = lambda lake, holder, silent: holders.pop() if holders else "run r2, process 7 on there"
hold.release = lambda lake, holder: print(holder)
run = SimpleNamespace(lake=lake, run_id="r1", progress=Progress(), after=lambda latest: run)
with hold.hold_lake(run):
    time.sleep(20)
    print("went on")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 4, ended.stderr
    assert ended.stdout == ""
    assert "error: s3a://bucket/lake: found it taken by run r2, process 7 on there after this run" in ended.stderr
