"""A source whose tables join raw ones: what comes a day later changes rows of the day before."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.support.lakes import table_of

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

HEADERS = {"sold": "nr,who,at", "items": "nr,shop,worth"}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Joined:
    """A lake of such a source, and the days' exports that go into it."""

    spark: SparkSession
    folder: Path
    said: io.StringIO = field(default_factory=io.StringIO)

    def take(self, day: str, **files: list[str]) -> None:
        """Take in a day's files; lines may begin with a header of their own."""
        folder = self.folder / day
        folder.mkdir()
        for name, lines in files.items():
            header = [] if lines[0].startswith("nr,") else [HEADERS[name]]
            (folder / f"{name}.csv").write_text("\n".join([*header, *lines]) + "\n")
        places = {"input": str(folder), "lake": str(self.folder / "lake"), "output": str(self.folder / "out")}
        config = load_config(str(self.folder / "config.yml"), {**places, "stages": ("ingest",)})
        segment(self.spark, config, Progress(self.said))

    def table(self, name: str) -> pd.DataFrame:
        """A table as delta-rs reads it."""
        return table_of(self.folder / "lake", name)


@pytest.fixture
def joined(spark: SparkSession, tmp_path: Path) -> Joined:
    (tmp_path / "source.yml").write_text(SOURCE)
    (tmp_path / "config.yml").write_text(CONFIG)
    return Joined(spark, tmp_path)


def test_items_that_come_a_day_later(joined: Joined) -> None:
    take, table = joined.take, joined.table
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


def test_rows_judged_again_are_what_they_were(joined: Joined) -> None:
    sold = ["o1,b1,2024-01-01", "o2,b2,2024-01-01", "o3,b2", "o4,b1,2024-01-01"]
    # Of o1 two items were sold that only an undeclared column tells apart; the one of o3 is no row.
    items = ["nr,shop,worth,item", "o1,s1,5,1", "o1,s1,5,2", "o1,s1,7,3", "o2,s1,1,1"]
    joined.take("one", sold=sold, items=items)

    def gmv() -> dict[str, str]:
        return {row.order_id: str(row.gmv) for row in joined.table("orders").itertuples()}

    assert gmv() == {"o1": "17.00", "o2": "1.00"}
    refused = {tuple(reasons) for reasons in joined.table("quarantine")["reasons"]}
    assert refused == {("malformed_line",), ("missing_key", "missing_value")}
    joined.take("two", sold=[*sold, "o5,b5,2024-01-02"])
    assert gmv() == {"o1": "17.00", "o2": "1.00"}
    assert ("malformed_line",) in {tuple(reasons) for reasons in joined.table("quarantine")["reasons"]}
    joined.take("three", sold=[*sold, "o5,b5,2024-01-02", "o6,b5,2024-01-02"], items=["o5,s1,2", "o6,s1,3"])
    assert gmv() == {"o1": "17.00", "o2": "1.00", "o5": "2.00", "o6": "3.00"}
    assert joined.table("raw_rows").groupby("raw_name").size().to_dict() == {"items": 6, "sold": 6}
    ledger = joined.table("ledger").sort_values("run_id")
    orders = ledger[ledger["table_name"] == "orders"]
    assert list(orders["rows_read"]) == [4, 5, 6]
    assert (
        orders["rows_read"] == orders["rows_accepted"] + orders["rows_quarantined"] + orders["rows_duplicate"]
    ).all()
    held = orders["rows_accepted"].sum() + orders["rows_released"].sum() - orders["rows_outranked"].sum()
    assert held == 4


