"""Snapshots of features → who was where on each day, by one model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.assign import score_rows
from segmentation.clustering.model import Model
from segmentation.keys import by_segment
from segmentation.periodic.previous import PREVIOUS_COLUMNS
from segmentation.schemas import Table

PLACE = ("segment", "confidence", "runner_up")
TOLD = (*PLACE, *PREVIOUS_COLUMNS)  # of a segment table, what a snapshot of its day takes over


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
    names: of the segments, by number, which stands for a name that is missing. told: what a run of the same model said
    of its day (id, as_of, TOLD), which goes for whom it kept in another segment than the model puts them too. Where
    they were before is unknown of days of which no run said it, and of those whom today's orders put elsewhere.
    """
    placed = score_rows(features, model)
    if told is None:
        kinds = {column.name: column.type for column in table.columns}
        placed = placed.withColumns({name: F.lit(None).cast(kinds[name]) for name in PREVIOUS_COLUMNS})
    else:
        placed = _as_told(placed, told, table.key[0])
    called = by_segment(names, "string")
    placed = placed.withColumns(
        {"segment_name": F.coalesce(called, F.col("segment").cast("string")), "fitted_by": F.lit(fitted_by)}
    )
    return placed.select(*[name for name in table.names if name != "run_id"])


def makers(history: DataFrame) -> tuple[dict[date, str], dict[date, str]]:
    """Of each day's snapshot the run that searched for its model, and the run that made it."""
    runs = history.groupBy("as_of").agg(*[F.max(name).alias(name) for name in ("fitted_by", "run_id")])
    rows = runs.collect()  # one a day
    return {row["as_of"]: row["fitted_by"] for row in rows}, {row["as_of"]: row["run_id"] for row in rows}


def _as_told(placed: DataFrame, told: DataFrame, id: str) -> DataFrame:
    """Rows that a model placed, as a run told them that placed them likewise, or kept them where they had been."""
    both = placed.join(told.select(id, "as_of", F.struct(*TOLD).alias("_told")), on=[id, "as_of"], how="left")
    is_kept = (F.col("_told.confidence") == 0) & (F.col("_told.runner_up") == F.col("segment"))
    is_theirs = is_kept | (F.col("_told.segment") == F.col("segment"))
    place = {name: F.when(is_kept, F.col(f"_told.{name}")).otherwise(F.col(name)) for name in PLACE}
    before = {name: F.when(is_theirs, F.col(f"_told.{name}")) for name in PREVIOUS_COLUMNS}
    return both.withColumns({**place, **before})
