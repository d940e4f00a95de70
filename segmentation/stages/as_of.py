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


def day_of_features(run: Run) -> date | None:
    """The day of the features, of which a run speaks that takes them as they are; None where it makes them or has no
    stage that takes any, and where nobody is in them. Refuses another configured day.
    """
    config = run.config
    if run.has("features") or config.stages == ("ingest",):
        return None
    row = run.lake.read(ENTITIES[config.entities[0]].features).select("as_of").first()
    if row is not None and config.as_of not in (None, row["as_of"]):
        raise InputError(
            f"as-of {config.as_of}: found features of {row['as_of']}, expected the same day; add stage features"
        )
    return row["as_of"] if row else None


def resolve_as_of(run: Run, last_day: date | None) -> date:
    """The configured day, else that of the last accepted order (of the run itself, where there are no orders).

    last_day: of the orders, where it is known.
    """
    config, lake = run.config, run.lake
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
    first = first_day(orders)
    if first is not None and config.as_of < first:
        raise before_first(config.as_of, first)


def first_day(orders: DataFrame) -> date | None:
    """The day of the first order; None where there is none."""
    row = orders.agg(F.min(F.to_date("ordered_at")).alias("first")).first()
    return row["first"] if row else None


def before_first(day: date, first: date) -> InputError:
    """What is said of a day on which there was no order yet."""
    return InputError(f"as-of {day}: found no order up to it, expected a day from {first} on; set --as-of")
