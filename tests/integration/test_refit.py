"""Whether a run searches anew: a marketplace of regular buyers and of those who buy in the last months of a year."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import log
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.sql import SparkSession

from tests.support.lakes import unannounced, versions_of
from tests.support.shop import Shop, line, order
from tests.unit.reporting.pages import Page, sketched

pytestmark = pytest.mark.slow

EACH = 45  # of either kind of buyer
RECENCY = {"transform": "none", "weight": 0.2}
PLAN = {"features": {"avg_order_value": {}, "recency_days": RECENCY}, "sweep": {"k": 2, "k_max": 2}}
OTHER_PLAN = {**PLAN, "features": {"avg_order_value": {}, "recency_days": {**RECENCY, "transform": "sqrt"}}}
DECEMBER, JANUARY = date(2023, 12, 31), date(2024, 1, 31)
STAGES = ("ingest", "features", "segment")
Bought = tuple[str, date]


def months(first: date, last: date) -> list[date]:
    """The first day of each month."""
    found = [first]
    while (following := (found[-1] + timedelta(days=32)).replace(day=1)) <= last:
        found.append(following)
    return found


def trade(first: date, last: date) -> list[Bought]:
    """Regular ones buy twice a month, offices once, and from October to December only; each on days of its own."""
    found = []
    for month in months(first, last):
        for n in range(EACH):
            found += [(f"regular{n}", month + timedelta(days=(n + 3 * at) % 28)) for at in range(2)]
            if month.month >= 10:
                found.append((f"office{n}", month + timedelta(days=n % 28)))
    return found


def crowd(month: date) -> list[Bought]:
    """Twice as many as there were come and buy once."""
    return [(f"crowd{n}", month + timedelta(days=n % 28)) for n in range(4 * EACH)]


def spent(buyer: str) -> int:
    """What a buyer spends each time: regular ones 9, 10 or 11, offices 900, 1000 or 1100, the crowd 30."""
    kind, n = buyer.rstrip("0123456789"), int(buyer.lstrip("abcdefghijklmnopqrstuvwxyz"))
    return 30 if kind == "crowd" else (9 + n % 3) * (100 if kind == "office" else 1)


def export(shop: Shop, bought: Iterable[Bought], name: str) -> Path:
    """The orders as files."""
    rows = [(f"{name}{n}", spent(buyer), buyer, day) for n, (buyer, day) in enumerate(bought)]
    orders = [order(no, gmv, buyer=buyer, day=day.isoformat()) for no, gmv, buyer, day in rows]
    return shop.export(orders, [line(no, gmv) for no, gmv, _, _ in rows])


def take(
    shop: Shop, folder: Path, as_of: date, refit: str = "auto", stages: Sequence[str] = STAGES, **more: Any
) -> None:
    given = {
        "plans": {"buyers": PLAN},
        "entities": ("buyers",),
        "upkeep": "off",
        "as_of": as_of,
        "refit": refit,
        **more,
    }
    shop.take(folder, *stages, **given)


def decision(shop: Shop) -> dict[str, Any]:
    """What the last run decided of the buyers' model."""
    told = shop.table("runs").sort_values("run_id")["refit"].iloc[-1]
    return json.loads(told)["buyers"]


def figure(told: dict[str, Any], of: str) -> dict[str, Any]:
    (found,) = [each for each in told["figures"] if of in (each["of"], each["kind"])]
    return found


def fitted_by(shop: Shop) -> list[str]:
    return list(shop.table("models").sort_values("run_id")["fitted_by"])


