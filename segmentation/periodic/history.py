"""Snapshots of features → who was where on each day, by one model."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.assign import score_rows
from segmentation.clustering.model import Model
from segmentation.keys import by_segment
from segmentation.periodic.previous import PREVIOUS_COLUMNS
from segmentation.schemas import Table


def history(
    features: DataFrame,
    model: Model,
    names: Mapping[int, str],
    fitted_by: str,
    table: Table,
    told: DataFrame | None = None,
) -> DataFrame:
    """The rows of a history table but for `run_id`, which whoever writes them knows.

    One row per entity and day of `features` (snapshots.snapshots): where the model puts it, and what was known of it.
    names: of the segments, by number, which stands for a name that is missing. told: what a run said of where everybody
    was before its day (id, as_of, segment, PREVIOUS_COLUMNS); of days of which no run said it, and of those whom it
    kept in another segment than the model puts them, it is unknown.
    """
    called = by_segment(names, "string")
    placed = score_rows(features, model).withColumns(
        {"segment_name": F.coalesce(called, F.col("segment").cast("string")), "fitted_by": F.lit(fitted_by)}
    )
    if told is None:
        kinds = {column.name: column.type for column in table.columns}
        placed = placed.withColumns({name: F.lit(None).cast(kinds[name]) for name in PREVIOUS_COLUMNS})
    else:
        placed = placed.join(told, on=[table.key[0], "as_of", "segment"], how="left")
    return placed.select(*[name for name in table.names if name != "run_id"])
