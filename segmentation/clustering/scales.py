"""How a feature becomes coordinates: constants fitted once, applied to any row, then or later.

A number becomes one coordinate, a text one per category (one-hot).

Fitting is NumPy on a bounded set of values; applying is a Spark Column expression of plain numbers, so that
a stored model scores new rows without MLlib and without the data that it was fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

from segmentation.plans import Feature

# Coordinates are rounded to multiples of 2^-20 (about 1e-6): sums of up to 2^27 of them are then exact in
# floating point, so that centres do not depend on the order in which partitions are added up.
GRID = 2.0**20
KNOTS = 64  # pieces of the curve of a quantile transform
ONE_HOT = "one_hot"
CATEGORIES = 10  # of a text that have a coordinate, the commonest; the others share the place where all are 0
LOPSIDED = 1.0  # skewness from which on a feature may be taken as its logarithm
RAREST = 0.01  # share of entities from which on a category has a coordinate
# Variance of all coordinates of one text together, where that of a number is 1. Groups made of a text's values
# take all of its variance away, and cutting a normal number in two takes 2/π = 0.64 of 1 away: at less than
# that a text never outvotes a number, unless its weight says so.
TEXT_VARIANCE = 0.5

Values = NDArray[np.float64]
Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class FeatureScale:
    """One coordinate: weight · (transform(clip(value, low, high)) - centre) / spread, unknown values filled.

    low, high and fill are in the feature's own units, centre and spread in transformed ones. knots is the
    piecewise linear curve (value, normal score) of a quantile transform, () for the others. spiked says that
    many entities share one value far from all others (no voucher at all). Of a text, category is the value
    that the coordinate stands for: 1 where the feature has it, 0 where it has another.
    """

    feature: str
    transform: str
    low: float
    high: float
    fill: float
    centre: float
    spread: float
    weight: float = 1.0
    spiked: bool = False
    knots: Knots = ()
    category: str | None = None

    @property
    def name(self) -> str:
        """The coordinate's name: the feature's, and of a text the category's too."""
        return self.feature if self.category is None else f"{self.feature} = {self.category}"

    @property
    def is_text(self) -> bool:
        """Whether the feature is a text."""
        return self.category is not None

    def value(self) -> Column:
        """The number that the coordinate is made from, NULL where the feature is unknown."""
        if self.category is None:
            return known_value(self.feature)
        return (F.col(self.feature) == self.category).cast("double")

    def value_in(self, seen: pd.DataFrame) -> Values:
        """The numbers that the coordinate is made from, one per row; NaN where unknown. The twin of `value`."""
        column = seen[self.feature]
        if self.category is None:
            return column.to_numpy(float)
        return np.where(column.isna(), np.nan, column == self.category).astype(float)

    def coordinate(self, value: Column | None = None) -> Column:
        """The coordinate of each row (or of `value` in the feature's units), never NULL, NaN or infinite."""
        known = F.coalesce(self.value() if value is None else value, F.lit(self.fill))
        shaped = self._transformed(self._pulled_in(known))
        scaled = (shaped - F.lit(self.centre)) / F.lit(self.spread) * F.lit(self.weight)
        return F.rint(scaled * F.lit(GRID)) / F.lit(GRID)

    def value_at(self, coordinates: Values) -> Values:
        """The feature's values at coordinates between the ends: the inverse of `applied`."""
        shaped = coordinates / self.weight * self.spread + self.centre
        if self.transform == "log1p":
            return np.sign(shaped) * np.expm1(np.abs(shaped))
        if self.transform == "sqrt":
            return np.sign(shaped) * shaped**2
        if self.transform == "quantile":
            x, y = np.array(self.knots).T
            return np.interp(shaped, y, x)
        return shaped

    def value_of(self, coordinate: Column) -> Column:
        """The feature's value at a coordinate, as a Column; NULL on a curve of quantiles."""
        shaped = coordinate / F.lit(self.weight) * F.lit(self.spread) + F.lit(self.centre)
        if self.transform == "log1p":
            return F.signum(shaped) * F.expm1(F.abs(shaped))
        if self.transform == "sqrt":
            return F.signum(shaped) * shaped * shaped
        return F.lit(None).cast("double") if self.transform == "quantile" else shaped

    def ends(self) -> tuple[float, float]:
        """The least and the greatest coordinate."""
        low, high = self.applied(np.array([self.low, self.high]))
        return float(low), float(high)

    def excess(self) -> Column:
        """How far the row's value was pulled in, in spreads of the feature; 0 where it was not, or is unknown."""
        if self.transform == "quantile" or self.is_text:  # beyond a curve's ends there is nothing
            return F.lit(0.0)
        known = F.coalesce(self.value(), F.lit(self.fill))
        return F.abs(self._transformed(known) - self._transformed(self._pulled_in(known))) / F.lit(self.spread)

    def excess_in(self, seen: pd.DataFrame) -> Values:
        """How far each row's value was pulled in, in spreads of the feature. The twin of `excess`."""
        value = self.value_in(seen)
        known = np.where(np.isnan(value), self.fill, value)
        ends = transformed(np.clip(known, self.low, self.high), self.transform, self.knots)
        return np.abs(transformed(known, self.transform, self.knots) - ends) / self.spread

    def applied(self, values: Values) -> Values:
        """The coordinates in NumPy, NaN where unknown: the twin of `coordinate`."""
        clipped = np.clip(np.where(np.isnan(values), self.fill, values), self.low, self.high)
        scaled = (transformed(clipped, self.transform, self.knots) - self.centre) / self.spread * self.weight
        return np.rint(scaled * GRID) / GRID

    def _pulled_in(self, known: Column) -> Column:
        return F.greatest(F.lit(self.low), F.least(F.lit(self.high), known))

    def _transformed(self, value: Column) -> Column:
        if self.transform == "log1p":
            return F.signum(value) * F.log1p(F.abs(value))
        if self.transform == "sqrt":
            return F.signum(value) * F.sqrt(F.abs(value))
        if self.transform == "quantile":
            return _curve(value, self.knots)
        return value


