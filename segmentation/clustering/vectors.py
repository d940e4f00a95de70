"""Features of entities → points in space, and the constants that put later entities into the same space."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, StringType

from segmentation.clustering.means import Points
from segmentation.clustering.population import Population
from segmentation.clustering.reasons import Reason
from segmentation.clustering.scales import (
    CATEGORIES,
    RAREST,
    FeatureScale,
    fit_scale,
    fit_text,
    known_text,
    known_value,
)
from segmentation.clustering.weights import weigh
from segmentation.plans import FeaturePlan

FITTED_ON = 100_000  # entities that constants are fitted on; of more, a fixed sample of as many
WEIGHED_ON = 5_000  # of these, entities that weights are found on
Sample = tuple[pd.DataFrame, int]  # some rows, and how many there are in all
PLACES = 1_000_003  # a sample is drawn by the hashes of ids modulo this
PER_PARTITION = 50_000  # entities
# Share of entities that a text's commonest values must hold: a text of many values tells ids, not kinds.
MIN_SHARE_OF_TOP_VALUES = 0.5
OUTLYING = 1.0  # spreads beyond the ends, over all coordinates together, from which on a row is an outlier
MARGIN = 0.05  # share of numbers at either end that are not looked at
ROOM = 2  # how many times as wide as so many numbers in a row the range of ids may be
MIN_NUMBERS = 20  # numbers from which on it is no coincidence that they run on


@dataclass(frozen=True)
class DroppedFeature:
    """A feature that was left out, and the sentence that says why (see reasons.py)."""

    feature: str
    reason: str


@dataclass(frozen=True)
class Vectors:
    """Entities as points.

    frame: one row per entity: id (string), point (array of one coordinate per scale), features (the same as a
    vector), outlier (whether its values together were pulled in far). sample: id and features of those entities that
    the constants were fitted on, unknown ones NaN, in an order by hash: any head of it is a fixed sample. count
    entities in all; distinct points in the sample; imputed is the share of unknown values per feature that has
    any; correlations is Pearson's r between coordinates.
    """

    frame: DataFrame
    sample: pd.DataFrame
    scales: tuple[FeatureScale, ...]
    dropped: tuple[DroppedFeature, ...]
    imputed: dict[str, float]
    correlations: tuple[tuple[float, ...], ...]
    count: int
    distinct: int

    @property
    def features(self) -> list[str]:
        """Names of the coordinates, in order."""
        return [scale.name for scale in self.scales]

    @property
    def blocks(self) -> list[list[int]]:
        """Positions of the coordinates of each feature."""
        return blocks_of(self.scales)

    def points(self, size: int) -> Points:
        """Entities × coordinates of a fixed sample of at most `size`."""
        return to_points(self.sample.head(size), self.scales)

    def population(self, frame: DataFrame) -> Population:
        """All entities; `frame` is `self.frame`, or that as it is cached."""
        is_all = len(self.sample) >= self.count
        at_hand = (to_points(self.sample, self.scales), outliers(self.sample, self.scales)) if is_all else None
        return Population(frame, at_hand)


def to_vectors(features: DataFrame, plan: FeaturePlan, id: str) -> Vectors:
    """Points of the entities in `features` (those with a sale; NULL is unknown), scaled by the plan."""
    names = list(plan.features)
    texts = {name for name in names if isinstance(features.schema[name].dataType, StringType | BooleanType)}
    values = known_values(features, id, names, texts)
    seen, count = sampled(values, FITTED_ON)
    reasons = {name: why_left_out(name, seen[name], plan.min_variation, count) for name in names}
    scales = fit_scales(seen[[name for name in names if reasons[name] is None]], plan)
    points = to_points(seen, scales)
    return Vectors(
        frame=placed(values, scales, count),
        sample=seen,
        scales=scales,
        dropped=tuple(DroppedFeature(name, str(reason)) for name, reason in reasons.items() if reason),
        imputed={scale.feature: share for scale in scales if (share := float(seen[scale.feature].isna().mean()))},
        correlations=_correlations(points),
        count=count,
        distinct=len(np.unique(points, axis=0)) if scales else min(count, 1),
    )


def blocks_of(scales: Sequence[FeatureScale]) -> list[list[int]]:
    """Positions of the coordinates of each feature."""
    found: dict[str, list[int]] = {}
    for axis, scale in enumerate(scales):
        found.setdefault(scale.feature, []).append(axis)
    return list(found.values())


def known_values(features: DataFrame, id: str, names: Sequence[str], texts: Collection[str]) -> DataFrame:
    """id (string) and features, as numbers or as texts, NULL where unknown."""
    return features.select(F.col(id).cast("string").alias("id"), *_known(names, texts))


def values_of(features: DataFrame, scales: Sequence[FeatureScale], id: str, *more: str) -> DataFrame:
    """id (string), the columns `more`, and each feature that a scale is of once, NULL where unknown."""
    return features.select(F.col(id).cast("string").alias("id"), *known_of(scales, *more))


def known_of(scales: Sequence[FeatureScale], *more: str) -> list[Column]:
    """The columns `more`, then the features that scales are of, each once: as numbers or texts, NULL where unknown."""
    texts = {scale.feature for scale in scales if scale.is_text}
    return _known([*more, *dict.fromkeys(scale.feature for scale in scales)], texts)


def _known(names: Iterable[str], texts: Collection[str]) -> list[Column]:
    return [(known_text(name) if name in texts else known_value(name)).alias(name) for name in names]


def point_of(scales: Sequence[FeatureScale]) -> Column:
    """The coordinates of a row of known features, as an array; one of nought where there are no scales."""
    return F.array(*[scale.coordinate() for scale in scales]) if scales else F.array(F.lit(0.0))


def fit_scales(seen: pd.DataFrame, plan: FeaturePlan) -> tuple[FeatureScale, ...]:
    """Scales of the columns of `seen`, weighed by how much each has to say of groups."""
    scales: list[FeatureScale] = []
    for name in seen.columns:
        known, feature = seen[name].dropna(), plan.features[name]
        if is_text(known):
            scales += fit_text(name, known, feature)
        else:
            scales.append(fit_scale(name, known.to_numpy(float), feature, plan.scaling, plan.trim))
    few = seen.head(WEIGHED_ON)
    values = np.column_stack([scale.value_in(few) for scale in scales]) if scales else np.empty((len(few), 0))
    return weigh(scales, values, to_points(few, scales))


def to_points(seen: pd.DataFrame, scales: Sequence[FeatureScale]) -> Points:
    """Entities × scales in NumPy: what `placed` makes in Spark."""
    axes = [scale.applied(scale.value_in(seen)) for scale in scales]
    return np.column_stack(axes) if axes else np.empty((len(seen), 0))


def placed(values: DataFrame, scales: Sequence[FeatureScale], count: int) -> DataFrame:
    """id, point, features and outlier of rows of id and features, in an order that only the entities decide.

    MLlib seeds k-means|| by partition and adds up in the order of rows: partitions by number and hash of id
    (never by the cluster's cores) and sorted rows make fits repeatable.
    """
    return (
        values.select("id", point_of(scales).alias("point"), _is_outlier(scales).alias("outlier"))
        .select("id", "point", array_to_vector(F.col("point")).alias("features"), "outlier")
        .repartition(max(1, ceil(count / PER_PARTITION)), "id")
        .sortWithinPartitions("id")
    )


def sampled(frame: DataFrame, size: int) -> Sample:
    """A fixed sample of `size` rows, and how many there are in all: where there are no more, by one query."""
    found = frame.select("*", _place()).limit(size + 1).toPandas()
    if len(found) <= size:
        return _in_order(found), len(found)
    count = frame.count()
    return fixed_sample(frame, count, size), count


def fixed_sample(frame: DataFrame, count: int, size: int) -> pd.DataFrame:
    """`size` of the `count` rows (all, where there are no more), the same ones whatever their order.

    Those whose ids have the lowest hashes, in the order of hashes: the first rows of it are a smaller fixed sample.
    """
    enough = F.pmod("_place", F.lit(PLACES)) < ceil(PLACES * min(1.0, size / max(count, 1) * 1.2 + 1e-4))
    rows = frame.select("*", _place())
    return _in_order((rows.where(enough) if count > size else rows).toPandas()).head(size)


def _place() -> Column:
    return F.xxhash64(F.col("id")).alias("_place")


def _in_order(found: pd.DataFrame) -> pd.DataFrame:
    found["_place"] = found["_place"] % PLACES
    return found.sort_values(["_place", "id"], ignore_index=True).drop(columns="_place")


def why_left_out(name: str, values: pd.Series, min_variation: float, count: int | None = None) -> Reason | None:
    """The reason to leave a feature out, or None. `values` may be a sample of `count`."""
    known = values.dropna()
    if known.empty:
        return Reason.of("unknown", feature=name)
    commonest = known.value_counts()
    varying = 1 - int(commonest.iloc[0]) / len(known)
    if varying < min_variation or len(commonest) == 1:
        value = commonest.index[0] if is_text(known) else f"{commonest.index[0]:,.10g}"
        return Reason.of("hardly_varies", feature=name, share=1 - varying, value=value)
    if is_text(known):
        return _why_too_many(name, commonest)
    if is_running_number(known, len(known) if count is None else len(known) * count // max(len(values), 1)):
        return Reason.of("running_number", feature=name)
    return None


def _why_too_many(name: str, counts: pd.Series) -> Reason | None:
    """The reason to leave out a text with too many values, given how often each occurs, or None."""
    all_known = int(counts.sum())
    if counts.iloc[0] < RAREST * all_known:
        return Reason.of("none_shared", feature=name, values=len(counts))
    held = int(counts.iloc[:CATEGORIES].sum()) / all_known
    if held < MIN_SHARE_OF_TOP_VALUES:
        return Reason.of("few_shared", feature=name, values=len(counts), top=CATEGORIES, share=held)
    return None


def is_running_number(known: pd.Series, count: int) -> bool:
    """Whether numbers are whole, all different, and lie next to each other: a customer number, say.

    Of a sample, that lie as near to each other as so many numbers do of `count` in a row.
    """
    numbers = known.to_numpy(float)
    if len(numbers) < MIN_NUMBERS or (numbers != np.rint(numbers)).any() or len(np.unique(numbers)) < len(numbers):
        return False
    if count <= len(numbers):
        return bool(np.median(np.diff(np.sort(numbers))) == 1)
    low, high = np.quantile(numbers, [MARGIN, 1 - MARGIN])  # a few may have been given numbers of their own
    return bool(high - low <= ROOM * (1 - 2 * MARGIN) * count)


def is_text(values: pd.Series) -> bool:
    """Whether known values are texts, not numbers."""
    return not pd.api.types.is_numeric_dtype(values)


def _is_outlier(scales: Sequence[FeatureScale]) -> Column:
    """Whether a row's values together lie far beyond the ends to which they were pulled in.

    Together: the root of the mean square over all coordinates. A group of 2 % that is apart in every feature lies half
    beyond the ends in each of them, and nearly all of it in some; but nowhere far, for it keeps together. A row that
    is there by error or accident lies many spreads beyond.
    """
    if not scales:
        return F.lit(False)
    squares = reduce(Column.__add__, [scale.excess() * scale.excess() for scale in scales])
    return F.sqrt(squares / F.lit(float(len(scales)))) > F.lit(OUTLYING)


def outliers(seen: pd.DataFrame, scales: Sequence[FeatureScale]) -> NDArray[np.bool_]:
    """Which rows of features are outliers, as `_is_outlier` has it of a Column."""
    if not scales:
        return np.zeros(len(seen), dtype=bool)
    squares = np.mean([scale.excess_in(seen) ** 2 for scale in scales], axis=0)
    return np.asarray(np.sqrt(squares) > OUTLYING)


def _correlations(points: Points) -> tuple[tuple[float, ...], ...]:
    if len(points) < 2 or not points.shape[1]:
        return ()
    pearson = np.atleast_2d(np.corrcoef(points, rowvar=False))
    return tuple(tuple(round(float(r), 4) for r in row) for row in np.nan_to_num(pearson))
