"""What is told of the published profiles, of tiers, of everybody and of nobody, and of what is unknown."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from segmentation.entities import BUYERS, SELLERS, Entity
from segmentation.errors import InputError
from segmentation.i18n.labels import Labels
from segmentation.i18n.text import LANGS, Text
from segmentation.i18n.texts import load_texts
from segmentation.i18n.wording import WORDINGS
from segmentation.story import Story, load_archetypes, tell
from tests.unit.story.profiles import (
    ARCHETYPES,
    PUBLISHED_BUYERS,
    PUBLISHED_SELLERS,
    Row,
    make_profiles,
    published,
)

NAMES = {
    "buyers": ["High-Spending Regulars", "Low-Spending Sporadic Buyers", "Moderate-Spending Dormant Buyers"],
    "sellers": [
        "Niche Low-Volume Sellers", "High-Volume Established Sellers", "High-Potential Voucher-Dependent Sellers",
    ],
}  # fmt: skip
NOBODY = {"segment": 0, "size": 7, "share": 0.07, "mean_cancel_rate": 0.9}


def told(profiles: list[Row], entity: Entity, verdict: str = "natural", lang: Any = "en") -> list[Story]:
    """The stories, in rupiah."""
    return tell(profiles, entity, verdict, ARCHETYPES[entity.name], lang, "IDR")


@pytest.mark.parametrize(("entity", "means"), [(BUYERS, PUBLISHED_BUYERS), (SELLERS, PUBLISHED_SELLERS)])
def test_published_profiles_get_their_published_names_whatever_the_sizes(entity: Entity, means: Any) -> None:
    for sizes in itertools.product((10, 30, 100, 300, 900), repeat=3):
        assert [story.segment_name for story in told(published(means, sizes), entity)] == NAMES[entity.name], sizes


@pytest.mark.parametrize(("entity", "means"), [(BUYERS, PUBLISHED_BUYERS), (SELLERS, PUBLISHED_SELLERS)])
def test_names_survive_measures_off_by_a_tenth_and_a_few_huge_orders(entity: Entity, means: Any) -> None:
    for signs in itertools.product((0.9, 1.1), repeat=3):
        other = {f: [mean * sign for mean, sign in zip(values, signs, strict=True)] for f, values in means.items()}
        profiles = published(other)
        totals = {"buyers": (18e9, 1.1e6, 2.2e8), "sellers": (6e8, 3e10, 8.5e7)}[entity.name]
        for row, fresh in zip(profiles, make_profiles({"total_gmv": totals}), strict=True):
            row |= {"mean_total_gmv": fresh["mean_total_gmv"], "lift_total_gmv": fresh["lift_total_gmv"]}
        assert [story.segment_name for story in told(profiles, entity)] == NAMES[entity.name], signs


def test_published_insights_and_recommendations_in_substance() -> None:
    regulars, sporadic, dormant = told(published(PUBLISHED_BUYERS, (1500, 6800, 2611)), BUYERS)
    assert regulars.insight == (
        "They are highly engaged, with frequent purchases: 170.6 orders on average, the last 12 days ago; half of them "
        "order 4.3 times a month or more. They depend little on vouchers: Rp 16.89 each on average."
    )
    assert "loyalty programs: 89.2% of GMV" in regulars.recommendation
    assert "rely heavily on vouchers: Rp 234.0 K each" in sporadic.insight
    assert (
        "purchase infrequently: 5.1 orders" in sporadic.insight
        and "low value: Rp 216.8 K or less for half of them" in sporadic.insight
    )
    assert "reactivation campaigns and incentives to reduce churn" in sporadic.recommendation
    assert "occasionally spend large amounts: Rp 16.8 M" in dormant.insight and "less engaged" in dormant.insight
    assert "occasional high-value promotions to re-engage" in dormant.recommendation

    niche, established, dependent = told(published(PUBLISHED_SELLERS, (3705, 850, 1049)), SELLERS)
    assert "niche segments with low volume: 1.7 buyers and 10.7 orders" in niche.insight
    assert "average order value is high: Rp 74.0 M or more for half of them" in niche.insight
    assert "growth-focused support" in niche.recommendation
    assert "backbone of the marketplace" in established.insight and "highly active: 248.7" in established.insight
    assert "high-volume sellers with tailored promotions" in established.recommendation
    assert (
        "depend on voucher campaigns: Rp 1.5 M" in dependent.insight and "diverse buyer base: 18.5" in dependent.insight
    )
    assert "marketing assistance and optimize voucher campaigns" in dependent.recommendation
    assert [story.priority for story in (niche, established, dependent)] == [2, 1, 3], "by share of GMV"


def test_in_indonesian_with_indonesian_figures() -> None:
    regulars, sporadic, _ = told(published(PUBLISHED_BUYERS, (1500, 6800, 2611)), BUYERS, lang="id")
    assert regulars.segment_name == "Pelanggan Tetap Berbelanja Besar"
    assert "rata-rata 170,6 pesanan, yang terakhir 12 hari lalu" in regulars.insight
    assert "Rp 216,8 rb" in sporadic.insight


def test_what_is_said_of_a_group_is_said_only_where_it_is_true() -> None:
    profiles = make_profiles(
        {"count_orders": (170, 5, 13), "total_gmv": (3e9, 1e6, 2e8), "avg_order_value": (1.8e7, 2e5, 1.5e7),
         "voucher_value": (5e5, 0, 0), "recency_days": (12, 196, 161), "orders_per_month": (4.4, 0.24, 0.52),
         "rhythm_days": (5, 77, 33), "lapse": (1.7, 2.2, 4.2), "voucher_rate": (0.6, 0, 0)},
    )  # fmt: skip
    regulars, sporadic, _ = told(profiles, BUYERS)
    assert "They also use vouchers much: half of them in 60.0% of their orders or more." in regulars.insight
    assert "voucher" not in sporadic.insight


def test_a_sentence_that_compares_asks_whether_segments_are_told_apart_and_quotes_what_makes_it_true() -> None:
    # The median order of the sporadic is the lowest, 2.0; all they spent over all their orders is 10 an order.
    figures = {
        "count_orders": (170, 5, 13), "total_gmv": (3e9, 50, 2e8), "avg_order_value": (100, 60, 90),
        "recency_days": (12, 196, 161), "orders_per_month": (4.4, 0.24, 0.52), "rhythm_days": (5, 77, 33),
        "lapse": (1.7, 2.2, 4.2),
    }  # fmt: skip
    profiles = make_profiles(figures, medians={"avg_order_value": (100, 2, 90)})
    assert profiles[1]["order_value"] == 10
    said = "Their orders are of low value: Rp 2 or less for half of them."
    assert said in told(profiles, BUYERS)[1].insight
    for row in profiles:
        row |= {"p10_avg_order_value": 1, "p90_avg_order_value": 200}  # as wide in each
    sporadic = told(profiles, BUYERS)[1]
    assert sporadic.segment_name == "Low-Spending Sporadic Buyers" and "low value" not in sporadic.insight


def test_many_who_bring_nothing_do_not_come_first() -> None:
    profiles = make_profiles({"count_orders": (20.0, 5.0, 1.0), "total_gmv": (900.0, 50.0, 0.0)}, (100, 200, 9_000))
    assert [row["gmv_share"] for row in profiles] == [0.9, 0.1, 0.0]
    assert [story.priority for story in told(profiles, BUYERS)] == [1, 2, 3]
    unknown = [{**row, "gmv_share": None} for row in profiles]
    assert [story.priority for story in told(unknown, BUYERS)] == [3, 2, 1]


def test_tiers_are_called_tiers_and_told_as_such() -> None:
    top, *_, bottom = told(published(PUBLISHED_BUYERS), BUYERS, "tiers")
    assert top.segment_name == "Top Tier — Frequent, Active Buyers"
    assert top.insight.startswith("This tier is 33.3% of buyers.")
    assert bottom.segment_name.startswith("Bottom Tier")


def test_a_tier_whose_middle_has_long_stayed_away_is_won_back_and_not_nudged() -> None:
    # Of a shop of CDs: half of the middle tier had not bought for 336 days, twice as long as ever before. The lowest tier
    # too, but 0.5 % of them came back in a quarter, for USD 260 in all: they are not worth an offer each.
    figures = {
        "count_orders": (20.0, 4.0, 1.2),
        "total_gmv": (480.0, 100.0, 28.0),
        "recency_days": (24.0, 336.0, 470.0),
    }
    lapses = {"lapse": (1.0, 7.8, 3.0)}
    top, middle, bottom = told(make_profiles({**figures, **lapses}), BUYERS, "tiers")
    for story, days in ((middle, 336), (bottom, 470)):
        assert f"Half of them bought last {days} days ago or earlier." in story.insight
    assert middle.recommendation.startswith("Bring them back with a reactivation campaign: on average 336 days")
    assert bottom.recommendation.startswith("Serve them at low cost")
    assert top.recommendation.startswith("Keep them first")


def test_of_tiers_only_the_one_that_spends_most_is_called_high_spending() -> None:
    # The second spends 1.9 times what the other tiers do on average, and half of what the first does.
    profiles = make_profiles({"total_gmv": (6000.0, 3000.0, 100.0, 90.0, 80.0)})
    names = [story.segment_name for story in told(profiles, BUYERS, "tiers")]
    assert names[:2] == ["Top Tier — High-Spending Buyers", "Upper Tier of Buyers"]


def test_one_segment_is_everybody_whatever_the_verdict() -> None:
    profiles = make_profiles({"count_orders": (3.0,), "total_gmv": (3e6,)}, [1234])
    for verdict in ("none", "natural", "tiers"):
        (story,) = told(profiles, BUYERS, verdict)
        assert (story.segment_name, story.priority) == ("All Buyers", 1)
    assert story.insight == (
        "No segments are shown: all 1,234 buyers are described as one. "
        "On average they have 3 orders; an order is worth Rp 1.0 M."
    )
    assert [story.segment_name for story in told(profiles, SELLERS, "none", "id")] == ["Semua Penjual"]


def test_slices_that_do_not_hold_get_no_archetype() -> None:
    stories = told(published(PUBLISHED_BUYERS), BUYERS, "none")
    assert stories[0].segment_name == "Slice of Buyers — Frequent, Active"
    assert "not confirm it as a group" in stories[0].insight and "Do not build" in stories[0].recommendation


def test_segment_0_is_told_plainly_and_comes_last_in_priority() -> None:
    nobody, *others = told([NOBODY, *published(PUBLISHED_BUYERS)], BUYERS)
    assert (nobody.segment, nobody.segment_name) == (0, "Buyers without a Purchase")
    assert "none that counts as a purchase: 7 buyers." in nobody.insight and "7.0% of all" in nobody.insight
    assert "90.0% of each one's orders were cancelled" in nobody.insight
    assert nobody.priority == len(others) + 1
    empty = told([{"segment": 0, "size": 0, "share": None, "mean_cancel_rate": None}], SELLERS)
    assert empty[0].segment_name == "Sellers without a Sale" and empty[0].insight


def test_a_figure_that_is_unknown_takes_its_sentence_with_it() -> None:
    profiles = make_profiles({"income": (9, 1)})
    rich, _ = told(profiles, BUYERS)
    assert rich.insight == "They are 50.0% of buyers. They are high in income: 9 on average."
    assert told(profiles, BUYERS, "tiers")[0].recommendation == "Address them as one tier: 100 buyers."


AWAY = {"total_gmv": (9e6, 2e6, 1e6), "count_orders": (1.1, 5, 3), "recency_days": (300, 20, 30), "lapse": (6, 1, 1)}


def test_who_has_no_usual_gap_is_told_of_none() -> None:
    # Nearly all of the first bought once; three have a rhythm. Of the second archetype the sentence has no gap either.
    shop = load_archetypes("buyers", kind="shop")
    profiles = make_profiles(AWAY, medians={"count_orders": (1, 5, 3)}, known={"lapse": (3, 100, 100)})
    lapsed = tell(profiles, BUYERS, "natural", shop, "en", "IDR")[0]
    assert lapsed.segment_name == "Lapsed High-Spending Customers" and "usual gap" not in lapsed.insight
    half = [{**row, "known_lapse": 50} for row in profiles]
    assert "away for 6 times their usual gap" in tell(half, BUYERS, "natural", shop, "en", "IDR")[0].insight

    dormant = published(PUBLISHED_BUYERS)
    dormant[2] |= {"known_lapse": 49}
    story = told(dormant, BUYERS)[2]
    assert story.segment_name == "Moderate-Spending Dormant Buyers"
    assert story.insight.endswith("They are less engaged over time: 13.2 orders on average, the last 161 days ago.")


def test_one_who_came_soon_again_does_not_speak_for_a_thousand_who_stayed_away() -> None:
    figures = {**AWAY, "total_gmv": (1e6, 3e6, 2e6), "lapse": (1.2, 1, 1)}
    profiles = make_profiles(figures, (1000, 100, 100), known={"lapse": (1, 100, 100)})
    (story, *_) = tell(profiles, BUYERS, "tiers", load_archetypes("buyers", kind="shop"), "en", "IDR")
    assert "Half of them bought last 300 days ago or earlier." in story.insight
    profiles = make_profiles(figures, (1000, 100, 100))
    (story, *_) = tell(profiles, BUYERS, "tiers", load_archetypes("buyers", kind="shop"), "en", "IDR")
    assert "300 days" not in story.insight


@pytest.mark.parametrize("feature", ["age", "income"])
def test_what_is_known_of_a_few_names_nobody(feature: str) -> None:
    figures = {"total_gmv": (9e6, 8.8e6), "count_orders": (9, 9), feature: (61.0, 24.0)}
    names = {
        of: [story.segment_name for story in told(make_profiles(figures, (500, 500), known={feature: of}), BUYERS)]
        for of in ((1, 1), (500, 249), (250, 250))
    }
    assert names[1, 1] == names[500, 249] == ["Other Buyers with Higher Spending", "Other Buyers with Lower Spending"]
    word = {"age": ["Older Buyers", "Younger Buyers"], "income": ["High Income Buyers", "Low Income Buyers"]}
    assert names[250, 250] == word[feature]


def test_who_pays_half_as_much_an_order_as_another_spends_no_large_amounts() -> None:
    # A few large orders make the mean of the second the highest; half of them pay 200 K or less, of the first 400 K.
    figures = {
        "total_gmv": (9e6, 3e6, 1e6), "count_orders": (30, 3, 20), "avg_order_value": (3e5, 9e5, 5e4),
        "recency_days": (5, 200, 100), "orders_per_month": (4, 0.3, 2), "lapse": (1, 5, 1.5),
    }  # fmt: skip
    for median, said in ((2e5, "They spend occasionally: Rp 1.0 M an order."), (4e5, "They occasionally spend large")):
        profiles = make_profiles(figures, medians={"avg_order_value": (4e5, median, 5e4)})
        dormant = told(profiles, BUYERS)[1]
        assert dormant.segment_name == "Moderate-Spending Dormant Buyers" and dormant.insight.startswith(said)


def test_classes_at_luxury_prices_are_not_cheap_for_being_cheaper_than_others() -> None:
    classes = load_archetypes("buyers", "conf/segments/classes.yml", "services")

    def insights(*prices: float) -> str:
        profiles = make_profiles({"price": prices, "age": (30, 31, 32), "total_gmv": (4e6, 3e6, 1e6)})
        for row, category in zip(profiles, ("Fashion", "Memasak", "Anak"), strict=True):
            row |= {"top_category": category, "top_category_share": 0.9}
            row |= {"top_price_tier": "Luxury", "top_share_price_tier": 0.95, "top_lift_price_tier": 1.0}
        return " ".join(story.insight for story in tell(profiles, BUYERS, "natural", classes, "en", "IDR"))

    assert "low prices" not in insights(4e5, 2.5e5, 1.5e5) and "moderate" not in insights(4e5, 2.5e5, 1.5e5)
    assert "low prices" in insights(1.2e5, 6e4, 3e4) and "moderate" in insights(1.2e5, 6e4, 3e4)


def test_one_of_whom_all_are_is_not_told_as_many() -> None:
    (story,) = told(make_profiles({"count_orders": (1,), "total_gmv": (5.0,)}, [1]), BUYERS, "none")
    assert story.insight.startswith("No segments are shown: there is only 1 buyer. ")
    assert "alike" not in story.recommendation
    nobody = told([{**NOBODY, "size": 1}, *make_profiles({"count_orders": (3,)})], BUYERS)[0]
    assert nobody.recommendation == "Find out what stops a first purchase: 1 buyer without one."


def test_where_no_categories_are_known_none_are_spoken_of() -> None:
    figures = {"total_gmv": (90.0, 60.0, 40.0, 20.0, 10.0, 5.0), "unique_categories": (4, 3, 3, 2, 2, 1)}
    assert (
        "across categories"
        in told(make_profiles(figures | {"count_orders": (9,) * 6}), BUYERS, "tiers")[2].recommendation
    )
    figures = {"total_gmv": figures["total_gmv"], "count_orders": (9,) * 6}
    upper_middle = told(make_profiles(figures), BUYERS, "tiers")[2]
    assert upper_middle.recommendation == "Offer them bundles and volume prices: 9 orders each on average so far."


OWN = """
noun: {en: Customers, id: Pelanggan}
archetypes:
  - name: {en: Parents & Kids, id: Orang Tua & Anak}
    where: {top_category: Anak}
    when: {price: low}
    insight: {en: "They pay {mean_price} a class.", id: "Mereka membayar {mean_price} per kelas."}
    recommendation: {en: "Offer bundles to {share} of customers.", id: "Tawarkan paket bagi {share} pelanggan."}
    strategy:
      channel: {en: "WhatsApp groups, school networks", id: "Grup WhatsApp, jaringan sekolah"}
      message: {en: "Affordable learning at {mean_price}", id: "Belajar terjangkau seharga {mean_price}"}
    priority: 1
