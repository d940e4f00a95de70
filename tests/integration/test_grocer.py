"""A grocer, whose raw rows are lines: every cent of them is in the orders, once. DuckDB on the Parquet is the judge."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.support import grocer
from tests.support.lakes import REPOSITORY, table_of

pytestmark = [pytest.mark.slow, pytest.mark.full]

COMPARED = ("orders", "order_lines", "users", "buyer_features", "seller_features", "overview")
# The same tills, but baskets come added up: one row an order.
BASKETS = """
  orders:
    counted_on: baskets
    select: |
      SELECT _row, basket AS order_id, store AS seller_id, household AS buyer_id, 'completed' AS status,
             CAST(date_add(DATE '2016-12-31', CAST(day AS INT)) AS TIMESTAMP) AS ordered_at, worth AS gmv
      FROM baskets
"""


def _take(spark: SparkSession, folder: Path, raw: Path, *stages: str, source: str = "source.yml") -> Path:
    config = load_config(
        str(REPOSITORY / "conf" / "local.yml"),
        {
            "source": str(folder / source), "input": str(raw), "lake": str(folder / "lake"),
            "output": str(folder / "report"), "stages": stages,
        },
    )  # fmt: skip
    spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    segment(spark, config, Progress(io.StringIO()))
    return folder / "lake"


def _till(folder: Path) -> str:
    return f"(SELECT *, CAST(sales_value AS DECIMAL(18, 2)) AS worth FROM read_parquet('{folder}/day*/till*.parquet'))"


def _one(sql: str) -> Decimal:
    found = duckdb.sql(sql).fetchone()
    assert found is not None
    return Decimal(found[0])


def check_money(lake: Path, folder: Path) -> None:
    """What came in is what the orders hold and what was refused: to the cent, basket by basket, and line by line."""
    till, orders, lines = _till(folder), table_of(lake, "orders"), table_of(lake, "order_lines")
    named = f"{till} WHERE household IS NOT NULL"
    expected = duckdb.sql(
        f"SELECT CAST(basket AS VARCHAR), CAST(store AS VARCHAR), CAST(household AS VARCHAR), sum(worth), "
        f"-sum(CAST(coupon_discount AS DECIMAL(18, 2))) FROM {named} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    found = orders[["order_id", "seller_id", "buyer_id", "gmv", "voucher_value"]]
    assert sorted(map(tuple, found.values)) == sorted(expected)
    assert len(lines) == _one(f"SELECT count(*) FROM {named}")  # lines that are equal in full are real
    assert lines["subtotal"].sum() == orders["gmv"].sum()
    ledger = table_of(lake, "ledger")
    mine = ledger[ledger["table_name"] == "orders"]
    assert mine["gmv_read"].sum() == _one(f"SELECT sum(worth) FROM {till}")
    assert mine["gmv_quarantined"].sum() == _one(f"SELECT sum(worth) FROM {till} WHERE household IS NULL")
    overview = table_of(lake, "overview")
    assert overview[overview["dimension"] == "total"]["gmv"].sum() == orders["gmv"].sum()


def check_ledger(lake: Path) -> None:
    """Every row, and every cent, of every run; and over all runs what the tables hold."""
    ledger = table_of(lake, "ledger")
    for kind in ("rows", "gmv"):
        parts = sum(ledger[f"{kind}_{part}"].fillna(0) for part in ("accepted", "quarantined", "duplicate"))
        assert list(ledger[f"{kind}_read"].fillna(0)) == list(parts), kind
    for name in ("orders", "order_lines", "users"):
        mine = ledger[ledger["table_name"] == name]
        came, left = mine["rows_accepted"].sum() + mine["rows_released"].sum(), mine["rows_outranked"].sum()
        assert came - left == len(table_of(lake, name)), name
    mine = ledger[ledger["table_name"] == "orders"]
    held = mine["gmv_accepted"].sum() + mine["gmv_released"].sum() - mine["gmv_outranked"].sum()
    assert held == table_of(lake, "orders")["gmv"].sum()


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    table = table.drop(columns=["batch_id", "run_id"], errors="ignore").astype(str)
    return table.sort_values(list(table.columns), ignore_index=True)


@pytest.fixture(scope="module")
def at_once(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The grocer's folder and lake after one delivery."""
    folder = grocer.write(tmp_path_factory.mktemp("at_once"))
    _take(spark, folder, folder / "day1", "ingest", "features")
    return folder


def test_all_that_came_in_is_in_the_orders_to_the_cent(at_once: Path) -> None:
    check_money(at_once / "lake", at_once)
    check_ledger(at_once / "lake")


