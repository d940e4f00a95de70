"""The same answer on any cluster: one core or four, over Spark Connect, the input in one file or in twenty."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable

REPOSITORY = Path(__file__).parent.parent
SUBMIT = Path(sys.executable).parent / "spark-submit"
TABLES = ("buyer_segments", "seller_segments", "buyer_profiles", "seller_profiles", "buyer_sweep", "seller_sweep")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SUBMIT.exists(), reason="needs the environment that scripts/setup.sh makes"),
]


def _segmented(folder: Path, raw: Path, master: str, mode: str = "classic") -> dict[str, pd.DataFrame]:
    subprocess.run(
        [
            str(SUBMIT), "--master", master, "jobs/segment.py", "--config", "conf/local.yml", "--input", str(raw),
            "--lake", str(folder / "lake"), "--output", str(folder / "report"),
            "--stage", "ingest", "--stage", "features", "--stage", "segment",
        ],
        cwd=REPOSITORY, check=True, capture_output=True, env={**os.environ, "SPARK_API_MODE": mode},
    )  # fmt: skip
    return {name: _rows(folder / "lake" / name) for name in TABLES}


def _rows(place: Path) -> pd.DataFrame:
    rows = DeltaTable(str(place)).to_pyarrow_table().to_pandas().drop(columns="run_id")
    return rows.sort_values(list(rows.columns[:2]), ignore_index=True)


def _scattered(raw: Path, folder: Path, parts: int) -> Path:
    """The same lines dealt out over files, the last one first."""
    folder.mkdir()
    for path in raw.glob("*.csv"):
        header, *lines = path.read_bytes().splitlines(keepends=True)
        for part in range(parts):
            (folder / f"{path.stem}_{part}.csv").write_bytes(header + b"".join(lines[::-1][part::parts]))
    return folder


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    script = str(REPOSITORY / "scripts" / "make_sample.py")
    subprocess.run([sys.executable, script, "padi", "--out", str(folder), "--scale", "0.02"], check=True)
    return folder


@pytest.fixture(scope="module")
def one(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """What one core makes of one file per table."""
    return _segmented(tmp_path_factory.mktemp("one"), raw, "local[1]")


def test_cores_and_files_do_not_matter(raw: Path, one: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    other = _segmented(tmp_path / "other", _scattered(raw, tmp_path / "twenty", 20), "local[4]")
    assert set(one["buyer_segments"]["segment"]) == {0, 1, 2, 3}
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=True)


def test_spark_connect_gives_the_same(raw: Path, one: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    other = _segmented(tmp_path / "connect", raw, "local[2]", mode="connect")
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=True)
