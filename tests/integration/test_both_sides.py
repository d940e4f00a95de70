"""A lake of both sides, of which a later run did not segment both: as notebooks, exports and MLflow see it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.explore import open_lake
from segmentation.pipeline import export
from segmentation.progress import Progress
from tests.integration.test_refit import DECEMBER, PLAN, copied, fitted_by, trade
from tests.integration.test_refit import export as exported
from tests.support.jobs import lent
from tests.support.shop import REPOSITORY, Shop
from tests.unit.reporting.pages import sketched

pytestmark = pytest.mark.slow

GIVEN: dict[str, Any] = {"plans": {"buyers": PLAN}, "upkeep": "off", "as_of": DECEMBER}


@pytest.fixture(scope="module")
def both(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A lake of buyers and their one seller. To be copied."""
    shop = Shop(spark, tmp_path_factory.mktemp("both"))
    bought = trade(date(2023, 10, 1), date(2023, 12, 1))
    shop.take(exported(shop, bought, "a"), "ingest", "features", "segment", **GIVEN)
    return shop


def test_notebooks_show_each_side_as_the_run_left_it_that_segmented_it(both: Shop, tmp_path: Path) -> None:
    shop = copied(both, tmp_path)
    shop.take(shop.folder / "day1", "segment", entities=("buyers",), **GIVEN)
    shop.take(shop.folder / "day1", "ingest", entities=("buyers",), **GIVEN)
    with lent(shop.spark):
        lake = open_lake(str(shop.lake))
        assert lake.config.entities == ("buyers", "sellers")
        found = lake.report().entities
    assert {name: entity.verdict for name, entity in found.items()} == {"buyers": "tiers", "sellers": "none"}
    assert lake.run.as_of == DECEMBER
    assert lake.config.plan("buyers") == shop_plan(shop)


def shop_plan(shop: Shop) -> Any:
    return load_config(str(REPOSITORY / "conf" / "local.yml"), {"lake": str(shop.lake), **GIVEN}).plan("buyers")


class Tracked:
    """What MLflow would be told."""

    def __init__(self) -> None:
        self.reports: list[Sequence[str] | str] = []

    @contextmanager
    def unless_it_fails(self, progress: Progress) -> Iterator[None]:
        yield

    def log_report(self, run_ids: Sequence[str] | str) -> None:
        self.reports.append(run_ids)


@pytest.mark.full
def test_the_page_of_a_run_that_scored_goes_to_the_run_that_searched(
    both: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, tracked = copied(both, tmp_path), Tracked()
    monkeypatch.setattr("segmentation.pipeline.begin", lambda config: tracked)
    (searched,) = set(fitted_by(shop))
    with sketched():
        shop.take(shop.folder / "day1", "segment", "report", refit="never", **GIVEN)
        shop.take(shop.folder / "day1", "report", **GIVEN)
    assert tracked.reports == [[searched], [searched]]


@pytest.mark.parametrize(
    ("buyers", "sellers"),
    [("members", "members"), ("買い手", "売り手"), ("Members", "Members 2")],
)
def test_files_of_one_side_never_take_the_place_of_the_others(
    both: Shop, tmp_path: Path, buyers: str, sellers: str
) -> None:
    options = {"lake": str(both.lake), "output": str(tmp_path), "input": str(tmp_path), **GIVEN}
    config = load_config(str(REPOSITORY / "conf" / "local.yml"), options)
    sides = {
        name: {"one": {"en": many, "id": many}, "many": {"en": many, "id": many}}
        for name, many in (("buyers", buyers), ("sellers", sellers))
    }
    source = type(config.source).model_validate(
        {**config.source.model_dump(mode="json", by_alias=True), "sides": sides}
    )
    for _ in range(2):
        said = io.StringIO()
        export(both.spark, config.model_copy(update={"source": source}), Progress(said))
        files = sorted(file.name for file in (tmp_path / "exports").iterdir())
        rows = sum(len(file.read_text("utf-8-sig").splitlines()) - 1 for file in (tmp_path / "exports").iterdir())
        assert (len(files), rows) == (3, 91), files
    assert sum(name.startswith("buyers_") for name in files) == 2
    assert f"1 {sellers}" in said.getvalue()
