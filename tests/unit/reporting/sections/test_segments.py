from __future__ import annotations

import pandas as pd
import pytest

from segmentation.i18n.text import Lang
from segmentation.i18n.wording import WORDINGS
from segmentation.reporting.data import EntityData
from segmentation.reporting.sections import correlation, differences, overview, pareto, search, spreads, summary, sure
from segmentation.reporting.sections.segments import features_of, fidelity, of_whom, segments, size_of, statistics
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import (
    make_attribute,
    make_entity,
    make_pareto,
    make_profiles,
    make_report_data,
    make_sweep,
)
from tests.unit.reporting.published import BUYERS, SELLERS

ENGLISH = voice_of("en", "IDR")


def test_segments_by_number_and_those_without_a_sale_last() -> None:
    found = segments("buyers", make_entity(BUYERS, "natural"), ENGLISH)

    assert [one.number for one in found] == [1, 2, 3, 0]
    assert [one.name for one in found][-1] == "Without a sale"
    assert (found[0].size.text, found[0].share.text, found[0].gmv_share.text) == ("1,412", "9.9%", "85.8%")
    assert found[0].strategy["Channel"] == "WhatsApp"


def test_segment_0_is_left_out_where_nobody_is_in_it() -> None:
    profiles = make_profiles(BUYERS).assign(size=lambda frame: frame["size"].where(frame["segment"] > 0, 0))

    assert [one.number for one in segments("buyers", make_entity(BUYERS, None, profiles=profiles), ENGLISH)] == [
        1,
        2,
        3,
    ]


def test_size_counts_everyone() -> None:
    assert size_of(make_entity(BUYERS, "natural")) == 1_412 + 5_209 + 7_688 + 211
    assert size_of(EntityData(pd.DataFrame(), pd.DataFrame())) is None


def test_table_shows_mean_median_and_range() -> None:
    table = statistics("buyers", make_entity(BUYERS, "natural"), ENGLISH)

    assert table is not None
    assert table.numbers == [1, 2, 3]
    name, cells = table.lines[0]
    assert name == "Sales (orders)"
    assert [(mean.text, median.text, range) for mean, median, range in cells] == [
        ("170.6", "105.8", "18.8 – 409.5"), ("13.2", "8.2", "1.5 – 31.7"), ("5.1", "3.2", "0.56 – 12.2"),
    ]  # fmt: skip
    assert (cells[0][0].value, cells[0][0].of) == ("170.63", "buyer_profiles/1/mean_count_orders")


def test_features_are_those_that_made_the_segments() -> None:
    assert features_of(make_entity(BUYERS, None, used=("recency_days",))) == ["recency_days"]
    assert len(features_of(make_entity(BUYERS, None, used=()))) == 6


def test_value_is_drawn_without_revenue_where_there_is_none() -> None:
    value = differences.pictures("sellers", make_entity(SELLERS, "tiers"), ENGLISH)[0]

    assert [panel.title for panel in value.draw.args[0]] == ["Share of sellers that sold", "Share of GMV"]  # type: ignore[attr-defined]
    assert value.title == "High-Volume Established Sellers: 12.1% of sellers with a sale, 73.5% of GMV"


def test_one_segment_has_nothing_to_differ_from() -> None:
    one = make_entity(BUYERS, "none", profiles=make_profiles(BUYERS).iloc[:2])

    assert [picture.name for picture in differences.pictures("buyers", one, ENGLISH)] == ["buyers_value"]


def test_lift_steps_lie_alike_on_both_sides() -> None:
    assert [differences.lift_step(lift) for lift in (0.0, 0.1, 0.5, 1.0, 1.05, 2.0, 10.0, None)] == [
        -4, -4, -2, 0, 0, 2, 4, None,
    ]  # fmt: skip


def test_spread_says_medians_and_ranges() -> None:
    picture = spreads.picture("buyers", make_entity(BUYERS, "natural"), ENGLISH)

    assert picture is not None
    assert "High-Spending Regulars 105.8 (18.8 – 409.5)" in picture.alt


