"""How the marketplace does: totals, by month, and by each dimension of the overview table."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial

import pandas as pd

from segmentation.i18n.numbers import number
from segmentation.i18n.wording import capital
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import Business, rows
from segmentation.reporting.sections import months
from segmentation.reporting.sections.values import share_of, span
from segmentation.reporting.theme import ACCENT, FULL, HALF, SOFT
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

FIRST = ("province", "category", "product_type", "seller_category", "payment_type", "seller_province")
TOP = {"province": 10, "seller_province": 10, "category": 5}
MEASURES = ("gmv", "revenue")
ERRORS = 2.0  # standard errors: a lead of fewer may be chance
MOSTLY = 0.5  # of a region's GMV, from one buyer or seller
NAMED = 3  # values that lead together, one by one


def by_dimension(overview: pd.DataFrame) -> dict[str, list[Row]]:
    """Rows of each dimension, the best known first."""
    found: dict[str, list[Row]] = {}
    for row in rows(overview):
        found.setdefault(str(row["dimension"]), []).append(row)
    return found


def totals(dimensions: dict[str, list[Row]]) -> Row:
    """The row of totals; empty where there is none."""
    return next(iter(dimensions.get("total", [])), {})


def counted(business: Business, voice: Voice) -> str:
    """Which orders count as sales and which do not; "" where all do."""
    if not business.no_sales:
        return ""
    names = voice.translate.section("overview.statuses")
    told = {
        "counted": " / ".join(names[status] for status in business.sales),
        "left": " / ".join(names[status] for status in business.no_sales),
    }
    return voice.translate("overview.counted", **told)


def pictures(
    dimensions: dict[str, list[Row]],
    as_of: date | None,
    voice: Voice,
    elsewhere: Collection[str] = (),
    largest: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Picture]:
    """By month, then by each dimension that has a known value, but for those that are told elsewhere.

    largest: by dimension and value, the share that one buyer or seller has of it.
    """
    others = sorted(set(dimensions) - {"total", "month", *FIRST, *elsewhere})
    total = totals(dimensions)
    ranked = [
        _ranked(name, dimensions[name], total, (largest or {}).get(name, {}), voice)
        for name in (*FIRST, *others)
        if name in dimensions
    ]
    return [picture for picture in (months.picture(dimensions.get("month", []), as_of, voice), *ranked) if picture]


def leaders(rows_of: Sequence[Row], total: Row) -> list[Row]:
    """The known values with the most GMV: those whose share is not below the first one's by more than chance; none
    where it is not known how much chance may do.

    Chance is that of as many orders drawn anew: two standard errors of the difference of two shares.
    """
    known = [row for row in _sorted(rows_of, "gmv") if row["value"] is not None and number(row["gmv"])]
    found = known[:1]
    for row in known[1:]:
        error = _error_of_lead(known[0], row, total)
        if error is None:
            return []
        if share_of(known[0]) - share_of(row) <= ERRORS * error:
            found.append(row)
    return found


def _error_of_lead(first: Row, second: Row, total: Row) -> float | None:
    """The standard error of the difference d = p - q of two shares of GMV, of orders of the sizes that there are; None
    where these are not known.

    An order counts with its value w, and a few large ones make a share by themselves. As of a ratio, the variance is
    (Q - 2d (P - R) + d² T) / W², where P, R and T are the sums of w² of the first, the second and of all orders, W that
    of w, and Q = P + R. If both had orders like all others, Q would be (p + q) T, and P - R d T: the larger of the two,
    since of few orders the largest may only be missing. Were all of one size, either would be (p + q - d²) / n.
    """
    whole = number(total.get("gmv"))
    all_squares, *squares = (number(row.get("gmv_squares")) for row in (total, first, second))
    if not whole or all_squares is None or None in squares:
        return None
    p, q = share_of(first), share_of(second)
    ahead = p - q
    own, other = (square or 0.0 for square in squares)
    of_theirs = own + other - 2 * ahead * (own - other) + ahead**2 * all_squares
    of_all = (p + q - ahead**2) * all_squares
    return math.sqrt(max(of_theirs, of_all, 0.0)) / whole


def lead(
    rows_of: Sequence[Row],
    total: Row,
    voice: Voice,
    largest: Mapping[str, float] | None = None,
    side: str = "buyer",
) -> str:
    """Who leads, and whether one buyer or seller (`side`) makes that, or that none clearly does, which is of what is
    known where more is unknown than would change it; "" where fewer than two values are known, or it is not known how
    much chance may do.

    largest: by value, the share that one of the side has of it.
    """
    found = leaders(rows_of, total)
    if not found or number(found[0]["gmv_share"]) is None or len(_known(rows_of)) < 2:
        return ""
    said = _lead(found, rows_of, voice, largest or {}, side)
    if not may_hide_leader(found, rows_of):
        return said
    return voice.translate("overview.of_known", finding=said, unknown=voice.figures.share(_unknown_share(rows_of)))


def may_hide_leader(found: Sequence[Row], rows_of: Sequence[Row]) -> bool:
    """Whether more of GMV is unknown than what `leaders` are ahead of the next known value by."""
    behind = [share_of(row) for row in _known(rows_of) if row not in found]
    return _unknown_share(rows_of) > share_of(found[-1]) - max(behind, default=0.0)


def _known(rows_of: Sequence[Row]) -> list[Row]:
    return [row for row in rows_of if row["value"] is not None]


def _unknown_share(rows_of: Sequence[Row]) -> float:
    return sum(share_of(row) for row in rows_of if row["value"] is None)


def _lead(found: Sequence[Row], rows_of: Sequence[Row], voice: Voice, largest: Mapping[str, float], side: str) -> str:
    """The one of `found` that leads, or that several are ahead together."""
    most, least = (voice.figures.share(row["gmv_share"]) for row in (found[0], found[-1]))
    if len(found) == 1:
        leads = voice.translate("overview.leads", value=voice.labels.value(found[0]["value"], 60), share=most)
        alone = largest.get(str(found[0]["value"]), 0.0)
        if alone <= MOSTLY:
            return leads
        return voice.translate(
            "overview.of_one", leads=leads, one=voice.translate.words[side], share=voice.figures.share(alone)
        )
    told = {"span": span(least, most, voice), "count": voice.figures.count(len(found))}
    if len(found) == len(_known(rows_of)):
        return voice.translate("overview.alike", **told)
    if len(found) > NAMED:
        return voice.translate("overview.ahead_many", **told)
    names = ", ".join(voice.labels.value(row["value"], 60) for row in found)
    return voice.translate("overview.ahead", names=names, **told)


def _ranked(
    dimension: str, rows_of: Sequence[Row], total: Row, largest: Mapping[str, float], voice: Voice
) -> Picture | None:
    """Bars by GMV and by revenue, each by its own order."""
    if all(row["value"] is None for row in rows_of):
        return None
    measures = [name for name in MEASURES if any(number(row[name]) for row in rows_of)] or ["orders"]
    panels = [_panel(dimension, rows_of, measure, number(total.get(measure)), voice) for measure in measures]
    name = voice.labels.dimension(dimension)
    side = "seller" if dimension.startswith("seller") else "buyer"
    title = capital(lead(rows_of, total, voice, largest, side)) or name
    wide = len(panels) > 1
    return Picture(
        f"overview_{_safe(dimension)}",
        title,
        _alt(name, panels, voice),
        partial(draw_bars, panels),
        kicker=name,
        width=FULL if wide else HALF,
    )


def _panel(dimension: str, rows_of: Sequence[Row], measure: str, total: float | None, voice: Voice) -> Panel:
    """The top values by one measure; the others are added up in one pale bar, and what is unknown is no other value.

    Tracks stand for the total where it is known: orders with several categories count in each.
    """
    ordered = _sorted(rows_of, measure)
    top = TOP.get(dimension, 8)
    shown, rest = ordered[:top], ordered[top:]
    others = _known(rest)
    if len(others) < 2:
        shown, rest = ordered, []
    else:
        shown, rest = [*shown, *(row for row in rest if row["value"] is None)], others
    left = sum(number(row[measure]) or 0.0 for row in rest)
    whole = total or sum(number(row[measure]) or 0.0 for row in rows_of) or 1.0
    bars = [
        _bar(
            voice.labels.value(row["value"]),
            row[measure],
            row.get(f"{measure}_share"),
            measure,
            whole,
            voice,
            SOFT if row["value"] is None else ACCENT,
        )
        for row in shown
    ]
    if rest:
        shares = [number(row.get(f"{measure}_share")) for row in rest]
        share = sum(part or 0.0 for part in shares) if any(part is not None for part in shares) else None
        name = voice.translate("overview.others", count=voice.figures.count(len(rest)))
        bars.append(_bar(name, left, share, measure, whole, voice, SOFT))
    return Panel(voice.translate(f"measures.{measure}"), bars)


def _bar(name: str, value: object, share: object, measure: str, whole: float, voice: Voice, colour: str) -> Bar:
    """A bar on a track that stands for the whole."""
    figure = voice.figures.cell(measure, value)
    aside = voice.figures.share(share) if number(share) is not None else ""
    return Bar(name, max((number(value) or 0.0) / whole, 0.0), figure, aside, colour)


def _sorted(rows_of: Sequence[Row], measure: str) -> list[Row]:
    return sorted(rows_of, key=lambda row: (-(number(row[measure]) or 0.0), str(row["value"] or "")))


def _alt(name: str, panels: Sequence[Panel], voice: Voice) -> str:
    parts = [
        f"{panel.title}: " + ", ".join(f"{bar.label} {bar.figure} {bar.aside}".strip() for bar in panel.bars[:5])
        for panel in panels
    ]
    return voice.translate("overview.ranked_alt", dimension=name, figures="; ".join(parts))


def _safe(name: str) -> str:
    """A dimension's name as part of a file's name."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in name)[:40]
