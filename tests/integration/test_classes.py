"""A second business by config alone: customers of online classes, against what is published of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from sklearn.metrics import adjusted_rand_score

from tests.support.jobs import made
from tests.support.lakes import REPOSITORY, make_sample, table_of
from tests.unit.reporting.pages import sketched

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample at its published size."""
    return make_sample(tmp_path_factory.mktemp("sample"), 1, "classes")


@pytest.fixture(scope="module")
def classes(spark: SparkSession, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake that the main job makes of it, by conf/classes.yml."""
    with sketched():
        return made(spark, tmp_path_factory.mktemp("classes"), folder, config="classes.yml")


@pytest.fixture(scope="module")
def manifest(folder: Path) -> dict[str, Any]:
    """What the sample says of itself."""
    return json.loads((folder / "truth" / "manifest.json").read_text())


def _overview(lake: Path, dimension: str) -> pd.DataFrame:
    overview = table_of(lake, "overview")
    return overview[overview["dimension"] == dimension].set_index("value")


def test_the_published_segments_come_back(classes: Path) -> None:
    profiles = table_of(classes, "buyer_profiles").query("segment > 0").set_index("segment_name")
    assert table_of(classes, "runs").loc[0, "verdict_buyers"] == "natural"
    published = {
        "Parents & Kids": (0.352, 32.7, 36_000, "Anak", 3), "Cooking Enthusiasts": (0.531, 34.2, 66_000, "Memasak", 1),
        "Fashion Creators": (0.117, 32.0, 113_000, "Fashion", 2),
    }  # fmt: skip
    assert set(profiles.index) == set(published)
    for name, (share, age, price, interest, priority) in published.items():
        found = profiles.loc[name]
        assert found["share"] == pytest.approx(share, abs=0.02)
        assert found["mean_age"] == pytest.approx(age, abs=1)
        assert found["mean_price"] == pytest.approx(price, rel=0.05)
        assert (found["top_category"], found["priority"]) == (interest, priority)
        assert set(dict(found["strategy"])) == {"channel", "message", "product", "partners"}


def test_customers_are_where_they_were_planted(classes: Path, folder: Path) -> None:
    truth = pd.read_csv(folder / "truth" / "buyers.csv").set_index("id")["group"]
    segments = table_of(classes, "buyer_segments").set_index("buyer_id")["segment"]
    assert sorted(segments.index) == sorted(truth.index)
    assert adjusted_rand_score(truth[segments.index], segments) >= 0.9


def test_the_ledger_is_the_manifests(classes: Path, manifest: dict[str, Any]) -> None:
    ledger = table_of(classes, "ledger").set_index("table_name")
    for table, counts in manifest["tables"].items():
        for name in ("rows_read", "rows_accepted", "rows_quarantined", "rows_duplicate"):
            assert ledger.loc[table, name] == counts[name]
    assert int(ledger.loc["orders", "gmv_accepted"]) == manifest["tables"]["orders"]["gmv_accepted"]


def test_tiers_bands_and_regions_are_the_published_ones(classes: Path, manifest: dict[str, Any]) -> None:
    tiers = _overview(classes, "price_tier")
    assert {name: round(100 * tiers.loc[name, "buyer_share"], 1) for name in ("Budget", "Standard", "Luxury")} == {
        "Budget": 26.4, "Standard": 47.5, "Luxury": 9.0,
    }  # fmt: skip
    for name, counts in manifest["tiers"].items():
        assert (tiers.loc[name, "offered"], tiers.loc[name, "orders"]) == (counts["offered"], counts["paid"])
        assert tiers.loc[name, "conversion_rate"] == pytest.approx(counts["paid"] / counts["offered"])
    bands = _overview(classes, "age_band")
    assert [round(100 * bands.loc[name, "buyer_share"], 1) for name in ("18-25", "26-45", "over 45")] == [
        16.6,
        66.3,
        9.8,
    ]
    assert bands[bands.index.isna()]["buyers"].tolist() == [manifest["unknown_age"]] == [78]
    regions = _overview(classes, "region_group")
    assert [round(100 * regions.loc[name, "buyer_share"], 1) for name in ("Lainnya", "Jabodetabek")] == [53.3, 15.8]
    overview = table_of(classes, "overview")
    assert {str(gmv) for gmv in overview.groupby("dimension")["gmv"].sum()} == {f"{manifest['sales']['gmv']}.00"}


def test_unknown_ages_drop_nobody_and_are_no_zeros(classes: Path) -> None:
    users, features = table_of(classes, "users"), table_of(classes, "buyer_features")
    assert (len(users), users["age"].isna().sum(), (users["age"] == 0).sum()) == (2_822, 78, 0)
    assert (len(features), features["age"].isna().sum()) == (2_822, 78)
    assert {"price", "price_tier", "age_band", "region_group"} <= set(users.columns) & set(features.columns)


def test_nothing_is_said_of_sellers(classes: Path) -> None:
    assert not [path.name for path in classes.iterdir() if path.name.startswith(("seller", "trade"))]
    assert not re.search(r"[Ss]ellers?\b", (classes.parent / "report" / "report.html").read_text())


def test_the_report_tells_of_tiers_ages_regions_and_what_comes_next(classes: Path) -> None:
    page = re.sub(r"<[^>]+>", " ", (classes.parent / "report" / "report.html").read_text())
    text = " ".join(page.split())
    for said in (
        "Price tier", "Age band", "Region group", "Most customers are in the other regions: 53.3%. Then come Jabodetabek (15.8%)",
        "Most customers are in 26-45: 66.3%", "It is unknown for 78 of 2,822 customers (2.8%)",
        "The largest known part of customers is in Standard: 47.5% of all", "Immediate actions (1-3 months)", "Medium-term goals (3-6 months)",
        "Long-term vision (6-12 months)", "What to track", "Customers who bought again", "Course completion, average per customer",
        "WhatsApp groups, parenting communities, school networks",
    ):  # fmt: skip
        assert said in text, said


def test_no_code_knows_the_business() -> None:
    """Only the configs and the maker of its sample do."""
    known = re.compile(
        r"\bclasses\.yml|[\"']classes[\"']|df_classes|Jabodetabek|Memasak|price_tier|online class", re.IGNORECASE
    )
    code = [*(REPOSITORY / "segmentation").rglob("*.*"), *(REPOSITORY / "jobs").rglob("*.py")]
    texts = [path for path in code if path.suffix in (".py", ".json", ".html", ".css")]
    assert len(texts) > 80
    assert [str(path) for path in texts if known.search(path.read_text(encoding="utf-8"))] == []
