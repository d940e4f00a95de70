"""Where everybody was before a run, and since when they are where they are now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PREVIOUS_COLUMNS = ("previous_segment", "previous_since", "segment_since")


def previous_segments(segments: DataFrame, id: str, as_of: date, numbers: Mapping[int, int] | None = None) -> DataFrame:
    """(id, previous_segment, previous_since) from the segment table that a run of the day `as_of` replaces.

    A table of an earlier day tells where everybody was. One of the same day tells what was told then: a day that is
    run again has the same day before it. One of a later day tells nothing.
    numbers: today's number by that of the table, where another model numbers them; who was in a segment that is not
    in it was in none of today's.
    """
    is_earlier, is_same = F.col("as_of") < F.lit(as_of), F.col("as_of") == F.lit(as_of)
    there = F.coalesce("segment_since", "as_of")  # NULL in a table of an earlier release
    told = segments.select(
        id,
        F.when(is_earlier, F.col("segment")).when(is_same, F.col("previous_segment")).alias("was"),
        F.when(is_earlier, there).when(is_same, F.col("previous_since")).alias("since"),
    ).withColumn("was", _renumbered(F.col("was"), numbers))
    return told.select(
        id,
        F.col("was").alias("previous_segment"),
        F.when(F.col("was").isNotNull(), F.col("since")).alias("previous_since"),
    )


def with_previous(
    placed: DataFrame, id: str, as_of: date, previous: DataFrame | None = None, hysteresis: float = 0.0
) -> DataFrame:
    """Rows of (id, segment, confidence, runner_up) with PREVIOUS_COLUMNS; `previous` is what previous_segments returns.

    hysteresis: the confidence that somebody's new segment must have over the previous one. Whose has less stays, on
    the border (confidence 0), and the new one is the runner-up.
    """
    if previous is None:
        kinds = {"previous_segment": "int", "previous_since": "date"}
        unknown = {name: F.lit(None).cast(kind) for name, kind in kinds.items()}
        return placed.withColumns({**unknown, "segment_since": F.lit(as_of)})
    known = placed.join(previous, on=id, how="left")
    if hysteresis > 0:
        # Between the previous one and another: who stands between two others has left it.
        stays = (F.col("runner_up") == F.col("previous_segment")) & (F.col("confidence") < hysteresis)
        kept = {"segment": F.col("runner_up"), "confidence": F.lit(0.0), "runner_up": F.col("segment")}
        known = known.withColumns({name: F.when(stays, value).otherwise(F.col(name)) for name, value in kept.items()})
    return known.withColumn("segment_since", _since(as_of))


def _since(as_of: date) -> Column:
    stayed = F.col("segment") == F.col("previous_segment")
    return F.when(stayed, F.coalesce("previous_since", F.lit(as_of))).otherwise(F.lit(as_of))


def _renumbered(segment: Column, numbers: Mapping[int, int] | None) -> Column:
    if numbers is None:
        return segment
    known = {0: 0, **numbers}  # those without a sale are no model's
    found = F.lit(None).cast("int")
    for old, new in known.items():
        found = F.when(segment == old, F.lit(new)).otherwise(found)
    return found
