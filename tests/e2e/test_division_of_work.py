"""Twice the workers have the same work to do, divided between them: held on ten times the sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import event_log
from tests.support.cluster import cluster_of
from tests.support.event_log import Stage, Work
from tests.support.lakes import make_sample

STAGES = ("ingest", "features", "segment")
SCALE = 10

pytestmark = pytest.mark.full


def _measured(folder: Path, raw: Path, workers: int) -> tuple[dict[str, Work], dict[str, list[Stage]], float]:
    """The work of each stage of the job, Spark's own stages, and the seconds of all."""
    work, stages, seconds = {}, {}, 0.0
    with cluster_of(folder / "cluster", workers, memory="5g") as cluster:
        for name in STAGES:
            log = folder / "events" / name
            log.mkdir(parents=True)
            settings = {**event_log.SETTINGS, "spark.eventLog.dir": log.as_uri(), "spark.executor.memory": "4g"}
            seconds += cluster.run(cluster.command(folder / "lake", raw, "--stage", name, **settings), minutes=30)
            work[name], stages[name] = event_log.read(log)
    return work, stages, seconds


def test_work_is_divided_not_multiplied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = make_sample(tmp_path / "raw", SCALE)
    (one, _, alone), (two, stages, together) = (_measured(tmp_path / str(n), raw, n) for n in (1, 2))
    with capsys.disabled():
        print(f"\none worker {alone:.0f} s, two workers {together:.0f} s")
        for name in STAGES:
            print(f"  {name:<9} one {one[name]}\n  {'':<9} two {two[name]}")
    long = {name: [stage.name for stage in stages[name] if stage.is_one_long_task] for name in STAGES}
    assert long == {name: [] for name in STAGES}
    assert one["ingest"] == two["ingest"]
    # Where one side of a join is found to be empty before the other was read, Spark leaves that out: a matter of time.
    for name in ("features", "segment"):
        assert vars(two[name]) == pytest.approx(vars(one[name]), rel=0.01)
