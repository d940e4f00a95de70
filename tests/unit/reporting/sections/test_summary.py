from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from segmentation.i18n.text import LANGS, Lang
from segmentation.i18n.wording import WORDINGS, BusinessKind
from segmentation.reporting.activity import Activity
from segmentation.reporting.data import Business, EntityData
from segmentation.reporting.sections import overview, summary, trust
from segmentation.reporting.sections.advice import advice
from segmentation.reporting.sections.segments import segments
from segmentation.reporting.voice import voice_of
from segmentation.story.marketplace import load_marketplace
from tests.unit.reporting.fixtures import (
    make_all_batches,
    make_entity,
    make_ledger,
    make_overview,
    make_report_data,
    make_sweep,
    overview_frame,
)
from tests.unit.reporting.published import BUYERS, SELLERS

ENGLISH = voice_of("en", "IDR")


def test_tiles_come_from_totals_and_profiles() -> None:
    data = make_report_data()
    found = summary.tiles(data, overview.by_dimension(data.overview), ENGLISH)

    assert [(tile.name, tile.figure.text) for tile in found] == [
        ("GMV", "Rp 27.5 T"), ("Platform revenue", "Rp 122.8 B"), ("Sales (orders)", "325,074"),
        ("Buyers", "14,520"), ("Sellers", "8,371"),
    ]  # fmt: skip


def test_the_last_full_month_is_held_against_the_one_before() -> None:
    data = make_report_data()
    sentences = summary.how_are_we(overview.by_dimension(data.overview), data, ENGLISH)

    assert (
        sentences[0]
        == "Jul 2023, the last full month, brought Rp 3.0 T of GMV: per day 6.5% more than the month before."
    )


def test_actions_come_by_priority() -> None:
    data = make_report_data()
    found = summary.actions({name: segments(name, entity, ENGLISH) for name, entity in data.entities.items()})

    assert [(action.entity, action.segment.priority) for action in found] == [
        ("buyers", 1), ("sellers", 1), ("buyers", 2), ("sellers", 2),
    ]  # fmt: skip


def test_to_treat_all_alike_comes_after_what_is_to_be_done_for_some() -> None:
    data = make_report_data()
    by_name = {name: segments(name, entity, ENGLISH) for name, entity in data.entities.items()}
    found = summary.actions({**by_name, "buyers": by_name["buyers"][:1]})
    assert [(action.entity, action.segment.priority) for action in found] == [
        ("sellers", 1), ("sellers", 2), ("sellers", 3), ("buyers", 1),
    ]  # fmt: skip


def test_verdicts_claim_no_more_than_they_are() -> None:
    def said(entity: str, verdict: str | None, **changes: object) -> str:
        return summary.verdict(entity, make_entity(BUYERS, verdict, **changes), ENGLISH)

    assert "natural groups: they stand apart" in said("buyers", "natural")
    assert "tiers" in said("sellers", "tiers")
    nothing = make_sweep(chosen=None)
    assert "no segmentation was asked for, or none held up" in said("buyers", "none", sweep=nothing)
    assert "3 segments of buyers were asked for, and the data do not confirm them" in said("buyers", "none")
    # By the model of an earlier search than the last one: there are segments, and what the gates said is not known.
    unknown = said("buyers", "none", sweep=make_sweep().head(0))
    assert unknown == "Whether these are natural groups was not judged in this run."
    unstable = make_sweep(chosen=8)  # asked for, and refused
    assert said("buyers", "none", sweep=unstable).startswith(
        "The 8 segments of buyers were asked for, and the data do not confirm them: they do not come back from other data."
    )
    dealt = make_sweep(chosen=None).assign(reason="tiers by chance: orders dealt out at random would differ as much")
    assert "orders dealt out among them at random would be as uneven" in said("sellers", "none", sweep=dealt)
    chance = make_sweep().assign(
        reason="no better than chance: silhouette 0.3 against 0.3 without groups, less than 0.010 above"
    )
    assert "hardly further apart than chance" in said("buyers", "tiers", sweep=chance)
    assert "without gaps" not in said("buyers", "tiers", sweep=chance)
    assert "not judged" in said("buyers", None)
    few = make_sweep(chosen=None).assign(admitted=False, reason="not tried: 1,012 entities, fewer than the 2000 needed")
    assert said("sellers", "none", sweep=few).startswith(
        "Too few to look for segments: 1,012 sellers with a sale, and at least 2,000 are needed."
    )


