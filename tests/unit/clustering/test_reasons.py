"""Reasons as the search gives them, and as they are read back from the sentences in tables."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from segmentation.clustering.choose import _finest, choose, judge
from segmentation.clustering.fits import Fit
from segmentation.clustering.reasons import SENTENCES, Reason
from segmentation.clustering.sweep import _why_untried
from segmentation.clustering.vectors import why_left_out
from segmentation.plans import GatePlan, SweepPlan

FIT = Fit(
    "kmeans",
    3,
    sizes=(50, 40, 10),
    outliers=(0, 1, 2),
    silhouette=0.5,
    null_silhouette=0.2,
    stability=0.9,
    separation=0.1,
)
VECTORS = SimpleNamespace(scales=(1,), count=1_200, distinct=1_200)


def every_reason() -> dict[str, Reason | None]:
    """Every reason that the search can give, as it gives it."""
    gate, sweep = GatePlan(), SweepPlan()

    def refused(**figures: object) -> Reason | None:
        return judge(replace(FIT, **figures), gate).reason  # type: ignore[arg-type]

    def untried(k: int = 3, least: int = 30, **figures: object) -> Reason | None:
        vectors = SimpleNamespace(**{**vars(VECTORS), **figures})
        plan = gate.model_copy(update={"min_entities": least})
        return refused(untried=_why_untried(vectors, k, sweep, plan))  # type: ignore[arg-type]

    left_out = {name: why_left_out("age", pd.Series(values), 0.05) for name, values in {
        "unknown": [None, None], "constant": [1_000.5] * 9, "text": ["Bali"] * 9, "scattered": [str(n) for n in range(999)],
        "towns": [f"town {n % 40}" for n in range(400)], "numbered": [*range(1_000, 1_100)],
    }.items()}  # fmt: skip
    return left_out | {
        "small": refused(sizes=(999, 1, 999)),
        "outliers": refused(outliers=(0, 0, 10)),
        "unstable": refused(stability=0.5),
        "returns": refused(stable_resamples=14),
        "chance": refused(null_silhouette=0.499),
        "bridge": refused(separation=0.9),
        "lumped": _finest([judge(FIT, gate), judge(replace(FIT, k=4), gate)])[0].reason,
        "empty": refused(untried=Reason.of("empty_segments", found=2, k=3)),
        "no feature": untried(scales=()),
        "few": untried(least=2_000),
        "distinct": untried(k=1_300),
        "alike": choose([replace(FIT, separation=0.9)], gate, alike=True).judged[0].reason,
    }


def test_the_search_gives_every_reason_that_is_declared() -> None:
    assert {reason.code for reason in every_reason().values() if reason} == {*SENTENCES}


@pytest.mark.parametrize("name", every_reason())
def test_a_reason_is_read_back_from_its_sentence(name: str) -> None:
    reason = every_reason()[name]
    assert Reason.read(str(reason)) == reason


@pytest.mark.parametrize(
    ("sentence", "code", "figures"),
    [
        (
            "count_orders hardly varies: 97.0% have the same value (1,000)",
            "hardly_varies",
            {"feature": "count_orders", "share": "97.0%", "value": "1,000"},
        ),
        (
            "class hardly varies: 98.5% have the same value (Online (evening), {live})",
            "hardly_varies",
            {"feature": "class", "share": "98.5%", "value": "Online (evening), {live}"},
        ),
        (
            "not the same groups again: all came back from 14 of 20 resamples, fewer than 90%",
            "not_again",
            {"count": "14", "all": "20", "least": "90%"},
        ),
        (
            "not tried: 1,012 entities, fewer than the 2000 needed",
            "few_entities",
            {"entities": "1,012", "needed": "2000"},
        ),
        ("tiers by chance: orders dealt out at random would differ as much", "alike", {}),
    ],
)
def test_sentences_that_tables_hold(sentence: str, code: str, figures: dict[str, str]) -> None:
    assert Reason.read(sentence) == Reason(code, figures)


def test_what_no_release_wrote_is_no_reason() -> None:
    assert Reason.read("something new") is None
    assert Reason.read("") is None


def test_why_nobody_was_segmented_does_not_say_twice_that_nothing_was_tried() -> None:
    reason = Reason.of("few_entities", entities=1_012, needed=2_000)
    assert str(reason) == "not tried: 1,012 entities, fewer than the 2,000 needed"
    assert reason.why == "1,012 entities, fewer than the 2,000 needed"
