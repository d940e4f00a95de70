"""The businesses that docs/your-own-business.md takes as examples, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.jobs import made
from tests.support.lakes import REPOSITORY, table_of
from tests.unit.reporting.pages import sketched

pytestmark = pytest.mark.slow
BLOCKS = re.findall(
    r"```(?:yaml)?\n(.*?)```", (REPOSITORY / "docs" / "your-own-business.md").read_text(), flags=re.DOTALL
)


def _run(spark: SparkSession, folder: Path, file: str, rows: str, source: str) -> Path:
    (folder / file).write_text(rows)
    (folder / "source.yml").write_text(source)
    with sketched():
        return made(spark, folder, folder, "--source", str(folder / "source.yml"))


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of the shop whose returns are negative quantities; the config asks for sellers as well."""
    return _run(spark, tmp_path_factory.mktemp("shop"), "sold.csv", *BLOCKS[3:5])


@pytest.fixture(scope="module")
def gym(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of the gym, with enough members to tell apart: those of the page many times over."""
    head, *members = BLOCKS[1].strip().splitlines()
    rows = [f"{n}{member}" for n in range(40) for member in members]
    return _run(spark, tmp_path_factory.mktemp("gym"), "members.csv", "\n".join([head, *rows, ""]), BLOCKS[2])


def test_returns_are_orders_of_their_own_and_no_sales(shop: Path) -> None:
    orders = table_of(shop, "orders").set_index("order_id")
    assert orders[["status", "gmv"]].astype(str).to_dict("index") == {
        "536365": {"status": "completed", "gmv": "21.00"},
        "536366": {"status": "completed", "gmv": "25.00"},
        "536368": {"status": "completed", "gmv": "15.00"},
        "C536367": {"status": "returned", "gmv": "10.00"},
        "C536370": {"status": "returned", "gmv": "2.50"},
    }
    buyers = table_of(shop, "buyer_features").set_index("buyer_id")
    columns = ["count_orders", "total_gmv", "avg_order_value", "return_rate", "province"]
    found = buyers[columns].astype({"total_gmv": str, "avg_order_value": str}).round(4).to_dict("index")
    assert found == {
        "17850": dict(zip(columns, (2, "46.00", "23.00", 0.3333, "United Kingdom"), strict=True)),
        "12345": dict(zip(columns, (1, "15.00", "15.00", 0.0, "France"), strict=True)),
        "99999": dict(zip(columns, (0, "0.00", "None", 1.0, "Spain"), strict=True)),
    }
    segments = table_of(shop, "buyer_segments").set_index("buyer_id")["segment"]
    assert segments.to_dict() == {"17850": 1, "12345": 1, "99999": 0}


def test_every_line_is_accounted_for_and_whoever_is_not_named_is_refused(shop: Path) -> None:
    ledger = table_of(shop, "ledger").set_index("table_name")
    columns = ["rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate"]
    assert ledger.loc["orders", columns].tolist() == [8, 5, 1, 2]
    assert ledger.loc["order_lines", columns].tolist() == [8, 6, 1, 1]
    assert ledger.loc["users", columns].tolist() == [8, 3, 1, 4]


def test_a_shop_without_sellers_has_no_tables_of_them(shop: Path) -> None:
    assert not [path.name for path in shop.iterdir() if path.name.startswith(("seller", "trade"))]
    assert table_of(shop, "runs").loc[0, "verdict_sellers"] is None


def test_members_without_orders_are_all_segmented(gym: Path) -> None:
    features, segments = table_of(gym, "buyer_features"), table_of(gym, "buyer_segments")
    assert (len(features), len(segments), segments["segment"].min()) == (120, 120, 1)
    assert (features["count_orders"] == 0).all() and features["total_gmv"].isna().all()
    assert features["plan"].value_counts(dropna=False).to_dict() == {"student": 40, "premium": 40, None: 40}
    assert features.groupby("age_band", dropna=False)["age"].apply(lambda ages: set(ages.dropna())).to_dict() == {
        "to 25": {23}, "over 45": {61}, float("nan"): set(),
    } or features["age"].isna().sum() == 40  # fmt: skip


def test_segments_are_numbered_by_the_declared_value_and_described_by_their_attributes(gym: Path) -> None:
    profiles = table_of(gym, "buyer_profiles").query("segment > 0").sort_values("segment")
    assert list(profiles["mean_fee"]) == sorted(profiles["mean_fee"], reverse=True)
    assert profiles["gmv_share"].isna().all()
    assert not [name for name in profiles.columns if "count_orders" in name or "recency" in name]
    assert {"top_plan", "top_share_plan", "top_lift_plan", "top_coach", "mean_visits", "mean_age"} <= set(
        profiles.columns
    )


def test_the_report_of_members_says_nothing_of_sales(gym: Path) -> None:
    page = re.sub(
        r"<style.*?</style>|data:[^\"]*", "", (gym.parent / "report" / "report.html").read_text(), flags=re.DOTALL
    )
    text = re.sub(r"<[^>]+>", " ", page)
    assert "Gym members" in text and "over 45" in text
    for word in ("GMV", "order", "seller", "Buyers", "nan", "None"):
        assert not re.search(rf"\b{word}\b", text), word