def test_accepted_share_leaves_duplicates_out() -> None:
    ledger = pd.DataFrame(
        {"table_name": ["orders"], "rows_accepted": [75], "rows_quarantined": [25], "rows_duplicate": [900]}
    )

    assert trust.accepted_share(make_report_data(ledger=ledger)) == 0.75
    assert trust.accepted_share(make_report_data(ledger=pd.DataFrame())) is None


def test_unknowns_are_said() -> None:
    without = overview.by_dimension(make_overview(revenue=False))

    assert trust.unknowns(without, ENGLISH) == [
        "Platform revenue: not in the files.", "Province of the buyer: not known for 5.5% of GMV.",
    ]  # fmt: skip


def test_advice_rests_on_figures() -> None:
    data = make_report_data()
    found = {one.title: one.text for one in advice(data, overview.by_dimension(data.overview), ENGLISH)}
    niche = data.entities["sellers"].profiles.set_index("segment_name").loc["Niche Low-Volume Sellers"]

    assert (
        "Next by share of GMV after DKI Jakarta: Jawa Barat (11.8%), Jawa Timur (9.4%)."
        in found["Where to grow next: Jawa Barat, Jawa Timur"]
    )
    # 12% of GMV bring 8% of revenue: at the mean rate, 4% of revenue more.
    more = ENGLISH.figures.money(Decimal("122766236154") * Decimal("0.04"))
    assert more in found["See why little is earned on Office & Stationery"]
    assert "Barang & Jasa (4.0%); sales: 13,003." in found["Try offers on Barang & Jasa"]
    lift = found["Help the next segment sell more: Niche Low-Volume Sellers"]
    share = float(niche["gmv_share"])
    assert "sold 10% more, that would be" in lift
    # Never more than a tenth of what they sell themselves.
    assert f"that would be {ENGLISH.figures.money(0.1 * share * 27_540_670_420_148)} of GMV" in lift


@pytest.mark.parametrize(("published", "is_told"), [(1.0, True), (0.5, False)])
def test_little_is_earned_only_where_it_is_known_what_was_earned(published: float, is_told: bool) -> None:
    frame = make_overview()
    frame = frame.assign(revenue_orders=frame["orders"] * published)
    titles = [one.title for one in advice(make_report_data(overview=frame), overview.by_dimension(frame), ENGLISH)]
    assert ("See why little is earned on Office & Stationery" in titles) is is_told


def test_the_rate_of_the_whole_is_of_the_orders_whose_revenue_is_known() -> None:
    # Of 1,000 orders of 1 each the revenue of one half is known, 1 % of it; in books 0.5 % is kept, of toys nothing is known.
    columns = ["dimension", "value", "orders", "gmv", "revenue", "revenue_orders", "published_gmv", "gmv_share"]
    lines = [
        ("total", "total", 1_000, 1_000.0, 5.0, 500, 500.0, 1.0),
        ("category", "books", 200, 200.0, 1.0, 200, 200.0, 0.2),
        ("category", "tools", 300, 300.0, 4.0, 300, 300.0, 0.3),
        ("category", "toys", 500, 500.0, None, 0, 0.0, 0.5),
    ]
    frame = pd.DataFrame(lines, columns=columns)
    found = {
        one.title: one.text
        for one in advice(make_report_data(overview=frame), overview.by_dimension(frame), voice_of("en", "USD"))
    }
    text = found["See why little is earned on books"]
    assert "below the 1.00% of the whole: books (0.50%). At the average rate they would bring USD 1 more" in text


