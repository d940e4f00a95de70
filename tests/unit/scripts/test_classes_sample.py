"""The sample of online classes against what is published of them, from the written files alone."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_sample.py"
JABODETABEK = ("Jakarta", "Bogor", "Depok", "Tangerang", "Bekasi")


def _make(folder: Path, *options: str) -> Path:
    subprocess.run([sys.executable, str(SCRIPT), "classes", "--out", str(folder), *options], check=True)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample at its published size."""
    return _make(tmp_path_factory.mktemp("classes"))


@pytest.fixture(scope="module")
def manifest(folder: Path) -> dict[str, Any]:
    """What the sample says of itself."""
    return json.loads((folder / "truth" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def raw(folder: Path) -> list[dict[str, str]]:
    """Every raw row."""
    with (folder / "df_classes.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def orders(raw: list[dict[str, str]]) -> pd.DataFrame:
    """The sound rows: known customer, price, day and status, once each."""
    sound = [
        row for row in {tuple(row.items()): row for row in raw}.values()
        if row["customer_id"] and row["price"].isdigit() and "02-30" not in row["ordered_at"]
        and row["status"] in ("paid", "unpaid")
    ]  # fmt: skip
    return pd.DataFrame(sound).astype({"price": float, "age": int})


@pytest.fixture(scope="module")
def customers(orders: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """One row per customer: what they paid on average, and where they were planted."""
    paid = orders[orders["status"] == "paid"].groupby("customer_id")
    found = paid.agg(price=("price", "mean"), age=("age", "first"), city=("city", "first"), count=("price", "size"))
    found["province"] = paid["province"].first()
    return found.join(pd.read_csv(folder / "truth" / "buyers.csv").set_index("id"))


def test_customers_locations_and_unknown_ages(customers: pd.DataFrame) -> None:
    assert (len(customers), (customers["age"] == 0).sum(), customers["city"].nunique()) == (2_822, 78, 672)
    assert (customers["count"] > 1).mean() > 0.2


def test_segments_have_the_published_sizes_ages_and_prices(customers: pd.DataFrame) -> None:
    customers = customers.assign(age=customers["age"].where(customers["age"] > 0))
    found = customers.groupby("group_name").agg(size=("age", "size"), age=("age", "mean"), price=("price", "mean"))
    published = {
        "Parents & Kids": (993, 32.7, 36_000), "Cooking Enthusiasts": (1_499, 34.2, 66_000),
        "Fashion Creators": (330, 32.0, 113_000),
    }  # fmt: skip
    for name, (size, age, price) in published.items():
        assert found.loc[name, "size"] == size
        assert found.loc[name, "age"] == pytest.approx(age, abs=0.6)
        assert found.loc[name, "price"] == pytest.approx(price, rel=0.03)


def test_tiers_and_age_bands_are_the_published_ones(customers: pd.DataFrame) -> None:
    tiers = pd.cut(customers["price"], [0, 30e3, 65e3, 100e3, 1e9], labels=["b", "s", "p", "l"]).value_counts()
    assert [round(100 * tiers[name] / 2_822, 1) for name in "bsl"] == [26.4, 47.5, 9.0]
    bands = pd.cut(customers["age"], [-1, 0, 17, 25, 45, 99], labels=["?", "-17", "-25", "-45", "45+"]).value_counts()
    assert [round(100 * bands[name] / 2_822, 1) for name in ("-25", "-45", "45+")] == [16.6, 66.3, 9.8]


def test_regions_are_the_published_ones(customers: pd.DataFrame) -> None:
    capital = customers["city"].str.contains("|".join(JABODETABEK)) | (customers["province"] == "DKI Jakarta")
    assert round(100 * capital.mean(), 1) == 15.8
    rest = customers[~capital]["province"].value_counts()
    named = ["Jawa Tengah", "Jawa Timur", "Kalimantan Timur", "Jawa Barat", "Sumatera Utara"]
    assert list(rest.index[:3]) == named[:3]
    assert round(100 * rest.drop(named).sum() / 2_822, 1) == 53.3


def test_some_offers_are_never_paid_and_some_classes_never_completed(
    orders: pd.DataFrame, manifest: dict[str, Any]
) -> None:
    paid = orders[orders["status"] == "paid"]
    assert manifest["sales"] == {"orders": len(paid), "gmv": paid["price"].sum(), "revenue": None}
    tiers = manifest["tiers"].values()
    assert (sum(t["offered"] for t in tiers), sum(t["paid"] for t in tiers)) == (len(orders), len(paid))
    rates = [tier["paid"] / tier["offered"] for tier in tiers]
    assert rates == sorted(rates, reverse=True) and 0.5 < rates[-1] < rates[0] < 0.95
    assert set(paid["completed"]) == {"true", "false", ""}
    assert set(orders[orders["status"] == "unpaid"]["completed"]) == {""}


def test_the_manifest_counts_the_dirt(
    raw: list[dict[str, str]], orders: pd.DataFrame, manifest: dict[str, Any]
) -> None:
    counts = manifest["tables"]["orders"]
    copies = sum(times - 1 for times in Counter(tuple(row.items()) for row in raw).values())
    assert (counts["rows_read"], counts["rows_accepted"], counts["rows_duplicate"]) == (len(raw), len(orders), copies)
    assert (
        counts["rows_quarantined"] == len(raw) - len(orders) - copies == sum(counts["quarantined_by_reason"].values())
    )
    assert manifest["tables"]["users"]["rows_accepted"] == 2_822


def test_same_arguments_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    again = _make(tmp_path / "again")
    for name in ("df_classes.csv", "truth/buyers.csv", "truth/manifest.json"):
        assert (again / name).read_bytes() == (folder / name).read_bytes()
    other = _make(tmp_path / "other", "--seed", "7", "--scale", "0.1")
    manifest = json.loads((other / "truth" / "manifest.json").read_text())
    assert (manifest["customers"], manifest["unknown_age"], manifest["group_sizes"]["buyers"]) == (
        282,
        8,
        [99, 150, 33],
    )
