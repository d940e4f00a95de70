"""Who stands on the border to a better segment, and what would move them over: counted where the entities are."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ON_BORDER = 0.2  # confidence below which somebody is on a border, in the report's words
ACCURACY = 10_000  # of a median: exact below as many values


def nearby(moves: DataFrame, segments: DataFrame, id: str) -> pd.DataFrame:
    """Those on the border to the next better segment, by what would move them into it.

    Returns segment, to_segment, feature, entities (how many) and change (the median of how far the feature has to
    go, up or down, in its own units: one of the changes, so that of whole ones it is whole), most entities first. At
    most a row per pair of neighbours and feature comes back.
    """
    border = segments.where((F.col("confidence") < ON_BORDER) & (F.col("segment") > 0))
    near = border.select(F.col(id).alias("id"), "segment", F.col("runner_up").alias("to_segment"))
    change = F.col("to_value") - F.col("from_value")
    return (
        moves.join(near, on=["id", "to_segment"], how="inner")
        .groupBy("segment", "to_segment", "feature")
        .agg(F.count("*").alias("entities"), F.percentile_approx(change, 0.5, ACCURACY).alias("change"))
        .orderBy(F.desc("entities"), "segment", "feature")
        .toPandas()
    )
