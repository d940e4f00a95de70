"""What the figures suggest for the marketplace as a whole, by the rules of marketplace.yml in conf/segments, or
in its folder of the kind of business.

A suggestion is made only where its figures are there; each sentence carries the figures that it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segmentation.i18n.agreement import marked, plain
from segmentation.i18n.numbers import number
from segmentation.reporting.data import ReportData, rows
from segmentation.reporting.sections.overview import leaders, totals
from segmentation.reporting.sections.values import (
    Advice,
    Dimensions,
    is_published,
    known_values,
    name_of,
    names_of,
    names_with_shares,
    revenue_rate,
    share_of,
)
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row
from segmentation.story.marketplace import Emerging, Gap, LowYield, Suggestion, TopRegion, Underused

LITTLE = 0.5  # of an even share
NAMED = 3  # of the types that have little, those with the least


def advice(data: ReportData, dimensions: Mapping[str, list[Row]], voice: Voice) -> list[Advice]:
    """Every suggestion whose figures are there."""
    total, suggestions = totals(dict(dimensions)), data.suggestions
    largest = data.largest.get("province", {})
    found = [
        suggestions.emerging and _emerging(dimensions, total, suggestions.emerging, largest, voice),
        suggestions.low_yield and _low_yield(dimensions, total, suggestions.low_yield, voice),
        suggestions.underused and _underused(dimensions, suggestions.underused, voice),
        suggestions.gap and _gap(data, total, suggestions.gap, voice),
        suggestions.top_region and _top_region(dimensions, suggestions.top_region, largest, voice),
    ]
    return [one for one in found if one]


def _told(rule: Suggestion, voice: Voice, **figures: str) -> Advice:
    slots = {**voice.translate.words, **{name: marked(figure) for name, figure in figures.items()}}
    title, text = (told.into(voice.lang).format(**slots) for told in (rule.title, rule.text))
    return Advice(*(plain(voice.translate.agreed(told)) for told in (title, text)))


def _emerging(
    dimensions: Dimensions, total: Row, rule: Emerging, largest: Mapping[str, float], voice: Voice
) -> Advice | None:
    """Regions after the leading ones, but for those in which one buyer is nearly all: that is no demand of a region."""
    regions = known_values(dimensions, "province")
    first_ones = leaders(regions, total)
    if not first_ones:
        return None
    ahead = max(rule.leaders, len(first_ones))  # of several that are as good as equal none comes next
    later = [row for row in regions[ahead:] if share_of(row) >= rule.at_least]
    first = [row for row in later if not _hangs(row, rule.one_buyer, largest)][: rule.at_most]
    if not first:
        return None
    passed = [row for row in later[: later.index(first[-1])] if row not in first]
    told = {"names": names_of(first, voice), "shares": names_with_shares(first, voice)}
    told |= {"leaders": names_of(regions[:ahead], voice), "passed": names_with_shares(passed, voice)}
    if passed:
        return _told(rule.model_copy(update={"text": rule.past_some}), voice, **told) if rule.past_some else None
    return _told(rule, voice, **told)


def _hangs(row: Row, most: float, largest: Mapping[str, float]) -> bool:
    """Whether more of a region's GMV than that is one buyer's."""
    return largest.get(str(row["value"]), 0.0) > most


def _low_yield(dimensions: Dimensions, total: Row, rule: LowYield, voice: Voice) -> Advice | None:
    whole = revenue_rate(total)
    if whole is None:
        return None
    found = [
        (row, own)
        for row in known_values(dimensions, "category")
        if share_of(row) >= rule.at_least
        and is_published(row)
        and (own := revenue_rate(row)) is not None
        and own <= rule.yields * whole
    ][: rule.at_most]
    if not found:
        return None
    more = sum((whole - own) * (number(row["gmv"]) or 0.0) for row, own in found)
    return _told(
        rule,
        voice,
        names=names_of([row for row, _ in found], voice),
        whole=voice.figures.rate(whole),
        rates=", ".join(f"{name_of(row, voice)} ({voice.figures.rate(own)})" for row, own in found),
        money=voice.figures.money(more),
    )


def _underused(dimensions: Dimensions, rule: Underused, voice: Voice) -> Advice | None:
    types = known_values(dimensions, "product_type")
    # Of many types each has little: little is besides less than half of what each would have if all had as much.
    most = min(rule.at_most, LITTLE / len(types)) if types else 0.0
    found = [row for row in reversed(types) if share_of(row) <= most][:NAMED]
    if not found or len(found) == len(types):
        return None
    orders = voice.figures.count(sum(number(row["orders"]) or 0.0 for row in found))
    return _told(rule, voice, names=names_of(found, voice), shares=names_with_shares(found, voice), orders=orders)


def _gap(data: ReportData, total: Row, rule: Gap, voice: Voice) -> Advice | None:
    gmv = number(total.get("gmv"))
    sellers = data.entities.get("sellers")
    profiles = rows(sellers.profiles) if sellers and sellers.verdict != "none" else []
    first, second = (next((row for row in profiles if row["segment"] == at), None) for at in (1, 2))
    if gmv is None or first is None or second is None:
        return None
    each, next_each = (number(row.get("median_total_gmv")) for row in (first, second))
    if each is None or not next_each or each / next_each < rule.at_least:
        return None
    # What they sell themselves bounds what more of it can be.
    theirs = (number(second["gmv_share"]) or 0.0) * gmv
    by_middle = rule.more * next_each * (number(second["size"]) or 0.0)
    least, most = sorted((by_middle, rule.more * theirs))
    top, middle = (voice.labels.segment(int(row["segment"]), row["segment_name"]) for row in (first, second))
    return _told(
        rule,
        voice,
        top=top,
        segment=middle,
        each=voice.figures.money(each),
        next_each=voice.figures.money(next_each),
        part=voice.figures.percent(rule.more),
        least=voice.figures.money(least),
        most=voice.figures.money(most),
        size=voice.figures.count(second["size"]),
        theirs=voice.figures.money(rule.more * theirs),
        by_middle=voice.figures.money(by_middle),
    )


def _top_region(dimensions: Dimensions, rule: TopRegion, largest: Mapping[str, float], voice: Voice) -> Advice | None:
    """Elsewhere is in the other known regions: where orders of unknown ones went is not known."""
    regions = known_values(dimensions, "province")
    own, others = (_value_of_order(found) for found in (regions[:1], regions[1:]))
    if own is None or others is None:
        return None
    top = regions[0]
    alone = largest.get(str(top["value"]), 0.0)
    if alone > rule.one_buyer:
        told = {"name": name_of(top, voice), "share": voice.figures.share(top["gmv_share"])}
        return _told(rule.alone, voice, **told, largest=voice.figures.share(alone)) if rule.alone else None
    if own / others - 1 < rule.differs:
        return None
    if rule.plain and not all(known_values(dimensions, dimension) for dimension in rule.of):
        rule = rule.model_copy(update={"text": rule.plain})
    return _told(
        rule,
        voice,
        name=name_of(top, voice),
        share=voice.figures.share(top["gmv_share"]),
        own=voice.figures.money(own),
        others=voice.figures.money(others),
    )


def _value_of_order(regions: Sequence[Row]) -> float | None:
    """What an order in these regions is worth on average; None where there is none."""
    gmv, orders = (sum(number(row[name]) or 0.0 for row in regions) for name in ("gmv", "orders"))
    return gmv / orders if orders else None