def test_three_deliveries_are_one(spark: SparkSession, at_once: Path, tmp_path: Path) -> None:
    grocer.write(tmp_path, deliveries=3)
    for number in (1, 2, 3):
        _take(spark, tmp_path, tmp_path / f"day{number}", "ingest", "features")
    check_money(tmp_path / "lake", tmp_path)
    check_ledger(tmp_path / "lake")
    for name in COMPARED:
        found, expected = (_in_order(table_of(folder / "lake", name)) for folder in (tmp_path, at_once))
        pd.testing.assert_frame_equal(found, expected, obj=name)


def test_the_whole_job_runs_with_texts_and_stores(spark: SparkSession, at_once: Path) -> None:
    lake = _take(spark, at_once, at_once / "day1", "segment", "report")
    _check_profiles(lake)
    _check_attributes(lake, at_once)
    assert (at_once / "report" / "report.html").exists()


def test_stores_among_which_a_die_divides_the_baskets_are_no_tiers(spark: SparkSession, tmp_path: Path) -> None:
    grocer.write(tmp_path, households=600, stores=60)
    lake = _take(spark, tmp_path, tmp_path / "day1")
    last = table_of(lake, "runs").iloc[-1]
    assert (last["verdict_sellers"], last["verdict_buyers"]) == ("none", "tiers")
    assert set(table_of(lake, "seller_segments")["segment"]) == {1}
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "The stores differ by no more than chance" in page


def test_texts_of_buyers_alone_are_no_matter_of_sellers(spark: SparkSession, tmp_path: Path) -> None:
    grocer.write(tmp_path)
    duckdb.sql(
        f"COPY (SELECT CAST(basket AS VARCHAR) AS basket, CAST(store AS VARCHAR) AS store, CAST(household AS VARCHAR) AS "
        f"household, min(day) AS day, sum(worth) AS worth FROM {_till(tmp_path)} WHERE household IS NOT NULL GROUP BY ALL) "
        f"TO '{tmp_path}/day1/baskets.parquet' (FORMAT parquet)"
    )
    columns = "{basket: string, store: string, household: string, day: integer, worth: decimal}"
    baskets = f"  baskets:\n    format: parquet\n    glob: baskets*.parquet\n    columns: {columns}\n"
    head, who, users = grocer.SOURCE.partition("  till:")[0], "  who:", "  users:"
    raw = who + grocer.SOURCE.split("  who:")[1].split("  goods:")[0]
    source = (
        head.replace("grain: line ", "#") + baskets + raw + "tables:" + BASKETS + users + grocer.SOURCE.split(users)[1]
    )
    (tmp_path / "baskets.yml").write_text(source)
    _check_profiles(
        _take(spark, tmp_path, tmp_path / "day1", "ingest", "features", "segment", "report", source="baskets.yml")
    )


def _check_attributes(lake: Path, folder: Path) -> None:
    """Who is in each segment of buyers, counted anew from what the households say; an Unknown home is unknown."""
    segments = table_of(lake, "buyer_segments")
    expected = duckdb.sql(
        f"SELECT attribute, segment, value, count(*) AS entities FROM (UNPIVOT (SELECT segment, age AS age_group, income, "
        f"nullif(home, 'Unknown') AS home FROM segments LEFT JOIN '{folder}/day1/who.parquet' ON CAST(household AS VARCHAR) = buyer_id) "
        f"ON age_group, income, home INTO NAME attribute VALUE value) GROUP BY ALL"
    ).df()
    found = table_of(lake, "buyer_attributes")
    assert set(found["attribute"]) == {"age_group", "income", "home", "top_category"}
    found = found[found["attribute"] != "top_category"]
    both = found[found["entities"] > 0].merge(expected, on=["attribute", "segment", "value"], suffixes=("", "_duckdb"))
    assert len(both) == len(expected) and (both["entities"] == both["entities_duckdb"]).all()
    sold = segments[segments["segment"] > 0]["buyer_id"]
    assert set(found[found["segment"].isna()]["size"]) == {len(sold)}
    assert set(table_of(lake, "seller_attributes")["attribute"]) == {"top_category"}


def _check_profiles(lake: Path) -> None:
    """Buyers' profiles tell of their texts; sellers have none."""
    buyers, sellers = (table_of(lake, f"{side}_profiles") for side in ("buyer", "seller"))
    assert {"top_age_group", "top_income", "top_home"} <= {*buyers.columns}
    assert not {"top_age_group", "top_income", "top_home"} & {*sellers.columns}
    assert set(buyers["top_age_group"].dropna()) <= {*grocer.AGES}
    assert len(table_of(lake, "seller_segments")) == len(table_of(lake, "seller_features"))