def test_a_column_that_is_missing_today_stays_in_the_rows_of_earlier_days(joined: Joined) -> None:
    text = SOURCE.replace("worth: decimal}", "worth: decimal, less: {type: decimal, optional: true}}")
    text = text.replace("sum(worth) AS worth", "sum(worth - coalesce(less, 0)) AS worth")
    (joined.folder / "source.yml").write_text(text)
    joined.take("one", sold=["o1,b1,2024-01-01"], items=["nr,shop,worth,less", "o1,s1,10,3", "o1,s1,5,"])
    joined.take("two", sold=["o2,b2,2024-01-02"], items=["o2,s1,7"])
    orders = joined.table("orders")
    assert dict(zip(orders["order_id"], map(str, orders["gmv"]), strict=True)) == {"o1": "12.00", "o2": "7.00"}


def test_lines_that_only_undeclared_columns_tell_apart_are_told(joined: Joined) -> None:
    joined.take("one", sold=["o1,b1,2024-01-01"], items=["o1,s1,5", "o1,s1,2"])
    joined.take(
        "two", sold=["o2,b2,2024-01-02"], items=["nr,shop,worth,channel", "o1,s1,5,web", "o1,s1,2,", "o2,s1,7,web"]
    )
    # The line of 5 came again with a channel, and counts twice; that of 2 is the same, that of 7 is another one.
    orders = joined.table("orders")
    assert dict(zip(orders["order_id"], map(str, orders["gmv"]), strict=True)) == {"o1": "12.00", "o2": "7.00"}
    told = joined.table("warnings").query("warning == 'undeclared_columns'")
    assert [(row.table_name, row.rows, str(row.gmv)) for row in told.itertuples()] == [("order_lines", 1, "5.00")]
    assert "1 row is equal to rows of earlier batches in all that the source declares" in joined.said.getvalue()
    assert "(5.00 IDR in all): what it does not declare, now channel, tells them apart" in joined.said.getvalue()


def test_equal_lines_that_wait_leave_the_quarantine_together(joined: Joined) -> None:
    (joined.folder / "source.yml").write_text(SOURCE.replace("name: joined", "name: joined\nidentical_rows: real"))
    joined.take("one", sold=["o1,b1,2024-01-01"], items=["o1,s1,5", "o2,s1,7", "o2,s1,7"])
    assert [list(reasons) for reasons in joined.table("quarantine")["reasons"]] == [["line_without_order"]] * 2
    joined.take("two", sold=["o2,b2,2024-01-02"])
    joined.take("three", sold=["o3,b2,2024-01-03"], items=["o3,s1,1"])
    lines = joined.table("order_lines")
    assert sorted(zip(lines["order_id"], map(str, lines["subtotal"]), strict=True)) == [
        ("o1", "5.00"), ("o2", "7.00"), ("o2", "7.00"), ("o3", "1.00"),
    ]  # fmt: skip
    assert len(joined.table("quarantine")) == 0
    assert list(joined.table("released")["table_name"]) == ["order_lines"] * 2
    ledger = joined.table("ledger").sort_values("run_id").query("table_name == 'order_lines'")
    columns = ["rows_read", "rows_accepted", "rows_quarantined", "rows_released", "rows_outranked"]
    assert ledger[columns].values.tolist() == [[3, 1, 2, 0, 0], [0, 0, 0, 2, 0], [1, 1, 0, 0, 0]]


@pytest.mark.full
def test_the_ledger_of_a_table_that_is_only_joined_adds_up(joined: Joined) -> None:
    source = joined.folder / "source.yml"
    source.write_text(SOURCE[: SOURCE.index("  order_lines")])
    joined.take("one", sold=["o1,b1,2024-01-01"], items=["o1,s1,5", "o1,s1,7"])
    joined.take("two", sold=["o2,b1,2024-01-02"])
    joined.take("three", items=["o2,s1,5", "o1,s1,7"])
    ledger = joined.table("ledger").sort_values("run_id").query("table_name == 'items'")
    columns = ["rows_read", "rows_accepted", "rows_duplicate", "rows_released", "rows_outranked"]
    assert ledger[columns].values.tolist() == [[2, 2, 0, 0, 0], [0, 0, 0, 0, 0], [2, 1, 1, 0, 0]]
