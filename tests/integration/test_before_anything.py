"""What a run refuses it refuses before it writes; what it could not know by then is no mistake of which nothing came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from segmentation.errors import InputError, SegmentationError
from segmentation.lake.tables import SIGNATURE
from tests.support.shop import Shop, line, order

pytestmark = pytest.mark.slow

THEIRS = "somebody else's"


@pytest.fixture
def shop(spark: SparkSession, tmp_path: Path) -> Shop:
    """A folder of two orders that nobody has taken in."""
    shop = Shop(spark, tmp_path)
    shop.export([order("a1"), order("a2", buyer="b2")], [line("a1"), line("a2")])
    return shop


@pytest.mark.parametrize(
    ("stages", "given", "said"),
    [
        (("ingest", "features", "segment"), {"refit": "never"}, "found no model of buyers, expected one"),
        (("ingest", "segment"), {}, "buyer_features: found no such table"),
        (("ingest", "report"), {}, "buyer_features: found no such table"),
        (("ingest", "features", "report"), {}, r"buyer_profiles: found no such table.*add stage segment"),
    ],
)
def test_what_a_new_lake_lacks_is_known_before_anything_is_written(
    shop: Shop, stages: tuple[str, ...], given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        shop.take(shop.folder / "day1", *stages, **given)
    assert refused.value.exit_status == 2
    assert not shop.lake.exists()


@contextmanager
def unchanged(shop: Shop) -> Iterator[None]:
    """Whether all that the lake has of runs and batches stays as it was."""
    tables = ("orders", "files", "ledger", "undo_log", "runs")
    before = {name: len(shop.table(name)) for name in tables}
    yield
    assert {name: len(shop.table(name)) for name in tables} == before


def test_another_day_than_the_features_is_known_before_anything_is_written(shop: Shop) -> None:
    shop.take(shop.folder / "day1", "ingest", "features")
    day = shop.export([order("c1", day="2024-02-01")], [line("c1")])
    with unchanged(shop), pytest.raises(InputError, match="found features of 2024-01-01, expected the same day"):
        shop.take(day, "ingest", "segment", as_of=date(2024, 2, 1))
    with unchanged(shop), pytest.raises(InputError, match="found no model of buyers of run 'nosuch'|found no model of"):
        shop.take(day, "ingest", "features", "segment", refit="never", model="nosuch")


def test_what_only_a_written_batch_tells_is_no_mistake_of_which_nothing_came(shop: Shop) -> None:
    shop.take(shop.folder / "day1", "ingest", "features")
    day = shop.export([order("c1", day="2024-02-01")], [line("c1")])
    with pytest.raises(SegmentationError, match="as-of 1999-01-01: found no order up to it") as refused:
        shop.take(day, "ingest", "features", as_of=date(1999, 1, 1))
    assert shop.rows("orders", "order_id") == [("a1",), ("a2",), ("c1",)]
    assert refused.value.exit_status == 1
    # Where nothing new came, nothing was written.
    with pytest.raises(InputError):
        shop.take(day, "features", as_of=date(1999, 1, 1))


def test_a_stage_that_is_named_twice_is_gone_through_once(shop: Shop) -> None:
    shop.take(shop.folder / "day1", "ingest", "ingest")
    assert shop.rows("orders", "order_id") == [("a1",), ("a2",)]
    assert len(shop.table("runs")) == 1


@pytest.mark.parametrize("before", [pytest.param(None, marks=pytest.mark.full), THEIRS])
def test_commits_of_others_in_the_session_are_not_signed_by_a_run(shop: Shop, before: str | None) -> None:
    spark = shop.spark
    spark.conf.unset(SIGNATURE)
    if before:
        spark.conf.set(SIGNATURE, before)
    try:
        shop.take(shop.folder / "day1", "ingest", "features")
        shop.take(shop.export([order("a1", status="Dikembalikan")], [line("a1")]), "ingest", "features")  # by MERGE
        assert spark.conf.get(SIGNATURE, None) == before
        with pytest.raises(InputError):
            shop.take(shop.folder / "nosuch", "ingest")
        assert spark.conf.get(SIGNATURE, None) == before
    finally:
        spark.conf.unset(SIGNATURE)
