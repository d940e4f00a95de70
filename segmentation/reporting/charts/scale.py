"""Where values stand on an axis that is straight, or logarithmic where they span much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDE_SPREAD = 40.0  # the largest over the smallest, from which an axis is logarithmic
ZERO_AT = 0.06  # how much of a logarithmic axis is kept for nought, which has no place on it
INSET = 8  # pixels
TICKS_APART = 52  # pixels
FINER = (2.0, 4.0, 8.0, 16.0)  # into how many parts an axis is divided that lacks ticks, one after the other


@dataclass(frozen=True)
class Scale:
    """From values to pixels.

    >>> Scale([0, 50, 100], left=0, width=116)(50)
    58.0
    >>> Scale([0, 50, 100], left=0, width=116).ticks
    [0.0, 25.0, 50.0, 75.0, 100.0]
    >>> Scale([1, 1000], left=0, width=116).ticks
    [1.0, 10.0, 100.0, 1000.0]
    """

    values: Sequence[float]
    left: float
    width: float

    def __call__(self, value: float) -> float:
        return self.left + INSET + (self.width - 2 * INSET) * min(max(self._part(value), 0.0), 1.0)

    @property
    def ticks(self) -> list[float]:
        """Three to six round values."""
        low, high = self._ends
        if not self._logarithmic:
            step = _round_step(high / 4)
            return [step * at for at in range(int(high / step + 1e-9) + 1)]
        first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
        every = max(1, -(-(last - first + 1) // 4))
        decades = [10.0**power for power in range(last, first - 1, -every)][::-1]
        if len(decades) < 2:
            between = (size * 10.0**power for power in range(first - 1, last + 1) for size in (1, 2, 5))
            decades = [value for value in between if low <= value <= high]
        return [0.0, *decades] if self._has_zero else decades

    @property
    def _ends(self) -> tuple[float, float]:
        positive = [value for value in self.values if value > 0]
        return min(positive, default=1.0), max(positive, default=1.0)

    @property
    def _has_zero(self) -> bool:
        return min(self.values) <= 0

    @property
    def _logarithmic(self) -> bool:
        low, high = self._ends
        return high / low > WIDE_SPREAD

    def _part(self, value: float) -> float:
        low, high = self._ends
        if not self._logarithmic or value <= 0:
            return value / high
        start = ZERO_AT if self._has_zero else 0.0
        return start + (1 - start) * math.log(value / low) / math.log(high / low)


@dataclass(frozen=True)
class Steps:
    """The same for an axis that is given by its marks, which are equally far apart on it.

    >>> axis = Steps([0, 1, 10, 100], left=0, width=316)
    >>> axis(10), axis(55), axis(1e9)
    (208.0, 258.0, 308.0)
    >>> axis.ticks
    [0.0, 1.0, 10.0, 100.0]
    """

    marks: Sequence[float]
    left: float
    width: float

    def __call__(self, value: float) -> float:
        return float(self.places(np.array([value]))[0])

    def places(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where many values stand."""
        ends = self.left + INSET, self.left + self.width - INSET
        placed: NDArray[np.float64] = np.interp(values, self.marks, np.linspace(*ends, len(self.marks)))
        return placed

    @property
    def ticks(self) -> list[float]:
        """Round values that are not too near to each other: nought and powers of ten first, and finer ones where fewer
        than two of these are there; even steps where there are but two marks."""
        low, high = self.marks[0], self.marks[-1]
        if len(self.marks) == 2:
            even = [_even(low, high, parts) for parts in (max(2.0, self.width / TICKS_APART), *FINER)]
            return next((values for values in even if len(values) > 1), even[0])
        found: list[float] = []
        for value in self._round_values():
            if all(abs(self(value) - self(other)) >= TICKS_APART for other in found):
                found.append(value)
        for parts in FINER:
            for value in _even(low, high, parts) if len(found) < 2 else ():
                if all(abs(self(value) - self(other)) >= TICKS_APART for other in found):
                    found.append(value)
        return sorted(found)

    def _round_values(self) -> list[float]:
        low, high = self.marks[0], self.marks[-1]
        top = math.ceil(math.log10(max(abs(low), abs(high), 1e-12)))
        powers = range(top, top - 12, -1)
        values = [0.0, *(size * 10.0**power for size in (1, 5, 2) for power in powers)]
        signed = [sign * value for value in values for sign in ((1, -1) if value and low < 0 else (1,))]
        return [value for value in signed if low <= value <= high]


def _even(low: float, high: float, parts: float) -> list[float]:
    """Multiples of a round step between two values, which it divides into so many parts or fewer.

    >>> _even(60, 180, 2), _even(60, 180, 4)
    ([100.0], [100.0, 150.0])
    """
    step = _round_step(max((high - low) / parts, 1e-12))
    return [step * at for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * size for size in (1.0, 2.0, 2.5, 5.0, 10.0) if power * size >= least * (1 - 1e-9))