def _curve(value: Column, knots: Sequence[tuple[float, float]]) -> Column:
    """The piecewise linear curve through the knots: the first score and, per piece, the part climbed."""
    (_, score), *_ = knots
    climbed = F.lit(score)
    for (x0, y0), (x1, y1) in pairwise(knots):
        part = F.greatest(F.lit(0.0), F.least(F.lit(1.0), (value - F.lit(x0)) / F.lit(x1 - x0)))
        climbed = climbed + part * F.lit(y1 - y0)
    return climbed


def known_text(name: str) -> Column:
    """A text, NULL where it is unknown or blank."""
    text = F.trim(F.col(name).cast("string"))
    return F.when(text != "", text)


def known_value(name: str) -> Column:
    """A feature as a number, NULL where it is unknown, NaN or infinite."""
    value = F.col(name).cast("double")
    return F.when(~F.isnan(value) & (F.abs(value) != float("inf")), value)


def known_in(column: pd.Series, is_text: bool) -> pd.Series:
    """A feature as numbers, or as texts where it is one; NaN where unknown, blank or infinite."""
    if is_text:
        return column.map(lambda value: _as_text(value) or np.nan, na_action="ignore")
    return column.astype(float).replace([np.inf, -np.inf], np.nan)


def _as_text(value: object) -> str:
    """A value as Spark casts it to text, and trims it."""
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value).strip(" ")


