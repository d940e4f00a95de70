"""Planted groups are found, and none where there are none: a few seeds per kind here, many in the full tests."""

from __future__ import annotations

from itertools import product

import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.plans import EntityPlan
from tests.support.generators import GROUPLESS, PLANTED, VIP_FEATURES, VIP_SHARES, kind_of, planted, with_vips
from tests.unit.clustering.without_spark import searched

KINDS = [*PLANTED, "uneven"]


def _plan(features) -> EntityPlan:
    named = [name for name in features.columns if name not in ("buyer_id", "seller_id", "total_gmv")]
    return EntityPlan.model_validate({"features": {name: {} for name in named}})


def _is_found(kind: str, groups: int, seed: int) -> bool:
    features, truth = planted(kind_of(kind, groups), seed)
    choice, labels = searched(features, _plan(features))
    right = choice.fit is not None and choice.verdict == "natural" and choice.fit.k == groups
    return right and adjusted_rand_score(truth, labels) >= 0.9


def _verdict(kind: str, seed: int) -> str:
    features = GROUPLESS[kind](seed)
    return searched(features, _plan(features))[0].verdict


@pytest.mark.parametrize(("kind", "groups"), [(kind, 3 + i % 4) for i, kind in enumerate(KINDS)])
def test_planted_groups_are_found(kind, groups):
    assert _is_found(kind, groups, seed=0)


def _finds_vips(share: float, features: int, others: int, seed: int) -> bool:
    frame, truth = with_vips(share, features, VIP_FEATURES[features], others, seed)
    choice, labels = searched(frame, _plan(frame))
    right = choice.fit is not None and choice.verdict == "natural" and choice.fit.k == others + 1
    return right and adjusted_rand_score(truth, labels) >= 0.9


@pytest.mark.parametrize(("share", "features"), [(0.03, 5), (0.015, 3), (0.02, 12)])
def test_a_few_who_are_apart_in_every_feature_are_found(share, features):
    assert _finds_vips(share, features, others=1, seed=0)


@pytest.mark.full
@pytest.mark.parametrize("features", VIP_FEATURES)
def test_a_few_who_are_apart_are_found_nine_times_in_ten(features):
    cases = list(product(VIP_SHARES, [1, 2], range(1, 11)))
    missed = [case for case in cases if not _finds_vips(case[0], features, *case[1:])]
    assert len(missed) <= 0.1 * len(cases), missed


@pytest.mark.parametrize("kind", GROUPLESS)
def test_no_groups_are_found_where_there_are_none(kind):
    assert _verdict(kind, seed=0) != "natural"


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_planted_groups_are_found_nine_times_in_ten(kind):
    # Uneven groups are of 60 % at most where there are three or more.
    cases = list(product(range(3 if kind == "uneven" else 2, 7), range(1, 7)))
    missed = [case for case in cases if not _is_found(kind, *case)]
    assert len(missed) <= 0.1 * len(cases), missed


@pytest.mark.full
@pytest.mark.parametrize("kind", GROUPLESS)
def test_no_groups_are_found_nine_times_in_ten(kind):
    natural = [seed for seed in range(1, 21) if _verdict(kind, seed) == "natural"]
    assert len(natural) <= 2, natural
