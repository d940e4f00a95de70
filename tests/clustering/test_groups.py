"""Planted groups are found, and none where there are none: a few seeds per kind here, many in the full tests."""

from __future__ import annotations

from itertools import product

import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.plans import EntityPlan
from tests.clustering.without_spark import searched
from tests.generators import GROUPLESS, PLANTED, kind_of, planted

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
