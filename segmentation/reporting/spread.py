"""How features and confidence are spread within segments, and where these are: counted where the entities are.

Each of these sends back a few rows per segment, however many entities there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.clustering.scales import Scale
from segmentation.sql import quoted

BINS = 32
PLACES = 5
NOUGHT = 1e-12  # of the largest


def bins(people: DataFrame, scales: Sequence[Scale]) -> pd.DataFrame:
    """Entities by segment, feature and bin: feature, segment, bin, low, high (in the feature's units), entities.

    Bins are of equal width on the scale on which the feature was clustered; the first and the last hold what
    was pulled in to the rest as well.
    """
    numbers = [scale for scale in scales if not scale.is_text and scale.ends()[0] < scale.ends()[1]]
    columns = ["feature", "segment", "bin", "low", "high", "entities"]
    if not numbers:
        return pd.DataFrame(columns=columns)
    placed = people.where("segment > 0").select("segment", *[_bin(scale).alias(scale.name) for scale in numbers])
    counted = (
        placed.unpivot("segment", [F.col(quoted(scale.name)) for scale in numbers], "feature", "bin")
        .where(F.col("bin").isNotNull())
        .groupBy("feature", "segment", "bin")
        .agg(F.count("*").alias("entities"))
        .toPandas()
    )
    count = {tuple(row[:3]): row[3] for row in counted.to_numpy().tolist()}
    segments = sorted({segment for _, segment, *_ in count})
    rows = [
        (scale.name, segment, at, low, high, count.get((scale.name, segment, at), 0))
        for scale in numbers
        for segment in segments
        for at, (low, high) in enumerate(pairwise(_edges(scale)))
    ]
    return pd.DataFrame(rows, columns=columns)


def confidence(people: DataFrame) -> pd.DataFrame:
    """segment, bin (tenths, 0 … 9) and entities, of those whose confidence is known."""
    tenth = F.least(F.floor(F.col("confidence") * 10), F.lit(9)).cast("int")
    known = people.where("segment > 0 AND confidence IS NOT NULL")
    counted = known.groupBy("segment", tenth.alias("bin")).agg(F.count("*").alias("entities"))
    return counted.orderBy("segment", "bin").toPandas()


def places(people: DataFrame) -> pd.DataFrame:
    """The most frequent provinces of each segment (unknown being one): segment, province, entities, share."""
    if "province" not in people.columns:
        return pd.DataFrame(columns=["segment", "province", "entities", "share"])
    of_segment = Window.partitionBy("segment")
    ranked = of_segment.orderBy(F.desc("entities"), F.asc_nulls_last("province"))
    return (
        people.where("segment > 0")
        .groupBy("segment", "province")
        .agg(F.count("*").alias("entities"))
        .withColumn("share", F.col("entities") / F.sum("entities").over(of_segment))
        .withColumn("place", F.row_number().over(ranked))
        .where(F.col("place") <= PLACES)
        .select("segment", "province", "entities", "share")
        .orderBy("segment", "place")
        .toPandas()
    )


def dependence(people: DataFrame, threshold: float) -> pd.DataFrame:
    """Sellers whose largest buyer has at least `threshold` of their GMV.

    Returns segment, entities, dependent (how many), gmv_dependent (what these buyers bring, as a share of the segment's
    GMV).
    """
    if "top_buyer_share" not in people.columns:
        return pd.DataFrame(columns=["segment", "entities", "dependent", "gmv_dependent"])
    depends = F.col("top_buyer_share") >= threshold
    gmv = F.try_divide(
        F.sum(F.when(depends, F.col("total_gmv") * F.col("top_buyer_share"))).cast("double"),
        F.sum("total_gmv").cast("double"),
    )
    return (
        people.where("segment > 0")
        .groupBy("segment")
        .agg(
            F.count("*").alias("entities"),
            F.count_if(depends).alias("dependent"),
            F.coalesce(gmv, F.lit(0.0)).alias("gmv_dependent"),
        )
        .orderBy("segment")
        .toPandas()
    )


def _edges(scale: Scale) -> list[float]:
    """The ends of its bins; what is nought but for rounding is nought.

    Of money as its logarithm the first bins are of a few units, beside millions: they stay as wide as they are.
    """
    marks: list[float] = scale.value_at(np.linspace(*scale.ends(), BINS + 1, dtype=np.float64)).tolist()
    marks[0], marks[-1] = scale.low, scale.high
    largest = max(map(abs, marks))
    return [0.0 if abs(mark) < NOUGHT * largest else mark for mark in marks]


def _bin(scale: Scale) -> Column:
    """The bin of a row, NULL where the feature is unknown."""
    low, high = scale.ends()
    part = (scale.coordinate() - F.lit(low)) / F.lit(high - low) * BINS
    return F.when(scale.value().isNotNull(), F.greatest(F.lit(0), F.least(F.floor(part), F.lit(BINS - 1)))).cast("int")
