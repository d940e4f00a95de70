"""A job from the command line: exit status, one sentence, nothing written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.jobs import Ended, call
from tests.support.processes import NEEDS_SETUP, QUICK, REPOSITORY, SUBMIT
from tests.support.shop import HEADERS


def _options(folder: Path, config: str) -> list[str]:
    return [
        "--config",
        config,
        "--input",
        str(folder / "in"),
        "--lake",
        str(folder / "lake"),
        "--output",
        str(folder / "out"),
    ]


def _run(spark: SparkSession, folder: Path) -> Ended:
    return call(spark, "jobs/segment.py", *_options(folder, str(REPOSITORY / "conf" / "local.yml")))


def _submit(folder: Path, *options: str, config: str = "conf/local.yml") -> Ended:
    """The same by spark-submit, which hands on what Python writes, errors too, on stdout."""
    done = subprocess.run(
        [str(SUBMIT), "--driver-java-options", QUICK, "jobs/segment.py", *_options(folder, config), *options],
        cwd=REPOSITORY, capture_output=True, text=True,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, header in HEADERS.items():
        (tmp_path / "in" / f"{name}.csv").write_text(header + "\n")
    return tmp_path


def test_a_missing_file_exits_2_and_writes_nothing(spark: SparkSession, folder: Path) -> None:
    (folder / "in" / "df_users.csv").unlink()
    done = _run(spark, folder)
    assert done.status == 2
    assert "found no file for df_users" in done.sentence
    assert not (folder / "lake").exists()


def test_a_missing_column_exits_2_and_names_near_misses(spark: SparkSession, folder: Path) -> None:
    (folder / "in" / "df_users.csv").write_text("userid,city,district,province,flag_user\nu1,a,b,c,Buyer\n")
    done = _run(spark, folder)
    assert done.status == 2
    assert "df_users.csv: the column 'user_id' of df_users is missing, found 'userid' instead" in done.sentence
    assert not (folder / "lake").exists()


def test_files_without_rows_exit_2(spark: SparkSession, folder: Path) -> None:
    done = _run(spark, folder)
    assert done.status == 2
    assert "df_order: found no rows" in done.sentence
    assert not (folder / "lake").exists()


@NEEDS_SETUP
def test_a_typo_exits_2(spark: SparkSession, folder: Path) -> None:
    config = folder / "config.yml"
    config.write_text(f"source: {REPOSITORY}/conf/sources/padi.yml\ninput: a\nlake: b\noutput: c\nlangg: en\n")
    done = _submit(folder, config=str(config))
    assert done.status == 2
    assert "config.yml: langg: found an unknown key, did you mean lang?" in done.sentence
    assert call(spark, "jobs/segment.py", *_options(folder, str(config)), "--nosuch").status == 2


def test_a_lake_that_cannot_be_written_is_one_sentence(spark: SparkSession, folder: Path) -> None:
    rows = {
        "df_order": "o1,2024-01-01 10:00:00,Selesai,s1,Mikro,b1,prepaid,BCA,0,NaN,barang,0,10,1",
        "df_order_complete": "o1,1,pcs,10,10,1,Food,0,0,Rice",
        "df_users": "b1,City,District,Province,Buyer",
        "df_products": "p1,s1,Rice,Food,0,0,pcs,10",
    }
    for name, row in rows.items():
        (folder / "in" / f"{name}.csv").write_text(f"{HEADERS[name]}\n{row}\n")
    (folder / "lake").write_text("in the way")
    done = _run(spark, folder)
    assert done.status == 2
    assert "cannot be written" in done.sentence
    assert (folder / "lake").read_text() == "in the way"
