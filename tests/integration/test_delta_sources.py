"""Batches from a Delta table that others write: what they do to it, and what comes of it in the lake."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.support.lakes import REPOSITORY, table_of

pytestmark = pytest.mark.slow

SOURCE = """
name: shop
raw:
  sold:
    format: delta
    path: sold
    columns: {id: string, who: string, day: date, worth: decimal}
tables:
  orders:
    counted_on: sold
    select: |
      SELECT _row, id AS order_id, who AS buyer_id, day AS ordered_at, 'completed' AS status, worth AS gmv FROM sold
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yml").write_text(SOURCE)
    return tmp_path


def _sell(spark: SparkSession, folder: Path, *numbers: int) -> None:
    rows = [(f"o{number}", "b1", "2024-01-01", str(number)) for number in numbers]
    sold = spark.createDataFrame(rows, "id string, who string, day string, worth string").repartition(1)
    typed = sold.selectExpr("id", "who", "CAST(day AS DATE) AS day", "CAST(worth AS DECIMAL(18,2)) AS worth")
    typed.write.format("delta").mode("append").save(str(folder / "sold"))


def _take(spark: SparkSession, folder: Path) -> str:
    said = io.StringIO()
    config = load_config(
        str(REPOSITORY / "conf" / "local.yml"),
        {
            "source": str(folder / "shop.yml"), "input": str(folder), "lake": str(folder / "lake"),
            "output": str(folder / "report"), "stages": ("ingest",),
        },
    )  # fmt: skip
    spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    segment(spark, config, Progress(said))
    return said.getvalue()


def _orders(folder: Path) -> list[str]:
    return sorted(table_of(folder / "lake", "orders")["order_id"])


def test_nothing_is_lost_or_stuck_whatever_others_do_to_the_table(spark: SparkSession, folder: Path) -> None:
    named = "delta.`" + str(folder / "sold") + "`"
    _sell(spark, folder, 1)
    _sell(spark, folder, 2)
    _take(spark, folder)
    spark.sql("OPTIMIZE " + named)
    spark.sql("DELETE FROM " + named + " WHERE id = 'o1'")
    assert "already ingested" in _take(spark, folder)
    assert _orders(folder) == ["o1", "o2"]
    # the version taken in is gone: all is read, and what is known is a duplicate
    latest = {path.rsplit("/", 1)[-1] for path in spark.read.format("delta").load(str(folder / "sold")).inputFiles()}
    for file in (folder / "sold").glob("*.parquet"):
        if file.name not in latest:
            file.unlink()
    spark.sql("ALTER TABLE " + named + " SET TBLPROPERTIES ('a' = 'b')")
    _sell(spark, folder, 2)  # nothing but what is known
    _take(spark, folder)
    ledger = table_of(folder / "lake", "ledger").sort_values("run_id")
    assert list(zip(ledger["rows_read"], ledger["rows_accepted"], ledger["rows_duplicate"], strict=True)) == [
        (2, 2, 0), (2, 0, 2),
    ]  # fmt: skip
    # another table in its place, at a version that the first one had too
    versions = len(list((folder / "sold" / "_delta_log").glob("*.json")))
    shutil.rmtree(folder / "sold")
    for number in range(3, 3 + versions):
        _sell(spark, folder, number)
    assert "already ingested" not in _take(spark, folder)
    assert _orders(folder) == sorted(f"o{number}" for number in range(1, 3 + versions))
    assert "already ingested" in _take(spark, folder)
