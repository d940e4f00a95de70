"""The sample as its reader sees it: everything here is computed from the written files.

A small judge in plain Python says what ingest must make of each raw row; it shares no code with
the generator. pandas and scikit-learn then look at the accepted rows.
"""

import csv
import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.tree import DecisionTreeClassifier

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_sample.py"

PUBLISHED_SALES = (325_074, 27_540_670_420_148, 122_766_236_154)
SOLD = {"Selesai", "Diproses", "Dikirim", "Diterima"}
RANKS = {
    "Menunggu Pembayaran": 0, "Diproses": 1, "Dikirim": 1, "Diterima": 1, "Selesai": 2,
    "Dibatalkan Penjual": 3, "Dibatalkan Pembeli": 3, "Kedaluwarsa": 3, "Dikembalikan": 4, "Retur": 4,
}  # fmt: skip
COLUMNS = {
    "df_order": ["order_id", "created_at", "status", "seller_id", "seller_category", "buyer_id", "payment_type", "payment_method", "voucher_val", "voucher_code", "product_type", "shipping_fee", "gmv", "revenue"],
    "df_order_complete": ["order_id", "quantity", "unit", "price_per_item", "price_subtotal", "ppn", "Main Category",
                          "subcat 1", "subcat 2", "product name"],
    "df_users": ["user_id", "city", "district", "province", "flag_user"],
    "df_products": ["product_id", "seller_id", "product name", "Main Category", "subcat 1", "subcat 2", "unit", "price"],
}  # fmt: skip
BUYERS = ("count_orders", "avg_order_value", "voucher_value", "recency_days")
SELLERS = ("count_orders", "avg_order_value", "unique_buyers", "total_vouchers", "recency_days")
# Published group means, in the order of the groups' numbers.
BUYER_MEANS = {
    "count_orders": (170.63, 5.09, 13.22),
    "avg_order_value": (18_840_121, 216_786, 16_764_295),
    "voucher_value": (16.89, 233_971, 0),
    "recency_days": (11.96, 196.22, 160.91),
}
SELLER_MEANS = {
    "count_orders": (10.67, 248.66, 70.72),
    "avg_order_value": (73_988_206, 52_172_932, 1_134_343),
    "unique_buyers": (1.66, 7.07, 18.50),
    "total_vouchers": (0, 58.50, 1_515_993),
    "recency_days": (155.78, 10.12, 140.20),
}


# The judge


@dataclass
class Verdict:
    """What was read of one table, and what became of it."""

    accepted: list[dict[str, str]] = field(default_factory=list)
    read: int = 0
    duplicates: int = 0
    quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    money: Counter[str] = field(default_factory=Counter)

    def refuse(self, row: dict[str, str] | None, reasons: set[str]) -> None:
        self.quarantined += 1
        self.reasons.update(reasons)
        self.money["quarantined"] += amount(row)

    def ledger(self) -> dict[str, object]:
        return {
            "rows_read": self.read,
            "rows_accepted": len(self.accepted),
            "rows_quarantined": self.quarantined,
            "rows_duplicate": self.duplicates,
            "quarantined_by_reason": dict(self.reasons),
        }


def raw_rows(folder: Path, stem: str) -> Iterator[tuple[str, list[str]]]:
    """Each raw line of the table's files with its fields; bytes that are no UTF-8 become surrogates."""
    paths = [path for path in sorted(folder.glob("*.csv")) if path.stem.rstrip("0123456789").rstrip("_") == stem]
    assert paths
    for path in paths:
        lines = path.read_text("utf-8", errors="surrogateescape").split("\n")
        assert lines.pop() == ""
        assert lines[0] == ",".join(COLUMNS[stem])
        yield from zip(lines[1:], csv.reader(lines[1:]), strict=True)


def is_number(text: str) -> bool:
    return text.lstrip("-").isdigit() and text.isascii()


