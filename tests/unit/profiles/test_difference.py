"""Tests of differences from counts, held to what SciPy says of the entities themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from segmentation.profiles.difference import above_the_rest, by_counts, by_ranks, holm

HOMES = [[71, 210, 90], [20, 190, 160], [9, 100, 250]]  # owner, renter, with parents; by segment


def test_counts_are_tested_as_scipy_does():
    found = by_counts(HOMES)
    assert found is not None and found.test == "chi2"
    assert found.p_value == pytest.approx(stats.chi2_contingency(HOMES).pvalue, rel=1e-9)
    assert found.effect == pytest.approx(stats.contingency.association(HOMES, method="cramer"))


def test_the_rest_is_a_row_like_any_other():
    assert by_counts(HOMES[:2], HOMES[2]) == by_counts(HOMES)


def test_two_by_two_is_not_corrected_for_being_small():
    found = by_counts([[40, 60], [60, 40]])
    assert found is not None
    assert found.p_value == pytest.approx(stats.chi2_contingency([[40, 60], [60, 40]], correction=False).pvalue)


def test_rare_values_are_put_together_until_the_test_holds():
    rare = [[2, 1, 1], [1, 2, 1], [1, 1, 2], [1, 1, 1]]  # of each no more than two are expected in any segment
    merged = [*HOMES, np.sum(rare, axis=0)]
    found = by_counts([*HOMES, *rare])
    assert found is not None
    assert found.p_value == pytest.approx(stats.chi2_contingency(merged).pvalue, rel=1e-9)


@pytest.mark.parametrize(
    "counts",
    [
        [[50, 60, 70]],  # one value
        [[50], [60]],  # one segment
        [[99, 99, 99], [1, 0, 1]],  # too few of the second to expect any
        [[1, 0], [0, 1]],
    ],
)
def test_what_cannot_be_tested_is_not(counts):
    assert by_counts(counts) is None


def test_numbers_are_tested_as_scipy_does():
    random = np.random.default_rng(2)
    segments = [random.poisson(level, size) for level, size in ((3, 40), (4, 200), (4, 90))]
    everyone = np.concatenate(segments)
    ranks = np.split(stats.rankdata(everyone), np.cumsum([len(each) for each in segments])[:-1])
    ties = sum(int(count) ** 3 - int(count) for count in np.unique(everyone, return_counts=True)[1])
    found = by_ranks([len(each) for each in segments], [float(each.sum()) for each in ranks], ties)
    expected = stats.kruskal(*segments)
    assert found is not None and found.test == "kruskal"
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.effect == pytest.approx((expected.statistic - 2) / (330 - 3))


def test_equal_numbers_differ_in_nothing():
    assert by_ranks([3, 3], [10.5, 10.5], 6**3 - 6) is None
    assert by_ranks([5], [15], 0) is None


def test_holms_correction():
    # Holm (1979): times 4, 3, 2, 1 in rising order, never below the one before.
    assert holm([0.04, 0.005, 0.03, 0.01]) == pytest.approx([0.06, 0.02, 0.06, 0.03])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("counts", "differs"),
    [
        ([[5200, 5000], [4800, 5000]], False),  # p below 0.01, but two points in a hundred
        ([[70, 30], [30, 70]], True),
        ([[8, 5], [5, 8]], False),  # far apart, but so few that chance does it
    ],
)
def test_a_difference_is_both_certain_and_large(counts, differs):
    found = by_counts(counts)
    assert found is not None and found.differs(found.p_value) == differs


def test_a_rate_is_held_against_all_others_as_scipy_does():
    hits, trials = [9, 3, 0], [150, 200, 90]
    for at, p_value in enumerate(above_the_rest(hits, trials)):
        own, others = (hits[at], trials[at]), (sum(hits) - hits[at], sum(trials) - trials[at])
        table = [[hit, of - hit] for hit, of in (own, others)]
        assert p_value == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)
