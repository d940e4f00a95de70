"""What the report says of attributes: findings among the known, what a test says in words, and what is unknown."""

from __future__ import annotations

import pandas as pd
import pytest

from segmentation.i18n.text import LANGS
from segmentation.reporting.sections import attributes
from segmentation.reporting.voice import Voice, voice_of
from tests.unit.reporting.fixtures import make_attribute, make_attributes, make_entity
from tests.unit.reporting.published import BUYERS

CHANCE = {"en": "more than chance", "id": "secara kebetulan"}


@pytest.fixture
def voice() -> Voice:
    return voice_of("en", "IDR", money=("salary",))


def _data(table: pd.DataFrame | None, **changes: object):  # type: ignore[no-untyped-def]
    return make_entity(BUYERS, "natural", attributes=table, **changes)


def _parts(share: float, size: int = 1_000) -> dict[int, tuple[int, dict[str, int]]]:
    """Two segments that are known in full, of which the first has more of a value."""
    return {
        1: (size, {"a": round(share * size), "b": round((1 - share) * size)}), 2: (size, {"a": size // 2, "b": size // 2}),
    }  # fmt: skip


def test_a_picture_of_each_that_differs_those_that_made_no_segments_first(voice: Voice) -> None:
    found = attributes.pictures("buyers", _data(make_attributes()), voice)
    assert [one.name for one in found] == ["buyers_attribute_home", "buyers_attribute_fee", "buyers_attribute_age_band"]


def test_the_title_is_the_finding_among_the_known(voice: Voice) -> None:
    home, fee, _ = attributes.pictures("buyers", _data(make_attributes()), voice)
    # 710 of the 1,000 known Regulars; 710 + 900 + 12 of the 3,021 known in all.
    assert home.title == "Home, Homeowner: 71.0% of High-Spending Regulars, 53.7% of all known"
    assert fee.title == "Fee, 35 – 90: 57.1% of High-Spending Regulars, 25.0% of all known"
    assert "Known of 3,021 of 14,309 (21.1%)" in home.note
    assert "High-Spending Regulars, known of 1,000 of 1,412: Homeowner 71.0%, Renter 20.0%" in home.alt


def test_a_few_are_not_drawn_and_make_no_finding(voice: Voice) -> None:
    home = attributes.pictures("buyers", _data(make_attributes()), voice)[0]
    assert "Low-Spending Sporadic Buyers, known of 21 of 7,688: too few to say: " in home.alt
    assert home.alt.endswith("too few to say: ")


@pytest.mark.parametrize("lang", LANGS)
def test_the_test_is_told_in_words_but_not_where_it_made_the_segments(lang: str) -> None:
    home, fee, made = attributes.pictures("buyers", _data(make_attributes()), voice_of(lang, "IDR"))
    assert CHANCE[lang] in home.note and CHANCE[lang] in fee.note and CHANCE[lang] not in made.note
    point = {"en": ".", "id": ","}[lang]
    assert f"p < 0{point}001" in home.note and f"p = 0{point}004" in fee.note
    assert "4 at" in home.note, "corrected for as many attributes as were tested"
    assert f"0{point}31" in home.note and f"0{point}04" in fee.note
    assert " p " not in made.note and ("by construction" in made.note or lang == "id")


def test_numbers_that_made_the_segments_have_pictures_of_their_own(voice: Voice) -> None:
    fee = make_attribute("fee", _parts(0.9), test="kruskal", made=True, ends=[(1, 5), (6, 9)])
    assert attributes.pictures("buyers", _data(fee), voice) == []


def test_no_more_than_six_and_the_largest_effects(voice: Voice) -> None:
    tables = [make_attribute(f"a{n}", _parts(0.9), effect=0.1 + n / 100) for n in range(8)]
    found = attributes.pictures("buyers", _data(pd.concat(tables, ignore_index=True)), voice)
    assert [one.name.rpartition("_")[2] for one in found] == ["a7", "a6", "a5", "a4", "a3", "a2"]


def test_many_values_are_told_in_short(voice: Voice) -> None:
    own = {f"v{n}": 100 - n for n in range(11)} | {"others": 40}
    table = make_attribute("job", {1: (2_000, own), 2: (2_000, {**own, "v0": 300})}, rest=11)
    (picture,) = attributes.pictures("buyers", _data(table), voice)
    first = picture.alt.split("; ")[0]
    assert first.count("%") == 9 and "v7" in first and "v8" not in first
    assert f"others {100 * (92 + 91 + 90 + 40) / sum(own.values()):.1f}%" in first


def test_yes_and_no_and_money_are_said_as_such(voice: Voice) -> None:
    coach = make_attribute("coach", {1: (100, {"true": 80, "false": 20}), 2: (100, {"true": 30, "false": 70})})
    salary = make_attribute(
        "salary", _parts(0.8), test="kruskal", ends=[(1_000_000, 2_000_000), (3_000_000, 3_000_000)]
    )
    found = attributes.pictures("buyers", _data(pd.concat([coach, salary], ignore_index=True)), voice)
    assert found[0].title.startswith("Coach, yes: 80.0% of")
    assert found[1].title.startswith("Salary, Rp 1.0 M – Rp 2.0 M: 80.0% of")


def test_the_table_has_all_with_how_many_are_known(voice: Voice) -> None:
    slight = make_attribute("pets", _parts(0.51), effect=0.02, p_adjusted=0.01, differs=False)
    untested = make_attribute("job", _parts(0.5), test=None, p_adjusted=None, effect=None, differs=False)
    found = attributes.known(_data(pd.concat([make_attributes(), slight, untested], ignore_index=True)), voice)
    assert found is not None
    assert [tuple(line) for line in found.lines] == [
        ("Home", "3,021 of 14,309 (21.1%)", "Homeowner (53.7%)", "they differ: p < 0.001, V 0.31"),
        ("Income", "3,850 of 14,309 (26.9%)", "Low (52.2%)", "no difference beyond chance: p = 0.620, V 0.01"),
        ("Age band", "14,100 of 14,309 (98.5%)", "to 25 (39.7%)", "made the segments"),
        ("Fee", "14,000 of 14,309 (97.8%)", "from 1 to 90", "they differ: p = 0.004, η² 0.04"),
        ("Pets", "2,000 of 2,000 (100.0%)", "a (50.5%)", "they differ, but by too little to matter: p = 0.010, V 0.02"),
        ("Job", "2,000 of 2,000 (100.0%)", "a (50.0%)", "not tested"),
    ]
    assert found.alike == "No difference that matters between the segments: Income, Pets."


def test_a_lake_without_the_table_has_no_section(voice: Voice) -> None:
    data = _data(None, declared=("home",))
    assert attributes.pictures("buyers", data, voice) == []
    assert attributes.known(data, voice) is None
    assert attributes.unknowns({"buyers": data}, {}, voice) == []


def test_what_is_unknown_is_told_most_first(voice: Voice) -> None:
    data = _data(make_attributes(), declared=("home", "income", "age_band", "fee", "hobby"))
    said = "Unknown, and for what share of the buyers with a sale: Hobby (100.0%), Home (78.9%), Income (73.1%), Fee (2.2%), Age band (1.5%)."
    assert attributes.unknowns({"buyers": data}, {}, voice) == [said]
    told_by_gmv = {"income": [{"value": None, "gmv_share": 0.2}], "home": [{"value": "Homeowner", "gmv_share": 0.2}]}
    assert attributes.unknowns({"buyers": data}, told_by_gmv, voice) == [said.replace(" Income (73.1%),", "")]


def test_one_value_of_all_is_no_range(voice: Voice) -> None:
    same = make_attribute(
        "fee", _parts(0.5), test=None, p_adjusted=None, effect=None, differs=False, ends=[(3, 3), (3, 3)]
    )
    found = attributes.known(_data(same), voice)
    assert found is not None and found.lines[0][2] == "3 for all"
    found = attributes.known(_data(same), voice_of("id", "IDR"))
    assert found is not None and found.lines[0][2] == "3 untuk semua"
