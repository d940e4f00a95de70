"""Who belongs where: nearest centre, how sure, and which segment comes next. Column arithmetic only."""

from __future__ import annotations

from pyspark.ml.functions import vector_to_array
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.choose import Choice
from segmentation.clustering.fits import Point
from segmentation.clustering.model import Model
from segmentation.clustering.vectors import Vectors

EXACT = "decimal(38,6)"  # values are added up as decimals: the same mean whatever the order of rows


def assign(vectors: Vectors, choice: Choice, value: DataFrame | None = None) -> tuple[DataFrame, Model]:
    """(id, segment, confidence, runner_up) of every entity, and the model that says so.

    value holds id and value (total_gmv, say): segment 1 is the one with the largest mean, ties by size and
    then by centre; without it segments are numbered by size.
    """
    fit = choice.fit
    if fit is None:
        model = Model("none", vectors.scales)
        return scored(vectors.frame, model), model
    unordered = scored(vectors.frame, Model(fit.method, vectors.scales, fit.centres))
    worth = _worth(unordered, value)
    order = sorted(range(fit.k), key=lambda i: (*worth.get(i + 1, (0.0, 0)), fit.centres[i]), reverse=True)
    model = Model(fit.method, vectors.scales, tuple(fit.centres[i] for i in order))
    return scored(vectors.frame, model), model


def scored(points: DataFrame, model: Model) -> DataFrame:
    """(id, segment, confidence, runner_up) of points, rows of id and features.

    confidence is the simplified silhouette of one point (Hruschka, Campello & de Castro 2006): 1 - a / b with
    a and b the distances to the nearest and the second nearest centre; 0 on the border, 1 at the centre.
    """
    if len(model.centres) < 2:
        nothing = {"confidence": "double", "runner_up": "int"}
        unsaid = [F.lit(None).cast(kind).alias(name) for name, kind in nothing.items()]
        return points.select("id", F.lit(1).alias("segment"), *unsaid)
    coordinates = points.select("id", vector_to_array(F.col("features")).alias("point"))
    ranked = coordinates.select("id", _ranked(model.centres).alias("near"))
    first, second = F.col("near")[0], F.col("near")[1]
    on_border = second["distance"] == 0
    return ranked.select(
        "id",
        first["segment"].alias("segment"),
        F.when(on_border, 0.0).otherwise(1 - first["distance"] / second["distance"]).alias("confidence"),
        second["segment"].alias("runner_up"),
    )


def _ranked(centres: tuple[Point, ...]) -> Column:
    """Centres by distance from the point: array of (distance, segment), nearest first, ties by segment."""
    return F.array_sort(
        F.array(
            *[
                F.struct(F.sqrt(_squared_distance(centre)).alias("distance"), F.lit(number).alias("segment"))
                for number, centre in enumerate(centres, start=1)
            ]
        )
    )


def _squared_distance(centre: Point) -> Column:
    total = F.lit(0.0)
    for axis, coordinate in enumerate(centre):
        difference = F.col("point")[axis] - F.lit(coordinate)
        total = total + difference * difference
    return total


def _worth(segments: DataFrame, value: DataFrame | None) -> dict[int, tuple[float, int]]:
    """Mean value and size by segment."""
    if value is None:
        valued = segments.withColumn("value", F.lit(0))
    else:
        exact = value.select("id", F.col("value").try_cast(EXACT).alias("value"))
        valued = segments.join(exact, on="id", how="left")
    mean = F.coalesce(F.sum("value").cast("double") / F.count("id"), F.lit(0.0))
    worth = valued.groupBy("segment").agg(mean.alias("mean"), F.count("id").alias("size"))
    return {row["segment"]: (float(row["mean"]), row["size"]) for row in worth.collect()}
