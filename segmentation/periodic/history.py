"""Snapshots of features → who was where on each day, by one model."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.assign import score_rows
from segmentation.clustering.model import Model
from segmentation.schemas import Table


def history(features: DataFrame, model: Model, names: Mapping[int, str], fitted_by: str, table: Table) -> DataFrame:
    """The rows of a history table but for `run_id`, which whoever writes them knows.

    One row per entity and day of `features` (snapshots.snapshots): where the model puts it, and what was known of it.
    names: of the segments, by number.
    """
    placed = score_rows(features, model).withColumns(
        {"segment_name": named(F.col("segment"), names), "fitted_by": F.lit(fitted_by)}
    )
    return placed.select(*[name for name in table.names if name != "run_id"])


def named(segment: Column, names: Mapping[int, str]) -> Column:
    """The segment's name; its number where it has none."""
    called = F.lit(None).cast("string")
    for number, name in sorted(names.items()):
        called = F.when(segment == number, F.lit(name)).otherwise(called)
    return F.coalesce(called, segment.cast("string"))
