from __future__ import annotations

import pytest

from segmentation.i18n.labels import Labels, clean, kind_of
from segmentation.i18n.text import LANGS, Text
from segmentation.i18n.texts import load_texts
from segmentation.i18n.wording import MARKETPLACE, WORDINGS
from segmentation.ingest.quality_rules import TABLE_RULES, sentences


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

    names = {name for table in TABLE_RULES for name in sentences(table)}
    assert [name for name in sorted(names) if not texts.find(f"reasons.{name}", "")] == []


def test_kinds_come_from_the_declared_types() -> None:
    assert [kind_of(name) for name in ("total_gmv", "top_buyer_share", "count_orders", "price")] == [
        "money", "share", "number", "number",
    ]  # fmt: skip


def test_a_coordinate_is_a_feature_and_its_value() -> None:
    names = {"plan": Text(en="plan", id="paket"), "gold": Text(en="gold", id="emas")}
    for lang, said in (
        ("en", ["Main category = Anak", "Plan = gold"]),
        ("id", ["Kategori utama = Anak", "Paket = emas"]),
    ):
        own = Labels(load_texts(lang).worded(MARKETPLACE.of({}, names)))  # type: ignore[arg-type]
        assert [own.feature(f) for f in ("top_category = Anak", "plan = gold")] == said


def test_reasons_speak_of_those_who_buy_and_sell_there() -> None:
    said = [
        [Labels(load_texts(lang).worded(WORDINGS[kind])).reason(name) for name in ("several_buyers", "unknown_role")]
        for lang in LANGS
        for kind in ("marketplace", "shop")
    ]
    assert said == [
        ["several buyers in one order", "neither buyer nor seller"],
        ["several customers in one order", "neither customer nor store"],
        ["beberapa pembeli dalam satu pesanan", "bukan pembeli maupun penjual"],
        ["beberapa pelanggan dalam satu pesanan", "bukan pelanggan maupun toko"],
    ]
