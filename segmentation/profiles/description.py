"""All that profiles and attributes tell of segments, worked out together: a few rows, which the driver holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from segmentation.entities import Entity
from segmentation.profiles.attributes import attribute_rows, attributes_of, counts
from segmentation.profiles.profile import numeric_features, profile
from segmentation.schemas import Column, profile_columns
from segmentation.session import in_parallel
from segmentation.source import Source


@dataclass(frozen=True)
class Description:
    """What segments look like.

    profiles: one row per segment, in one partition, and `rows` the same as dicts; columns: those that they have besides
    the declared ones; attributes: rows of attributes.attribute_rows.
    """

    profiles: DataFrame
    rows: Sequence[dict[str, Any]]
    columns: Sequence[Column]
    attributes: Sequence[tuple[object, ...]]


def describe(
    features: DataFrame, segments: DataFrame, entity: Entity, source: Source, telling: Collection[str]
) -> Description:
    """What the segments of entities look like, by what the source knows of these; telling: the features that made the
    segments (Model.telling_features).
    """
    figures = source.measured(numeric_features(features))
    texts = [name for name in source.texts if name in features.columns]  # of sellers only where users tell roles
    told = attributes_of(source, features.columns, telling)
    profiles = profile(features, segments, figures, entity, texts)
    # A row per segment, and one per value of an attribute and segment.
    counted = counts(features, segments, entity, told).collect if told else list
    cells, values = in_parallel(profiles.collect, counted)
    return Description(
        profiles=features.sparkSession.createDataFrame(cells, profiles.schema).coalesce(1),
        rows=[row.asDict() for row in cells],
        columns=profile_columns(figures, texts),
        attributes=attribute_rows([row.asDict() for row in values], told),
    )