def test_few_who_hold_half_of_gmv_come_first() -> None:
    extreme = make_entity(BUYERS, "natural", pareto=make_pareto(0.92, 0.97, 0.99))
    data = make_report_data(entities={"buyers": extreme, "sellers": make_entity(SELLERS, "tiers")})

    said = pareto.sentence("buyers", extreme, ENGLISH)
    assert said == (
        "The top 1% of buyers with a sale (144 of 14,309) hold 92.0% of GMV, the other 14,165 together 8.0%. "
        "The largest alone holds 41.0%."
    )
    assert summary.how_are_we(overview.by_dimension(data.overview), data, ENGLISH)[0] == said
    first = pareto.first_picture("buyers", extreme, ENGLISH)
    assert first is not None
    assert first.title == "Top 1% of buyers: 92.0% of GMV"
    (rest,) = pareto.picture(data, ENGLISH).draw.args[0]  # type: ignore[union-attr]
    assert rest.title == "Sellers that sold the most"
    few = make_pareto(0.92, 0.97, 0.99).assign(entities=[1, 5, 20], everyone=100, largest=0.92)
    bars = pareto.first_picture("buyers", make_entity(BUYERS, None, pareto=few), ENGLISH).draw.args[0][0].bars  # type: ignore[union-attr]
    assert [bar.label for bar in bars] == ["The largest buyer", "Top 5% of buyers", "Top 20% of buyers"]
    assert "the other 99 together 8.0%" in pareto.sentence("buyers", make_entity(BUYERS, None, pareto=few), ENGLISH)


@pytest.mark.parametrize(
    "frame",
    [make_pareto(0.499, 0.7, 0.9), make_pareto(0.9, 0.95, 0.99).assign(everyone=99), None],
    ids=["less than half", "too few for 1 % to be somebody", "not measured"],
)
def test_otherwise_concentration_stays_where_it_is(frame: pd.DataFrame | None) -> None:
    entity = make_entity(BUYERS, "natural", pareto=frame)

    assert pareto.sentence("buyers", entity, ENGLISH) == ""
    assert pareto.first_picture("buyers", entity, ENGLISH) is None


def test_pareto_is_left_out_where_it_was_not_measured() -> None:
    entity = make_entity(BUYERS, "natural", pareto=None)

    assert pareto.picture(make_report_data(entities={"buyers": entity}), ENGLISH) is None
    measured = pareto.picture(make_report_data(), ENGLISH)
    assert measured is not None
    assert measured.title == "Top 20% of buyers: 91.2% of GMV"


def test_search_shows_the_chosen_k_and_why_others_did_not_pass() -> None:
    entity = make_entity(BUYERS, "natural")
    table = search.fits_table(entity, ENGLISH)
    elbow, silhouette, _ = search.pictures("buyers", entity, ENGLISH)

    assert [fit.cells[-1] for fit in table][:3] == ["passed", "chosen", "passed"]
    assert table[-1].cells[-1] == "not stable: less than 0.75 over redraws"
    assert silhouette.title == "k = 3: silhouette 0.783, where chance gives 0.280"
    assert "k=2 0.710" in silhouette.alt
    assert elbow.name == "buyers_elbow"


def test_what_was_not_measured_is_a_dash() -> None:
    cells = search.fits_table(make_entity(BUYERS, None, sweep=make_sweep(judged=False)), ENGLISH)[0].cells

    assert cells == ("K-means", "2", "0.710", "–", "–", "21.0%", "–", "–", "passed")
    measured = search.fits_table(make_entity(BUYERS, None), ENGLISH)[0].cells
    assert measured == ("K-means", "2", "0.710", "0.290", "6.1%", "21.0%", "0.990", "20 of 20", "passed")
    assert len(measured) == len(ENGLISH.translate.tree["search"]["columns"])


def test_a_mixture_has_no_elbow() -> None:
    sweep = make_sweep().assign(method="gaussian_mixture", wssse=None)

    names = [picture.name for picture in search.pictures("buyers", make_entity(BUYERS, None, sweep=sweep), ENGLISH)]
    assert names == ["buyers_silhouette", "buyers_correlation"]


def test_of_many_features_the_strongest_pairs_are_listed() -> None:
    names = [*(f"x{at}" for at in range(14)), "plan = Basic", "plan = Premium"]
    matrix = pd.DataFrame(0.1, index=names, columns=names)
    matrix.loc["x0", "x1"] = matrix.loc["x1", "x0"] = -0.6
    matrix.loc["plan = Basic", "plan = Premium"] = matrix.loc["plan = Premium", "plan = Basic"] = -0.9

    many = make_entity(BUYERS, None, correlation=matrix)
    assert correlation.picture("buyers", many, ENGLISH) is None
    found = correlation.pairs(many, ENGLISH)
    assert found is not None
    assert found.lines[0] == ("X0", "X1", "−0.60")  # a plan is not another plan: that is no relation
    assert len(found.lines) == correlation.STRONGEST
    assert "15 strongest of 119 pairs" in found.note
    assert correlation.pairs(make_entity(BUYERS, None, correlation=matrix.iloc[:15, :15]), ENGLISH) is None
    assert correlation.picture("buyers", make_entity(BUYERS, None, correlation=matrix.iloc[:15, :15]), ENGLISH)


