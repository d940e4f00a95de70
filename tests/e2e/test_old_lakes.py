"""Lakes whose last run is weeks, months or a year ago, with and without a dead run in them: the next day goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation.lake.failpoints import VARIABLE
from segmentation.stages import features
from tests.support.aging import age
from tests.support.processes import NEEDS_SETUP, REPOSITORY, start_run
from tests.support.shop import Shop, line, order

AGES = (8, 40, 400)  # days: beyond a week, a month and a year Delta keeps less and less
POINTS = ("orders", "tables", "features", "unpublished")
STAGES = ("ingest", "features")
COMPARED = (
    "orders", "order_lines", "users", "products", "quarantine", "ledger", "released", "buyer_features",
    "seller_features", "overview",
)  # fmt: skip
OWN = ["batch_id", "run_id", "quarantined_at", "source_file"]  # not the same in two lakes
PROPERTY = "owner.team"

FIRST = ([order("o1"), order("o2", 30, status="Menunggu Pembayaran"), order("o5", 8, buyer="b2")],
         [line("o1"), line("o2", 30), line("o5", 8), line("o3", 9)])  # fmt: skip
SECOND = ([order("o4", 4, buyer="b2", day="2024-01-02"), order("o6", "ten")], [line("o4", 4, "Pan", "Tools")], (), ())
THIRD = (
    [order("o2", 30), order("o3", 9, buyer="b2", day="2024-01-03"), order("o7", 7, day="2024-01-03")],
    [line("o7", 7), line("o8", 1)], ("b2,Denpasar,Kuta,Bali,Buyer",), (),
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.full]


def tables(lake: Path) -> dict[str, pd.DataFrame]:
    """The lake's tables as delta-rs reads them, without what is its own."""
    found = {}
    for name in COMPARED:
        table = (
            DeltaTable(str(lake / name)).to_pyarrow_table().to_pandas().drop(columns=OWN, errors="ignore").astype(str)
        )
        found[name] = table.sort_values(list(table.columns), ignore_index=True)
    return found


def same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    """Every table, row for row."""
    for name in COMPARED:
        pd.testing.assert_frame_equal(found[name], expected[name], obj=name)


@pytest.fixture(scope="module", autouse=True)
def _touched_alone() -> Iterator[None]:
    """Features of what a batch touched alone, however small the lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "SMALL", 0, raising=False)
        yield


@pytest.fixture(scope="module")
def made(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A lake of two published runs, and the third day's exports: to be copied, never written to."""
    shop = Shop(spark, tmp_path_factory.mktemp("made"))
    shop.take(shop.export(*FIRST), *STAGES)
    shop.take(shop.export(*SECOND), *STAGES)
    shop.export(*THIRD)
    return shop


@pytest.fixture(scope="module")
def young(made: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """The tables after the third day in a lake that nothing befell."""
    shop = _copied(made.lake, made, tmp_path_factory.mktemp("young"))
    _take_the_third(shop, made)
    return tables(shop.lake)


@pytest.fixture(scope="module")
def dead(made: Shop, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The lake in which the third day's run died at a point: to be copied, made once for each."""
    lakes: dict[str, Path] = {}

    def lake(point: str) -> Path:
        if point not in lakes:
            shop = _copied(made.lake, made, tmp_path_factory.mktemp(f"dead_{point}"))
            config = (REPOSITORY / "conf" / "local.yml").read_text().replace("0.05", "1.0")
            source = str(REPOSITORY / "conf" / "sources" / "padi.yml")
            (shop.folder / "config.yml").write_text(config.replace("sources/padi.yml", source))
            run = start_run(shop.folder / "config.yml", made.folder / "day3", shop.lake, *STAGES, **{VARIABLE: point})
            said, _ = run.communicate(timeout=600)
            assert run.returncode != 0 and "error:" not in said, said
            assert len(shop.table("runs")) == 2
            lakes[point] = shop.lake
        return lakes[point]

    return lake


def _copied(lake: Path, made: Shop, folder: Path) -> Shop:
    """A lake of its own: Spark has never seen its path, so that all it knows of it is what the files say."""
    shutil.copytree(lake, folder / "lake")
    return Shop(made.spark, folder)


def _take_the_third(shop: Shop, made: Shop) -> None:
    shop.take(made.folder / "day3", *STAGES)


def _looked_after(lake: Path) -> None:
    """What people do who do not know that a run has died: files put together, a property set, old files removed."""
    for log in lake.glob("*/_delta_log"):
        table = DeltaTable(str(log.parent))
        table.optimize.compact()
        table.alter.set_table_properties({PROPERTY: "sales"}, raise_if_not_exists=False)
        table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)


def _has_property(lake: Path) -> set[str]:
    paths = [log.parent for log in lake.glob("*/_delta_log")]
    return {path.name for path in paths if DeltaTable(str(path)).metadata().configuration.get(PROPERTY) == "sales"}


@pytest.mark.parametrize("days", AGES)
def test_the_next_day_of_an_old_lake_is_that_of_a_young_one(
    made: Shop, young: dict[str, pd.DataFrame], tmp_path: Path, days: int
) -> None:
    shop = _copied(made.lake, made, tmp_path)
    age(shop.lake, days)
    _take_the_third(shop, made)
    same(tables(shop.lake), young)


@pytest.mark.parametrize("days", AGES)
def test_an_old_lake_that_others_look_after_is_left_as_they_leave_it(
    made: Shop, young: dict[str, pd.DataFrame], tmp_path: Path, days: int
) -> None:
    shop = _copied(made.lake, made, tmp_path)
    age(shop.lake, days)
    _looked_after(shop.lake)
    named = _has_property(shop.lake)
    _take_the_third(shop, made)
    assert "did not end" not in shop.said.getvalue()  # nobody died
    assert _has_property(shop.lake) >= named
    same(tables(shop.lake), young)


ALL = [(point, days, by_hand) for point in POINTS for days in AGES for by_hand in (False, True)]


@NEEDS_SETUP
@pytest.mark.parametrize(
    ("point", "days", "by_hand"),
    ALL,
)
def test_a_run_that_died_in_a_lake_that_grew_old_is_undone(
    made: Shop, young: dict[str, pd.DataFrame], dead: Callable[[str], Path], tmp_path: Path,
    point: str, days: int, by_hand: bool,
) -> None:  # fmt: skip
    shop = _copied(dead(point), made, tmp_path)
    if by_hand:
        _looked_after(shop.lake)
    age(shop.lake, days)
    named = _has_property(shop.lake)
    _take_the_third(shop, made)
    assert "did not end" in shop.said.getvalue()
    assert _has_property(shop.lake) >= named
    same(tables(shop.lake), young)
    assert len(shop.table("runs")) == 3