@pytest.fixture(scope="module")
def december(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Fifteen months of orders, and a model of the last December; January's folder is day 2. To be copied."""
    shop = Shop(spark, tmp_path_factory.mktemp("december"))
    take(shop, export(shop, trade(date(2022, 10, 1), date(2023, 12, 1)), "a"), DECEMBER)
    return shop


def copied(shop: Shop, folder: Path) -> Shop:
    shutil.copytree(shop.folder, folder / "shop")
    return Shop(shop.spark, folder / "shop", days=1)


def test_without_a_model_one_is_searched_for(december: Shop) -> None:
    told = decision(december)
    assert (told["refit"], told["reason"], told["due"], told["figures"]) == (True, "no_model", None, [])
    assert told["sentence"] == "Segments of buyers were searched for anew: no run had published any before."
    baseline = json.loads(december.table("models")["baseline"].iloc[0])
    # Six values with a sixth of all each: the deciles are the first five, the third of them twice and so on.
    assert baseline["as_of"] == "2023-12-31"
    assert baseline["bins"]["avg_order_value"]["bounds"] == [9.0, 10.0, 11.0, 900.0, 1000.0]
    assert baseline["figures"]["features"]["avg_order_value"] == [1 / 6] * 6 + [0.0]
    assert baseline["figures"]["segments"] == [0.5, 0.5]
    segments = december.table("buyer_segments")
    best = segments[segments["segment"] == 1]["buyer_id"]
    assert set(best) == {f"office{n}" for n in range(EACH)}
    assert segments["previous_segment"].isna().all() and set(segments["segment_since"]) == {DECEMBER}


def test_what_is_the_same_is_kept(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    before = shop.table("buyer_segments").drop(columns="run_id").sort_values("buyer_id", ignore_index=True)
    take(shop, shop.folder / "day1", DECEMBER)
    told = decision(shop)
    assert (told["refit"], told["reason"], told["due"]) == (False, "steady", False)
    assert {each["value"] for each in told["figures"]} == {0.0}
    assert "Segments of buyers are those of the model of run" in shop.said.getvalue()
    first, second = fitted_by(shop)
    assert first == second
    after = shop.table("buyer_segments").drop(columns="run_id").sort_values("buyer_id", ignore_index=True)
    assert after.equals(before)  # the same day again has the same day before it: none


def test_in_january_offices_rest_as_they_did_a_year_ago(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    was = shop.table("buyer_segments").set_index("buyer_id")["segment"]
    versions = versions_of(shop.lake)
    take(shop, export(shop, trade(date(2024, 1, 1), date(2024, 1, 1)), "b"), JANUARY, history="on")
    assert unannounced(shop.lake, versions) == set()
    told = decision(shop)
    recency = figure(told, "recency_days")
    # Half of all have not bought for a month, and nobody had in December.
    assert recency["value"] > recency["limit"] > 0.1 > recency["in_season"]
    assert (told["refit"], told["reason"]) == (False, "steady")
    assert "against the same season a year before" not in shop.said.getvalue()  # all is steady: nothing is worth a look
    assert len(set(fitted_by(shop))) == 1

    segments = shop.table("buyer_segments").set_index("buyer_id")
    assert (segments["segment"] == was.reindex(segments.index)).all()  # nobody is lost
    assert (segments["previous_segment"] == was.reindex(segments.index)).all()
    assert set(segments["segment_since"]) == set(segments["previous_since"]) == {DECEMBER}
    # history: on wrote the day's snapshot: the segments, and all that was known.
    snapshot = shop.table("buyer_history").set_index("buyer_id").loc[segments.index]
    assert set(snapshot["as_of"]) == {JANUARY}
    for column in segments.columns:
        assert snapshot[column].equals(segments[column]), column
    known = shop.table("buyer_features").set_index("buyer_id").loc[segments.index]
    assert snapshot["count_orders"].equals(known["count_orders"])

    once = shop.table("buyer_segments").drop(columns="run_id").sort_values("buyer_id", ignore_index=True)
    take(shop, shop.folder / "day1", JANUARY, history="on")
    again = shop.table("buyer_segments").drop(columns="run_id").sort_values("buyer_id", ignore_index=True)
    assert again.equals(once)
    assert len(shop.table("buyer_history")) == len(once)


def test_without_a_year_of_history_january_is_another_world(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    take(shop, export(shop, trade(date(2023, 10, 1), date(2023, 12, 1)), "a"), DECEMBER)
    take(shop, export(shop, trade(date(2024, 1, 1), date(2024, 1, 1)), "b"), JANUARY)
    told = decision(shop)
    assert (told["refit"], told["reason"]) == (True, "drift")
    assert figure(told, "recency_days")["in_season"] is None
    assert figure(told, "recency_days")["level"] == "drifted"
    assert "recency_days" in told["named"]["what"]
    assert len(set(fitted_by(shop))) == 2


def test_what_no_january_did_is_drift(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    first = date(2024, 1, 1)
    take(shop, export(shop, [*trade(first, first), *crowd(first)], "b"), JANUARY)
    told = decision(shop)
    assert (told["refit"], told["reason"]) == (True, "drift")
    value = figure(told, "avg_order_value")
    # Of 270 now 195 spend from 11 to 900, where it was a sixth, and 15 each of the other five: 5/9 ln (13/3) + 5/9 ln 3
    assert value["value"] == pytest.approx(5 / 9 * log(13), abs=1e-6)
    # All Januaries before had been as the Decembers before them.
    assert value["in_season"] == pytest.approx(value["value"], abs=1e-3)
    assert value["level"] == "drifted"
    # Four of five are in the lesser segment now, where it was a half.
    assert figure(told, "segments")["value"] == pytest.approx(1 / 3 * log(5 / 3) + 1 / 3 * log(3), abs=1e-6)
    assert "Segments of buyers were searched for anew: they drifted" in shop.said.getvalue()
    assert told["became"]
    # The segments that are still the same go on, by their numbers of today.
    segments = shop.table("buyer_segments").set_index("buyer_id")
    for buyer, segment in (("office1", 1), ("regular1", 2)):
        assert set(segments.loc[buyer, ["segment", "previous_segment"]]) == {segment}
        assert segments.loc[buyer, "segment_since"] == DECEMBER
    assert segments.loc[[f"crowd{n}" for n in range(9)], "previous_segment"].isna().all()


@pytest.mark.parametrize(
    ("reason", "given"),
    [("plan", {"plans": {"buyers": OTHER_PLAN}}), ("lang", {"lang": "id"}), ("no_baseline", {}), ("unreadable", {})],
)
def test_a_model_that_does_not_fit_what_is_asked_for_gives_way(
    december: Shop, tmp_path: Path, reason: str, given: dict[str, Any]
) -> None:
    shop = copied(december, tmp_path)
    models = DeltaTable(str(shop.lake / "models")).to_pyarrow_table()
    if reason == "no_baseline":  # of an earlier release
        write_deltalake(str(shop.lake / "models"), models.drop(["baseline"]), mode="overwrite", schema_mode="overwrite")
        runs = DeltaTable(str(shop.lake / "runs")).to_pyarrow_table()
        write_deltalake(str(shop.lake / "runs"), runs.drop(["refit"]), mode="overwrite", schema_mode="overwrite")
        segments = DeltaTable(str(shop.lake / "buyer_segments")).to_pyarrow_table()
        old = segments.drop(["previous_segment", "previous_since", "segment_since"])
        write_deltalake(str(shop.lake / "buyer_segments"), old, mode="overwrite", schema_mode="overwrite")
    if reason == "unreadable":
        changed = models.set_column(models.column_names.index("checksum"), "checksum", pa.array(["0"] * len(models)))
        write_deltalake(str(shop.lake / "models"), changed, mode="overwrite", schema_mode="overwrite")
    take(shop, shop.folder / "day1", DECEMBER, stages=("segment",), **given)
    told = decision(shop)
    assert (told["refit"], told["reason"], told["figures"]) == (True, reason, [])
    assert told["sentence"] in shop.said.getvalue()
    assert len(set(fitted_by(shop))) == 2


def test_scoring_says_when_a_search_is_due(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    take(shop, export(shop, crowd(date(2024, 1, 1)), "b"), JANUARY, refit="never")
    told = decision(shop)
    assert (told["refit"], told["reason"], told["due"]) == (False, "never", True)
    assert len(set(fitted_by(shop))) == 1
    assert "avg_order_value: PSI 1.425" in shop.said.getvalue()


def test_a_model_is_told_by_the_verdict_of_its_own_search(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    told = ["segment", "segment_name", "insight", "recommendation", "size"]
    of_two = shop.table("buyer_profiles").sort_values("segment", ignore_index=True)[told]
    one = {"buyers": {**PLAN, "sweep": {"k": 1, "k_max": 2}}}
    take(shop, shop.folder / "day1", DECEMBER, "always", ("segment",), plans=one)

    with sketched():
        take(shop, shop.folder / "day1", DECEMBER, "never", ("segment", "report"), model=fitted_by(shop)[0])
    scored = shop.table("buyer_profiles").sort_values("segment", ignore_index=True)[told]
    assert scored.equals(of_two)
    page = Page(shop.folder / "report" / "report.html")
    assert "They are tiers" in page.text
    assert "Every segmentation tried" not in page.text  # those in the lake are of the other search
    # The lake's segments are of the first model now, and so is what is said of them when it is kept.
    take(shop, shop.folder / "day1", DECEMBER, "auto", ("segment",))
    assert decision(shop)["reason"] == "steady"
    verdicts = list(shop.table("runs").sort_values("run_id")["verdict_buyers"])
    assert verdicts == ["tiers", "none", "tiers", "tiers"]  # one segment, as the config asks, is none


def test_too_few_are_counted_among_those_with_a_sale(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    first = date(2023, 12, 1)
    sold = [order(f"a{n}", spent(f"regular{n}"), buyer=f"regular{n}", day="2023-12-01") for n in range(25)]
    unsold = [order(f"c{n}", 10, "Kedaluwarsa", f"nobody{n}", "2023-12-01") for n in range(10)]
    lines = [line(f"a{n}", spent(f"regular{n}")) for n in range(25)] + [line(f"c{n}") for n in range(10)]
    plans = {"buyers": {**PLAN, "gate": {"min_entities": 30}}}
    take(shop, shop.export([*sold, *unsold], lines), first, plans=plans)
    assert (len(shop.table("buyer_features")), shop.table("models")["entities"].iloc[0]) == (35, 25)
    take(shop, shop.folder / "day1", first, plans=plans)
    assert (decision(shop)["refit"], decision(shop)["reason"]) == (False, "steady")
    # Five more buy: there are as many now.
    take(shop, export(shop, [(f"regular{n}", first) for n in range(25, 30)], "b"), first, plans=plans)
    assert (decision(shop)["refit"], decision(shop)["reason"]) == (True, "few")
    assert decision(shop)["named"] == {"count": "25"}


def test_who_is_kept_by_hysteresis_is_not_told_to_move_there(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    # Six orders of 900 in two years, and now 200 of 1: 27 on average, nearer to 10 than to 1000.
    bought = [order(f"b{n}", 1, buyer="office0", day="2024-01-01") for n in range(200)]
    folder = shop.export(bought, [line(f"b{n}", 1) for n in range(200)])
    take(shop, folder, date(2024, 1, 1), "never", hysteresis=1.0)
    kept = shop.table("buyer_segments").set_index("buyer_id").loc["office0"]
    assert (kept["segment"], kept["runner_up"], kept["confidence"]) == (1, 2, 0.0)
    moves = shop.table("buyer_moves")
    assert set(moves["id"]) == {f"regular{n}" for n in range(EACH)}
    assert set(moves["to_segment"]) == {1}
