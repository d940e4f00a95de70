"""The day that a run speaks of."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import Config
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.run import Run


def resolve_as_of(run: Run, last_day: date | None) -> date:
    """The configured day, else that of the last accepted order (of the run itself, where there are no orders).

    Stages that take the features as they are speak of the features' day. last_day: of the orders, where it is known.
    """
    config, lake = run.config, run.lake
    if not run.has("features") and config.stages != ("ingest",):
        row = lake.read(ENTITIES[config.entities[0]].features).select("as_of").first()
        if row is not None and config.as_of not in (None, row["as_of"]):
            raise InputError(
                f"as-of {config.as_of}: found features of {row['as_of']}, expected the same day; add stage features"
            )
        if row is not None:
            return row["as_of"]
    if not run.source.has_orders:
        return config.as_of or run.today
    if config.as_of is None and last_day is not None:
        return last_day
    orders = lake.read(schemas.ORDERS)
    check_as_of(config, orders)
    days = orders.agg(F.max(F.to_date("ordered_at")).alias("last")).first()
    if days is None or days["last"] is None:
        raise InputError(f"{lake.place('orders')}: found no orders, expected some from an earlier run or stage ingest")
    return config.as_of or days["last"]


def check_as_of(config: Config, orders: DataFrame) -> None:
    """Refuse a configured day before the first order."""
    if config.as_of is None:
        return
    days = orders.agg(F.min(F.to_date("ordered_at")).alias("first")).first()
    if days is not None and days["first"] is not None and config.as_of < days["first"]:
        raise InputError(
            f"as-of {config.as_of}: found no order up to it, expected a day from {days['first']} on; set --as-of"
        )