"""


def test_a_business_brings_its_own_archetypes_with_strategies_and_priorities(tmp_path: Path) -> None:
    (tmp_path / "classes.yml").write_text(OWN)
    archetypes = load_archetypes("buyers", str(tmp_path / "classes.yml"))
    profiles = make_profiles({"price": (113, 36), "total_gmv": (300, 50)})
    profiles[0] |= {"top_category": "Fashion", "top_category_share": 0.9}
    profiles[1] |= {"top_category": "Anak", "top_category_share": 0.5}
    luxury, kids = tell(profiles, BUYERS, "natural", archetypes, "en", "IDR")
    assert (kids.segment_name, kids.priority) == ("Parents & Kids", 1)
    assert kids.strategy == {"channel": "WhatsApp groups, school networks", "message": "Affordable learning at 36"}
    assert (luxury.segment_name, luxury.priority, luxury.strategy) == ("High-Spending, High Price Customers", 2, None)


def test_values_go_by_what_the_source_calls_them(tmp_path: Path) -> None:
    (tmp_path / "classes.yml").write_text(OWN.replace("They pay", "{top_category}: they pay").replace(
        "Mereka membayar {mean", "{top_category}: mereka membayar {mean"))  # fmt: skip
    names = {"Anak": Text(en="Children", id="Anak-anak")}
    words = WORDINGS["shop"].of({}, names)
    archetypes = load_archetypes("buyers", str(tmp_path / "classes.yml"), "shop", words)
    profiles = make_profiles({"price": (113, 36), "total_gmv": (300, 50)})
    profiles[0] |= {"top_category": "Fashion", "top_category_share": 0.9}
    profiles[1] |= {"top_category": "Anak", "top_category_share": 0.9}
    said = {lang: tell(profiles, BUYERS, "natural", archetypes, lang, "IDR")[1].insight for lang in LANGS}
    assert said == {"en": "Children: they pay 36 a class.", "id": "Anak-anak: mereka membayar 36 per kelas."}
    label = Labels(load_texts("id").worded(words)).value
    assert (label("Anak"), label("Fashion"), label(None)) == ("Anak-anak", "Fashion", "tidak diketahui")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{en: \"They pay 36 a class: {share}.\", id: \"{share}\"}", "found a number in"),
        ("{en: They pay little., id: Mereka membayar sedikit.}", "found no figure in"),
        ("{en: \"{share}\", id: \"{size}\"}", "found other slots in id than in en"),
        ("{en: \"{share}\", id: \"{share}\", when: {price: huge}}", "found 'huge', expected 'highest'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_one_sentence(tmp_path: Path, wrong: str, said: str) -> None:
    right = '{en: "They pay {mean_price} a class.", id: "Mereka membayar {mean_price} per kelas."}'
    (tmp_path / "own.yml").write_text(OWN.replace(right, wrong))
    with pytest.raises(InputError, match=r"own\.yml: archetypes\.0\.insight.*") as failure:
        load_archetypes("buyers", str(tmp_path / "own.yml"))
    assert said in str(failure.value)


@pytest.mark.parametrize(
    ("lang", "days", "said"),
    [
        ("en", 0, "They bought recently: half of them on the last day."),
        ("en", 1, "They bought recently: half of them within 1 day."),
        ("en", 21, "They bought recently: half of them within 21 days."),
        ("id", 0, "Mereka baru saja membeli: separuhnya pada hari terakhir."),
        ("id", 1, "Mereka baru saja membeli: separuhnya dalam 1 hari terakhir."),
    ],
)
def test_days_are_said_as_people_do(lang: str, days: int, said: str) -> None:
    profiles = make_profiles({"recency_days": (3, 300)}, medians={"recency_days": (days, 300)})
    assert said in told(profiles, BUYERS, "tiers", lang)[0].insight


def test_one_time_is_once_and_one_of_several_is_one() -> None:
    means = {"count_orders": (9, 1.5), "unique_sellers": (9, 1.2)}
    profiles = make_profiles(
        {**means, "orders_per_month": (3, 0.4)}, medians={"unique_sellers": (9, 1), "orders_per_month": (1, 0.4)}
    )
    often, seldom = told(profiles, BUYERS, "tiers")
    assert "half of them once a month or more" in often.insight and "1 times" not in often.insight
    assert "1 sellers" not in seldom.insight
    often = told(profiles, BUYERS, "tiers", "id")[0]
    assert "separuhnya sekali sebulan atau lebih" in often.insight


@pytest.mark.parametrize(
    ("orders", "said"), [(1, "Of them 17.2% have come back after the first order."), (2, "They order seldom")]
)
def test_who_bought_once_is_not_said_to_buy_seldom(orders: int, said: str) -> None:
    profiles = make_profiles(
        {"count_orders": (20, 1.2), "orders_per_month": (3, 0.06)},
        medians={"count_orders": (20, orders), "orders_per_month": (3, 0.06)},
    )
    profiles[1]["repeat_rate"] = 0.172
    once = told(profiles, BUYERS, "tiers")[1]
    assert said in once.insight
    assert ("seldom" in once.insight) is (orders > 1)


def test_a_tier_that_brings_as_much_as_the_top_is_not_led_there_by_what_it_spends() -> None:
    # Two tiers of a grocer with the same basket, told apart by who happened to come last week.
    means = {
        "total_gmv": (450.0, 373.0, 145.0, 49.0),
        "count_orders": (7.9, 6.6, 2.1, 2.0),
        "recency_days": (2, 14, 34, 36),
    }
    upper = told(make_profiles(means), BUYERS, "tiers")[1]
    assert (
        upper.recommendation
        == "Make the next order soon and easy: half of them had the last one 14 days ago or earlier."
    )
    means["total_gmv"] = (900.0, 373.0, 145.0, 49.0)
    upper = told(make_profiles(means), BUYERS, "tiers")[1]
    assert upper.recommendation.startswith("Lead them towards the top tier")


def test_a_tier_is_not_named_by_what_another_tier_has_more_of() -> None:
    means = {
        "unique_sellers": (7.4, 6.3, 2.0, 1.9),
        "count_orders": (7.9, 6.6, 2.1, 1.95),
        "total_gmv": (450.0, 373.0, 145.0, 49.0),
    }
    names = [story.segment_name for story in told(make_profiles(means), BUYERS, "tiers")]
    assert "Many-Seller" in names[0] and "Many-Seller" not in names[1]
    assert "Few-Seller" in names[3] and "Few-Seller" not in names[2]


def test_tiers_next_to_each_other_are_told_apart_aloud_in_indonesian() -> None:
    steps = [step.name.into("id") for step in ARCHETYPES["buyers"].grammar.ladder]
    assert (steps[0], steps[-1]) == ("Puncak", "Dasar")
    assert not any(one.lower().endswith(other.lower()) for one in steps[:2] for other in steps[:2] if one != other)
    assert not any(one.lower().endswith(other.lower()) for one in steps[-2:] for other in steps[-2:] if one != other)