def test_features_that_say_the_same_are_not_listed_without_end() -> None:
    names = [f"x{at}" for at in range(20)]
    alike = pd.DataFrame(0.95, index=names, columns=names)
    entity = make_entity(BUYERS, None, correlation=alike, imputed={})

    assert len(search.remarks(entity, ENGLISH)) == search.REMARKS


def test_correlation_names_the_closest_pair() -> None:
    matrix = pd.DataFrame(
        [[1.0, -0.8], [-0.8, 1.0]], index=["count_orders", "recency_days"], columns=["count_orders", "recency_days"]
    )
    picture = correlation.picture("buyers", make_entity(BUYERS, None, correlation=matrix), ENGLISH)

    assert picture is not None
    assert picture.title == "Strongest relation: Sales (orders) and Days since last order, −0.80"
    assert correlation.picture("buyers", make_entity(BUYERS, None, correlation=None), ENGLISH) is None


def test_segments_that_overlap_in_a_feature_are_not_told_apart_by_it() -> None:
    def row(segment: int, lift_days: float, days: tuple[float, float], lift_orders: float, orders: tuple[float, float]):  # type: ignore[no-untyped-def]
        return {
            "segment": segment, "segment_name": f"S{segment}", "lift_days": lift_days, "lift_orders": lift_orders,
            "p10_days": days[0], "p90_days": days[1], "p10_orders": orders[0], "p90_orders": orders[1],
        }  # fmt: skip

    rows = [row(1, 0.58, (0, 1), 1.2, (105, 120)), row(2, 1.2, (0, 2), 0.8, (70, 90))]
    assert differences._widest(rows, ["days", "orders"], ENGLISH) == "Orders: ×1.2 in S1, ×0.80 in S2"
    assert differences._widest(rows, ["days"], ENGLISH) == ""


def test_each_side_is_spoken_of_by_what_it_does() -> None:
    shop = WORDINGS["shop"]
    english, indonesian = (voice_of(lang, "USD", wording=shop) for lang in ("en", "id"))

    assert english.translate.side("buyers", "pareto") == "Customers that spent the most"
    assert english.translate.side("sellers", "pareto") == "Stores that sold the most"
    assert english.translate.side("sellers", "top_one") == "The largest store"
    assert indonesian.translate.side("sellers", "top_one") == "Toko terbesar"
    assert [english.of(side).labels.feature("recency_days") for side in ("buyers", "sellers")] == [
        "Days since last order", "Days since last sale",
    ]  # fmt: skip
    assert english.of("sellers").rule("recency_days < 6").startswith("Days since last sale")
    assert english.of("buyers").labels.feature("lapse") == "Time since last order ÷ usual gap"


def test_what_is_most_common_is_no_fact_of_a_segment_where_segments_do_not_differ_in_it() -> None:
    parts = {1: (100, {"a": 50, "b": 50}), 2: (100, {"b": 49, "a": 51})}
    alike = make_attribute("top_category", parts, p_adjusted=0.9, effect=0.01, differs=False)
    differs = make_attribute("top_category", parts)

    def facts(attributes: pd.DataFrame | None) -> list[str]:
        found = segments("buyers", make_entity(BUYERS, "natural", attributes=attributes), ENGLISH)
        return [name for name, _ in found[0].facts]

    assert facts(alike) == ["Most common province, where known"]
    assert (
        facts(differs) == facts(None) == ["Most common province, where known", "Most common main category, where known"]
    )
    assert facts(alike.assign(test=None)) == facts(None)  # of so few that nothing was tested


def test_correlations_are_said_to_be_of_the_scales_of_the_segments() -> None:
    picture = correlation.picture("buyers", make_entity(BUYERS, "natural"), ENGLISH)

    assert picture is not None
    assert "the scales that the segments were found on" in picture.note
    assert "the scales that the segments were found on" in picture.alt


