"""The main job from raw files to report, judged by readers that are not Spark and by figures from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from sklearn.metrics import adjusted_rand_score

from segmentation import schemas
from segmentation.errors import GateError
from tests.support.lakes import run_job, table_of, unannounced
from tests.support.shop import Shop, line, order

REPOSITORY = Path(__file__).parents[2]
OLIST = REPOSITORY.parent / "shared" / "data" / "olist"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def manifest(sample: Path) -> dict[str, Any]:
    """What the sample says of itself."""
    return json.loads((sample / "truth" / "manifest.json").read_text())


def test_the_ledger_is_the_manifests(lake: Path, manifest: dict[str, Any]) -> None:
    ledger = table_of(lake, "ledger").set_index("table_name")
    for name, expected in manifest["tables"].items():
        found = ledger.loc[name]
        for column in ("rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate"):
            assert found[column] == expected[column], (name, column)
        assert found["rows_read"] == found["rows_accepted"] + found["rows_quarantined"] + found["rows_duplicate"]
    orders = ledger.loc["orders"]
    for column in ("gmv_read", "gmv_accepted", "gmv_quarantined", "gmv_duplicate"):
        assert orders[column] == manifest["tables"]["orders"][column], column


def test_the_quarantine_holds_every_planted_reason(lake: Path, manifest: dict[str, Any]) -> None:
    refused = table_of(lake, "quarantine").explode("reasons").groupby(["table_name", "reasons"]).size()
    for name, expected in manifest["tables"].items():
        assert refused[name].to_dict() == expected["quarantined_by_reason"], name
    assert all(json.loads(record) for record in table_of(lake, "quarantine")["record"])


def test_the_overviews_totals_are_the_published_ones_at_this_scale(lake: Path, manifest: dict[str, Any]) -> None:
    overview = table_of(lake, "overview")
    total = overview[overview["dimension"] == "total"].iloc[0]
    sales = manifest["sales"]
    assert (total["orders"], total["gmv"], total["revenue"]) == (sales["orders"], sales["gmv"], sales["revenue"])
    by_dimension = overview.groupby("dimension")["gmv"].sum()
    assert set(by_dimension) == {sales["gmv"]}


def test_trade_between_segments_adds_up_to_all_sales(lake: Path, manifest: dict[str, Any]) -> None:
    trade = table_of(lake, "trade")
    assert (trade["orders"].sum(), trade["gmv"].sum()) == (manifest["sales"]["orders"], manifest["sales"]["gmv"])
    for role in ("buyer", "seller"):
        gmv = table_of(lake, f"{role}_segments").merge(table_of(lake, f"{role}_features"), on=f"{role}_id")
        assert (
            trade.groupby(f"{role}_segment")["gmv"].sum().to_dict()
            == gmv.groupby("segment")["total_gmv"].sum().to_dict()
        )


@pytest.mark.parametrize("entity", ["buyers", "sellers"])
def test_the_planted_groups_come_back_under_their_published_names(lake: Path, sample: Path, entity: str) -> None:
    truth = pd.read_csv(sample / "truth" / f"{entity}.csv").rename(columns={"id": f"{entity[:-1]}_id"})
    found = table_of(lake, f"{entity[:-1]}_segments").merge(truth, on=f"{entity[:-1]}_id")
    found = found[found["segment"] > 0]
    assert adjusted_rand_score(found["group"], found["segment"]) >= 0.9
    assert (
        set(table_of(lake, f"{entity[:-1]}_profiles").query("segment > 0")["segment_name"])
        == {
            "buyers": {
                "High-Spending Regulars",
                "Low-Spending Sporadic Buyers",
                "Moderate-Spending Dormant Buyers",
            },
            "sellers": {
                "High-Volume Established Sellers",
                "Niche Low-Volume Sellers",
                "High-Potential Voucher-Dependent Sellers",
            },
        }[entity]
    )


def test_everyone_in_orders_is_in_one_segment(lake: Path) -> None:
    orders = table_of(lake, "orders")
    for role in ("buyer", "seller"):
        segments = table_of(lake, f"{role}_segments")
        assert sorted(segments[f"{role}_id"]) == sorted(orders[f"{role}_id"].unique())
        profiles = table_of(lake, f"{role}_profiles").set_index("segment")
        assert profiles["size"].to_dict() == {0: 0, **segments["segment"].value_counts().to_dict()}
        assert list(profiles.loc[1:, "mean_total_gmv"]) == sorted(profiles.loc[1:, "mean_total_gmv"], reverse=True)


def test_the_run_names_the_version_of_every_table(lake: Path) -> None:
    run = table_of(lake, "runs").iloc[0]
    versions = dict(run["table_versions"])
    names = {path.name for path in lake.iterdir()} - {"runs", "undo_log"}
    assert versions == {name: DeltaTable(str(lake / name)).version() for name in names}
    past = {f"{side}_{what}" for side in ("buyer", "seller") for what in ("history", "migrations", "movers")}
    past |= {"kpis", "cohorts", "prediction"}  # of jobs/track.py
    # PaDi's tables join no raw ones.
    assert set(schemas.TABLES) - names == {"runs", "undo_log", "raw_rows", "upkeep", *past}
    assert (run["verdict_buyers"], run["verdict_sellers"], str(run["as_of"])) == ("natural", "natural", "2024-06-30")


def test_every_table_that_a_run_writes_was_announced(lake: Path) -> None:
    assert unannounced(lake, {}) == set()


def test_the_report_is_one_page_with_its_charts(lake: Path) -> None:
    page = (lake.parent / "report" / "report.html").read_text()
    assert "High-Spending Regulars" in page
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert list((lake.parent / "report" / "charts").glob("*.png"))


def test_too_much_dirt_publishes_nothing(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    export = shop.export([*(order(f"o{number}") for number in range(17)), order("bad", "ten")], [line("o1")])
    with pytest.raises(GateError, match=r"orders: 1 of 18 rows \(5.6%\) would be quarantined, expected at most 5.0%"):
        run_job(spark, tmp_path, input=str(export))
    assert not (tmp_path / "lake").exists()


@pytest.mark.full
@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist data is not at ../shared/data/olist")
def test_olist_as_it_is(spark: SparkSession, tmp_path: Path) -> None:
    source = str(REPOSITORY / "conf" / "sources" / "olist.yml")
    lake = run_job(spark, tmp_path, source=source, input=str(OLIST))
    orders = table_of(lake, "orders")
    by_status = orders.groupby("status")["gmv"].agg(["size", "sum"])
    assert {status: (row["size"], str(row["sum"])) for status, row in by_status.iterrows()} == {
        "completed": (97_819, "15419773.75"),
        "cancelled": (468, "108026.21"),
        "in_progress": (1_723, "315753.28"),
    }
    assert str(orders["gmv"].sum()) == "15843553.24"
    vouchers = orders[orders["voucher_value"] > 0]
    assert (str(vouchers["voucher_value"].sum()), vouchers["order_id"].nunique()) == ("352707.71", 3_766)
    sold = vouchers[vouchers["status"] != "cancelled"]
    assert (str(sold["voucher_value"].sum()), sold["order_id"].nunique()) == ("349874.40", 3_745)
    first, last = (orders["ordered_at"].agg(how).tz_convert("America/Sao_Paulo") for how in ("min", "max"))
    assert (f"{first:%Y-%m-%d %H:%M:%S}", f"{last:%Y-%m-%d %H:%M:%S}") == ("2016-09-04 21:15:19", "2018-09-03 09:06:57")
    ledger = table_of(lake, "ledger").set_index("table_name")
    assert list(ledger.loc["orders", ["rows_read", "rows_accepted", "rows_quarantined"]]) == [100_785, 100_010, 775]
    assert list(ledger.loc["order_lines", ["rows_read", "rows_accepted"]]) == [112_650, 112_650]
    assert ledger.loc["olist_payments", "rows_read"] == 103_886
    assert ledger.loc["olist_translation", "rows_read"] == 71
    assert orders["revenue"].isna().all()
    products = table_of(lake, "products")
    assert (len(products), products["category"].isna().sum()) == (32_951, 610)
    for role, known in (("buyer", 94_983), ("seller", 3_053)):
        features = table_of(lake, f"{role}_features")
        sold = features[features["count_orders"] > 0]
        assert (len(sold), sold["count_orders"].sum(), str(sold["total_gmv"].sum())) == (known, 99_542, "15735527.03")
        assert str(features["as_of"].iloc[0]) == "2018-09-03"
    runs = table_of(lake, "runs").iloc[0]
    assert "natural" not in (runs["verdict_buyers"], runs["verdict_sellers"])
