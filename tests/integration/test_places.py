"""Places that are no paths of this machine: URIs are Spark's affair, and what it cannot reach is one sentence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.errors import InputError
from tests.support.lakes import table_of
from tests.support.shop import Shop, order

OF_A_RUN = ["run_id", "batch_id", "quarantined_at"]
NOWHERE = "nosuch://bucket/x"
SOURCE = """
name: shop
raw:
  sales: {glob: "sales_*.csv", columns: {sale: string, at: timestamp, shop: string, who: string, state: string, amount: decimal}}
statuses: {completed: [paid]}
tables:
  orders:
    counted_on: sales
    select: |
      SELECT _row, sale AS order_id, shop AS seller_id, who AS buyer_id, at AS ordered_at, state AS status,
             amount AS gmv
      FROM sales
"""
SALES = """sale,at,shop,who,state,amount
o1,2024-01-03 10:15:00,s1,b1,paid,10
o1,2024-01-03 10:15:00,s1,b1,paid,10
o2,2024-01-03 10:16:00,s1,b1,paid,much
"""


def _rows(lake: Path, name: str) -> pd.DataFrame:
    table = table_of(lake, name).drop(columns=OF_A_RUN, errors="ignore").astype(str)
    return table.sort_values(list(table.columns), ignore_index=True)


def test_the_same_tables_by_uri_and_by_path(spark: SparkSession, tmp_path: Path) -> None:
    source = tmp_path / "shop.yml"
    source.write_text(SOURCE)
    folder = tmp_path / "the exports"
    folder.mkdir()
    (folder / "sales_1.csv").write_text(SALES)
    (folder / "sales_2.csv").write_text("sale,at,shop,who,state,amount\no3,2024-01-04 09:00:00,s2,b1,paid,5\n")
    shop = Shop(spark, tmp_path / "shop")
    shop.take(folder, source=str(source))
    shop.take(folder, source=str(source), input=f"file://{folder}", lake=f"file://{tmp_path}/by uri/lake")
    for name, number in {"orders": 2, "quarantine": 1, "ledger": 1}.items():
        by_path = _rows(shop.lake, name)
        assert len(by_path) == number
        pd.testing.assert_frame_equal(_rows(tmp_path / "by uri" / "lake", name), by_path)
    assert shop.rows("orders", "order_id") == [("o1",), ("o3",)]
    shop.take(folder, source=str(source), input=f"file://{folder}")  # files that were taken in by their paths
    assert "already ingested" in shop.said.getvalue()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"input": NOWHERE}, r"nosuch://bucket/x: cannot be listed \(.*nosuch.*\), expected a folder; set --input"),
        ({"lake": NOWHERE}, r"nosuch://bucket/x: cannot be reached \(.*nosuch.*\), expected .*; set --lake"),
        ({"output": NOWHERE}, r"output: found 'nosuch://bucket/x', expected a folder of this machine .*; set --output"),
        ({"output": "dbfs:/report"}, r"output: found 'dbfs:/report', expected a folder of this machine"),
    ],
)
def test_a_place_out_of_reach_is_one_sentence(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: dict[str, str], said: str
) -> None:
    shop = Shop(spark, tmp_path / "shop")
    folder = shop.export([order("o1")])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=said) as error:
        shop.take(folder, "ingest", "features", "segment", "report", **place)
    assert error.value.exit_status == 2
    assert "\n" not in str(error.value)
    left = [path for path in sorted(tmp_path.rglob("*")) if path not in before]
    # The lock of a lake that is here is made, and let go of, before the input is looked at.
    assert [path.name for path in left if not path.name.startswith("lake.lock")] == []
