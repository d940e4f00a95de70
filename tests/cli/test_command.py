"""The job as a process: exit status, one sentence, nothing written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.processes import NEEDS_SETUP, QUICK, REPOSITORY, SUBMIT
from tests.shop import HEADERS

pytestmark = [pytest.mark.slow, NEEDS_SETUP]


def _submit(folder: Path, *options: str, config: str = "conf/local.yml") -> subprocess.CompletedProcess[str]:
    places = ["--input", str(folder / "in"), "--lake", str(folder / "lake"), "--output", str(folder / "out")]
    return subprocess.run(
        [str(SUBMIT), "--driver-java-options", QUICK, "jobs/segment.py", "--config", config, *places, *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )


def _sentence(done: subprocess.CompletedProcess[str]) -> str:
    printed = done.stdout + done.stderr  # spark-submit hands on what Python writes, errors too, on stdout
    assert "Traceback" not in printed
    (sentence,) = [line for line in printed.splitlines() if line.startswith("error: ")]
    return sentence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, header in HEADERS.items():
        (tmp_path / "in" / f"{name}.csv").write_text(header + "\n")
    return tmp_path


def test_a_missing_file_exits_2_and_writes_nothing(folder: Path) -> None:
    (folder / "in" / "df_users.csv").unlink()
    done = _submit(folder)
    assert done.returncode == 2
    assert "found no file for df_users" in _sentence(done)
    assert not (folder / "lake").exists()


def test_a_missing_column_exits_2_and_names_near_misses(folder: Path) -> None:
    (folder / "in" / "df_users.csv").write_text("userid,city,district,province,flag_user\nu1,a,b,c,Buyer\n")
    done = _submit(folder)
    assert done.returncode == 2
    assert "df_users.csv: the column 'user_id' of df_users is missing, found 'userid' instead" in _sentence(done)
    assert not (folder / "lake").exists()


def test_files_without_rows_exit_2(folder: Path) -> None:
    done = _submit(folder)
    assert done.returncode == 2
    assert "df_order: found no rows" in _sentence(done)
    assert not (folder / "lake").exists()


def test_a_typo_exits_2(folder: Path) -> None:
    config = folder / "config.yml"
    config.write_text(f"source: {REPOSITORY}/conf/sources/padi.yml\ninput: a\nlake: b\noutput: c\nlangg: en\n")
    done = _submit(folder, config=str(config))
    assert done.returncode == 2
    assert "config.yml: langg: found an unknown key, did you mean lang?" in _sentence(done)
    assert _submit(folder, "--nosuch").returncode == 2


def test_a_lake_that_cannot_be_written_is_one_sentence(folder: Path) -> None:
    rows = {
        "df_order": "o1,2024-01-01 10:00:00,Selesai,s1,Mikro,b1,prepaid,BCA,0,NaN,barang,0,10,1",
        "df_order_complete": "o1,1,pcs,10,10,1,Food,0,0,Rice",
        "df_users": "b1,City,District,Province,Buyer",
        "df_products": "p1,s1,Rice,Food,0,0,pcs,10",
    }
    for name, row in rows.items():
        (folder / "in" / f"{name}.csv").write_text(f"{HEADERS[name]}\n{row}\n")
    (folder / "lake").write_text("in the way")
    done = _submit(folder)
    assert done.returncode == 2
    assert "cannot be written" in _sentence(done)
    assert (folder / "lake").read_text() == "in the way"
