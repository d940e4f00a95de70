"""Segments that are told in one language, and a page or a model that is asked for in another."""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.errors import InputError
from segmentation.pipeline import track
from segmentation.progress import Progress
from tests.integration.test_refit import DECEMBER, PLAN, copied, export, fitted_by, take, trade
from tests.support.shop import REPOSITORY, Shop, line, order
from tests.unit.reporting.pages import Page, sketched

pytestmark = pytest.mark.slow

TEXTS = ["segment", "segment_name", "insight", "recommendation"]
SEGMENT, REPORT = ("ingest", "features", "segment"), ("report",)


@pytest.fixture(scope="module")
def indonesian(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A lake whose segments are told in Indonesian. To be copied."""
    shop = Shop(spark, tmp_path_factory.mktemp("indonesian"))
    bought = trade(date(2023, 10, 1), date(2023, 12, 1))
    take(shop, export(shop, bought, "a"), DECEMBER, "always", SEGMENT, lang="id")
    return shop


@pytest.fixture(scope="module")
def english(indonesian: Shop, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What a run that was told to speak English says of the same segments."""
    shop = copied(indonesian, tmp_path_factory.mktemp("english"))
    shutil.rmtree(shop.lake)
    take(shop, shop.folder / "day1", DECEMBER, "always", SEGMENT, lang="en")
    return said(shop)


def said(shop: Shop) -> pd.DataFrame:
    profiles = shop.table("buyer_profiles")
    return profiles[profiles["segment"] > 0].sort_values("segment", ignore_index=True)[TEXTS]


def page(shop: Shop) -> str:
    return Page(shop.folder / "report" / "report.html").text.replace("\N{NO-BREAK SPACE}", " ")


def is_told(page: str, texts: pd.DataFrame) -> bool:
    """Whether every name and sentence stands on the page."""
    cells = [str(cell) for row in texts.drop(columns="segment").itertuples(index=False) for cell in row]
    return all(cell.replace("\N{NO-BREAK SPACE}", " ") in page for cell in cells)


def test_a_page_in_the_other_language_tells_the_segments_anew(
    indonesian: Shop, english: pd.DataFrame, tmp_path: Path
) -> None:
    shop = copied(indonesian, tmp_path)
    before = said(shop)
    assert not set(before["segment_name"]) & set(english["segment_name"])
    with sketched():
        take(shop, shop.folder / "day1", DECEMBER, "always", REPORT, lang="en")
    told = page(shop)
    assert is_told(told, english)
    assert not any(name in told for name in before["segment_name"])
    assert "They are tiers" in told
    assert "in the tables they stand in Indonesian" in told
    assert said(shop).equals(before)
    assert "buyers are told in English on the page alone: in the tables they stand in Indonesian" in (
        shop.said.getvalue()
    )
    with sketched():
        take(shop, shop.folder / "day1", DECEMBER, "always", REPORT, lang="id")
    assert is_told(page(shop), before)
    assert "stand in Indonesian" not in shop.said.getvalue()


def test_a_run_that_does_not_segment_has_no_verdict_and_changes_no_language(
    indonesian: Shop, english: pd.DataFrame, tmp_path: Path
) -> None:
    shop = copied(indonesian, tmp_path)
    take(shop, shop.folder / "day1", DECEMBER, "always", ("ingest",), lang="en")
    with sketched():
        take(shop, shop.folder / "day1", DECEMBER, "always", REPORT, lang="en")
    verdicts = list(shop.table("runs").sort_values("run_id")["verdict_buyers"])
    assert verdicts == ["tiers", None, None]
    assert is_told(page(shop), english)
    assert "They are tiers" in page(shop)


@pytest.mark.full
def test_a_name_that_a_segment_has_kept_stands_on_the_page_as_in_the_tables(indonesian: Shop, tmp_path: Path) -> None:
    """Whose names are of an earlier day's figures: what they were called by then in another language is not known."""
    shop = copied(indonesian, tmp_path)
    late = [(f"office{n}", date(2024, 1, 1)) for n in range(45) for _ in range(9)]
    take(shop, export(shop, late, "b"), date(2024, 1, 31), "never", SEGMENT, lang="id")
    before = said(shop)
    with sketched():
        take(shop, shop.folder / "day1", date(2024, 1, 31), "never", REPORT, lang="id")
        told = page(shop)
        take(shop, shop.folder / "day1", date(2024, 1, 31), "never", REPORT, lang="en")
    assert is_told(told, before)
    assert "They are tiers" in page(shop)


@pytest.mark.parametrize("stages", [SEGMENT, ("ingest", "segment", "report")])
def test_a_model_keeps_its_language_and_that_is_known_before_anything_is_written(
    indonesian: Shop, tmp_path: Path, stages: tuple[str, ...]
) -> None:
    shop = copied(indonesian, tmp_path)
    day = export(shop, trade(date(2024, 1, 1), date(2024, 1, 1)), "b")
    tables = ("orders", "files", "undo_log", "buyer_features", "runs")
    before = {name: len(shop.table(name)) for name in tables}
    with pytest.raises(InputError, match=r"lang: found en, expected id, in which the model of run \d{8}T\w+ names"):
        take(shop, day, DECEMBER, "never", stages, lang="en")
    assert {name: len(shop.table(name)) for name in tables} == before


def test_the_language_asked_for_is_the_named_models(indonesian: Shop, tmp_path: Path) -> None:
    shop = copied(indonesian, tmp_path)
    take(shop, shop.folder / "day1", DECEMBER, "always", ("segment",), lang="en")
    first = min(fitted_by(shop))
    with pytest.raises(InputError, match="lang: found en, expected id, in which the model of run"):
        take(shop, shop.folder / "day1", DECEMBER, "never", ("segment",), lang="en", model=first)
    take(shop, shop.folder / "day1", DECEMBER, "never", ("segment",), lang="id", model=first)
    assert said(shop).equals(said(indonesian))


@pytest.mark.full
def test_a_look_back_calls_segments_as_the_model_does_and_a_page_as_it_is_asked_to(
    indonesian: Shop, tmp_path: Path
) -> None:
    shop = copied(indonesian, tmp_path)
    unsold = [order("z1", status="Kedaluwarsa", buyer="nobody", day="2023-12-05")]
    take(shop, shop.export(unsold, [line("z1")]), DECEMBER, "never", SEGMENT, lang="id")
    named = dict(shop.table("buyer_segments")[["segment", "segment_name"]].values)
    assert set(named) == {0, 1, 2}
    places = {"lake": str(shop.lake), "output": str(shop.folder / "report"), "input": str(shop.folder)}
    asked = {**places, "entities": ("buyers",), "plans": {"buyers": PLAN}, "months": 2, "lang": "en"}
    track(shop.spark, load_config(str(REPOSITORY / "conf" / "local.yml"), asked), Progress(io.StringIO()))
    assert dict(shop.table("buyer_history")[["segment", "segment_name"]].values) == named
    with sketched("buyers_migrations"):
        take(shop, shop.folder / "day1", DECEMBER, "always", REPORT, lang="en")
    assert "Who moved" in page(shop)
    assert not any(name in page(shop) for name in named.values())
