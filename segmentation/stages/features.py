"""The second stage: what is known of each buyer and seller, and the overview; of what a batch touched, or of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import Config
from segmentation.divisions import with_divisions
from segmentation.entities import ENTITIES
from segmentation.features.categories import category_sales
from segmentation.features.increment import (
    State,
    TouchedKeys,
    as_it_was,
    lines_of,
    orders_of,
    overview_after,
    refreshed,
    touched_by,
)
from segmentation.features.known import features_of
from segmentation.features.overview import overview
from segmentation.ingest.strategy import stands_alone
from segmentation.lake.tables import Lake
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.session import cached, checkpointed, in_parallel
from segmentation.source import Source
from segmentation.stages.publication import PublishedRun, last_run
from segmentation.stages.undo import is_complete, rows_before

SMALL = 50_000  # orders: so few are aggregated sooner than what a batch touches is found
NOT_MEASURED = {"voucher_code", "payment_method", "shipping_fee", "batch_id"}  # of orders, unless bands are of them


def features(run: Run) -> None:
    """Canonical tables → buyer_features, seller_features and overview.

    Where earlier features speak of all that was there then, only what later batches touched is aggregated.
    """
    lake = run.lake
    now = State(*map(lake.read, run.source.measured_tables))
    with run.progress.step("features", "features") as facts:
        last, why_not = _earlier(run, now)
        if last and not why_not:
            # Few rows, which many plans below begin with.
            replaced = State(*_held(*[rows_before(lake, table, last.run_id) for table in run.source.measured_tables]))
            _of_touched(run, now, replaced, last)
        else:
            _of_all(run, now)
        facts.add(f"as of {run.as_of}", as_of=run.as_of)
        facts.add(f"all anew: {why_not}" if last and why_not else "")


def tables_written(config: Config) -> list[str]:
    """Names of the tables that a run of this config writes here anew."""
    if "features" not in config.stages:
        return []
    return [schemas.OVERVIEW.name, *(ENTITIES[name].features.name for name in config.source.segmentable)]


def _of_all(run: Run, now: State) -> None:
    source, as_of = run.source, run.day
    sales = source.sales
    # Both sides and the overview are made of them.
    with (
        cached(now.orders.drop(*_not_measured(source))) as orders,
        cached(now.users) as users,
        cached(category_sales(orders, now.lines, sales, as_of)) as categories,
    ):
        known = features_of(source, orders, categories, users, as_of)
        figures = overview(orders, categories, users, sales, as_of)
        _write(run, known, with_divisions(figures, orders, users, source, as_of))


def _not_measured(source: Source) -> set[str]:
    """Columns of orders that nothing is made of."""
    return NOT_MEASURED - {band.of_orders for band in source.bands.values() if band.of_orders}


def _of_touched(run: Run, now: State, replaced: State, last: PublishedRun) -> None:
    lake, source, as_of = run.lake, run.source, run.day
    # What several plans begin with is held, and planned once: few rows, and the orders of those that they touch.
    with cached(now.users) as users:
        now = replace(now, users=users)
        before, found = as_it_was(last.run_id, now, replaced), touched_by(last.run_id, now, replaced)
        touched = TouchedKeys(*_held(found.keys, found.users))
        counted = _held(touched.orders(before), touched.orders(now))
        was, is_now = (replace(state, orders=orders) for state, orders in zip((before, now), counted, strict=True))
        buyers, sellers = _held(*[touched.ids(role, was, is_now) for role in ("buyer", "seller")])
        orders = checkpointed(orders_of(now, buyers, sellers).drop(*_not_measured(source)))
        with cached(category_sales(orders, lines_of(orders, now), source.sales, as_of)) as categories:
            anew = features_of(source, orders, categories, users, as_of)
            ids = {"buyers": buyers, "sellers": sellers}
            known = {
                name: refreshed(lake.read(ENTITIES[name].features), rows, ids[name], ENTITIES[name].id, as_of)
                for name, rows in anew.items()
            }
            figures = overview_after(lake.read(schemas.OVERVIEW), was, is_now, source.sales, (last.as_of, as_of))
            _write(run, known, with_divisions(figures, now.orders, users, source, as_of))


def _held(*frames: DataFrame) -> list[DataFrame]:
    """The rows of each, computed now and once where the platform can hold them."""
    return in_parallel(*[partial(checkpointed, frame) for frame in frames])


def _earlier(run: Run, now: State) -> tuple[PublishedRun | None, str]:
    """The run that made the features that are there, and why they do not speak of all that was there then.

    They do where that run aggregated them from the tables that it published, by the same source, and as of a day
    after which there was no order; where batches are known by their names, as each is merged; and where the log has
    what later ones replaced.
    """
    lake, source = run.lake, run.source
    last = last_run(lake, having="features")
    made = [schemas.OVERVIEW, *(source.features(ENTITIES[name].features) for name in source.segmentable)]
    needed = [schemas.ORDERS, schemas.ORDER_LINES, schemas.USERS, *made]
    if last is None or any(table.name not in last.versions for table in needed):
        return None, ""
    if source.dimensions or not stands_alone(run.spark, source):
        return last, "the source's SELECTs look at more than one row"
    if not last.config.has_source_of(run.config):
        return last, "the source was changed"
    if not all(lake.is_as_declared(table) for table in needed):
        return last, "an earlier release had other columns"
    if any(table.name in lake.spoiled for table in made):
        return last, "what a dead run overwrote is gone"
    if not is_complete(lake, last.run_id):
        return last, "what was replaced since the last run is not known"
    earlier = now.orders.where(F.col("batch_id") <= last.run_id)
    days = earlier.agg(F.max(F.to_date("ordered_at")).alias("last"), F.count("*").alias("orders")).first()
    replaced = rows_before(lake, schemas.ORDERS, last.run_id).agg(F.max(F.to_date("ordered_at")).alias("last")).first()
    last_day = max((row["last"] for row in (days, replaced) if row and row["last"]), default=None)
    if last_day is None or not last_day <= last.as_of <= run.day:
        return last, f"the last ones were as of {last.as_of}"
    if days is not None and days["orders"] < SMALL:  # sooner done than said
        return None, ""
    return last, ""


def _write(run: Run, known: Mapping[str, DataFrame], figures: DataFrame) -> None:
    writes = [_writer(run.lake, run.source.features(ENTITIES[name].features), rows) for name, rows in known.items()]
    in_parallel(*writes, _writer(run.lake, schemas.OVERVIEW, run.stamp(figures.coalesce(1))))


def _writer(lake: Lake, table: Table, rows: DataFrame) -> Callable[[], None]:
    return lambda: lake.overwrite(table, rows, remember=True)