def test_a_region_that_is_one_buyer_is_no_region_to_learn_from_or_to_grow() -> None:
    largest = {"DKI Jakarta": 0.9997, "Jawa Barat": 0.51, "Jawa Timur": 0.5}
    data = make_report_data(largest={"province": largest})
    found = {one.title: one.text for one in advice(data, overview.by_dimension(data.overview), ENGLISH)}

    assert (
        "99.97% of that: it tells of this one, not of the province." in found["Know the one buyer behind DKI Jakarta"]
    )
    assert not any(title.startswith("Learn from") for title in found)
    (grow,) = [text for title, text in found.items() if title.startswith("Where to grow next: Jawa Timur")]
    assert grow.startswith("Next by share of GMV among the provinces that do not hang on one buyer: Jawa Timur (9.4%)")
    assert grow.endswith(". Larger, but more than half of each is one buyer's: Jawa Barat (11.8%).")
    told = summary.how_are_we(overview.by_dimension(data.overview), data, ENGLISH)
    assert any(one.endswith("more than any other province; one buyer brings 99.97% of that.") for one in told)


def test_of_regions_that_are_as_good_as_equal_none_comes_next() -> None:
    rows = [
        ("total", None, 1.0, 1.0),
        *[("province", f"P{n}", share, 0.2) for n, share in enumerate((0.3, 0.299, 0.298, 0.053, 0.05))],
    ]
    data = make_report_data(overview=overview_frame(rows))
    (grow,) = [
        one
        for one in advice(data, overview.by_dimension(data.overview), ENGLISH)
        if one.title.startswith("Where to grow")
    ]
    assert grow.title == "Where to grow next: P3, P4"


def test_what_only_follows_another_refusal_is_no_reason_to_name() -> None:
    quarantine = pd.DataFrame(
        [("order_lines", "line_without_order", 26), ("orders", "missing_key", 8), ("orders", "bad_date", 5)],
        columns=["table_name", "reason", "rows"],
    )
    ledger = make_ledger().assign(rows_quarantined=34)
    (picture,) = [
        one
        for one in trust.pictures(make_report_data(quarantine=quarantine, ledger=ledger), ENGLISH)
        if one.name == "trust_reasons"
    ]
    assert picture.title == "Most frequent reason: identifier missing · Orders (8)"


def test_advice_is_silent_without_figures() -> None:
    nothing = make_report_data(entities={}, overview=overview_frame([("total", None, 1.0, 1.0)]))

    assert advice(nothing, overview.by_dimension(nothing.overview), ENGLISH) == []


def test_advice_follows_its_rules() -> None:
    rules = load_marketplace()
    strict = rules.model_copy(
        update={
            "emerging": rules.emerging and rules.emerging.model_copy(update={"at_least": 0.5}),
            "low_yield": rules.low_yield and rules.low_yield.model_copy(update={"yields": 0.1}),
            "underused": rules.underused and rules.underused.model_copy(update={"at_most": 0.0}),
            "gap": rules.gap and rules.gap.model_copy(update={"at_least": 1_000.0}),
            "top_region": None,
        }
    )
    data = make_report_data(suggestions=strict)

    assert advice(data, overview.by_dimension(data.overview), ENGLISH) == []


def test_a_gap_is_not_seen_between_sellers_that_are_one_group() -> None:
    sellers = make_entity(SELLERS, "none")
    data = make_report_data(entities={"sellers": sellers})

    assert not any("sell more" in one.title for one in advice(data, overview.by_dimension(data.overview), ENGLISH))


