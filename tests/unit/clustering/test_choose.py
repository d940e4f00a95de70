"""The choice among fits, as a table of figures and what is to come of them."""

from __future__ import annotations

import pytest

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.choose import choose
from segmentation.clustering.fits import Fit
from segmentation.clustering.reasons import Reason
from segmentation.plans import GatePlan

GATE = GatePlan(min_above_chance=0.05, tie_margin=0.02)


def _fit(k, *, method="kmeans", smallest=0.2, outliers=0.0, stability=0.95, above=0.3, separation=0.1, back=None):
    sizes = (round(1000 * smallest), *[(1000 - round(1000 * smallest)) // (k - 1)] * (k - 1))
    pulled = (round(sizes[0] * outliers), *[0] * (k - 1))
    return Fit(
        method, k, Centroids(tuple((float(i),) for i in range(k))), sizes, pulled,
        100.0, 0.4 + above, 0.4, stability, separation=separation, stable_resamples=back,
    )  # fmt: skip


LOOSE = {"stability": 0.4}
SLICES = {"above": 0.0}
CUT = {"separation": 0.9}


@pytest.mark.parametrize(
    ("fits", "verdict", "k"),
    [
        pytest.param([_fit(2, **SLICES), _fit(3), _fit(4, **CUT)], "natural", 3, id="the only one admitted"),
        pytest.param([_fit(2), _fit(3), _fit(4, **LOOSE)], "natural", 3, id="the finer of two"),
        pytest.param([_fit(2), _fit(3, above=0.1)], "natural", 3, id="finer though less far above chance"),
        pytest.param([_fit(2, **CUT), _fit(3, **CUT)], "tiers", 3, id="no gaps"),
        pytest.param([_fit(3, above=0.04)], "tiers", 3, id="hardly above chance"),
        pytest.param(
            [_fit(2, **SLICES, stability=0.99), _fit(3, **SLICES, stability=0.8), _fit(4, **SLICES, stability=0.9)],
            "tiers", 4, id="the most stable within the range of tiers",
        ),
        pytest.param([_fit(3, back=14)], "tiers", 3, id="other groups in six resamples of twenty"),
        pytest.param([_fit(3, back=15)], "natural", 3, id="the same groups in fifteen"),
        pytest.param([_fit(3, **SLICES), _fit(4, **SLICES)], "tiers", 3, id="equally stable: the fewer"),
        pytest.param([_fit(2, **SLICES), _fit(6, **SLICES)], "none", None, id="no slices in the range"),
        pytest.param([_fit(2, smallest=0.005), _fit(3, **LOOSE)], "none", None, id="a giant and the rest"),
        pytest.param([_fit(2, outliers=0.8)], "none", None, id="made of outliers"),
        pytest.param([Fit("kmeans", 2, untried=Reason.of("few_different", different=1, k=2))], "none", None, id="nothing tried"),
        pytest.param([], "none", None, id="nothing at all"),
    ],
)  # fmt: skip
def test_choices(fits, verdict, k):
    choice = choose(fits, GATE)
    assert (choice.verdict, choice.fit and choice.fit.k) == (verdict, k)
    assert [row["chosen"] for row in choice.rows()].count(True) == (1 if k else 0)


def test_of_methods_with_one_k_the_furthest_above_chance_wins():
    fits = [_fit(3, above=0.2), _fit(3, method="bisecting_kmeans", above=0.3)]
    assert choose(fits, GATE).fit is fits[1]
    tied = [_fit(3, above=0.29), _fit(3, method="bisecting_kmeans", above=0.28)]
    assert choose(tied, GATE).fit is tied[0]


@pytest.mark.parametrize(
    ("fit", "reason"),
    [
        (_fit(2, smallest=0.005), "the smallest segment holds 0.50%, less than 1.00%"),
        (_fit(2, outliers=0.8), "a segment is made of outliers: 80% of it, more than 75%"),
        (_fit(2, stability=0.7), "not stable: 0.70 over resamples, less than 0.75"),
        (_fit(2, back=11), "not the same groups again: all came back from 11 of 20 resamples, fewer than 75%"),
        (_fit(2, above=0.01), "no better than chance: silhouette 0.410 against 0.400 without groups"),
        (_fit(2, separation=0.9), "two segments are one group cut in two: between them it is 90% as dense"),
        (Fit("kmeans", 2, untried=Reason.of("no_feature_varies")), "not tried: no feature varies"),
    ],
)
def test_a_k_that_fails_has_its_reason(fit, reason):
    (row,) = choose([fit], GATE).rows()
    assert row["reason"].startswith(reason)
    assert not row["admitted"]


def test_a_smaller_k_that_passes_too_is_called_lumped():
    rows = choose([_fit(2), _fit(3)], GATE).rows()
    assert [(row["k"], row["admitted"], row["chosen"]) for row in rows] == [(2, False, False), (3, True, True)]
    assert rows[0]["reason"] == "groups lumped together: k = 3 tells more apart and passes as well"


@pytest.mark.parametrize(
    ("forced", "verdict", "k", "said"),
    [
        (2, "none", 2, "2 segments, as the config asks, but not stable"),
        (3, "natural", 3, "3 segments, as the config asks, and it passes every gate."),
        (4, "tiers", 4, "4 segments, as the config asks, but no better than chance"),
        (5, "none", None, "One segment of everyone: only 4 different entities, fewer than k = 5."),
        (1, "none", None, "One segment of everyone: the config asks for one segment."),
    ],
)
def test_a_forced_k_is_obeyed_and_judged(forced, verdict, k, said):
    fits = [
        _fit(2, **LOOSE),
        _fit(3),
        _fit(4, **SLICES),
        Fit("kmeans", 5, untried=Reason.of("few_different", different=4, k=5)),
    ]
    choice = choose(fits, GATE, forced)
    assert (choice.verdict, choice.fit and choice.fit.k) == (verdict, k)
    assert choice.sentence.startswith(said)


def test_tiers_of_what_chance_deals_out_are_none():
    choice = choose([_fit(3, **SLICES), _fit(4, **LOOSE)], GATE, alike=True)
    assert (choice.verdict, choice.fit) == ("none", None)
    assert "orders dealt out at random would differ as much" in choice.sentence
    forced = choose([_fit(3, **SLICES)], GATE, forced=3, alike=True)
    assert (forced.verdict, forced.fit.k) == ("none", 3)


def test_groups_with_gaps_are_groups_however_orders_are_dealt_out():
    assert choose([_fit(3)], GATE, alike=True).verdict == "natural"
