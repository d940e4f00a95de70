"""The second stage: what is known of each buyer and seller, and the overview; of what a batch touched, or of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import Config, as_json
from segmentation.divisions import with_divisions
from segmentation.entities import ENTITIES
from segmentation.features.categories import category_sales
from segmentation.features.increment import (
    State,
    lines_of,
    orders_of,
    overview_after,
    refreshed,
    touched_by,
)
from segmentation.features.known import features_of
from segmentation.overview import overview
from segmentation.progress import Progress
from segmentation.record import Record
from segmentation.schemas import Table
from segmentation.session import kept, side_by_side
from segmentation.stages.publication import last_run
from segmentation.tables import Lake

AT_A_TIME = 4
SMALL = 50_000  # orders: so few are aggregated sooner than what a batch touches is found


def features(config: Config, lake: Lake, record: Record, progress: Progress, merged: bool) -> None:
    """Canonical tables → buyer_features, seller_features and overview.

    `merged` says that this run merged a batch into tables that an earlier run left: then only what the batch
    touched is aggregated, so far as the earlier features speak of all that was there.
    """
    assert record.as_of is not None  # set right after ingest
    now = State(*(lake.read(table) for table in (schemas.ORDERS, schemas.ORDER_LINES, schemas.USERS)))
    with progress.step("features") as facts:
        earlier = _earlier(config, lake, record, now) if merged else None
        if earlier:
            _of_touched(config, lake, record, now, *earlier)
        else:
            _of_all(config, lake, record, now)
        facts.append(f"as of {record.as_of}")


def _of_all(config: Config, lake: Lake, record: Record, now: State) -> None:
    source, as_of = config.source, _day(record)
    sales = source.sales
    with kept(category_sales(now.orders, now.lines, sales, as_of)) as categories:
        known = features_of(source, now.orders, categories, now.users, as_of)
        figures = overview(now.orders, categories, now.users, sales, as_of)
        _write(config, lake, record, known, with_divisions(figures, now.orders, now.users, source, as_of))


def _of_touched(config: Config, lake: Lake, record: Record, now: State, before: State, was: date) -> None:
    source, as_of = config.source, _day(record)
    touched = touched_by(record.run_id, now)
    with kept(touched.ids("buyer", before, now)) as buyers, kept(touched.ids("seller", before, now)) as sellers:
        orders = orders_of(now, buyers, sellers)
        with kept(category_sales(orders, lines_of(orders, now), source.sales, as_of)) as categories:
            anew = features_of(source, orders, categories, now.users, as_of)
            ids = {"buyers": buyers, "sellers": sellers}
            known = {
                name: refreshed(lake.read(ENTITIES[name].features), rows, ids[name], ENTITIES[name].id, as_of)
                for name, rows in anew.items()
            }
            figures = overview_after(lake.read(schemas.OVERVIEW), touched, before, now, source.sales, (was, as_of))
            _write(config, lake, record, known, with_divisions(figures, now.orders, now.users, source, as_of))


def _earlier(config: Config, lake: Lake, record: Record, now: State) -> tuple[State, date] | None:
    """The tables and the day that the features speak of; None where they do not speak of all that was there then.

    They do where the last published run aggregated them from the tables that it published, by the same source,
    and as of a day after which there was no order.
    """
    last, source = last_run(lake), config.source
    needed = [schemas.ORDERS, schemas.ORDER_LINES, schemas.USERS, schemas.OVERVIEW]
    needed += [ENTITIES[name].features for name in source.sides]
    if last is None or source.dimensions or any(table.name not in last.versions for table in needed):
        return None
    was = json.loads(last.config)
    if "features" not in was["stages"] or was["source"] != json.loads(as_json(config))["source"]:
        return None
    before = State(
        *(lake.read(table, last.versions[table.name]) for table in (schemas.ORDERS, schemas.ORDER_LINES, schemas.USERS))
    )
    days = before.orders.agg(F.max(F.to_date("ordered_at")).alias("last"), F.count("*").alias("orders")).first()
    if days is None or days["last"] is None or not days["last"] <= last.as_of <= _day(record):
        return None
    if days["orders"] < SMALL:
        return None
    return before, last.as_of


def _write(config: Config, lake: Lake, record: Record, known: Mapping[str, DataFrame], figures: DataFrame) -> None:
    stamped = figures.withColumns({"run_id": F.lit(record.run_id), "as_of": F.lit(record.as_of)})
    writes = [_writer(lake, config.source.features(ENTITIES[name].features), rows) for name, rows in known.items()]
    for _ in side_by_side([*writes, _writer(lake, schemas.OVERVIEW, stamped.coalesce(1))], AT_A_TIME):
        pass


def _writer(lake: Lake, table: Table, rows: DataFrame) -> Callable[[], None]:
    return lambda: lake.overwrite(table, rows)


def _day(record: Record) -> date:
    assert record.as_of is not None
    return record.as_of
