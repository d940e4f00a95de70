"""A source whose tables join raw ones: what comes a day later changes rows of the day before."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.lakes import table_of

SOURCE = """
name: joined
raw:
  sold: {glob: sold*.csv, columns: {nr: string, who: string, at: date}}
  items: {glob: items*.csv, columns: {nr: string, shop: string, worth: decimal}}
tables:
  orders:
    counted_on: sold
    select: |
      SELECT s._row, s.nr AS order_id, i.shop AS seller_id, s.who AS buyer_id, s.at AS ordered_at,
             'completed' AS status, i.worth AS gmv
      FROM sold s LEFT JOIN (SELECT nr, shop, sum(worth) AS worth FROM items GROUP BY nr, shop) i ON i.nr = s.nr
  order_lines:
    counted_on: items
    select: SELECT _row, nr AS order_id, shop AS seller_id, worth AS subtotal FROM items
"""
CONFIG = "source: source.yml\ninput: in\nlake: lake\noutput: out\nquality: {max_quarantine_share: 1.0}\n"

pytestmark = pytest.mark.slow


def test_items_that_come_a_day_later(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "source.yml").write_text(SOURCE)
    (tmp_path / "config.yml").write_text(CONFIG)

    def take(day: str, **files: list[str]) -> None:
        folder = tmp_path / day
        folder.mkdir()
        for name, lines in files.items():
            header = {"sold": "nr,who,at", "items": "nr,shop,worth"}[name]
            (folder / f"{name}.csv").write_text("\n".join([header, *lines]) + "\n")
        places = {"input": str(folder), "lake": str(tmp_path / "lake"), "output": str(tmp_path / "out")}
        config = load_config(str(tmp_path / "config.yml"), {**places, "stages": ("ingest",)})
        segment(spark, config, Progress(io.StringIO()))

    def table(name: str) -> pd.DataFrame:
        return table_of(tmp_path / "lake", name)

    take("one", sold=["o1,b1,2024-01-01", "o2,b2,2024-01-01"], items=["o1,s1,5", "o1,s1,7"])
    assert [(row.order_id, str(row.gmv)) for row in table("orders").itertuples()] == [("o1", "12.00")]
    assert [list(reasons) for reasons in table("quarantine")["reasons"]] == [["missing_key", "missing_value"]]
    take("two", items=["o2,s2,9"])
    assert sorted((row.order_id, row.seller_id, str(row.gmv)) for row in table("orders").itertuples()) == [
        ("o1", "s1", "12.00"), ("o2", "s2", "9.00"),
    ]  # fmt: skip
    assert len(table("quarantine")) == 0
    assert list(table("released")["table_name"]) == ["orders"]
    last = table("ledger").sort_values("run_id").query("table_name == 'orders'").iloc[-1]
    assert (last["rows_read"], last["rows_accepted"], last["rows_released"]) == (0, 0, 1)
    take("three", sold=["o3,b1,2024-01-02"], items=["o3,s1,1", "o1,s1,5"])  # a line again
    assert len(table("orders")) == 3
    assert len(table("order_lines")) == 4
    assert set(table("raw_rows")["raw_name"]) == {"sold", "items"}
