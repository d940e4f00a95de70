"""What the figures suggest for the marketplace as a whole: rules over the overview and the profiles.

A rule speaks only where its figures are there; each sentence carries the figures that it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segmentation.reporting.data import ReportData, Row, number, rows
from segmentation.reporting.sections.overview import totals
from segmentation.reporting.voice import Voice

Dimensions = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Rules:
    """Where a figure begins to say something."""

    leading_regions: int = 3  # regions above these are established, those after them emerging
    emerging_regions: int = 2
    emerging_share: float = 0.02  # of GMV, at least
    big_category: float = 0.05  # of GMV, at least
    low_yield: float = 0.9  # revenue per GMV against the whole, at most
    categories: int = 3
    underused_type: float = 0.1  # of GMV, at most
    gap: float = 2.0  # GMV per top seller over GMV per next seller, at least
    gap_closed: float = 0.1
    order_value: float = 0.1  # how far an order of the leading region differs from one elsewhere, at least


RULES = Rules()


@dataclass(frozen=True)
class Advice:
    """One suggestion: what to do, and the figures that speak for it."""

    title: str
    text: str


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
    regions = _known(dimensions, "province")
    after = [row for row in regions[rules.leading_regions :] if (number(row["gmv_share"]) or 0) >= rules.emerging_share]
    if not after:
        return None
    first = after[: rules.emerging_regions]
    return Advice(
        voice.say("advice.emerging.title", names=_names(first, voice)),
        voice.say(
            "advice.emerging.text", names=_with_shares(first, voice),
            leaders=_names(regions[: rules.leading_regions], voice),
        ),
    )  # fmt: skip


def _low_yield(dimensions: Dimensions, total: Row, rules: Rules, voice: Voice) -> Advice | None:
    """Large categories of whose GMV the platform keeps less than of the whole."""
    whole = _yield(total)
    if whole is None:
        return None
    found = [
        (row, own)
        for row in _known(dimensions, "category")
        if (number(row["gmv_share"]) or 0) >= rules.big_category
        and (own := _yield(row)) is not None
        and own <= rules.low_yield * whole
    ][: rules.categories]
    if not found:
        return None
    more = sum((whole - own) * (number(row["gmv"]) or 0.0) for row, own in found)
    said = voice.say(
        "advice.low_yield.text", whole=voice.figures.rate(whole), money=voice.figures.money(more),
        names=", ".join(f"{_name(row, voice)} ({voice.figures.rate(own)})" for row, own in found),
    )  # fmt: skip
    return Advice(voice.say("advice.low_yield.title", names=_names([row for row, _ in found], voice)), said)


def _underused(dimensions: Dimensions, rules: Rules, voice: Voice) -> Advice | None:
    """Product types that hardly anyone buys."""
    types = _known(dimensions, "product_type")
    found = [row for row in types if (number(row["gmv_share"]) or 0) <= rules.underused_type]
    if not found or len(found) == len(types):
        return None
    orders = voice.figures.count(sum(number(row["orders"]) or 0.0 for row in found))
    return Advice(
        voice.say("advice.underused.title", names=_names(found, voice)),
        voice.say("advice.underused.text", names=_with_shares(found, voice), orders=orders),
    )


def _gap(data: ReportData, total: Row, rules: Rules, voice: Voice) -> Advice | None:
    """What lies between the top sellers and the next segment, and what closing a part of it would bring."""
    gmv = number(total.get("gmv"))
    profiles = [] if "sellers" not in data.entities else rows(data.entities["sellers"].profiles)
    first, second = (next((row for row in profiles if row["segment"] == at), None) for at in (1, 2))
    if gmv is None or first is None or second is None:
        return None
    each, next_each = (_per_head(row, gmv) for row in (first, second))
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
    regions = _known(dimensions, "province")
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
    name = _name(top, voice)
    said = voice.say(
        "advice.top_region.text", name=name, share=voice.figures.share(top["gmv_share"]),
        own=voice.figures.money(own), others=voice.figures.money(others),
    )  # fmt: skip
    return Advice(voice.say("advice.top_region.title", name=name), said)


def _known(dimensions: Dimensions, name: str) -> list[Row]:
    """Known values of a dimension, by GMV."""
    found = [row for row in dimensions.get(name, ()) if row["value"] is not None and number(row["gmv"])]
    return sorted(found, key=lambda row: (-(number(row["gmv"]) or 0.0), str(row["value"])))


def _yield(row: Row) -> float | None:
    gmv, revenue = number(row.get("gmv")), number(row.get("revenue"))
    return revenue / gmv if gmv and revenue is not None else None


def _per_head(row: Row, gmv: float) -> float | None:
    share, size = number(row["gmv_share"]), number(row["size"])
    return share * gmv / size if share is not None and size else None


def _name(row: Row, voice: Voice) -> str:
    return voice.labels.value(row["value"], 60)


def _names(found: Sequence[Row], voice: Voice) -> str:
    return ", ".join(_name(row, voice) for row in found)


def _with_shares(found: Sequence[Row], voice: Voice) -> str:
    return ", ".join(f"{_name(row, voice)} ({voice.figures.share(row['gmv_share'])})" for row in found)
