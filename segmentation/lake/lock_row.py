"""The row of `lake_lock`, by which a lake is held where no lock of a file system's is."""

from __future__ import annotations

from pyspark.sql import MergeIntoWriter
from pyspark.sql import functions as F

from segmentation.lake.tables import Lake
from segmentation.schemas import LOCK


def claim(lake: Lake, holder: str, silent: float) -> str | None:
    """Take the lake's row for a holder, or say again that it is alive; returns who has it instead.

    Of two that try at once Delta lets one succeed. Who was silent for that many seconds holds it no more.
    """
    if not lake.exists(LOCK.name):
        lake.make(LOCK)
    is_silent = F.col("beat_at") < F.current_timestamp() - F.make_interval(secs=F.lit(silent))
    is_free = F.col("holder").isNull() | (F.col("holder") == holder) | is_silent
    mine = {"name": F.col("_name"), "holder": F.lit(holder), "beat_at": F.current_timestamp()}
    try:
        _row(lake).whenMatched(is_free).update(mine).whenNotMatched().insert(mine).merge()
    except Exception as error:
        if "Concurrent" not in str(error):
            raise
    row = lake.frame(LOCK.name).first()
    return None if row is None or row["holder"] == holder else str(row["holder"] or "another run")


def release(lake: Lake, holder: str) -> None:
    """Give the lake's row back."""
    free = {"holder": F.lit(None).cast("string")}
    _row(lake).whenMatched(F.col("holder") == holder).update(free).merge()


def _row(lake: Lake) -> MergeIntoWriter:
    row = lake.spark.range(1).select(F.lit("lake").alias("_name"))
    return row.mergeInto(lake.identifier(LOCK.name), F.col("name") == F.col("_name"))