@pytest.mark.parametrize(("kind", "lang"), [(kind, lang) for kind in WORDINGS for lang in LANGS])
def test_what_a_tenth_of_the_middle_one_is_is_called_so(kind: BusinessKind, lang: Lang) -> None:
    # Ten sell 60 K in all, the middle one of them 5 K: a tenth of all is 6 K, ten times a tenth of the middle one's 5 K.
    told = {}
    for size in (10, 1):
        profiles = pd.DataFrame(
            [(1, "Top", 2, 0.9, 30_000.0), (2, "Next", size, 0.006 * size, 5_000.0)],
            columns=["segment", "segment_name", "size", "gmv_share", "median_total_gmv"],
        )
        sellers = EntityData(profiles, pd.DataFrame(), "natural")
        data = make_report_data(entities={"sellers": sellers}, suggestions=load_marketplace(kind=kind))
        frame = overview_frame([("total", None, 1.0, 1.0)]).assign(gmv=Decimal(1_000_000))
        (one,) = advice(data, overview.by_dimension(frame), voice_of(lang, "IDR", wording=WORDINGS[kind]))
        told[size] = one.text
    tenth, all_of_it, alone = {
        "en": ("10% of what the one in the middle sells, 10 times, ", "Rp 6.0 K", "this one"),
        "id": ("10% dari penjualan yang di tengah, dikalikan 10, ", "Rp 6,0 rb", "yang satu ini"),
    }[lang]
    before, after = told[10].split(tenth)
    assert all_of_it in before and re.search(r"\bRp 5[.,]0 ", after)
    assert alone in told[1] and not re.search("these 1|masing 1|dari 1", told[1])


def test_what_is_not_known_is_not_said_to_make_the_difference() -> None:
    lines = [("total", None, 1.0, 1.0), ("province", "Bali", 0.3, 0.3), ("province", "Aceh", 0.2, 0.2)]
    known = [("category", "Toys", 1.0, 1.0), ("payment_type", "Cash", 1.0, 1.0)]
    for more, tail in (
        (known, "See which categories and ways of payment make the difference before copying them."),
        (known[:1], "See what makes the difference before copying it."),
        ([], "See what makes the difference before copying it."),
    ):
        frame = overview_frame([*lines, *more])
        frame.loc[frame["value"] == "Bali", "orders"] //= 2
        found = advice(make_report_data(entities={}, overview=frame), overview.by_dimension(frame), ENGLISH)
        (learn,) = [one.text for one in found if one.title == "Learn from Bali"]
        assert learn.endswith(tail)


def test_how_sure_is_said_where_it_was_measured() -> None:
    data = make_report_data()

    told = summary.stability("buyers", data.entities["buyers"], ENGLISH)
    assert (
        told
        == "Would the same segments of buyers come back? In 19 of 20 random redraws of the data, all of them did; 15 are needed."
    )
    uncounted = make_entity(BUYERS, None, sweep=make_sweep().assign(stable_resamples=None))
    said = summary.stability("buyers", uncounted, ENGLISH)
    assert "In 20 redraws of the data the least stable buyer segment overlapped with itself by 93.0%" in said
    unmeasured = make_entity(BUYERS, None, sweep=make_sweep(judged=False))
    assert summary.stability("buyers", unmeasured, ENGLISH) == ""


def test_the_last_batch_is_called_so_and_all_of_them_stand_beside_it() -> None:
    data = make_report_data(all_batches=make_all_batches(3))
    orders, lines, *_ = trust.entries(data, ENGLISH)

    assert orders.rows[0] == "371,204" and orders.all_rows[0] == "1,113,612"
    assert orders.all_money[2] == "Rp 900"
    assert lines.all_rows and not lines.all_money
    assert trust.which_batch(data, ENGLISH).startswith("The pictures show the last of 3 batches")
    assert (
        trust.pictures(data, ENGLISH)[0].title
        == "99.2% of the last batch's order rows that were not duplicates were accepted"
    )
    assert "Since then 68 left the quarantine for their table, and 16" in trust.later(data, ENGLISH)
    assert "99.2% were accepted in the last batch, and 99.2% in all batches so far" in " ".join(
        summary.trust_lines(data, overview.by_dimension(data.overview), ENGLISH)
    )


def test_one_batch_is_all_that_there_is() -> None:
    data = make_report_data(all_batches=make_all_batches(1))

    assert not any(entry.all_rows for entry in trust.entries(data, ENGLISH))
    assert trust.which_batch(data, ENGLISH).startswith("So far one batch was taken in")
    assert trust.later(data, ENGLISH) == ""
    assert trust.pictures(data, ENGLISH)[0].title == "99.2% of the order rows that were not duplicates were accepted"


