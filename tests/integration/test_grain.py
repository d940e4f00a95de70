"""A source whose raw rows are lines: an order is made of them, and its money counts once."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from segmentation.raw import find_inputs, read_raw
from segmentation.source import Source
from tests.support.lakes import table_of

SOURCE = """
name: till
grain: line
raw:
  sold: {glob: sold*.csv, columns: {nr: string, shop: string, who: string, at: date, item: string, worth: decimal}}
tables:
  orders:
    counted_on: sold
    select: |
      SELECT _row, nr AS order_id, shop AS seller_id, who AS buyer_id, at AS ordered_at, 'completed' AS status,
             worth AS gmv
      FROM sold
  order_lines:
    counted_on: sold
    select: SELECT _row, nr AS order_id, shop AS seller_id, item AS product_name, worth AS subtotal FROM sold
"""
CONFIG = "source: source.yml\ninput: in\nlake: lake\noutput: out\nquality: {max_quarantine_share: 1.0}\n"
HEADER = "nr,shop,who,at,item,worth\n"
# Two cups of tea in one order are two lines; the line whose worth cannot be read is refused.
LINES = [
    "o1,s1,b1,2024-01-02,tea,5", "o1,s1,b1,2024-01-02,tea,5", "o1,s1,b1,2024-01-01,rice,7.50", "o1,s2,b1,2024-01-02,tea,5",
    "o2,s1,b2,2024-01-03,tea,five",
]  # fmt: skip


def _source(text: str) -> Source:
    return Source.model_validate(yaml.safe_load(text))


def test_rows_that_are_equal_in_full_are_real_where_they_are_lines(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "sold_1.csv").write_text(HEADER + "\n".join([*LINES, ""]))
    (tmp_path / "sold_2.csv").write_text(HEADER + "\n".join([*LINES[:2], "o3,s1,b1,2024-01-04,tea,1", ""]))
    source = _source(SOURCE)
    raw = find_inputs(spark, source, str(tmp_path))["sold"]
    rows = read_raw(spark, raw, "1", "sold" in source.real_copies)
    counted = rows.groupBy("nr").agg(F.count("*"), F.count_distinct("_known_fingerprint")).collect()
    assert {row[0]: (row[1], row[2]) for row in counted} == {
        "o1": (6, 4),
        "o2": (1, 1),
        "o3": (1, 1),
    }  # in another file they are the same two again
    assert _source(SOURCE.replace("line", "line\nidentical_rows: duplicate", 1)).real_copies == frozenset()


@pytest.mark.slow
def test_an_order_is_made_of_its_lines_and_each_lines_money_counts_once(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "source.yml").write_text(SOURCE)
    (tmp_path / "config.yml").write_text(CONFIG)

    def take(day: str, lines: list[str]) -> str:
        (tmp_path / day).mkdir()
        (tmp_path / day / "sold.csv").write_text(HEADER + "\n".join([*lines, ""]))
        places = {"input": str(tmp_path / day), "lake": str(tmp_path / "lake"), "output": str(tmp_path / "out")}
        said = io.StringIO()
        segment(spark, load_config(str(tmp_path / "config.yml"), {**places, "stages": ("ingest",)}), Progress(said))
        return said.getvalue()

    said = take("one", LINES)
    # In words: of the two cups of tea one is equal in full to the other, and it costs 5.
    assert "order_lines: 1 row is equal in full" in said and "(5.00 IDR in all): taken for rows of their own" in said
    orders = table_of(tmp_path / "lake", "orders")
    found = {(row.order_id, row.seller_id): (str(row.ordered_at.date()), str(row.gmv)) for row in orders.itertuples()}
    assert found == {("o1", "s1"): ("2024-01-01", "17.50"), ("o1", "s2"): ("2024-01-02", "5.00")}
    assert len(table_of(tmp_path / "lake", "order_lines")) == 4
    take("two", [*LINES, "o1,s1,b1,2024-01-02,tea,5"])  # the whole export again, and a third cup
    assert sorted(map(str, table_of(tmp_path / "lake", "orders")["gmv"])) == ["22.50", "5.00"]
    assert len(table_of(tmp_path / "lake", "order_lines")) == 5
    assert len(table_of(tmp_path / "lake", "raw_rows")) == 6
    ledger = table_of(tmp_path / "lake", "ledger").sort_values("run_id").query("table_name == 'orders'")
    assert list(ledger["rows_read"]) == [5, 6] and list(ledger["rows_quarantined"]) == [1, 0]
    # Only the third cup's money came with the second day: what came before is duplicate.
    assert list(map(str, ledger["gmv_read"])) == ["22.50", "27.50"]
    assert list(map(str, ledger["gmv_accepted"])) == ["22.50", "5.00"]
    assert list(map(str, ledger["gmv_duplicate"])) == ["0.00", "22.50"]
    assert list(map(str, ledger["gmv_outranked"])) == ["0.00", "0.00"]
    held = ledger["gmv_accepted"].sum() + ledger["gmv_released"].sum() - ledger["gmv_outranked"].sum()
    assert held == Decimal("27.50")
