"""What would move an entity to the next better segment: the smallest change of one feature alone."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, DecimalType, IntegralType

from segmentation.clustering.model import Model
from segmentation.clustering.partition import Partition
from segmentation.clustering.scales import Scale
from segmentation.clustering.vectors import known_values

BEYOND = 1e-4  # standard deviations: how far past the border a change goes


def moves(features: DataFrame, model: Model, id: str) -> DataFrame:
    """(id, to_segment, feature, from_value, to_value) of entities whom one change moves to the next better segment.

    Segments are numbered by value: the next better one of segment 3 is 2. Of all features, the one is told whose
    change is smallest, in standard deviations of the feature as it was transformed; from_value and to_value are
    in the feature's own units, whole or in cents where the feature is. Every move is verified: with to_value in
    place of from_value, the model puts the entity into to_segment. Missing are those in segment 1, those whom no
    single change would move, and everyone where segments are no nearest centres (a Gaussian mixture's).
    """
    partition, scales = model.partition, model.scales
    names = list(dict.fromkeys(scale.feature for scale in scales))
    values = known_values(features, id, names, {scale.feature for scale in scales if scale.is_text})
    numbers = [(axis, scale) for axis, scale in enumerate(scales) if not scale.is_text]
    if partition.k < 2 or partition.whitening or not numbers:
        kinds = {"to_segment": "int", "feature": "string", "from_value": "double", "to_value": "double"}
        nothing = [F.lit(None).cast(kind).alias(name) for name, kind in kinds.items()]
        return values.where(F.lit(False)).select("id", *nothing)
    placed = values.withColumn("point", F.array(*[scale.coordinate() for scale in scales]))
    behind = placed.withColumns(
        {
            "far": F.array(*partition.far_columns(F.col("point"))),
            "better": partition.nearest_and_far(F.col("point"))["centre"] - 1,
        }
    ).where("better >= 0")
    kinds_of = {name: features.schema[name].dataType for name in names}
    changed = behind.withColumns(
        {f"_to_{axis}": _to_value(axis, scale, partition, kinds_of[scale.feature]) for axis, scale in numbers}
    )
    smallest = F.array_min(F.array(*[_verified(axis, scale, partition) for axis, scale in numbers]))
    return (
        changed.withColumn("move", smallest)
        .where(F.col("move").isNotNull())
        .select("id", (F.col("better") + 1).alias("to_segment"), "move.feature", "move.from_value", "move.to_value")
    )


def _to_value(axis: int, scale: Scale, partition: Partition, kind: DataType) -> Column:
    """The feature's nearest value at which the better centre is the nearest, NULL where there is none.

    Moving by t along one axis changes |x - c|² by 2t (x - c) + t²: the better centre b is nearer than another m
    where far_b - far_m + 2t (m - b) < 0, a bound on t from below or above for each m.
    """
    along = F.array(*[F.lit(centre[axis]) for centre in partition.centres])
    better = F.col("better")
    slopes = F.transform(along, lambda other: 2 * (other - along[better]))
    behind = F.transform(F.col("far"), lambda far: F.col("far")[better] - far)
    bound = F.zip_with(behind, slopes, lambda gap, slope: F.when(slope != 0, -gap / slope))
    lowest = F.array_max(F.zip_with(bound, slopes, lambda at, slope: F.when(slope < 0, at)))
    highest = F.array_min(F.zip_with(bound, slopes, lambda at, slope: F.when(slope > 0, at)))
    upward = lowest > 0
    step = F.when(F.coalesce(upward, F.lit(False)), lowest + BEYOND).when(highest < 0, highest - BEYOND)
    place = F.col("point")[axis] + step
    ends = sorted(scale.ends())
    value = scale.value_at(F.when((place >= ends[0]) & (place <= ends[1]), place))
    return _whole(value, step > 0, kind)


def _whole(value: Column, up: Column, kind: DataType) -> Column:
    """The next value outwards that a feature of this type can have."""
    if isinstance(kind, IntegralType):
        unit = 1.0
    elif isinstance(kind, DecimalType):
        unit = 10.0**kind.scale
    else:
        return value
    return F.when(up, F.ceil(value * unit)).otherwise(F.floor(value * unit)).cast("double") / unit


def _verified(axis: int, scale: Scale, partition: Partition) -> Column:
    """The change as a candidate, NULL unless it leads to the better centre."""
    new = F.col(f"_to_{axis}")
    place = scale.coordinate(new)
    point = F.array(*[place if i == axis else F.col("point")[i] for i in range(len(partition.centres[0]))])
    arrives = partition.nearest_and_far(point)["centre"] == F.col("better")
    change = F.abs(place - F.col("point")[axis]) / scale.weight
    candidate = F.struct(  # the smaller change sorts first, then the earlier feature of the plan
        change.alias("change"),
        F.lit(axis).alias("axis"),
        F.lit(scale.feature).alias("feature"),
        scale.value().alias("from_value"),
        new.alias("to_value"),
    )
    return F.when(scale.value().isNotNull() & new.isNotNull() & arrives, candidate)