def fit_scale(name: str, values: Values, feature: Feature, scaling: str, trim: float) -> FeatureScale:
    """Constants of one feature from its known values (at least two different ones, no NaN)."""
    low, high = _limits(values, feature.cap, trim)
    clipped = np.clip(values, low, high)
    transform = _suited(clipped) if feature.transform == "auto" else feature.transform
    knots = _knots(clipped) if transform == "quantile" else ()
    shaped = transformed(clipped, transform, knots)
    centre, spread = _centre_and_spread(shaped, scaling)
    return FeatureScale(
        feature=name,
        transform=transform,
        low=low,
        high=high,
        fill=float(np.median(values)),
        centre=centre,
        spread=spread,
        weight=feature.weight,
        knots=knots,
    )


def fit_text(name: str, values: pd.Series, feature: Feature) -> list[FeatureScale]:
    """One coordinate per common category of a text, from its known values; [] where none is common.

    Together they have the variance TEXT_VARIANCE · weight²; an unknown value lies at their means.
    """
    shares = values.value_counts(normalize=True)
    common = [(float(share), str(category)) for category, share in shares.items() if share >= RAREST]
    common.sort(key=lambda each: (-each[0], each[1]))  # the commonest first, equally common ones by name
    spread = float(np.sqrt(sum(share * (1 - share) for share, _ in common)))
    return [
        FeatureScale(
            feature=name,
            transform=ONE_HOT,
            low=0.0,
            high=1.0,
            fill=share,
            centre=share,
            spread=spread or 1.0,
            weight=feature.weight * TEXT_VARIANCE**0.5,
            spiked=True,
            category=category,
        )
        for share, category in common[:CATEGORIES]
    ]


def transformed(values: Values, transform: str, knots: Knots = ()) -> Values:
    """The transform in NumPy, the twin of FeatureScale's Column; log and root keep the sign of negative money."""
    if transform == "log1p":
        return np.sign(values) * np.log1p(np.abs(values))
    if transform == "sqrt":
        return np.sign(values) * np.sqrt(np.abs(values))
    if transform == "quantile":
        x, y = np.array(knots).T
        return np.interp(values, x, y)
    return values


def _suited(values: Values) -> str:
    """log1p for amounts and counts that are lopsided and less so as logarithms; none for all others.

    Of values on both sides of 0 a logarithm would make two heaps.
    """
    if values.min() < 0 or abs(_skewness(values)) < LOPSIDED:
        return "none"
    return "log1p" if abs(_skewness(np.log1p(values))) < abs(_skewness(values)) else "none"


def _skewness(values: Values) -> float:
    """Pearson's moment coefficient of skewness, g₁; 0 of a constant."""
    away = values - values.mean()
    spread = float(np.sqrt((away**2).mean()))
    return float((away**3).mean()) / spread**3 if spread > 0 else 0.0


def _limits(values: Values, cap: float | None, trim: float) -> tuple[float, float]:
    """Where values are cut: at most the trimmed share lies beyond either limit, and above also the cap's.

    A cut that would leave only one value takes nothing away.
    """
    low = float(np.quantile(values, trim, method="lower"))
    high = float(np.quantile(values, 1 - trim, method="higher"))
    high = min(high, float(np.quantile(values, cap))) if cap is not None else high
    return (low, high) if low < high else (float(values.min()), float(values.max()))


def _centre_and_spread(shaped: Values, scaling: str) -> tuple[float, float]:
    """Median and interquartile range, or mean and population standard deviation; 1 where nothing spreads."""
    if scaling == "robust":
        low, median, high = np.quantile(shaped, [0.25, 0.5, 0.75])
        if high > low:
            return float(median), float(high - low)
    return float(shaped.mean()), float(shaped.std()) or 1.0


def _knots(values: Values) -> Knots:
    """Normal scores of mid-ranks at up to KNOTS + 1 quantiles; tied values share one score."""
    distinct, counts = np.unique(values, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / len(values)
    at = np.unique(np.searchsorted(middle, np.linspace(middle[0], middle[-1], KNOTS + 1)))
    return tuple((float(distinct[i]), NormalDist().inv_cdf(float(middle[i]))) for i in at)
