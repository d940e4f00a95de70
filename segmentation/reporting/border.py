"""Who stands on the border to a better segment, and what would move them over: counted where the entities are."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.assign import assign_points
from segmentation.clustering.model import BORDER_IN_REPORT, Model
from segmentation.clustering.vectors import known_of, point_of
from segmentation.features.measures import MOVED_BY_SALES, after_sales

ACCURACY = 10_000  # of a median: exact below as many values
SALES = "further_sales"  # in place of a feature: how many sales more
MOST_SALES = 5  # that are asked of anybody: more are no step
LED = "struct<sales: int, to_segment: int>"  # the fewest further sales that lead to a better segment, and to which


def nearby(moves: DataFrame, people: DataFrame, model: Model, id: str, hysteresis: float = 0.0) -> pd.DataFrame:
    """Those on the border to the next better segment, by what would move them into a better one.

    moves: see clustering/counterfactuals.py; people: features, with segment, confidence and runner_up; hysteresis: see
    periodic/previous.py.

    Returns segment, to_segment, feature, entities (how many) and change (the median of how far the feature has to
    go, up or down, in its own units: one of the changes, so that of whole ones it is whole), most entities first.
    Where a few further sales on the day lead to a better segment, the feature is SALES and to_segment where the fewest
    lead; else it is that of the move, unless only sales move it. Of those whom neither moves both are NULL. One sale
    and several have rows of their own: two, and one per feature, come back at most of a pair of segments.
    """
    is_near = (F.col("confidence") < BORDER_IN_REPORT) & (F.col("runner_up") == F.col("segment") - 1)
    move = moves.select(F.col("id").alias(id), F.struct("feature", "from_value", "to_value").alias("_move"))
    near = people.where(is_near).join(move, on=id, how="left")
    sells = "count_orders" in people.columns
    led = _led_by_sales(near, model, id, hysteresis) if sells else near.withColumn("_led", F.lit(None).cast(LED))
    return (
        led.select("segment", *_told(MOVED_BY_SALES if sells else ()))
        .groupBy("segment", "to_segment", "feature", "several")
        .agg(F.count("*").alias("entities"), F.percentile_approx("change", 0.5, ACCURACY).alias("change"))
        .orderBy(F.desc("entities"), "segment", "to_segment", "feature", "several")
        .drop("several")
        .toPandas()
    )


def _led_by_sales(near: DataFrame, model: Model, id: str, hysteresis: float) -> DataFrame:
    """Rows of segment, _move and _led: the fewest sales that lead to a better segment, and to which; else NULL."""
    tried = near.withColumn("_sales", F.explode(F.sequence(F.lit(1), F.lit(MOST_SALES))))
    later = {name: value for name, value in after_sales(F.col("_sales")).items() if name in near.columns}
    row = F.struct(id, "segment", "_move", "_sales").alias("id")
    points = (
        tried.withColumns(later)
        .select(row, *known_of(model.scales))
        .select("id", point_of(model.scales).alias("point"))
    )
    placed = assign_points(points, model).select("id.*", F.col("segment").alias("_to"), "confidence")
    # Who has less confidence than that stays where they are.
    is_better = (F.col("_to") < F.col("segment")) & (F.col("confidence") >= hysteresis)
    led = F.struct(F.col("_sales").alias("sales"), F.col("_to").alias("to_segment"))
    return placed.groupBy(id).agg(
        F.first("segment").alias("segment"),
        F.first("_move").alias("_move"),
        F.min(F.when(is_better, led)).alias("_led"),
    )


def _told(by_sales: tuple[str, ...]) -> list[Column]:
    """to_segment, feature, change, and whether that is several sales; `by_sales`: features that only sales move."""
    move, led = F.col("_move"), F.col("_led")
    alone = move["feature"].isNotNull() & ~move["feature"].isin(*by_sales)
    change = F.when(alone, move["to_value"] - move["from_value"])
    return [
        F.coalesce(led["to_segment"], F.col("segment") - 1).alias("to_segment"),
        F.when(led.isNotNull(), SALES).when(alone, move["feature"]).alias("feature"),
        F.coalesce(led["sales"].cast("double"), change).alias("change"),
        F.coalesce(led["sales"] > 1, F.lit(False)).alias("several"),
    ]
