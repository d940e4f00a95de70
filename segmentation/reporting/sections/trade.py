"""Buyer segments × seller segments: who buys from whom, with vouchers and returns, and who hangs on one buyer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.profiles.difference import CHANCE, above_the_rest, holm
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars, in_words
from segmentation.reporting.charts.heat import Cell, Grid, draw_grid, grid_in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData, ReportData, rows
from segmentation.reporting.sections.segments import ordered
from segmentation.reporting.sections.values import CitedFigure, cell, span
from segmentation.reporting.theme import FULL, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

MEASURES = ("gmv", "voucher_value", "return_rate")
MEASURE_OF = {  # columns of the table of all pairs, of measures that a source may not publish
    "revenue": "revenue",
    "vouchers": "voucher_value",
    "of_gmv": "voucher_value",
    "returned": "return_rate",
}
STEPS = (0.05, 0.2, 0.45, 0.75)  # of the largest cell: where a colour turns into the next, narrower towards the top
ALIKE = 1.25  # times the rate of all: below it a rate is no finding, however sure
ENOUGH = 100  # accepted orders of a pair, for its rate to be compared
RATES = (0.01, 0.03, 0.06, 0.1)  # the same for a rate: a high one is high whatever the others are

Pair = tuple[int, int]


@dataclass(frozen=True)
class Deal:
    """One line of the table: who buys from whom, and its figures."""

    buyers: str
    buyers_number: int
    sellers: str
    sellers_number: int
    figures: Sequence[CitedFigure]


def pictures(data: ReportData, voice: Voice) -> list[Picture]:
    """GMV, vouchers and returns by pair of segments, then sellers that depend on one buyer."""
    cells = _cells(data)
    found = [_picture(measure, cells, data, voice) for measure in MEASURES] if cells else []
    return [picture for picture in (*found, _dependence(data, voice)) if picture]


def columns(data: ReportData, voice: Voice) -> list[str]:
    """Headings of the table; what the source publishes for no pair is no column, and told elsewhere."""
    unknown = _unknown(_cells(data))
    return [
        said for name, said in voice.translate.section("trade.columns").items() if MEASURE_OF.get(name) not in unknown
    ]


def _unknown(cells: Mapping[Pair, Row]) -> set[str]:
    """The measures that are unknown for all pairs."""
    return {name for name in MEASURE_OF.values() if all(number(row[name]) is None for row in cells.values())}


def knows_returns(data: ReportData) -> bool:
    """Whether returns are known of any pair."""
    return "return_rate" not in _unknown(_cells(data))


def deals(data: ReportData, voice: Voice) -> list[Deal]:
    """Every pair of segments with a sale, by GMV; a figure for each of the columns after the names."""
    cells = _cells(data)
    unknown = _unknown(cells)
    total = sum(number(row["gmv"]) or 0.0 for row in cells.values()) or 1.0
    with_sales = [(pair, row) for pair, row in cells.items() if number(row["orders"])]
    return [
        Deal(
            _name("buyers", pair[0], data, voice),
            pair[0],
            _name("sellers", pair[1], data, voice),
            pair[1],
            _figures(pair, row, total, unknown, voice),
        )
        for pair, row in sorted(with_sales, key=lambda one: (-(number(one[1]["gmv"]) or 0.0), one[0]))
    ]


def _figures(pair: Pair, row: Row, total: float, unknown: Collection[str], voice: Voice) -> list[CitedFigure]:
    figures = voice.figures
    gmv, vouchers = (number(row[name]) or 0.0 for name in ("gmv", "voucher_value"))

    def of(column: str) -> CitedFigure:
        return cell(row, column, voice, "trade", *pair)

    told = {
        "orders": of("orders"),
        "gmv": of("gmv"),
        "share": CitedFigure(figures.share(gmv / total)),
        "revenue": of("revenue"),
        "vouchers": of("voucher_value"),
        "of_gmv": CitedFigure(figures.share(vouchers / gmv) if gmv else "–"),
        "returned": of("return_rate"),
    }
    return [figure for name, figure in told.items() if MEASURE_OF.get(name) not in unknown]


def _cells(data: ReportData) -> dict[Pair, Row]:
    """Rows by pair of segments, where both sides are known by name; none where a side is one group: what it deals in is
    the other side's own figures.
    """
    if not {"buyers", "sellers"} <= set(data.entities) or any(len(_names(one)) < 2 for one in data.entities.values()):
        return {}
    return {
        (int(row["buyer_segment"]), int(row["seller_segment"])): row
        for row in rows(data.trade)
        if row["buyer_segment"] is not None and row["seller_segment"] is not None
    }


def _name(entity: str, segment: int, data: ReportData, voice: Voice) -> str:
    return voice.labels.segment(segment, _names(data.entities[entity]).get(segment))


def _names(data: EntityData) -> dict[int, object]:
    return {int(row["segment"]): row["segment_name"] for row in ordered(data)}


def _picture(measure: str, cells: Mapping[Pair, Row], data: ReportData, voice: Voice) -> Picture | None:
    """A grid of buyers by sellers; None where there is but one pair, or nothing of the measure."""
    # Those without a sale take part in nothing but cancelled and returned orders.
    pairs = {pair: row for pair, row in cells.items() if number(row["orders"])}
    buyers, sellers = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
    values = {pair: number(row[measure]) or 0.0 for pair, row in pairs.items()}
    if len(buyers) * len(sellers) < 2 or not any(values.values()):
        return None
    most = max(values.values())
    form = partial(voice.figures.cell, measure)
    lines = [
        [
            Cell(_step(values[buyer, seller], measure, most), form(values[buyer, seller]))
            if (buyer, seller) in values
            else Cell(None, "–")
            for seller in sellers
        ]
        for buyer in buyers
    ]
    names = {
        entity: [_name(entity, segment, data, voice) for segment in numbers]
        for entity, numbers in (("buyers", buyers), ("sellers", sellers))
    }
    colours = [segment_colour(segment) for segment in sellers]
    grid = Grid(
        names["sellers"],
        names["buyers"],
        lines,
        voice.translate("trade.little"),
        voice.translate("trade.much"),
        colours,
        rising=True,
    )
    compared, found, said = values, values, f"{measure}_title"
    if measure == "return_rate":
        compared, found, said = compared_rates(values, {pair: _offered(row) for pair, row in pairs.items()})
    best = max(found, key=lambda pair: (found[pair], pair), default=next(iter(values)))
    least, most_of = (form(pick(compared.values(), default=None)) for pick in (min, max))
    title = voice.translate(
        f"trade.{said}",
        buyer_segment=_name("buyers", best[0], data, voice),
        seller_segment=_name("sellers", best[1], data, voice),
        figure=form(values[best]),
        share=voice.figures.share(values[best] / sum(values.values())),
        span=span(least, most_of, voice),
        enough=voice.figures.count(ENOUGH),
    )
    return Picture(
        f"trade_{measure}",
        title,
        grid_in_words(grid),
        partial(draw_grid, grid),
        kicker=voice.translate(f"trade.{measure}"),
        note=voice.translate(f"trade.{measure}_note"),
        width=FULL,
    )


def _offered(row: Row) -> int:
    """Accepted orders of a pair, of which its rate is; of a lake that did not count them its sales, which are fewer."""
    offered = number(row.get("offered"))
    return int(number(row["orders"]) or 0 if offered is None else offered)


def compared_rates(
    rates: Mapping[Pair, float], offered: Mapping[Pair, int]
) -> tuple[dict[Pair, float], dict[Pair, float], str]:
    """The rates of pairs with orders enough to be compared, those of them that are a finding, and the text that says
    what the comparison comes to.

    A finding is above the rate of all other pairs by Fisher's exact test, after Holm's correction for the number of
    pairs compared (the highest of many rates is high by chance), and by enough to matter.
    """
    compared = {pair: rate for pair, rate in rates.items() if offered[pair] >= ENOUGH}
    if len(compared) < 2:
        return compared, {}, "return_rate_few"
    returned = {pair: round(rates[pair] * offered[pair]) for pair in rates}
    usual = sum(returned.values()) / sum(offered.values())
    chances = dict(zip(rates, above_the_rest(list(returned.values()), list(offered.values())), strict=True))
    adjusted = dict(zip(compared, holm([chances[pair] for pair in compared]), strict=True))
    found = {pair: rate for pair, rate in compared.items() if adjusted[pair] < CHANCE and rate >= ALIKE * usual}
    some = "_many" if len(compared) < len(rates) else ""
    return compared, found, f"return_rate_{'title' if found else 'alike'}{some}"


def _step(value: float, measure: str, most: float) -> int:
    """The step of the ramp, 0 … 4."""
    if measure == "return_rate":
        return sum(value > limit for limit in RATES)
    return sum(value > limit * most for limit in STEPS)


def _dependence(data: ReportData, voice: Voice) -> Picture | None:
    """Per seller segment, how many have most of their GMV from one buyer, and how much GMV that is."""
    sellers = data.entities.get("sellers")
    found = rows(sellers.dependence) if sellers else []
    if sellers is None or not any(number(row["dependent"]) for row in found):
        return None
    names = _names(sellers)
    panels = []
    for measure in ("dependent", "gmv_dependent"):
        bars = []
        for row in found:
            segment, entities = int(row["segment"]), number(row["entities"]) or 1.0
            count = number(row["dependent"]) or 0.0
            share = count / entities if measure == "dependent" else number(row["gmv_dependent"]) or 0.0
            aside = voice.figures.count(count) if measure == "dependent" else ""
            name = voice.labels.segment(segment, names.get(segment))
            bars.append(Bar(name, share, voice.figures.share(share), aside, segment_colour(segment)))
        panels.append(Panel(voice.translate(f"trade.{measure}"), bars))
    alt = in_words(panels)
    everyone = sum(number(row["entities"]) or 0.0 for row in found) or 1.0
    share = sum(number(row["dependent"]) or 0.0 for row in found) / everyone
    threshold = voice.figures.percent(data.suggestions.dependence.at_least)
    return Picture(
        "trade_dependence",
        voice.translate("trade.dependence_title", share=voice.figures.share(share), part=threshold),
        alt,
        partial(draw_bars, panels),
        kicker=voice.translate("trade.dependence"),
        note=voice.translate("trade.dependence_note", part=threshold),
        width=FULL,
    )