def amount(row: dict[str, str] | None) -> int:
    """GMV as the ledger counts it: nothing where unreadable, malformed or too large for DECIMAL(18,2)."""
    text = (row or {}).get("gmv", "")
    return int(text) if is_number(text) and abs(int(text)) < 10**16 else 0


def faults(row: dict[str, str], keys: tuple[str, ...], amounts: tuple[str, ...]) -> set[str]:
    """What is wrong with the values of a row taken by itself."""
    found = set()
    if any(row[key] in ("", "NaN") for key in keys):
        found.add("missing_key")
    for text in (row[column] for column in amounts):
        if text in ("", "NaN"):
            continue
        if not is_number(text):
            found.add("bad_number")
        elif abs(int(text)) >= 10**16:
            found.add("absurd_value")
        elif int(text) < 0:
            found.add("negative_value")
    if "created_at" in row:
        try:
            if not 2015 <= datetime.strptime(row["created_at"], "%Y-%m-%d %H:%M:%S").year <= 2030:
                found.add("date_out_of_range")
        except ValueError:
            found.add("bad_date")
    if "status" in row and row["status"] not in RANKS:
        found.add("unknown_status")
    return found


def undecodable(line: str) -> set[str]:
    return set() if line.isascii() or line.encode("utf-8", "replace").decode() == line else {"undecodable_bytes"}


def judge(
    folder: Path, stem: str, keys: tuple[str, ...], amounts: tuple[str, ...],
    more: Callable[[dict[str, str]], set[str]] = lambda row: set(),
) -> Verdict:  # fmt: skip
    """Reads a table and refuses what cannot be taken, row by row."""
    verdict, seen = Verdict(), set()
    for line, fields in raw_rows(folder, stem):
        verdict.read += 1
        row = dict(zip(COLUMNS[stem], fields, strict=False)) if len(fields) == len(COLUMNS[stem]) else None
        verdict.money["read"] += amount(row)
        if line in seen:
            verdict.duplicates += 1
            verdict.money["duplicate"] += amount(row)
        elif row is None:
            verdict.refuse(row, {"malformed_line"})
        elif reasons := faults(row, keys, amounts) | more(row) | undecodable(line):
            verdict.refuse(row, reasons)
        else:
            verdict.accepted.append(row)
        seen.add(line)
    return verdict


def keep_one(verdict: Verdict, keys: tuple[str, ...], order: Callable[[dict[str, str]], tuple[int, int]]) -> Verdict:
    """Of each key's versions the highest stays; lower ranks are duplicates, ties with other content conflict."""
    versions: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in verdict.accepted:
        versions.setdefault(tuple(row[key] for key in keys), []).append(row)
    verdict.accepted = []
    for rows in versions.values():
        best = max(rows, key=order)
        verdict.accepted.append(best)
        for row in rows:
            if row is best:
                continue
            if order(row)[0] < order(best)[0]:
                verdict.duplicates += 1
                verdict.money["duplicate"] += amount(row)
            else:
                verdict.refuse(row, {"conflicting_versions"})
    verdict.money["accepted"] = sum(amount(row) for row in verdict.accepted)
    return verdict


@dataclass
class Sample:
    """A written sample, judged."""

    folder: Path
    manifest: dict
    verdicts: dict[str, Verdict]
    orders: pd.DataFrame
    lines: pd.DataFrame
    buyers: pd.DataFrame
    sellers: pd.DataFrame

    @property
    def sales(self) -> pd.DataFrame:
        return self.orders[self.orders["status"].isin(SOLD)]


def make(folder: Path, *options: str) -> Path:
    subprocess.run(
        [sys.executable, str(SCRIPT), "padi", "--out", str(folder), *options], check=True, capture_output=True
    )
    return folder


