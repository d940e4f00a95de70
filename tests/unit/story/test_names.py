"""Names on generated profiles: unique, without ids, and every word of them true in the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from segmentation.entities import BUYERS, ENTITIES, SELLERS, Entity
from segmentation.i18n.text import LANGS, SLOT, Lang, Text
from segmentation.i18n.wording import MARKETPLACE, WORDINGS, BusinessKind, EntityName, Side
from segmentation.story import StoryContext, load_archetypes, tell
from tests.unit.story.profiles import ARCHETYPES, Row, drawn_profiles, make_profiles
from tests.unit.story.truth import CLAIMS, COMPARED, Facts, claims_in

PLAN = StoryContext(used=("plan",))
PLENTY = settings(max_examples=120, deadline=None, derandomize=True)


@st.composite
def drawn(draw: st.DrawFn, least: int = 2, most: int = 6) -> tuple[Entity, list[Row]]:
    """An entity and profiles of its segments."""
    entity = ENTITIES[draw(st.sampled_from(sorted(ENTITIES)))]
    return entity, draw(drawn_profiles(entity, least, most))


def names_of(profiles: list[Row], entity: Entity, verdict: str = "natural", lang: str = "en") -> list[str]:
    """The names by segment."""
    stories = tell(profiles, entity, verdict, ARCHETYPES[entity.name], lang, "IDR")  # type: ignore[arg-type]
    return [story.segment_name for story in stories]


# What a slice of a continuum is called.
TIERS = {"en": "tier", "id": "tingkat"}


@PLENTY
@given(drawn(), st.sampled_from(["natural", "tiers", "none"]), st.sampled_from(LANGS))
def test_names_are_unique_and_refer_to_no_id(case: tuple[Entity, list[Row]], verdict: str, lang: str) -> None:
    entity, profiles = case
    names = names_of(profiles, entity, verdict, lang)
    assert len(set(names)) == len(profiles)
    assert not any(sign.isdigit() or sign in "{}" for name in names for sign in name)
    assert all(TIERS[lang] in name.lower() for name in names) == (verdict == "tiers")


@PLENTY
@given(drawn())
def test_every_distinguishing_word_is_true(case: tuple[Entity, list[Row]]) -> None:
    entity, profiles = case
    names = names_of(profiles, entity)
    for row, name in zip(profiles, names, strict=True):
        stem, _, compared = name.replace(", Likewise", "").partition(" with ")
        words, left = claims_in(stem, entity.name)
        assert left == "" and words, f"{name}: claims something that no test knows: {left!r}"
        facts = Facts(row, [other for other in profiles if other is not row])
        assert [word for word in words if not CLAIMS[entity.name][word](facts)] == [], name
        if compared:
            assert_compared(row, stem, compared, profiles, names)


def assert_compared(row: Row, stem: str, compared: str, profiles: list[Row], names: list[str]) -> None:
    """Each comparison holds beside a segment whose name is the same up to there."""
    before = f"{stem} with "
    for phrase in compared.split(" and "):
        feature, sign = COMPARED[phrase]
        column = f"mean_{feature}".replace(
            "mean_v", "mean_voucher_value" if "mean_voucher_value" in row else "mean_total_vouchers"
        )
        like = [
            other for other, name in zip(profiles, names, strict=True) if name.startswith(before) and other is not row
        ]
        assert any((row[column] - other[column]) * sign > 0 for other in like), (before, phrase)
        before += f"{phrase} and "


@PLENTY
@given(drawn())
def test_the_same_rows_in_another_order_or_unit_have_the_same_names(case: tuple[Entity, list[Row]]) -> None:
    entity, profiles = case
    names = names_of(profiles, entity)
    assert names_of(profiles[::-1], entity) == names
    money = ("_total_gmv", "_avg_order_value", "_voucher_value", "_total_vouchers")
    in_thousands = [
        {
            key: value / 1024 if value and key.startswith("mean") and key.endswith(money) else value
            for key, value in row.items()
        }
        for row in profiles
    ]
    assert names_of(in_thousands, entity) == names


def test_where_no_archetype_fits_the_name_says_what_distinguishes_most() -> None:
    profiles = make_profiles({"count_orders": (30, 30, 30), "return_rate": (0.01, 0.2, 0.01), "age": (30, 31, 60)})
    assert names_of(profiles, BUYERS) == ["Younger Buyers", "Return-Prone Buyers", "Older Buyers"]


def test_attributes_of_a_source_are_named_by_their_columns() -> None:
    profiles = make_profiles({"annual_income": (90, 20), "spending_score": (50, 50)})
    assert names_of(profiles, BUYERS) == ["High Annual Income Buyers", "Low Annual Income Buyers"]
    assert names_of(profiles, BUYERS, lang="id") == ["Pembeli Annual Income Tinggi", "Pembeli Annual Income Rendah"]


def test_segments_that_differ_only_in_degree_are_told_apart_by_it() -> None:
    profiles = make_profiles({"count_orders": (10, 12, 11), "total_gmv": (9, 7.5, 7)})
    assert names_of(profiles, SELLERS) == [
        "Other Sellers with Higher Sales",
        "Other Sellers with Lower Sales and More Orders",
        "Other Sellers with Lower Sales and Fewer Orders",
    ]


def test_segments_that_no_figure_tells_apart_still_have_names_of_their_own() -> None:
    names = names_of(make_profiles({"count_orders": (10, 10, 10)}), BUYERS)
    assert names == ["Other Buyers", "Other Buyers, Likewise", "Other Buyers, Likewise, Likewise"]


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6, 7, 9, 12])
def test_tiers_are_a_ladder(count: int) -> None:
    names = names_of(make_profiles({"total_gmv": [2.0 ** (count - n) for n in range(count)]}), BUYERS, "tiers")
    assert len(set(names)) == count
    assert names[0].startswith("Top Tier") and names[-1].startswith("Bottom Tier")
    if count % 2 and count <= 7:
        assert names[count // 2].startswith("Middle Tier")


def test_a_value_that_most_have_and_few_of_all_names_a_segment() -> None:
    profiles = make_profiles({"visits": (9, 3)})
    tops = {"plan": (("premium", 0.9, 1.8), ("student", 0.8, 1.6)), "coach": (("true", 0.9, 1.8), ("false", 0.9, 1.1))}
    for feature, values in tops.items():
        for row, (value, share, lift) in zip(profiles, values, strict=True):
            row |= {f"top_{feature}": value, f"top_share_{feature}": share, f"top_lift_{feature}": lift}
    archetypes = ARCHETYPES["buyers"]
    told = tell(profiles, BUYERS, "natural", archetypes, "en", "IDR", StoryContext(used=("plan", "coach")))
    assert [story.segment_name for story in told] == ["Premium Plan, With Coach Buyers", "Student Plan Buyers"]
    assert "Of those of whom it is known, 90.0% have plan premium, ×1.8 the share among all." in told[0].insight
    unused = tell(profiles, BUYERS, "natural", archetypes, "en", "IDR", StoryContext(used=("visits",)))
    assert [story.segment_name for story in unused] == ["High Visits Buyers", "Low Visits Buyers"]


def test_a_value_stands_in_a_name_as_the_source_calls_it() -> None:
    profiles = make_profiles({"visits": (9, 3)})
    for row, value in zip(profiles, ("PKG-A", "PKG-B"), strict=True):
        row |= {"top_plan": value, "top_share_plan": 0.9, "top_lift_plan": 1.8}
    names = {"PKG-A": Text(en="full week", id="sepekan"), "PKG-B": Text(en="weekend", id="akhir pekan")}
    archetypes = replace(ARCHETYPES["buyers"], wording=MARKETPLACE.of({}, names))
    told = [
        [story.segment_name for story in tell(profiles, BUYERS, "natural", archetypes, lang, "IDR", PLAN)]
        for lang in LANGS
    ]
    assert told == [
        ["Full week Plan Buyers", "Weekend Plan Buyers"],
        ["Pembeli Plan Sepekan", "Pembeli Plan Akhir pekan"],
    ]


SIDES: Mapping[EntityName, Side] = {
    "buyers": Side.model_validate({"one": "school", "many": "schools"}),
    "sellers": Side.model_validate({"one": "vendor", "many": "vendors"}),
}


@pytest.mark.parametrize("kind", list(WORDINGS))
def test_sides_are_called_in_every_text_as_the_source_calls_them(kind: BusinessKind) -> None:
    # Words of segments in every place of the files: names, comparisons, sentences and advice, in each language.
    taken = r"\b(?:buyers?|sellers?|customers?|stores?|providers?|(?:ber)?(?:pembeli|penjual|pelanggan|penyedia))\b(?! Tetap)"
    for entity in ("buyers", "sellers"):
        found = load_archetypes(entity, kind=kind, wording=WORDINGS[kind].of(SIDES))
        texts = list(all_texts(found.archetypes, found.words, found.grammar.ladder))
        assert len(texts) > 100
        assert [t for t in texts if re.search(taken, SLOT.sub("", t), re.IGNORECASE)] == []


def all_texts(*found: object) -> Iterator[str]:
    """Every text in what a file says, in every language."""
    for each in found:
        if isinstance(each, Text):
            yield from (each.into(lang) for lang in LANGS)
        elif isinstance(each, BaseModel):
            yield from all_texts(*(getattr(each, name) for name in type(each).model_fields))
        elif isinstance(each, Mapping):
            yield from all_texts(*each.values())
        elif isinstance(each, list | tuple):
            yield from all_texts(*each)


def test_a_source_calls_its_sides_schools_and_vendors() -> None:
    words = WORDINGS["marketplace"].of(SIDES)
    buyers, sellers = (load_archetypes(entity, wording=words) for entity in ("buyers", "sellers"))
    profiles = make_profiles({"unique_sellers": (9, 1.0), "total_gmv": (9e6, 8e6), "count_orders": (9, 9)})
    many, few = tell(profiles, BUYERS, "natural", buyers, "en", "IDR")
    assert (many.segment_name, few.segment_name) == ("Many-Vendor Schools", "Few-Vendor Schools")
    assert "Half of them buy from 9 vendors or more." in many.insight
    assert "Half of them buy from 1 vendor or fewer." in few.insight
    profiles = make_profiles({
        "unique_buyers": (12, 1), "top_buyer_share": (0.1, 0.9), "count_orders": (30, 2), "total_gmv": (9e6, 1e6),
        "recency_days": (3, 40), "orders_per_month": (5, 0.3), "avg_order_value": (1, 1),
    })  # fmt: skip
    niche = tell(profiles, SELLERS, "natural", sellers, "en", "IDR")[1]
    assert niche.segment_name == "Niche Low-Volume Vendors"
    assert "1 school and 2 orders on average" in niche.insight and "1 school each" in niche.recommendation
    niche = tell(profiles, SELLERS, "natural", sellers, "id", "IDR")[1]
    assert "rata-rata 1 school per vendor" in niche.recommendation


@pytest.mark.parametrize(("lang", "said"), [("en", "yes for 80.0%"), ("id", "ya bagi 80,0%")])
def test_yes_and_no_are_words(lang: Lang, said: str) -> None:
    profiles = make_profiles({"visits": (9, 3)})
    for row, value in zip(profiles, ("true", "false"), strict=True):
        row |= {"top_licence": value, "top_share_licence": 0.8, "top_lift_licence": 1.6}
    names = {"licence": Text(en="driver's licence", id="SIM")}
    archetypes = replace(ARCHETYPES["buyers"], wording=MARKETPLACE.of({}, names))
    told = tell(profiles, BUYERS, "natural", archetypes, lang, "IDR", StoryContext(used=("licence",)))
    assert [story.segment_name for story in told] == {
        "en": ["With Driver's Licence Buyers", "Without Driver's Licence Buyers"],
        "id": ["Pembeli Dengan SIM", "Pembeli Tanpa SIM"],
    }[lang]
    texts = " ".join(f"{story.insight} {story.recommendation}" for story in told)
    assert said in texts and not re.search("true|false", texts)


def test_a_name_of_capitals_keeps_them() -> None:
    profiles = make_profiles({"nps": (9.1, 2.0), "count_orders": (3, 3)})
    archetypes = replace(ARCHETYPES["buyers"], wording=MARKETPLACE.of({}, {"nps": Text(en="NPS", id="NPS")}))
    told = tell(profiles, BUYERS, "natural", archetypes, "en", "IDR")
    assert [story.segment_name for story in told] == ["High NPS Buyers", "Low NPS Buyers"]


def test_slices_that_nothing_ranks_are_no_tiers() -> None:
    profiles = make_profiles({"visits": (9, 3)})
    told = tell(profiles, BUYERS, "tiers", ARCHETYPES["buyers"], "en", "IDR", StoryContext(ranked=False))
    assert [story.segment_name for story in told] == ["High Visits Buyers", "Low Visits Buyers"]
    assert told[0].insight.startswith("A stable slice, not a group apart")


def test_the_same_words_in_another_order_are_no_other_name() -> None:
    # The first two are low in both, one more so in visits, the other in fee; a third word tells them apart.
    profiles = make_profiles({"visits": (1, 2, 30), "fee": (2, 1, 30), "age_of_car": (9, 1, 5)})
    names = names_of(profiles, BUYERS)
    words = [frozenset(name.removesuffix(" Buyers").split(", ")) for name in names]
    assert len(set(words)) == 3


def test_what_is_alike_is_told_apart_by_what_lies_furthest_apart_for_its_spread() -> None:
    # Days differ by a third of what they are, and by a tenth of what they spread; buyers by about what they spread.
    profiles = make_profiles({"recency_days": (1.1, 1.5), "unique_buyers": (66, 59)})
    for row, buyers in zip(profiles, (66, 59), strict=True):
        row |= {
            "p10_recency_days": 0,
            "p90_recency_days": 4,
            "p10_unique_buyers": buyers - 8,
            "p90_unique_buyers": buyers + 8,
        }
    assert names_of(profiles, SELLERS) == ["Other Sellers with More Buyers", "Other Sellers with Fewer Buyers"]