def test_a_table_that_only_earlier_batches_brought_is_in_the_ledger() -> None:
    data = make_report_data(ledger=make_ledger().iloc[:1], all_batches=make_all_batches(2))

    users = next(entry for entry in trust.entries(data, ENGLISH) if entry.table == "Users")
    assert (users.rows, users.all_rows[0]) == (["0", "0", "0", "0"], "49,022")


def test_the_ledger_keeps_the_order_of_tables() -> None:
    ledger = make_report_data().ledger.sort_values("table_name")
    found = trust.entries(make_report_data(ledger=ledger), ENGLISH)

    assert [entry.table for entry in found] == ["Orders", "Order lines", "Users", "Products"]


def test_that_lines_make_orders_is_said_where_they_count_as_duplicates() -> None:
    data = [make_report_data(business=Business(grain=grain)) for grain in ("order", "line")]
    plain, lines = (trust.pictures(each, ENGLISH)[0] for each in data)
    assert "all but one" not in plain.note
    assert "all but one stand under duplicates in the table, as further lines of an order" in lines.note


def test_tiers_that_come_back_too_seldom_are_not_called_reliable() -> None:
    def said(times: int, verdict: str = "tiers", returns: float = 0.75) -> str:
        sweep = make_sweep().assign(stable_resamples=times)
        return summary.stability("sellers", make_entity(SELLERS, verdict, sweep=sweep, returns=returns), ENGLISH)

    assert (
        "In 13 of 20 random redraws of the data, all of them did; 15 are needed. These tiers of sellers are not "
        in said(13)
    )
    assert "reliable" not in said(15) and "reliable" not in said(13, "natural")
    assert "11 are needed" in said(11, returns=0.55) and "reliable" not in said(11, returns=0.55)


def test_of_tiers_by_recency_it_is_said_that_days_move_them() -> None:
    by_days = make_entity(SELLERS, "tiers", used=("count_orders", "recency_days"))

    assert summary.moving("sellers", by_days, ENGLISH).startswith(
        "Time alone moves sellers: the days since the last sale"
    )
    assert summary.moving("sellers", make_entity(SELLERS, "tiers", used=("count_orders",)), ENGLISH) == ""
    assert summary.moving("sellers", make_entity(SELLERS, "natural", used=("recency_days",)), ENGLISH) == ""


@pytest.mark.parametrize(
    ("lately", "newest", "said"),
    [
        # 3,000 customers joined in a quarter, nobody after it; 169 still come.
        (169, date(1997, 3, 25), ["The newest buyer came in Mar 1997.", "169 of 3,000 buyers with a sale bought within the last 90 days."]),
        (1_600, date(1998, 6, 20), []),
        (1_400, date(1998, 6, 20), ["1,400 of 3,000 buyers with a sale bought within the last 90 days."]),
        (2_900, date(1998, 4, 1), ["The newest buyer came in Apr 1998."]),
    ],
)  # fmt: skip
def test_that_nobody_is_new_and_most_stay_away_is_said(lately: int, newest: date, said: list[str]) -> None:
    known = Activity(3_000, lately, newest)
    entity = make_entity(BUYERS, "tiers", activity=known)
    assert summary.lately("buyers", entity, date(1998, 6, 30), ENGLISH) == said


def test_copies_are_told_with_their_money_but_not_lines_of_an_order() -> None:
    ledger = make_ledger().iloc[:1].assign(rows_duplicate=40, gmv_duplicate=953.19)
    (said,) = trust.copies(make_report_data(ledger=ledger), ENGLISH)
    assert said == "Duplicates: 40 rows (Rp 953), copies of others, there already, or replaced by another version."
    assert trust.copies(make_report_data(ledger=ledger.assign(rows_duplicate=0)), ENGLISH) == []
    of_lines = make_report_data(ledger=ledger, business=Business(grain="line", raw_orders="till"))
    assert trust.copies(of_lines, ENGLISH) == []