def test_a_segment_that_no_rule_is_said_of_is_named() -> None:
    profiles = make_profiles(BUYERS)
    profiles.loc[profiles["segment"] == 2, "rule"] = "false"

    assert fidelity(make_entity(BUYERS, "natural"), ENGLISH) == (
        "For 96.0% of all, the simple rule of their own segment holds, and that of no other."
    )
    name = profiles.set_index("segment").loc[2, "segment_name"]
    assert fidelity(make_entity(BUYERS, "natural", profiles=profiles), ENGLISH).endswith(
        f"No simple rule tells {name} apart."
    )


def test_of_few_every_bar_is_of_others_and_named_by_how_many_they_are() -> None:
    def bars(everyone: int, *entities: int, lang: Lang = "en") -> list[tuple[str, str]]:
        frame = make_pareto(0.4, 0.4, 0.55).assign(entities=list(entities), everyone=everyone)
        data = make_report_data(entities={"sellers": make_entity(SELLERS, "tiers", pareto=frame)})
        picture = pareto.picture(data, voice_of(lang, "USD", wording=WORDINGS["shop"]))
        assert picture is not None
        return [(bar.label, bar.figure) for bar in picture.draw.args[0][0].bars]  # type: ignore[attr-defined]

    assert bars(4, 1, 1, 1) == [("The largest store", "40.0%")]
    assert bars(8, 1, 1, 2) == [("The largest store", "40.0%"), ("The 2 largest stores", "55.0%")]  # 2 of 8 are 25 %
    assert [label for label, _ in bars(25, 1, 2, 5)] == [
        "The largest store", "The 2 largest stores", "Top 20% of stores",
    ]  # fmt: skip
    assert [label for label, _ in bars(25, 1, 2, 5, lang="id")][:2] == ["Toko terbesar", "2 toko terbesar"]


def test_what_few_hold_and_what_is_left_add_up_to_all() -> None:
    half = make_entity(BUYERS, None, pareto=make_pareto(0.6525, 0.7, 0.9))
    # 65.25 % is shown as 65.3 %, so that 34.7 % are left, and not the 34.8 % that 34.75 % would be shown as.
    assert "hold 65.3% of GMV, the other 14,165 together 34.7%." in pareto.sentence("buyers", half, ENGLISH)


def test_nothing_is_so_many_times_a_mean_below_nought() -> None:
    # Two equal segments of means -5 and -50: the mean of all is -27.5, of which the better one has least.
    profiles = pd.DataFrame(
        {
            "segment": [1, 2], "segment_name": ["A", "B"], "size": 5, "share": 0.5, "gmv_share": None, "revenue_share": None,
            "mean_balance": [-5.0, -50.0], "lift_balance": [5 / 27.5, 50 / 27.5], "p10_balance": [-8.0, -80.0],
            "p90_balance": [-2.0, -20.0],
        }
    )  # fmt: skip

    def drawn(data: pd.DataFrame) -> dict[str, str]:
        entity = EntityData(data, pd.DataFrame(), "natural")
        return {picture.name: picture.alt for picture in differences.pictures("buyers", entity, ENGLISH)}

    assert "buyers_lift" not in drawn(profiles)
    beside = drawn(profiles.assign(mean_age=[20.0, 60.0], lift_age=[0.5, 1.5]))["buyers_lift"]
    assert "Age" in beside and "Balance" not in beside


def test_whom_a_share_is_of_is_said_where_somebody_has_no_sale() -> None:
    everybody = make_profiles(BUYERS).iloc[1:]
    for profiles, title, note in (
        (everybody, "9.9% of buyers, 85.8% of GMV", ""),
        (
            make_profiles(BUYERS),
            "9.9% of buyers with a sale, 85.8% of GMV",
            "Shares of buyers are of those with a sale.",
        ),
    ):
        data = make_entity(BUYERS, "natural", profiles=profiles)
        assert differences.pictures("buyers", data, ENGLISH)[0].title == f"High-Spending Regulars: {title}"
        assert of_whom("buyers", data, ENGLISH) == note
        surely = sure.picture("buyers", data, ENGLISH)
        assert surely is not None and f"% of buyers{' with a sale' if note else ''} are well inside" in surely.title
    indonesian = voice_of("id", "IDR")
    assert of_whom("buyers", make_entity(BUYERS, None), indonesian) == "Porsi pembeli dihitung dari yang bertransaksi."
