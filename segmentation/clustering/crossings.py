"""Which feature took an entity over the border between two segments, and where on that feature the border lies."""

from __future__ import annotations

from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.model import Model
from segmentation.clustering.scales import FeatureScale, known_text, known_value
from segmentation.clustering.vectors import blocks_of

CROSSING_COLUMNS = {"feature": "string", "from_value": "double", "to_value": "double", "boundary": "double"}


def crossed(movers: DataFrame, model: Model) -> DataFrame:
    """Rows with `feature`, `from_value`, `to_value` and `boundary` beside their own columns.

    Rows have segment_from and segment_to and the structs `before` and `after` of the model's features. Between two
    centres p and q the difference of a point's squared distances, |x - q|² - |x - p|², is a sum of one term for each
    coordinate: what each did to it on the way from `before` to `after` adds up to the whole way. The feature that did
    most towards the new segment is told. `boundary` is its value at which both centres are equally near, all others
    being as they are after; NULL where that does not lie on the way, since several features crossed it together. Of a
    Gaussian mixture the centres are the components' means, and no boundary is told. All is NULL of those who were or
    are without a sale, and where the segments stayed the same.
    """
    centroids = model.centroids
    if centroids.k < 2:
        return movers.withColumns({name: F.lit(None).cast(kind) for name, kind in CROSSING_COLUMNS.items()})
    placed = movers.withColumns(
        {f"_{side}": F.array(*[_coordinate(scale, side) for scale in model.scales]) for side in ("before", "after")}
    )
    axes = range(len(model.scales))
    # The slope of the difference along each axis.
    slopes = [2 * (_centre(model, axis, "segment_from") - _centre(model, axis, "segment_to")) for axis in axes]
    steps = [slope * (F.col("_before")[axis] - F.col("_after")[axis]) for axis, slope in enumerate(slopes)]
    squares = [
        (F.col("_after")[axis] - _centre(model, axis, "segment_to")) ** 2
        - (F.col("_after")[axis] - _centre(model, axis, "segment_from")) ** 2
        for axis in axes
    ]
    difference = reduce(add, squares)
    candidates = []
    for own in blocks_of(model.scales):
        first, feature = own[0], model.scales[own[0]].feature
        told = [F.lit(None).cast("double")] * 3
        if not model.scales[first].is_text:
            limit = F.col("_after")[first] - difference / F.nullif(slopes[first], F.lit(0.0))
            on_the_way = (limit - F.col("_before")[first]) * (F.col("_after")[first] - limit) >= 0
            value = F.when(on_the_way, model.scales[first].value_of(limit))
            boundary = F.lit(None).cast("double") if centroids.whitening else value
            told = [known_value(f"before.{feature}"), known_value(f"after.{feature}"), boundary]
        candidates.append(
            F.struct(
                reduce(add, [steps[axis] for axis in own]).alias("step"),
                F.lit(feature).alias("feature"),
                *[column.alias(name) for column, name in zip(told, list(CROSSING_COLUMNS)[1:], strict=True)],
            )
        )
    best = F.array_max(F.array(*candidates))
    moved = (F.col("segment_from") > 0) & (F.col("segment_to") > 0) & (F.col("segment_from") != F.col("segment_to"))
    told_of = placed.withColumn("_told", F.when(moved & (best["step"] > 0), best))
    return told_of.select(*movers.columns, *[F.col(f"_told.{name}").alias(name) for name in CROSSING_COLUMNS])


def _coordinate(scale: FeatureScale, side: str) -> Column:
    name = f"{side}.{scale.feature}"
    if scale.category is None:
        return scale.coordinate(known_value(name))
    return scale.coordinate((known_text(name) == scale.category).cast("double"))


def _centre(model: Model, axis: int, segment: str) -> Column:
    """The coordinate of a segment's centre; NULL for no segment."""
    along = [F.lit(centre[axis]) for centre in model.centroids.centres]
    return F.get(F.array(*along), F.col(segment) - 1)