def test_lines_are_no_duplicates_because_they_make_an_order() -> None:
    ledger = (
        make_ledger().iloc[:1].assign(rows_read=27_511, rows_accepted=6_000, rows_duplicate=21_510, rows_quarantined=1)
    )
    lines = Business(grain="line", raw_orders="till")

    def said(refused: int = 1, batches: int = 1, lang: Lang = "en") -> str:
        found = ledger.assign(rows_quarantined=refused)
        ever = make_all_batches(batches).iloc[:1].assign(rows_read=55_000, rows_quarantined=7)
        data = make_report_data(ledger=found, business=lines, all_batches=ever)
        return summary.trust_lines(data, overview.by_dimension(data.overview), voice_of(lang, "IDR"))[0]

    assert said() == (
        "Of 27,511 rows of “till” one was refused and is kept in quarantine, with reasons; the others make 6,000 orders."
    )
    assert said(0) == "None of 27,511 rows of “till” was refused; they make 6,000 orders."
    assert "27,511 rows of “till” 3 were refused" in said(3)
    assert said(1, 2).startswith(
        "Refused of “till”: 1 of 27,511 rows in the last batch, 7 of 55,000 in all batches so far;"
    )
    assert said(lang="id").startswith("Dari 27.511 baris “till” satu ditolak")
    picture = trust.pictures(make_report_data(ledger=ledger, business=lines, all_batches=make_all_batches(1)), ENGLISH)[
        0
    ]
    assert picture.title == "Refused: 1 of 27,511 rows of “till”"
    assert "further lines or duplicates 21,510" in picture.alt and "duplicate 21" not in picture.alt.replace(
        "duplicates", ""
    )


def test_a_category_that_leads_by_chance_leads_not() -> None:
    lines = [("total", None, 1.0, 1.0), ("category", "a", 0.501, 0.5), ("category", "b", 0.499, 0.5)]
    data = make_report_data(entities={}, overview=overview_frame(lines).assign(orders=6_000))

    assert summary.how_are_we(overview.by_dimension(data.overview), data, ENGLISH) == [
        "Product category: no clear leader: 49.9% to 50.1% of GMV for each of the 2."
    ]


def _overview(*lines: tuple[str, str | None, int, float]) -> pd.DataFrame:
    """Rows of the overview from dimension, value, orders and GMV; its totals are those of the provinces."""
    whole = [sum(line[at] for line in lines if line[0] == "province") for at in (2, 3)]  # type: ignore[misc]
    return pd.DataFrame(
        {"dimension": name, "value": value, "orders": orders, "gmv": gmv, "gmv_squares": gmv, "gmv_share": gmv / whole[1],
         "revenue": None}
        for name, value, orders, gmv in (("total", "total", *whole), *lines)
    )  # fmt: skip


def test_elsewhere_is_what_is_known_of_other_regions() -> None:
    def learn(*lines: tuple[str, str | None, int, float]) -> list[str]:
        frame = _overview(*lines)
        found = advice(
            make_report_data(entities={}, overview=frame), overview.by_dimension(frame), voice_of("en", "USD")
        )
        return [one.text for one in found if one.title == "Learn from Bali"]

    bali, unknown = ("province", "Bali", 100, 30_000.0), ("province", None, 900, 70_000.0)
    assert learn(bali, unknown) == []
    # 300 an order there, 20,000 / 100 in Riau; what is unknown would be 80 an order.
    (text,) = learn(bali, ("province", "Riau", 100, 20_000.0), ("province", None, 500, 40_000.0))
    assert "is worth USD 300 on average, against USD 200 elsewhere." in text


