"""The same answer on any cluster: two cores or four, the input in one file or in twenty, in process or over Connect."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.support.jobs import made
from tests.support.lakes import FEATURES, SAME, tables_of
from tests.support.processes import NEEDS_SETUP, submit

pytestmark = pytest.mark.slow


def _scattered(raw: Path, folder: Path, parts: int) -> Path:
    """The same lines dealt out over files, the last one first.

    Of users and products the later file is right, so that what one file says of one of them stays in one.
    """
    folder.mkdir()
    for path in raw.glob("*.csv"):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        dealt: list[list[bytes]] = [[] for _ in range(parts)]
        for number, line in enumerate(lines[::-1]):
            by_key = path.stem in ("df_users", "df_products")
            dealt[zlib.crc32(line.split(b",")[0]) % parts if by_key else number % parts].append(line)
        for part, mine in enumerate(dealt):
            (folder / f"{path.stem}_{part}.csv").write_bytes(header + b"".join(mine))
    return folder


def _same_tables(found: Path, expected: Path, names: Sequence[str] = SAME) -> None:
    tables = tables_of(found, names)
    for name, table in tables_of(expected, names).items():
        pd.testing.assert_frame_equal(tables[name], table, check_exact=True, obj=name)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_files_do_not_matter(spark: SparkSession, lake: Path, sample: Path, tmp_path: Path) -> None:
    """Nor in how many partitions the session shuffles; the search for segments has a test of its own for that."""
    parts = _scattered(sample, tmp_path / "seven", 7)
    made(spark, tmp_path, parts, "--stage", "ingest", "--stage", "features")
    _same_tables(tmp_path / "lake", lake, FEATURES)


@pytest.mark.full
@NEEDS_SETUP
def test_cores_and_files_do_not_matter(lake: Path, sample: Path, tmp_path: Path) -> None:
    submit("jobs/segment.py", tmp_path, _scattered(sample, tmp_path / "twenty", 20), cores=4)
    _same_tables(tmp_path / "lake", lake)


@pytest.mark.full
@NEEDS_SETUP
def test_spark_connect_gives_the_same(lake: Path, sample: Path, tmp_path: Path) -> None:
    connect, here = tmp_path / "connect", tmp_path / "here"
    for job in ("jobs/segment.py", "jobs/export.py"):
        submit(job, connect, sample, SPARK_API_MODE="connect")
    _same_tables(connect / "lake", lake)
    submit("jobs/export.py", here, sample, lake=lake)
    exported = _files(connect / "report" / "exports")
    segments = {role: set(tables_of(lake)[f"{role}_segments"]["segment"]) for role in ("buyer", "seller")}
    numbered = {"_".join(name.removesuffix(".csv").split("_")[:2]) for name in exported}
    assert numbered == {f"{role}s_{each}" for role, found in segments.items() for each in found}
    assert exported == _files(here / "report" / "exports")
