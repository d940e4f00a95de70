"""Snapshots that segmenting adds by itself (history: on), and what a look back makes of them."""

from __future__ import annotations

import io
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.config import load_config
from segmentation.entities import SELLERS
from segmentation.errors import InputError
from segmentation.pipeline import track
from segmentation.progress import Progress
from segmentation.stages import look_back as stage
from tests.integration.test_refit import DECEMBER, EACH, OTHER_PLAN, copied, export, take, trade
from tests.support.lakes import versions_of
from tests.support.shop import REPOSITORY, Shop, line, order

pytestmark = pytest.mark.slow

TENTH, ELEVENTH, TWELFTH = (date(2024, 1, day) for day in (10, 11, 12))


@pytest.fixture(scope="module")
def december(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Three months of orders of 45 offices and 45 regular buyers, and a model of the last December. To be copied."""
    shop = Shop(spark, tmp_path_factory.mktemp("december"))
    take(shop, export(shop, trade(date(2023, 10, 1), date(2023, 12, 1)), "a"), DECEMBER)
    return shop


def look_back(shop: Shop, as_of: date, **more: Any) -> None:
    places = {"input": str(shop.folder), "lake": str(shop.lake), "output": str(shop.folder / "report")}
    given = {"entities": ("buyers",), "months": 1, "refit": "never", "as_of": as_of, **more}
    track(shop.spark, load_config(str(REPOSITORY / "conf" / "local.yml"), {**places, **given}), Progress(io.StringIO()))


def snapshot(shop: Shop, day: date) -> pd.DataFrame:
    """Where everybody was on a day, and what was known of them, by buyer."""
    snapshots = shop.table("buyer_history").drop(columns="run_id")
    return snapshots[snapshots["as_of"] == day].set_index("buyer_id").sort_index()


def added_up(shop: Shop) -> None:
    """Migrations add up to the snapshots on either side of them."""
    snapshots = shop.table("buyer_history").groupby("as_of")["total_gmv"].sum()
    told = shop.table("buyer_migrations").groupby(["as_of_from", "as_of_to"])[["gmv_from", "gmv_to"]].sum()
    days = sorted(snapshots.index)
    assert list(told.index) == list(pairwise(days))
    assert list(told["gmv_from"]) == [snapshots[day] for day in days[:-1]]
    assert list(told["gmv_to"]) == [snapshots[day] for day in days[1:]]


@pytest.mark.full
def test_a_snapshot_made_again_has_its_moves_told_again(december: Shop, tmp_path: Path) -> None:
    shop = copied(december, tmp_path)
    bought = [("regular1", TENTH)], [("regular2", ELEVENTH)], [("office3", ELEVENTH), ("regular99", ELEVENTH)]
    take(shop, export(shop, bought[0], "b"), TENTH, "never", history="on")
    take(shop, export(shop, bought[1], "c"), ELEVENTH, "never", history="on")
    look_back(shop, ELEVENTH)
    added_up(shop)
    # Late, of the same last day: 900 of an office that is known, and 9 of somebody new.
    take(shop, export(shop, bought[2], "d"), ELEVENTH, "never", history="on")
    look_back(shop, TWELFTH)
    assert sorted(map(str, set(shop.table("buyer_history")["as_of"]))) == [
        "2023-12-31", "2024-01-10", "2024-01-11", "2024-01-12",
    ]  # fmt: skip
    added_up(shop)


def test_whom_hysteresis_keeps_the_day_s_snapshot_keeps_too(december: Shop, tmp_path: Path) -> None:
    shop, first = copied(december, tmp_path), date(2024, 1, 1)
    # Three orders of 900, and now 200 of 1: 14 on average, nearer to 10 than to 1000.
    bought = [order(f"b{n}", 1, buyer="office0", day="2024-01-01") for n in range(200)]
    take(
        shop, shop.export(bought, [line(f"b{n}", 1) for n in range(200)]), first, "never", hysteresis=1.0, history="on"
    )
    written = snapshot(shop, first)
    look_back(shop, first)
    found = snapshot(shop, first)
    kept = found.loc["office0"]
    assert (kept["segment"], kept["runner_up"], kept["confidence"]) == (1, 2, 0.0)
    assert (kept["previous_segment"], kept["previous_since"], kept["segment_since"]) == (1, DECEMBER, DECEMBER)
    # Whole numbers are read as others where a column has unknown ones, of other days.
    pd.testing.assert_frame_equal(found, written, check_exact=True, check_dtype=False)
    moves = shop.table("buyer_migrations")
    assert moves["cause"].isna().all() and moves["entities"].sum() == len(found)


def test_a_model_that_does_not_fit_is_refused_before_anything_is_written(
    december: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = copied(december, tmp_path)
    model = SimpleNamespace(lacking=lambda columns: ["unique_moons"])
    of_sellers = SimpleNamespace(model=model, fitted_by="r1", names={}, checksum="")
    real = stage.published_model
    monkeypatch.setattr(
        stage,
        "published_model",
        lambda lake, entity, *run: of_sellers if entity is SELLERS else real(lake, entity, *run),
    )
    before = versions_of(shop.lake)
    with pytest.raises(InputError, match=r"seller_features: found no column 'unique_moons'"):
        look_back(shop, DECEMBER, entities=("buyers", "sellers"))
    assert versions_of(shop.lake) == before


@pytest.mark.full
def test_snapshots_of_stored_days_are_recomputed_once(
    december: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, tenth, november = copied(december, tmp_path), date(2023, 12, 10), date(2023, 11, 30)
    look_back(shop, tenth)
    take(shop, shop.folder / "day1", DECEMBER, "always", ("segment",), plans={"buyers": OTHER_PLAN})
    made, computed = [], shop.spark.sparkContext.accumulator(0)

    def counted(*given: Any) -> DataFrame:
        made.append(given[4])
        if made[-1] != [tenth]:
            return real(*given)
        return real(*given).where(F.udf(lambda: bool(computed.add(1)) or True, "boolean").asNondeterministic()())

    real = stage.snapshots
    monkeypatch.setattr(stage, "snapshots", counted)
    look_back(shop, DECEMBER, months=2)
    # The tenth stays by the old model, between two days by the new one: it is judged as a later and as an earlier day.
    assert made == [[november, DECEMBER], [tenth]]
    assert computed.value == len(snapshot(shop, tenth)) == 2 * EACH