def test_of_many_product_types_three_are_named_that_have_less_than_half_of_an_even_share() -> None:
    def little(*shares: float) -> list[str]:
        lines = [("product_type", f"t{at}", 10, 1_000 * share) for at, share in enumerate(shares)]
        frame = _overview(("province", "Bali", 100, 1_000.0), *lines)
        found = advice(make_report_data(entities={}, overview=frame), overview.by_dimension(frame), ENGLISH)
        return [one.title for one in found if one.title.startswith("Try offers on")]

    # Of twelve types a twelfth is an even share, 8.3 %, and half of it 4.2 %.
    assert little(*[0.08] * 11, 0.12) == []
    assert little(*[0.1] * 8, 0.04, 0.03, 0.02, 0.01) == ["Try offers on t11, t10, t9"]
    assert little(0.96, 0.04) == ["Try offers on t1"]


def test_one_province_or_category_is_not_more_than_any_other() -> None:
    def said(*lines: tuple[str, str | None, int, float]) -> list[str]:
        frame = _overview(*lines)
        return summary.how_are_we(overview.by_dimension(frame), make_report_data(entities={}, overview=frame), ENGLISH)

    assert said(("province", "Bali", 100, 1_000.0), ("category", "Books", 100, 1_000.0)) == []
    assert said(
        ("province", "Bali", 50, 5_000.0), ("province", "Riau", 10, 100.0), ("province", None, 90, 9_000.0)
    ) == ["Province of the buyer: of what is known, Bali leads with 35.5% of GMV; 63.8% of GMV is unknown."]


def test_revenue_of_a_part_of_the_sales_is_no_revenue_of_all() -> None:
    def unknown(known: float, least: float = 0.0, lang: Lang = "en") -> list[str]:
        frame = make_overview()
        frame = frame.assign(revenue_orders=frame["orders"] * known)
        return trust.unknowns(overview.by_dimension(frame), voice_of(lang, "IDR"), least)

    told = "Platform revenue: known of 10.0% of the sales (orders)."
    assert unknown(0.1)[0] == unknown(0.1, summary.MATTERS)[0] == told
    assert unknown(0.1, lang="id")[0] == "Pendapatan platform: diketahui untuk 10,0% dari penjualan (pesanan)."
    assert unknown(0.998)[0] == "Platform revenue: known of 99.8% of the sales (orders)."
    for known, least in ((0.998, summary.MATTERS), (1.0, 0.0)):
        assert not any("revenue" in one for one in unknown(known, least))
    frame = make_overview()
    data = make_report_data(overview=frame.assign(revenue_orders=frame["orders"] / 10))
    assert told in summary.trust_lines(data, overview.by_dimension(data.overview), ENGLISH)


def test_segments_that_were_asked_for_are_not_called_none() -> None:
    refused = make_sweep().assign(reason="a segment is made of outliers: 91% of it, more than 50%")
    assert summary.judged(make_entity(BUYERS, "none", sweep=refused)) == "forced"
    assert summary.judged(make_entity(BUYERS, "natural")) == "natural"
    assert summary.judged(make_entity(BUYERS, None)) == ""
    one = make_entity(
        BUYERS, "none", sweep=make_sweep(chosen=None), profiles=make_entity(BUYERS, None).profiles.iloc[:2]
    )
    assert summary.judged(one) == "none"
    # Segments of an earlier search: neither none nor known to have been refused.
    assert summary.judged(make_entity(BUYERS, "none", sweep=make_sweep().head(0))) == ""
    badges = [voice_of(lang, "IDR").translate("verdicts.forced") for lang in LANGS]
    assert badges == ["Not confirmed", "Tidak terbukti"]


@pytest.mark.parametrize("reason", [None, "", "outliers"])
def test_without_a_reason_that_is_known_none_is_given(reason: str | None) -> None:
    refused = make_entity(BUYERS, "none", sweep=make_sweep().assign(reason=reason))
    assert summary.verdict("buyers", refused, ENGLISH) == (
        "The 3 segments of buyers were asked for, and the data do not confirm them. Nothing should be built on them alone."
    )
    assert summary.verdict("buyers", refused, voice_of("id", "IDR")) == (
        "3 segmen pembeli ini diminta, dan data tidak membuktikannya. Jangan mengambil keputusan hanya berdasarkan segmen "
        "ini."
    )
