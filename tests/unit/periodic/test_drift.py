"""Whether entities still are what a model was fitted on, by shares that were thought out."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from segmentation.clustering.baseline import SampleStatistics
from segmentation.periodic.drift import THRESHOLDS, by_chance, findings, has_drifted, in_season, psi

MANY = 10_000
HALVES = (0.5, 0.5)


def figures(recency, orders=HALVES, segments=HALVES, unsure=0.1, silhouette=0.6, count=MANY):
    return SampleStatistics(count, {"recency_days": recency, "count_orders": orders}, segments, unsure, silhouette)


DECEMBER = figures((0.8, 0.2))
JANUARY = figures((0.3, 0.7), segments=(0.2, 0.8), unsure=0.25, silhouette=0.45)


def by_name(found):
    return {each.of or each.kind: each for each in found if each.level}


def test_the_index_by_hand():
    # (0.75 - 0.5) ln 1.5 + (0.25 - 0.5) ln 0.5
    assert psi(HALVES, (0.75, 0.25)) == pytest.approx(0.25 * log(1.5) + 0.25 * log(2))
    assert psi(HALVES, HALVES) == 0
    assert psi((0.75, 0.25), HALVES) == pytest.approx(psi(HALVES, (0.75, 0.25)))  # the same both ways
    # A bin that nobody was in has a share of one in ten thousand, so that the index is a number.
    assert psi((1.0, 0.0), HALVES) == pytest.approx(-0.5 * log(0.5) + 0.4999 * log(5000))


def test_what_is_the_same_has_not_drifted():
    found = findings(DECEMBER, DECEMBER)
    assert {each.value for each in found} == {0.0}
    assert {each.level for each in found if each.level} == {"steady"}
    assert not has_drifted(found)


def test_every_figure_has_its_threshold():
    found = by_name(findings(DECEMBER, JANUARY))
    assert {name: each.level for name, each in found.items()} == {
        "recency_days": "drifted", "count_orders": "steady", "segments": "drifted", "unsure": "drifted",
        "silhouette": "drifted",
    }  # fmt: skip
    assert found["unsure"].value == pytest.approx(0.15) and found["silhouette"].value == pytest.approx(0.15)
    assert found["recency_days"].value == pytest.approx(0.5 * log(8 / 3) + 0.5 * log(3.5))
    assert (found["recency_days"].watch, found["recency_days"].limit) == (0.1, 0.25)
    assert has_drifted(findings(DECEMBER, JANUARY))


def test_a_little_is_worth_a_look_and_no_refit():
    # (0.65 - 0.5) ln 1.3 + (0.35 - 0.5) ln 0.7 = 0.093; 0.66 makes 0.106, 0.73 makes 0.229, 0.75 makes 0.275.
    levels = [
        by_name(findings(figures(HALVES), figures(HALVES, orders=shares)))["count_orders"].level
        for shares in ((0.65, 0.35), (0.66, 0.34), (0.73, 0.27), (0.75, 0.25))
    ]
    assert levels == ["steady", "watch", "watch", "drifted"]
    assert not has_drifted(findings(figures(HALVES), figures(HALVES, orders=(0.73, 0.27))))


def test_more_certain_or_more_apart_is_no_drift():
    assert not has_drifted(findings(figures(HALVES), figures(HALVES, unsure=0.0, silhouette=0.9)))


def test_each_segment_has_its_part_of_the_index():
    found = [each for each in findings(DECEMBER, JANUARY) if each.kind == "segment"]
    assert [each.of for each in found] == ["1", "2"]
    assert [each.value for each in found] == pytest.approx([0.3 * log(2.5), 0.3 * log(1.6)])
    assert {each.level for each in found} == {""}


def test_january_is_judged_by_the_january_before():
    # A year ago there were fewer with long pauses in either month, and as many times more of them in January.
    then = figures((0.9, 0.1), segments=(0.5, 0.5), unsure=0.05, silhouette=0.7, count=500)
    since = figures((0.9 * 3 / 8, 0.1 * 3.5), segments=(0.2, 0.8), unsure=0.2, silhouette=0.55, count=520)
    since = figures(tuple(share / 0.6875 for share in since.features["recency_days"]), segments=since.segments,
                    unsure=since.unsure, silhouette=since.silhouette, count=520)  # fmt: skip
    expected = in_season(DECEMBER, then, since)
    # 0.8 · 3/8 : 0.2 · 3.5 = 0.3 : 0.7
    assert expected.features["recency_days"] == pytest.approx((0.3, 0.7))
    assert expected.segments == pytest.approx((0.2, 0.8))
    assert (expected.unsure, expected.silhouette) == (pytest.approx(0.25), pytest.approx(0.45))
    found = by_name(findings(DECEMBER, JANUARY, expected))
    assert {each.level for each in found.values()} == {"steady"}
    assert found["recency_days"].value > 1 and found["recency_days"].in_season == pytest.approx(0, abs=1e-9)


def test_what_goes_the_other_way_than_last_january_is_drift():
    then, since = figures((0.5, 0.5)), figures((0.2, 0.8))
    other = figures((0.97, 0.03))
    found = by_name(findings(DECEMBER, other, in_season(DECEMBER, then, since)))
    assert found["recency_days"].level == "drifted"
    assert found["recency_days"].drift == found["recency_days"].value


def test_a_season_that_does_not_come_is_no_drift():
    found = findings(DECEMBER, DECEMBER, in_season(DECEMBER, figures(HALVES), figures((0.1, 0.9))))
    assert not has_drifted(found)


def test_the_season_of_a_few_tells_nothing():
    assert in_season(DECEMBER, figures(HALVES, count=29), figures(HALVES)) is None
    assert in_season(DECEMBER, figures(HALVES, count=30), figures(HALVES, count=30)) is not None


def test_what_chance_makes_of_small_samples_is_no_drift():
    # Of χ² with one degree of freedom the 99.9th percentile is 10.828, with nine 27.877.
    assert by_chance(2, 100, 50) == pytest.approx(0.03 * 10.828, rel=1e-4)
    assert by_chance(10, 100, 100) == pytest.approx(0.02 * 27.877, rel=1e-4)
    assert by_chance(1, 100, 100) == by_chance(5, 100, 0) == 0
    few = [figures(HALVES, count=50), figures(HALVES, orders=(0.78, 0.22), count=50)]
    assert psi(HALVES, (0.78, 0.22)) == pytest.approx(0.3544, abs=1e-4)  # less than 0.04 · 10.828
    assert by_name(findings(*few))["count_orders"].level == "watch"


def test_thresholds_say_whose_they_are():
    assert all(each.source and each.watch < each.refit for each in THRESHOLDS.values())


def test_chance_exceeds_it_once_in_a_thousand():
    # Two samples of one population, drawn 20,000 times: 20 beyond the limit are expected, and 4.5 either way are common.
    random, even = np.random.default_rng(7), np.full(10, 0.1)
    first, second = (random.multinomial(size, even, size=20_000) / size for size in (500, 800))
    beyond = ((second - first) * np.log(second / first)).sum(axis=1) > by_chance(10, 500, 800)
    assert 6 <= beyond.sum() <= 40