def read_sample(folder: Path) -> Sample:
    orders = judge(
        folder, "df_order", ("order_id", "seller_id", "buyer_id"), ("voucher_val", "shipping_fee", "gmv", "revenue")
    )
    orders = keep_one(orders, ("order_id", "seller_id"), lambda row: (RANKS[row["status"]], int(row["gmv"])))
    known = {row["order_id"] for row in orders.accepted} | {"", "NaN"}
    verdicts = {
        "orders": orders,
        "order_lines": judge(
            folder, "df_order_complete", ("order_id",), ("quantity", "price_per_item", "price_subtotal", "ppn"),
            lambda row: {"line_without_order"} if row["order_id"] not in known else set(),
        ),
        "users": keep_one(judge(folder, "df_users", ("user_id",), ()), ("user_id", "flag_user"), lambda row: (0, 0)),
        "products": keep_one(judge(folder, "df_products", ("product_id",), ("price",)), ("product_id",), lambda row: (0, 0)),
    }  # fmt: skip
    frame = pd.DataFrame(orders.accepted).astype(
        dict.fromkeys(("voucher_val", "shipping_fee", "gmv", "revenue"), "int64")
    )
    frame["day"] = pd.to_datetime(frame["created_at"]).dt.normalize()
    lines = pd.DataFrame(verdicts["order_lines"].accepted)
    lines = lines.astype(dict.fromkeys(("quantity", "price_per_item", "price_subtotal", "ppn"), "int64"))
    return Sample(
        folder=folder,
        manifest=json.loads((folder / "truth" / "manifest.json").read_text()),
        verdicts=verdicts,
        orders=frame,
        lines=lines,
        buyers=features(frame, folder, "buyers", "buyer_id"),
        sellers=features(frame, folder, "sellers", "seller_id"),
    )


def features(orders: pd.DataFrame, folder: Path, side: str, key: str) -> pd.DataFrame:
    """The contract's features over sales, with the planted group."""
    sales = orders[orders["status"].isin(SOLD)]
    by = sales.groupby(key)
    found = pd.DataFrame({
        "count_orders": by.size(),
        "total_gmv": by["gmv"].sum(),
        "voucher_value": by["voucher_val"].sum(),
        "total_vouchers": by["voucher_val"].sum(),
        "unique_buyers": by["buyer_id"].nunique(),
        "recency_days": (orders["day"].max() - by["day"].max()).dt.days,
    })  # fmt: skip
    found["avg_order_value"] = found["total_gmv"] / found["count_orders"]
    truth = pd.read_csv(folder / "truth" / f"{side}.csv").set_index("id")
    assert sorted(found.index) == sorted(truth.index), "the truth names exactly those with a sale"
    return found.join(truth)


