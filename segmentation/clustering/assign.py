"""Who is in which segment, how surely, and which would be next: by the nearest centres, as Columns and in NumPy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.choose import Choice
from segmentation.clustering.model import Model
from segmentation.clustering.scales import known_in
from segmentation.clustering.vectors import Vectors, known_of, placed, point_of, to_points, values_of
from segmentation.entities import has_sale

VALUE_DECIMAL = "decimal(38,6)"  # values are added up as decimals: the same mean whatever the order of rows


def assign(vectors: Vectors, choice: Choice, value: DataFrame | None = None) -> tuple[DataFrame, Model]:
    """(id, segment, confidence, runner_up) of every entity, and the model that says so.

    value holds id and value (total_gmv, say): segment 1 is the one with the largest mean, ties by size and
    then by centre; without it segments are numbered by size.
    """
    fit = choice.fit
    if fit is None:
        model = Model("none", vectors.scales)
        return assign_points(vectors.frame, model), model
    found = assign_points(vectors.frame, Model(fit.method, vectors.scales, fit.centroids))
    worth = _worth(found, value)
    centres = fit.centroids.centres
    order = sorted(range(fit.k), key=lambda i: (*worth.get(i + 1, (0.0, 0)), centres[i]), reverse=True)
    model = Model(fit.method, vectors.scales, fit.centroids.reordered(order))
    return assign_points(vectors.frame, model), model


def score(features: DataFrame, model: Model, id: str, count: int = 1) -> DataFrame:
    """(id, segment, confidence, runner_up) of entities by their features: a published model, without refitting.

    count: how many entities there are, by which they are dealt out to partitions.
    """
    return assign_points(placed(values_of(features, model.scales, id), model.scales, count), model)


def score_rows(features: DataFrame, model: Model) -> DataFrame:
    """Rows of features, of which one entity may have several, each with its segment, confidence and runner_up.

    Row by row what `score` says; nothing is moved between machines for it. Segment 0 are those without a sale.
    """
    others = features.drop("segment", "confidence", "runner_up")  # what another model said
    known = others.select(F.struct("*").alias("id"), *known_of(model.scales))
    points = known.select("id", point_of(model.scales).alias("point"))
    rows = assign_points(points, model).select("id.*", "segment", "confidence", "runner_up")
    return rows.withColumns(
        {
            "segment": F.when(has_sale(), F.col("segment")).otherwise(0),
            **{name: F.when(has_sale(), F.col(name)) for name in ("confidence", "runner_up")},
        }
    )


def score_pandas(features: pd.DataFrame, model: Model) -> NDArray[np.int64]:
    """The segment of each row of features, from 1: the twin of `score` in NumPy."""
    if model.centroids.k < 2:
        return np.ones(len(features), dtype=np.int64)
    known = pd.DataFrame({scale.feature: known_in(features[scale.feature], scale.is_text) for scale in model.scales})
    return model.centroids.distances(to_points(known, model.scales)).argmin(axis=1) + 1


def assign_points(points: DataFrame, model: Model) -> DataFrame:
    """(id, segment, confidence, runner_up) of points, rows of id and point."""
    if model.centroids.k < 2:
        nothing = {"confidence": "double", "runner_up": "int"}
        unsaid = [F.lit(None).cast(kind).alias(name) for name, kind in nothing.items()]
        return points.select("id", F.lit(1).alias("segment"), *unsaid)
    near = F.array_sort(F.array(*model.centroids.ranked(F.col("point"))))
    first, second = F.col("near")[0], F.col("near")[1]
    return points.select("id", near.alias("near")).select(
        "id",
        (first["centre"] + 1).alias("segment"),
        model.centroids.confidence_column(first["distance"], second["distance"]).alias("confidence"),
        (second["centre"] + 1).alias("runner_up"),
    )


def _worth(segments: DataFrame, value: DataFrame | None) -> dict[int, tuple[float, int]]:
    """Mean of the values that are known, and size, by segment; one of which none is known comes last."""
    if value is None:
        valued = segments.withColumn("value", F.lit(0))
    else:
        exact = value.select("id", F.col("value").try_cast(VALUE_DECIMAL).alias("value"))
        valued = segments.join(exact, on="id", how="left")
    mean = F.coalesce(F.try_divide(F.sum("value").cast("double"), F.count("value")), F.lit(float("-inf")))
    worth = valued.groupBy("segment").agg(mean.alias("mean"), F.count("id").alias("size"))
    return {row["segment"]: (float(row["mean"]), row["size"]) for row in worth.collect()}
