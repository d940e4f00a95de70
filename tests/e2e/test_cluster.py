"""The job on a cluster whose workers may die, or that has none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.support.cluster import Cluster, cluster_of, wait_for
from tests.support.lakes import tables_of
from tests.support.processes import NEEDS_SETUP, REPOSITORY

pytestmark = [pytest.mark.full, NEEDS_SETUP]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with cluster_of(tmp_path / "cluster", workers=2) as cluster:
        yield cluster


def test_a_job_outlives_its_workers(cluster: Cluster, sample: Path, tmp_path: Path, lake: Path) -> None:
    """One worker is killed in the middle of ingest, and the other in the middle of the sweep."""
    job = cluster.submit(cluster.command(tmp_path / "lake", sample))
    wait_for(lambda: cluster.has_done("judge users") or job.poll() is not None, "judging", 120)
    cluster.kill_worker()
    assert not cluster.has_done("write tables")
    cluster.add_worker()
    wait_for(lambda: cluster.has_done("features") or job.poll() is not None, "features", 300)
    cluster.wait(2)
    time.sleep(4)
    cluster.kill_worker()
    assert not cluster.has_done("segment buyers") and not cluster.has_done("segment sellers")
    assert job.wait(timeout=300) == 0, cluster.said()
    for name, table in tables_of(lake).items():
        pd.testing.assert_frame_equal(tables_of(tmp_path / "lake")[name], table, check_exact=True, obj=name)


def test_a_job_that_cannot_finish_ends_with_a_sentence(tmp_path: Path, sample: Path) -> None:
    config = tmp_path / "cluster.yml"
    given = (REPOSITORY / "conf" / "cluster.yml").read_text()
    config.write_text(
        given.replace("sources/", f"{REPOSITORY}/conf/sources/").replace("time_limit: 12", "time_limit: 0.005")
    )
    with cluster_of(tmp_path / "cluster", workers=0) as cluster:
        job = cluster.submit(cluster.command(tmp_path / "lake", sample, "--config", str(config)))
        assert job.wait(timeout=120) == 1
    assert "error: time_limit: found the run still at work after 0.005 hours" in cluster.said()
    assert not (tmp_path / "lake" / "runs").exists()
