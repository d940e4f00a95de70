"""Whether segments differ in an attribute by more than chance would bring about: tests on counts, by SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

CHANCE = 0.05  # an adjusted p below this is no chance
MATTERS = {"chi2": 0.1, "kruskal": 0.01}  # effects from here on: a hundredth of what can be explained, in both
EXPECTED, OF_CELLS, LEAST = 5.0, 0.8, 1.0  # Cochran: so many expected in so many of the cells, and in each at least one


@dataclass(frozen=True)
class TestResult:
    """A test's name, its p-value, and the size of the difference: 0 none, 1 all."""

    test: str
    p_value: float
    effect: float

    def differs(self, p_adjusted: float) -> bool:
        """Whether there is a difference, by its p-value after the correction, and whether it is large enough to matter.

        >>> TestResult("chi2", 0.001, 0.3).differs(0.01), TestResult("chi2", 0.001, 0.02).differs(0.01)
        (True, False)
        """
        return p_adjusted < CHANCE and self.effect >= MATTERS[self.test]


def by_counts(values: ArrayLike, rest: ArrayLike | None = None) -> TestResult | None:
    """Pearson's chi-squared test of how many have which value: a row per value, a column per segment; its effect is
    Cramér's V.

    The rarest values join the rest (the row of all others, if there is one) for as long as too few would be expected
    of them for the test to hold. None where fewer than two values or segments are left.

    >>> by_counts([[30, 10], [10, 30]]).effect
    0.5
    """
    counts = np.atleast_2d(np.asarray(values, dtype=float))
    counts = counts[np.argsort(counts.sum(axis=1), kind="stable")[::-1]]
    others = np.zeros(counts.shape[1]) if rest is None else np.asarray(rest, dtype=float)
    while len(counts):
        table = _without_nothing(np.vstack([counts, others]))
        if min(table.shape) < 2:
            return None
        expected = stats.contingency.expected_freq(table)
        if expected.min() >= LEAST and np.mean(expected >= EXPECTED) >= OF_CELLS:
            chi2, p_value, *_ = stats.chi2_contingency(table, correction=False)
            return TestResult("chi2", float(p_value), float(np.sqrt(chi2 / table.sum() / (min(table.shape) - 1))))
        others, counts = others + counts[-1], counts[:-1]
    return None


def by_ranks(known: Sequence[float], ranks: Sequence[float], ties: float) -> TestResult | None:
    """The Kruskal-Wallis test of a number, from how many of each segment it is known and the sum of their ranks (equal
    values share their mean rank); its effect is eta squared.

    `ties` is the sum of t³ - t over the values that t entities share. None where all are equal, or in one segment.

    >>> round(by_ranks([2, 2], [3, 7], 0).p_value, 4)
    0.1213
    """
    count, total = np.asarray(known, dtype=float), float(sum(known))
    untied = 1 - ties / (total**3 - total) if total > 1 else 0.0
    groups = len(count)
    if groups < 2 or untied <= 0:
        return None
    apart = np.asarray(ranks, dtype=float) / count - (total + 1) / 2
    h = 12 / (total * (total + 1)) * float(np.sum(count * apart**2)) / untied
    effect = (h - groups + 1) / (total - groups) if total > groups else 0.0
    return TestResult("kruskal", float(stats.chi2.sf(h, groups - 1)), max(0.0, effect))


def above_the_rest(hits: Sequence[int], trials: Sequence[int]) -> list[float]:
    """The p-values of Fisher's exact test, of each group's rate being above that of all others together.

    Given as many hits in all, a group's are hypergeometric if its rate is that of the rest.

    >>> [round(p, 4) for p in above_the_rest([3, 0], [3, 3])]
    [0.05, 1.0]
    """
    everything, hit = sum(trials), sum(hits)
    return [float(stats.hypergeom.sf(own - 1, everything, hit, of)) for own, of in zip(hits, trials, strict=True)]


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values after Holm's correction for as many tests as there are.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for place, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        largest = max(largest, (len(p_values) - place) * p_values[at])
        adjusted[at] = min(1.0, largest)
    return adjusted


def _without_nothing(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table without rows and columns of zeros."""
    found = counts[counts.sum(axis=1) > 0]
    return found[:, found.sum(axis=0) > 0]
