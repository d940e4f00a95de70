"""How one feature becomes one coordinate: constants fitted once, applied to any row, then or later.

Fitting is NumPy on a bounded set of values; applying is a Spark Column expression of plain numbers, so that
a stored model scores new rows without MLlib and without the data that it was fitted on.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

from segmentation.plans import Feature

# Coordinates are rounded to multiples of 2^-20 (about 1e-6): sums of up to 2^27 of them are then exact in
# floating point, so that centres do not depend on the order in which partitions are added up.
GRID = 2.0**20
KNOTS = 64  # pieces of the curve of a quantile transform

Values = NDArray[np.float64]
Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Scale:
    """One coordinate: weight · (transform(clip(value, low, high)) - centre) / spread, unknown values filled.

    low, high and fill are in the feature's own units, centre and spread in transformed ones. knots is the
    piecewise linear curve (value, normal score) of a quantile transform, () for the others. spiked says that
    many entities share one value far from all others (no voucher at all).
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

    def coordinate(self) -> Column:
        """The coordinate of each row, never NULL, NaN or infinite."""
        known = F.coalesce(known_value(self.feature), F.lit(self.fill))
        clipped = F.greatest(F.lit(self.low), F.least(F.lit(self.high), known))
        scaled = (self._transformed(clipped) - F.lit(self.centre)) / F.lit(self.spread) * F.lit(self.weight)
        return F.rint(scaled * F.lit(GRID)) / F.lit(GRID)

    def is_outlier(self) -> Column:
        """Whether the row's value was pulled in to the rest."""
        value = known_value(self.feature)
        return F.coalesce((value < self.low) | (value > self.high), F.lit(False))

    def applied(self, values: Values) -> Values:
        """The coordinates in NumPy, NaN where unknown: the twin of `coordinate`."""
        clipped = np.clip(np.where(np.isnan(values), self.fill, values), self.low, self.high)
        scaled = (transformed(clipped, self.transform, self.knots) - self.centre) / self.spread * self.weight
        return np.rint(scaled * GRID) / GRID

    def _transformed(self, value: Column) -> Column:
        if self.transform == "log1p":
            return F.signum(value) * F.log1p(F.abs(value))
        if self.transform == "sqrt":
            return F.signum(value) * F.sqrt(F.abs(value))
        if self.transform == "quantile":
            return self._curve(value)
        return value

    def _curve(self, value: Column) -> Column:
        """The piecewise linear curve through the knots: the first score and, per piece, the part climbed."""
        (_, score), *_ = self.knots
        climbed = F.lit(score)
        for (x0, y0), (x1, y1) in zip(self.knots, self.knots[1:], strict=False):
            part = F.greatest(F.lit(0.0), F.least(F.lit(1.0), (value - F.lit(x0)) / F.lit(x1 - x0)))
            climbed = climbed + part * F.lit(y1 - y0)
        return climbed


def known_value(name: str) -> Column:
    """A feature as a number, NULL where it is unknown, NaN or infinite."""
    value = F.col(name).cast("double")
    return F.when(~F.isnan(value) & (F.abs(value) != float("inf")), value)


def fit_scale(name: str, values: Values, feature: Feature, scaling: str, trim: float) -> Scale:
    """Constants of one feature from its known values (at least two different ones, no NaN)."""
    low, high = _limits(values, feature.cap, trim)
    clipped = np.clip(values, low, high)
    knots = _knots(clipped) if feature.transform == "quantile" else ()
    shaped = transformed(clipped, feature.transform, knots)
    centre, spread = _centre_and_spread(shaped, scaling)
    return Scale(
        feature=name,
        transform=feature.transform,
        low=low,
        high=high,
        fill=float(np.median(values)),
        centre=centre,
        spread=spread,
        weight=feature.weight,
        knots=knots,
    )


def transformed(values: Values, transform: str, knots: Knots = ()) -> Values:
    """The transform in NumPy, the twin of Scale's Column; log and root keep the sign of negative money."""
    if transform == "log1p":
        return np.sign(values) * np.log1p(np.abs(values))
    if transform == "sqrt":
        return np.sign(values) * np.sqrt(np.abs(values))
    if transform == "quantile":
        x, y = np.array(knots).T
        return np.interp(values, x, y)
    return values


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
