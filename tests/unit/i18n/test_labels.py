from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from segmentation.clustering.choose import _finest, judge
from segmentation.clustering.fits import Fit
from segmentation.clustering.sweep import _why_untried
from segmentation.clustering.vectors import why_left_out
from segmentation.i18n.labels import Labels, clean, kind_of
from segmentation.i18n.text import LANGS, Text
from segmentation.i18n.texts import load_texts
from segmentation.i18n.wording import MARKETPLACE
from segmentation.ingest.quality_rules import sentences
from segmentation.plans import GatePlan, SweepPlan
from segmentation.reporting.sections import summary
from segmentation.reporting.voice import voice_of


def labels(lang: str = "en") -> Labels:
    return Labels(load_texts(lang))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\r\nlines\t", "two lines"),
        ("\u202eabc\u2066", "abc"),
        ("nul\x00 bell\x07", "nul bell"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("متجر", "متجر"),
        ("x" * 10_000, "x" * 119 + "…"),
    ],
)
def test_clean(name: str, shown: str) -> None:
    assert clean(name) == shown


def test_no_name_is_unknown() -> None:
    assert labels().value(None) == "unknown"
    assert labels("id").value(float("nan")) == "tidak diketahui"
    assert labels().value("\u200b") == "unknown"
    assert labels().value(0) == "0"


def test_names_that_the_texts_do_not_know() -> None:
    assert labels().feature("price_tier") == "Price tier"
    assert labels().dimension("age_band") == "Age band"
    assert labels().table("olist_orders") == "olist_orders"


def test_what_the_source_calls_a_column_goes_before_what_the_texts_do() -> None:
    wording = MARKETPLACE.of({}, {"total_gmv": Text(en="turnover", id="omzet")})
    own = Labels(load_texts("id").worded(wording), "sellers")
    assert own.feature("total_gmv") == own.dimension("total_gmv") == "Omzet"
    assert own.feature("count_orders") == labels("id").feature("count_orders")


def test_segments_without_a_name_have_their_number() -> None:
    assert labels().segment(3, None) == "Segment 3"
    assert labels("id").segment(0, None) == "Tanpa penjualan"
    assert labels().segment(1, "Regulars") == "Regulars"


@pytest.mark.parametrize("lang", LANGS)
def test_every_reason_of_ingest_has_a_text(lang: str) -> None:
    texts = load_texts(lang)

    assert [name for name in sentences() if not texts.find(f"reasons.{name}", "")] == []


def test_kinds_come_from_the_declared_types() -> None:
    assert [kind_of(name) for name in ("total_gmv", "top_buyer_share", "count_orders", "price")] == [
        "money", "share", "number", "number",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "english", "indonesian"),
    [
        (
            "count_orders hardly varies: 97.0% have the same value (1,000)",
            "hardly varies: 97.0% have the same value (1,000)",
            "hampir tidak bervariasi: 97,0% bernilai sama (1.000)",
        ),
        (
            "the smallest segment holds 0.52%, less than 1.00%",  # what it holds has a column of its own
            "the smallest segment holds less than 1.00%",
            "segmen terkecil berisi kurang dari 1,00%",
        ),
        (
            "no better than chance: silhouette 0.673 against 0.670 without groups, less than 0.050 above",
            "no better than chance: silhouette less than 0.050 above that without groups",
            "tidak lebih baik dari kebetulan: silhouette kurang dari 0,050 di atas yang tanpa kelompok",
        ),
        ("something new", "something new", "something new"),
    ],
)
def test_reasons_in_the_language(written: str, english: str, indonesian: str) -> None:
    assert labels().reason(written) == english
    assert labels("id").reason(written) == indonesian


ENGLISH = {
    "the", "than", "less", "more", "not", "tried", "only", "have", "has", "value", "values", "unknown", "same", "and",
}  # fmt: skip
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


def _reasons() -> dict[str, str]:
    """Every reason that the search can give, as it gives it."""
    gate, sweep = GatePlan(), SweepPlan()

    def refused(**figures: object) -> str:
        return str(judge(replace(FIT, **figures), gate).reason)  # type: ignore[arg-type]

    def untried(k: int = 3, least: int = 30, **figures: object) -> str:
        vectors = SimpleNamespace(**{**vars(VECTORS), **figures})
        plan = gate.model_copy(update={"min_entities": least})
        return refused(untried=_why_untried(vectors, k, sweep, plan))  # type: ignore[arg-type]

    left_out = {name: str(why_left_out("age", pd.Series(values), 0.05)) for name, values in {
        "unknown": [None, None], "constant": [1_000.5] * 9, "text": ["Bali"] * 9, "scattered": [str(n) for n in range(999)],
    }.items()}  # fmt: skip
    return left_out | {
        "small": refused(sizes=(999, 1, 999)),
        "outliers": refused(outliers=(0, 0, 10)),
        "unstable": refused(stability=0.5),
        "returns": refused(stable_resamples=14),
        "chance": refused(null_silhouette=0.499),
        "bridge": refused(separation=0.9),
        "lumped": str(_finest([judge(FIT, gate), judge(replace(FIT, k=4), gate)])[0].reason),
        "empty": refused(untried="only 2 of 3 segments have anyone in them"),
        "no feature": untried(scales=()),
        "few": untried(least=2_000),
        "alike": untried(k=1_300),
    }


@pytest.mark.parametrize("name", _reasons())
@pytest.mark.parametrize("lang", [lang for lang in LANGS if lang != "en"])
def test_every_reason_of_the_search_is_told_in_the_language(lang: str, name: str) -> None:
    reason = _reasons()[name]
    told = labels(lang).reason(reason)

    assert not set(re.findall(r"[a-z]{3,}", told)) & ENGLISH, (reason, told)


@pytest.mark.parametrize("name", ["small", "outliers", "unstable", "returns", "chance", "bridge"])
@pytest.mark.parametrize("lang", LANGS)
def test_the_first_screen_gives_reasons_without_coefficients(name: str, lang: str) -> None:
    told = summary._plainly(_reasons()[name], voice_of(lang, "IDR"))

    assert told
    assert not re.search(r"\d|silhouette", told)
