"""How features and confidence are spread within segments, and where these are: counted where the entities are.

Each of these sends back a few rows per segment, however many entities there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.scales import FeatureScale

BINS = 32
PLACES = 5
NOUGHT = 1e-12  # of the largest


def counted(people: DataFrame, scales: Sequence[FeatureScale]) -> pd.DataFrame:
    """Entities by segment and by each thing that is told of them, in one query: kind, name, value, number, segment,
    entities.

    Of kind `bin` name is a feature and number its bin, see bins; of kind `confidence` number is the tenth; of kind
    `place` value is the province, unknown being one.
    """
    tenth = F.least(F.floor(F.col("confidence") * 10), F.lit(9))
    cells = [_cell("confidence", number=F.when(F.col("confidence").isNotNull(), tenth))]
    cells += [_cell("bin", F.lit(scale.name), number=_bin(scale)) for scale in _with_bins(scales)]
    if "province" in people.columns:
        cells.append(_cell("place", value=F.col("province")))
    return (
        people.where("segment > 0")
        .select("segment", F.inline(F.array(*cells)))
        .where((F.col("kind") == "place") | F.col("number").isNotNull())
        .groupBy("kind", "name", "value", "number", "segment")
        .agg(F.count("*").alias("entities"))
        .toPandas()
    )


def _cell(kind: str, name: Column | None = None, value: Column | None = None, number: Column | None = None) -> Column:
    parts = {"name": (name, "string"), "value": (value, "string"), "number": (number, "int")}
    cells = [
        (F.lit(None) if part is None else part).cast(kind_of).alias(called) for called, (part, kind_of) in parts.items()
    ]
    return F.struct(F.lit(kind).alias("kind"), *cells)


def bins(cells: pd.DataFrame, scales: Sequence[FeatureScale]) -> pd.DataFrame:
    """Entities by segment, feature and bin: feature, segment, bin, low, high (in the feature's units), entities.

    Bins are of equal width on the scale on which the feature was clustered; the first and the last hold what
    was pulled in to the rest as well. `cells` is what `counted` found with the same scales.
    """
    mine = cells[cells["kind"] == "bin"]
    count = {
        (name, int(segment), int(at)): int(entities)
        for name, segment, at, entities in zip(
            mine["name"], mine["segment"], mine["number"], mine["entities"], strict=True
        )
    }
    segments = sorted({segment for _, segment, _ in count})
    rows = [
        (scale.name, segment, at, low, high, count.get((scale.name, segment, at), 0))
        for scale in _with_bins(scales)
        for segment in segments
        for at, (low, high) in enumerate(pairwise(_edges(scale)))
    ]
    return pd.DataFrame(rows, columns=["feature", "segment", "bin", "low", "high", "entities"])


def confidence(cells: pd.DataFrame) -> pd.DataFrame:
    """segment, bin (tenths, 0 … 9) and entities, of those whose confidence is known."""
    mine = cells[cells["kind"] == "confidence"].rename(columns={"number": "bin"})[["segment", "bin", "entities"]]
    return mine.astype(int).sort_values(["segment", "bin"], ignore_index=True)


def places(cells: pd.DataFrame) -> pd.DataFrame:
    """The most frequent provinces of each segment (unknown being one): segment, province, entities, share."""
    mine = cells[cells["kind"] == "place"].rename(columns={"value": "province"})
    mine = mine[["segment", "province", "entities"]].reset_index(drop=True)
    mine["share"] = mine["entities"] / mine.groupby("segment")["entities"].transform("sum")
    # The first by name among equals, unknown last.
    mine = mine.sort_values("province", kind="stable", na_position="last")
    mine = mine.sort_values(["segment", "entities"], ascending=[True, False], kind="stable")
    return mine.groupby("segment").head(PLACES).reset_index(drop=True)


def _with_bins(scales: Sequence[FeatureScale]) -> list[FeatureScale]:
    """The scales of numbers that vary."""
    return [scale for scale in scales if not scale.is_text and scale.ends()[0] < scale.ends()[1]]


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


def _edges(scale: FeatureScale) -> list[float]:
    """The ends of its bins; what is nought but for rounding is nought.

    Of money as its logarithm the first bins are of a few units, beside millions: they stay as wide as they are.
    """
    marks: list[float] = scale.value_at(np.linspace(*scale.ends(), BINS + 1, dtype=np.float64)).tolist()
    marks[0], marks[-1] = scale.low, scale.high
    largest = max(map(abs, marks))
    return [0.0 if abs(mark) < NOUGHT * largest else mark for mark in marks]


def _bin(scale: FeatureScale) -> Column:
    """The bin of a row, NULL where the feature is unknown."""
    low, high = scale.ends()
    part = (scale.coordinate() - F.lit(low)) / F.lit(high - low) * BINS
    return F.when(scale.value().isNotNull(), F.greatest(F.lit(0), F.least(F.floor(part), F.lit(BINS - 1)))).cast("int")