def scaled(entities: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    logged = np.log1p(entities[list(names)].to_numpy(float))
    return (logged - logged.mean(axis=0)) / logged.std(axis=0)


def k_means(vectors: np.ndarray, k: int) -> np.ndarray:
    return KMeans(k, n_init=5, random_state=7).fit_predict(vectors)


def silhouette(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Spark's: on squared distances, for which sums per cluster are enough."""
    sizes = np.bincount(labels).astype(float)
    sums = np.stack([vectors[labels == c].sum(axis=0) for c in range(len(sizes))])
    squares = np.bincount(labels, (vectors**2).sum(axis=1))
    far = (vectors**2).sum(axis=1)[:, None] + (squares - 2 * vectors @ sums.T) / sizes
    row = np.arange(len(vectors))
    inside = far[row, labels] * sizes[labels] / np.maximum(sizes[labels] - 1, 1)
    far[row, labels] = np.inf
    nearest = far.min(axis=1)
    return float(np.where(sizes[labels] > 1, (nearest - inside) / np.maximum(nearest, inside), 0.0).mean())


def without_groups(vectors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows with the same marginals and about the same rank correlations, but no groups (Gaussian copula)."""
    ranks = vectors.argsort(axis=0, kind="stable").argsort(axis=0)
    normal = np.sort(rng.standard_normal(vectors.shape), axis=0)
    scores = np.take_along_axis(normal, ranks, axis=0)
    drawn = rng.multivariate_normal(np.zeros(vectors.shape[1]), np.corrcoef(scores.T), len(vectors))
    return np.take_along_axis(np.sort(vectors, axis=0), drawn.argsort(axis=0).argsort(axis=0), axis=0)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return read_sample(make(tmp_path_factory.mktemp("sample"), "--scale", "0.02"))


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def assert_manifest(sample: Sample) -> None:
    """Rows, money, reasons and warnings of the manifest are those that the judge finds."""
    for table, verdict in sample.verdicts.items():
        expected = sample.manifest["tables"][table]
        assert verdict.ledger() == {name: expected[name] for name in verdict.ledger()}, table
        rows = expected["rows_accepted"] + expected["rows_quarantined"] + expected["rows_duplicate"]
        assert expected["rows_read"] == rows
    money = sample.verdicts["orders"].money
    expected = sample.manifest["tables"]["orders"]
    assert {f"gmv_{name}": value for name, value in money.items()} == {
        name: expected[name] for name in ("gmv_read", "gmv_accepted", "gmv_quarantined", "gmv_duplicate")
    }
    lines = sample.lines
    tax = (lines["price_subtotal"] * 11 + 50) // 100
    assert sample.manifest["tables"]["order_lines"]["warnings"] == {
        "line_arithmetic": int((lines["quantity"] * lines["price_per_item"] != lines["price_subtotal"]).sum()),
        "tax_arithmetic": int((lines["ppn"] != tax).sum()),
    }
    sums = lines.groupby("order_id")["price_subtotal"].sum()
    of_lines = sample.orders["order_id"].map(sums)
    assert expected["warnings"] == {
        "order_without_lines": int(of_lines.isna().sum()),
        "order_against_lines": int((of_lines.notna() & (of_lines != sample.orders["gmv"])).sum()),
    }


def assert_means(entities: pd.DataFrame, published: dict[str, tuple[float, ...]], within: float) -> None:
    means = entities.groupby("group")[list(published)].mean()
    for feature, values in published.items():
        np.testing.assert_allclose(means[feature], values, rtol=within, err_msg=feature)


# On a small sample


def test_same_arguments_same_bytes(sample: Sample, tmp_path: Path) -> None:
    again = digests(make(tmp_path / "again", "--scale", "0.02", "--seed", "42"))
    other = digests(make(tmp_path / "other", "--scale", "0.02", "--seed", "43"))
    assert digests(sample.folder) == again
    assert all(other[name] != digest for name, digest in again.items())


# Of all files of scale 0.02, by `digests`: buyers that move come on top, and change nothing where there are none.
BYTES = "c2b28bafee33c42b0ab5013f20a5eaf3e343f63c910907e8c16bec7d187a0518"


def test_without_movers_the_bytes_are_what_they_are_known_to_be(sample: Sample) -> None:
    told = "".join(f"{name} {digest}\n" for name, digest in digests(sample.folder).items())
    assert hashlib.sha256(told.encode()).hexdigest() == BYTES
    assert not (sample.folder / "truth" / "movers.csv").exists()


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return read_sample(make(tmp_path_factory.mktemp("moving"), "--scale", "0.02", "--movers", "40"))


def test_movers_are_counted_in(moving: Sample, sample: Sample) -> None:
    assert_manifest(moving)
    sales, manifest = moving.sales, moving.manifest
    assert [len(sales), sales["gmv"].sum(), sales["revenue"].sum()] == list(manifest["sales"].values())
    assert manifest["movers"] == 40
    assert sum(manifest["group_sizes"]["buyers"]) == sum(sample.manifest["group_sizes"]["buyers"]) + 40


def test_movers_do_what_they_are_said_to_do(moving: Sample) -> None:
    """Up to their month they are as their first group, from it on they order as the second one does."""
    movers = pd.read_csv(moving.folder / "truth" / "movers.csv")
    assert list(movers) == ["buyer", "month", "from", "to"] and movers["buyer"].is_unique
    names = moving.buyers.drop_duplicates("group").set_index("group")["group_name"]
    assert set(zip(movers["from"], movers["to"], strict=True)) == {(names[1], names[0]), (names[2], names[0])}
    assert sorted(set(movers["month"])) == [str(month) for month in pd.period_range("2023-08", "2024-05", freq="M")]
    assert movers.groupby(["month", "from"]).size().eq(2).all()
    sales = moving.sales.merge(movers, left_on="buyer_id", right_on="buyer")
    sales = sales.assign(lies=(sales["day"].dt.to_period("M").astype(str) > sales["month"]).astype(int)
                         - (sales["day"].dt.to_period("M").astype(str) < sales["month"]).astype(int))  # fmt: skip
    counts = sales.groupby(["buyer_id", "lies"]).size().unstack(fill_value=0)
    assert counts[-1].between(3, 18).all() and counts[0].between(40, 80).all() and counts[1].ge(8).all()
    before = sales[sales["lies"] < 0]
    asleep = pd.to_datetime(before["month"]) - before["day"]
    assert asleep.groupby(before["buyer_id"]).min().ge(pd.Timedelta(days=90)).all()
    sporadic = before[before["from"] == names[1]]
    assert (sporadic["voucher_val"] > 0).mean() > 0.9 and sporadic["gmv"].mean() < 1_000_000
    assert (sales[sales["lies"] >= 0]["voucher_val"] == 0).all()
    assert moving.buyers.loc[movers["buyer"], "group_name"].eq(names[0]).all()


def test_movers_of_an_earlier_sample_make_way(tmp_path: Path) -> None:
    make(tmp_path, "--scale", "0.01", "--movers", "4")
    assert len(pd.read_csv(tmp_path / "truth" / "movers.csv")) == 4
    make(tmp_path, "--scale", "0.01")
    assert not (tmp_path / "truth" / "movers.csv").exists()


def test_only_padi_s_buyers_move(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "classes", "--out", str(tmp_path), "--movers", "3"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "--movers: found business classes, expected padi, whose buyers alone move" in ended.stderr


def test_sales_add_up_to_the_scaled_totals(sample: Sample) -> None:
    sales = sample.sales
    expected = [round(total * 0.02) for total in PUBLISHED_SALES]
    assert [len(sales), sales["gmv"].sum(), sales["revenue"].sum()] == expected
    assert list(sample.manifest["sales"].values()) == expected


def test_the_manifest_counts_what_is_there(sample: Sample) -> None:
    assert_manifest(sample)


def test_every_kind_of_dirt_is_there(sample: Sample) -> None:
    tables = sample.manifest["tables"]
    value = {"bad_number", "negative_value", "absurd_value"}
    row = {"malformed_line", "missing_key", "undecodable_bytes"}
    assert set(tables["orders"]["quarantined_by_reason"]) == value | row | {
        "bad_date", "date_out_of_range", "unknown_status", "conflicting_versions"
    }  # fmt: skip
    assert set(tables["order_lines"]["quarantined_by_reason"]) == value | row | {"line_without_order"}
    assert set(tables["users"]["quarantined_by_reason"]) == row | {"conflicting_versions"}
    assert set(tables["products"]["quarantined_by_reason"]) == value | row | {"conflicting_versions"}
    for counts in tables.values():
        assert counts["rows_duplicate"] > 0
        assert 0 < counts["rows_quarantined"] < 0.04 * counts["rows_read"]


def test_no_two_refused_rows_are_equal_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an id two users of one place would be one row and its duplicate."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    from sample.dirt import Deck, Fault, Tally, add_faults
    from sample.rawcsv import RawTable, words

    for seed in range(8):
        rng = np.random.default_rng(seed)
        ids, places = words([f"u{n}" for n in range(9)], np.arange(9)), words(["Solo", "Medan"], np.arange(9) // 8)
        fault = Fault("no_user_id", 2 * 10**6 // 9, ("missing_key",), edits=(("user_id", (b"",)),))
        tally = Tally()
        extras = add_faults(
            RawTable(("user_id", "city"), (ids, places)), [fault], Deck(np.arange(9), rng), tally, lambda: b"new", rng
        )
        assert sorted(extra.raw for extra in extras) == [b",Medan", b",Solo"]
        assert (tally.rows_quarantined, tally.rows_duplicate) == (2, 0)


def test_several_reasons_on_one_row(sample: Sample) -> None:
    for table in ("orders", "order_lines", "products"):
        counts = sample.manifest["tables"][table]
        assert sum(counts["quarantined_by_reason"].values()) > counts["rows_quarantined"]


def test_the_last_order_is_of_the_as_of_day(sample: Sample) -> None:
    assert str(sample.orders["day"].max().date()) == sample.manifest["as_of"] == "2024-06-30"


def test_statuses_and_values_are_padis(sample: Sample) -> None:
    orders = sample.orders
    assert set(orders["status"]) == set(RANKS)
    assert 0.08 < 1 - len(sample.sales) / len(orders) < 0.13
    assert set(orders["product_type"]) == {"barang", "jasa", "Barang & Jasa"}
    assert orders["order_id"].str.fullmatch("[0-9a-f]{24}").all()
    assert (orders["voucher_val"] <= orders["gmv"]).all()
    assert (orders["revenue"] <= orders["gmv"]).all()


def test_lines_come_from_the_sellers_products(sample: Sample) -> None:
    products = pd.DataFrame(sample.verdicts["products"].accepted)
    of_product = ["product name", "Main Category", "subcat 1", "subcat 2", "unit"]
    offered = set(products[["seller_id", *of_product]].itertuples(index=False, name=None))
    lines = sample.lines.merge(sample.orders[["order_id", "seller_id"]], on="order_id")
    sold = set(lines[["seller_id", *of_product]].itertuples(index=False, name=None))
    assert sold <= offered
    assert lines.groupby("order_id").size().between(1, 20).all()


def test_planted_groups_come_back(sample: Sample) -> None:
    for entities, names in ((sample.buyers, BUYERS), (sample.sellers, SELLERS)):
        assert adjusted_rand_score(entities["group"], k_means(scaled(entities, names), 3)) >= 0.95


def test_group_means_of_a_small_sample(sample: Sample) -> None:
    # The vouchers of some groups are a handful of orders at scale 1, and none at this scale.
    assert_means(sample.buyers, BUYER_MEANS, within=0.05)
    of_sellers = sample.sellers.groupby("group")["total_vouchers"].mean()
    assert of_sellers[0] == 0
    assert of_sellers[2] == pytest.approx(1_515_993, rel=0.1)
    told = ("count_orders", "avg_order_value", "recency_days")
    assert_means(sample.sellers, {name: SELLER_MEANS[name] for name in told}, within=0.05)


def test_most_orders_are_of_a_size_of_their_own(sample: Sample) -> None:
    """No part of the market is filled up with orders of the least value that the sample has."""
    per_pair = sample.sales.groupby(["buyer_id", "seller_id"])["gmv"].agg(["mean", "size"])
    least = per_pair["mean"].round(-3).mode().iloc[0]
    assert per_pair.loc[per_pair["mean"].round(-3) == least, "size"].sum() < 0.02 * len(sample.sales)


def test_larger_samples_are_numbered_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two blocks of a size that tests can afford: with scale 1 as scale 0.01, what --scale 1.5 writes."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    from sample import padi

    monkeypatch.setattr(
        padi, "split_totals", lambda scale: [padi.Totals(0.01, 3251, 275_406_704_201, 1_227_662_361)] * 2
    )
    padi.write(tmp_path, 1.5, 42)
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == sorted(
        f"{stem}_0{i}.csv" for stem in COLUMNS for i in (1, 2)
    )
    chunked = read_sample(tmp_path)
    assert_manifest(chunked)
    assert chunked.sales["gmv"].sum() == 2 * 275_406_704_201


def test_totals_of_chunks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    from sample.padi import split_totals

    for scale, blocks in ((1, 1), (1.5, 2), (10, 10)):
        totals = list(split_totals(scale))
        assert len(totals) == blocks
        found = [sum(getattr(t, name) for t in totals) for name in ("sales", "gmv", "revenue")]
        assert found == [round(total * scale) for total in PUBLISHED_SALES]


def test_stale_files_are_cleared(tmp_path: Path) -> None:
    (tmp_path / "df_order_02.csv").write_text("of an earlier, larger sample")
    (tmp_path / "notes.csv").write_text("not ours")
    make(tmp_path, "--scale", "0.01")
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == [
        "df_order.csv", "df_order_complete.csv", "df_products.csv", "df_users.csv", "notes.csv"
    ]  # fmt: skip


@pytest.mark.parametrize("options", [["--scale", "0"], ["--scale", "x"], ["--seed", "-1"], ["shoes"]])
def test_bad_options_exit_2(tmp_path: Path, options: list[str]) -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--out", str(tmp_path / "out"), *options], capture_output=True)
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


# At full size


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return read_sample(make(tmp_path_factory.mktemp("full")))


@pytest.mark.full
def test_the_published_figures(full: Sample) -> None:
    sales = full.sales
    assert (len(sales), sales["gmv"].sum(), sales["revenue"].sum()) == PUBLISHED_SALES
    assert_manifest(full)

    users = pd.DataFrame(full.verdicts["users"].accepted)
    province = users[users["flag_user"] == "Buyer"].set_index("user_id")["province"]
    by_province = sales.groupby(sales["buyer_id"].map(province).fillna("NaN"))[["gmv", "revenue"]].sum()
    shares = by_province / by_province.sum()
    assert shares.loc["DKI Jakarta", "gmv"] == pytest.approx(0.41, abs=0.005)
    assert shares.loc["DKI Jakarta", "revenue"] == pytest.approx(0.40, abs=0.005)
    largest = list(shares["gmv"].sort_values(ascending=False).index[:3])
    assert largest == ["DKI Jakarta", "Kalimantan Timur", "Sumatera Utara"]
    assert shares.loc["NaN", "gmv"] > 0

    by_type = sales.groupby("product_type")["gmv"].sum() / PUBLISHED_SALES[1]
    assert by_type["barang"] > 0.7 > 0.3 > by_type["jasa"] > by_type["Barang & Jasa"]
    of_sales = full.lines[full.lines["order_id"].isin(sales["order_id"])]
    by_category = of_sales.groupby("Main Category")["price_subtotal"].sum()
    assert by_category.idxmax() == "Konveksi & Laundry"
    per_order = full.lines.groupby("order_id").size()
    assert (per_order.min(), per_order.max()) == (1, 20)
    assert per_order.mean() == pytest.approx(2, abs=0.1)


@pytest.mark.full
@pytest.mark.parametrize("side", ["buyers", "sellers"])
def test_the_planted_groups(full: Sample, side: str) -> None:
    entities, names, published = {
        "buyers": (full.buyers, BUYERS, BUYER_MEANS),
        "sellers": (full.sellers, SELLERS, SELLER_MEANS),
    }[side]
    assert_means(entities, published, within=0.05)
    by_group = entities.groupby("group")
    assert (by_group.size() >= 0.05 * len(entities)).all()
    assert (by_group["total_gmv"].std() / by_group["total_gmv"].mean() >= 1.5).all()

    for name in names:
        one = entities[[name]]
        slices = DecisionTreeClassifier(max_leaf_nodes=3).fit(one, entities["group"])
        assert slices.score(one, entities["group"]) < 0.9, name

    vectors = scaled(entities, names)
    assert adjusted_rand_score(entities["group"], k_means(vectors, 3)) >= 0.97
    chance = without_groups(vectors, np.random.default_rng(1))
    above = {k: silhouette(vectors, k_means(vectors, k)) - silhouette(chance, k_means(chance, k)) for k in range(2, 7)}
    assert max(above, key=above.__getitem__) == 3
    assert above[3] > 0.2
    assert above[3] > max(value for k, value in above.items() if k != 3) + 0.05
