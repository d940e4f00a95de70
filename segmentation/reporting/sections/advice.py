"""What the figures suggest for the marketplace as a whole: rules over the overview and the profiles.

A rule speaks only where its figures are there; each sentence carries the figures that it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping

from segmentation.reporting.data import ReportData, Row, number, rows
from segmentation.reporting.sections.overview import totals
from segmentation.reporting.sections.rules import (
    RULES,
    Advice,
    Dimensions,
    Rules,
    gmv_per_head,
    known_values,
    name_of,
    names_of,
    names_with_shares,
    revenue_rate,
)
from segmentation.reporting.voice import Voice


def advice(data: ReportData, dimensions: Mapping[str, list[Row]], voice: Voice, rules: Rules = RULES) -> list[Advice]:
    """Every suggestion whose figures are there."""
    total = totals(dict(dimensions))
    found = [
        _emerging(dimensions, rules, voice),
        _low_yield(dimensions, total, rules, voice),
        _underused(dimensions, rules, voice),
        _gap(data, total, rules, voice),
        _top_region(dimensions, total, rules, voice),
    ]
    return [one for one in found if one]


def _emerging(dimensions: Dimensions, rules: Rules, voice: Voice) -> Advice | None:
    """Regions that come right after the leading ones."""
    regions = known_values(dimensions, "province")
    after = [row for row in regions[rules.leading_regions :] if (number(row["gmv_share"]) or 0) >= rules.emerging_share]
    if not after:
        return None
    first = after[: rules.emerging_regions]
    return Advice(
        voice.say("advice.emerging.title", names=names_of(first, voice)),
        voice.say(
            "advice.emerging.text", names=names_with_shares(first, voice),
            leaders=names_of(regions[: rules.leading_regions], voice),
        ),
    )  # fmt: skip


def _low_yield(dimensions: Dimensions, total: Row, rules: Rules, voice: Voice) -> Advice | None:
    """Large categories of whose GMV the platform keeps less than of the whole."""
    whole = revenue_rate(total)
    if whole is None:
        return None
    found = [
        (row, own)
        for row in known_values(dimensions, "category")
        if (number(row["gmv_share"]) or 0) >= rules.big_category
        and (own := revenue_rate(row)) is not None
        and own <= rules.low_yield * whole
    ][: rules.categories]
    if not found:
        return None
    more = sum((whole - own) * (number(row["gmv"]) or 0.0) for row, own in found)
    said = voice.say(
        "advice.low_yield.text", whole=voice.figures.rate(whole), money=voice.figures.money(more),
        names=", ".join(f"{name_of(row, voice)} ({voice.figures.rate(own)})" for row, own in found),
    )  # fmt: skip
    return Advice(voice.say("advice.low_yield.title", names=names_of([row for row, _ in found], voice)), said)


def _underused(dimensions: Dimensions, rules: Rules, voice: Voice) -> Advice | None:
    """Product types that hardly anyone buys."""
    types = known_values(dimensions, "product_type")
    found = [row for row in types if (number(row["gmv_share"]) or 0) <= rules.underused_type]
    if not found or len(found) == len(types):
        return None
    orders = voice.figures.count(sum(number(row["orders"]) or 0.0 for row in found))
    return Advice(
        voice.say("advice.underused.title", names=names_of(found, voice)),
        voice.say("advice.underused.text", names=names_with_shares(found, voice), orders=orders),
    )


def _gap(data: ReportData, total: Row, rules: Rules, voice: Voice) -> Advice | None:
    """What lies between the top sellers and the next segment, and what closing a part of it would bring."""
    gmv = number(total.get("gmv"))
    profiles = [] if "sellers" not in data.entities else rows(data.entities["sellers"].profiles)
    first, second = (next((row for row in profiles if row["segment"] == at), None) for at in (1, 2))
    if gmv is None or first is None or second is None:
        return None
    each, next_each = (gmv_per_head(row, gmv) for row in (first, second))
    if each is None or not next_each or each / next_each < rules.gap:
        return None
    more = (each - next_each) * (number(second["size"]) or 0.0) * rules.gap_closed
    top, middle = (voice.labels.segment(int(row["segment"]), row["segment_name"]) for row in (first, second))
    return Advice(
        voice.say("advice.gap.title", segment=middle),
        voice.say(
            "advice.gap.text", top=top, segment=middle, each=voice.figures.money(each),
            next_each=voice.figures.money(next_each), part=voice.figures.percent(rules.gap_closed),
            money=voice.figures.money(more), size=voice.figures.count(second["size"]),
        ),
    )  # fmt: skip


def _top_region(dimensions: Dimensions, total: Row, rules: Rules, voice: Voice) -> Advice | None:
    """How the value of an order in the leading region differs from that of all others."""
    regions = known_values(dimensions, "province")
    gmv, orders = number(total.get("gmv")), number(total.get("orders"))
    if not regions or not gmv or not orders:
        return None
    top = regions[0]
    own_gmv, own_orders = number(top["gmv"]) or 0.0, number(top["orders"]) or 0.0
    if not own_orders or orders <= own_orders:
        return None
    own, others = own_gmv / own_orders, (gmv - own_gmv) / (orders - own_orders)
    if not others or abs(own / others - 1) < rules.order_value:
        return None
    name = name_of(top, voice)
    said = voice.say(
        "advice.top_region.text", name=name, share=voice.figures.share(top["gmv_share"]),
        own=voice.figures.money(own), others=voice.figures.money(others),
    )  # fmt: skip
    return Advice(voice.say("advice.top_region.title", name=name), said)
