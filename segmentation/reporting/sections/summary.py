"""The first screen: how are we doing, who buys, who sells, what to do, and whether to believe it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from segmentation.clustering.reasons import Reason
from segmentation.i18n.numbers import number
from segmentation.reporting.activity import LATELY
from segmentation.reporting.data import EntityData, ReportData, rows
from segmentation.reporting.sections import months, overview, pareto, search, trust
from segmentation.reporting.sections.segments import Segment, size_of
from segmentation.reporting.sections.values import CitedFigure, cell
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

SAID = ("natural", "tiers", "tiers_chance", "none", "none_alike")  # verdicts
ACTIONS = 4
MOST_AWAY = 0.5  # of all: fewer than so many were there lately
MATTERS = 0.005  # of GMV: what is unknown for less is told below


@dataclass(frozen=True)
class Tile:
    """One key figure, in short and in full."""

    name: str
    figure: CitedFigure
    full: str = ""
    known: bool = True


@dataclass(frozen=True)
class Action:
    """One thing to do, for whom."""

    entity: str
    segment: Segment


def tiles(data: ReportData, dimensions: dict[str, list[Row]], voice: Voice) -> list[Tile]:
    """GMV, revenue and orders, then how many buyers and sellers."""
    total = overview.totals(dimensions)
    figures, translate = voice.figures, voice.translate
    found = []
    for name in overview.MEASURES if data.business.has_orders else ():
        value = total.get(name)
        if number(value) is None and name == "revenue":
            continue  # said once, where it is told what is unknown
        figure = cell(total, name, voice, "overview/total/total")
        found.append(Tile(translate(f"measures.{name}"), figure, _full(value, voice), known=number(value) is not None))
    orders = total.get("orders")
    counted = cell(total, "orders", voice, "overview/total/total")
    if data.business.has_orders:
        found.append(Tile(translate("measures.orders"), counted, known=number(orders) is not None))
    for name, entity in data.entities.items():
        if (size := size_of(entity)) is not None:
            found.append(Tile(translate.side(name, "name"), CitedFigure(figures.count(size))))
    return found


def how_are_we(dimensions: dict[str, list[Row]], data: ReportData, voice: Voice) -> list[str]:
    """How much hangs on few, where it is extreme; the last full month against others; who is left; and who leads."""
    found = [pareto.sentence(name, entity, voice) for name, entity in data.entities.items()]
    found += [months.last_full_month(dimensions.get("month", []), data.run.as_of, voice)]
    found += [said for name, entity in data.entities.items() for said in lately(name, entity, data.run.as_of, voice)]
    total = overview.totals(dimensions)
    for name in ("province", "category"):
        largest = data.largest.get(name, {})
        first = overview.leaders(dimensions.get(name, []), total)
        told = overview.lead(dimensions.get(name, []), total, voice, largest)
        if told and (len(first) > 1 or overview.may_hide_leader(first, dimensions[name])):
            found.append(voice.translate("summary.alike", dimension=voice.labels.dimension(name), finding=told))
        elif told:
            value, share = voice.labels.value(first[0]["value"], 60), voice.figures.share(first[0]["gmv_share"])
            alone = largest.get(str(first[0]["value"]), 0.0)
            form = f"{name}_of_one" if alone > overview.MOSTLY else name
            found.append(
                voice.translate(f"summary.{form}", value=value, share=share, largest=voice.figures.share(alone))
            )
    return [sentence for sentence in found if sentence]


def lately(name: str, data: EntityData, as_of: date | None, voice: Voice) -> list[str]:
    """That nobody is new, and that most have stayed away: what explains a fall that months alone show."""
    found: list[str] = []
    known = data.activity
    if known is None or as_of is None or known.newest is None:
        return found
    if (as_of - known.newest).days >= LATELY:
        month = voice.figures.month(f"{known.newest:%Y-%m}")
        found.append(voice.translate.side(name, "none_new", month=month))
    if known.lately < known.everyone * MOST_AWAY:
        count, all, days = (voice.figures.count(each) for each in (known.lately, known.everyone, LATELY))
        found.append(voice.translate.side(name, "lately", count=count, all=all, days=days))
    return found


def actions(segments: Mapping[str, Sequence[Segment]]) -> list[Action]:
    """The recommendations that come first, of all entities; to treat all alike comes last."""
    everyone = [Action(name, one) for name, group in segments.items() for one in group]
    found = [action for action in everyone if action.segment.recommendation and action.segment.number]
    alone = {name for name, group in segments.items() if sum(one.number > 0 for one in group) == 1}
    return sorted(found, key=lambda one: (one.entity in alone, one.segment.priority or 99, one.entity))[:ACTIONS]


def trust_lines(data: ReportData, dimensions: dict[str, list[Row]], voice: Voice) -> list[str]:
    """How much was accepted, how sure the segments are, and what is unknown to a degree that matters."""
    share = trust.accepted_share(data)
    of_all = trust.accepted_share_of_all(data)
    if share is None:
        found = []
    elif of_lines := trust.by_lines(data, voice):
        found = [of_lines]
    elif share == 1 and of_all in (None, 1):
        found = [voice.translate("summary.all_accepted")]
    elif of_all is None:
        found = [voice.translate("summary.accepted", share=voice.figures.share(share))]
    else:
        found = [voice.translate("ledger.accepted", share=voice.figures.share(share), all=voice.figures.share(of_all))]
    found += trust.copies(data, voice)
    found += [said for name, entity in data.entities.items() if (said := stability(name, entity, voice))]
    return [*found, *trust.unknowns(dimensions, voice, MATTERS)[:2]]


def stability(name: str, entity: EntityData, voice: Voice) -> str:
    """From how many redraws of the data the segments came back and how many are needed, else how much alike they were;
    nothing where that was not measured. Tiers of which fewer came back are said not to be reliable.
    """
    fit = search.chosen(entity)
    if fit is None or fit["stability"] is None:
        return ""
    if fit.get("stable_resamples") is not None:
        needed, noun = math.ceil(round(entity.returns * entity.resamples, 9)), voice.translate.words[name]
        told = voice.translate(
            "stable.back",
            noun=noun,
            times=voice.figures.count(fit["stable_resamples"]),
            all=voice.figures.count(entity.resamples),
            needed=voice.figures.count(needed),
        )
        unreliable = entity.verdict == "tiers" and fit["stable_resamples"] < needed
        return f"{told} {voice.translate('stable.unreliable', noun=noun)}" if unreliable else told
    return voice.translate.side(
        name, "stability", times=voice.figures.count(entity.resamples), share=voice.figures.share(fit["stability"])
    )


def moving(name: str, data: EntityData, voice: Voice) -> str:
    """That those near a border of tiers move over it as days pass; "" where days are none of the features."""
    return voice.translate.side(name, "moving") if data.verdict == "tiers" and "recency_days" in data.used else ""


def judged(data: EntityData) -> str:
    """The verdict as one word, a key of the texts' `verdicts`; "" where it was not judged."""
    if data.verdict != "none":
        return data.verdict or ""
    if search.chosen(data):
        return "forced"
    return "" if sum(row["segment"] > 0 for row in rows(data.profiles)) > 1 else "none"


def verdict(entity: str, data: EntityData, voice: Voice) -> str:
    """What the search found, in a sentence that claims no more than it did."""
    said, fit = data.verdict, search.chosen(data)
    reason = _reason(fit) if fit else None
    if said == "none" and fit:
        k = voice.figures.count(fit["k"])
        if reason is None:
            return voice.translate.side(entity, "verdict.forced_alone", k=k)
        return voice.translate.side(entity, "verdict.forced", k=k, reason=_plainly(reason, voice))
    if said == "tiers" and reason and reason.code == "by_chance":
        said = "tiers_chance"
    reasons = [found for row in rows(data.sweep) if (found := _reason(row))]
    few = [found for found in reasons if found.code == "few_entities"]
    if said == "none" and few:
        figures = {name: voice.figures.count(int(text.replace(",", ""))) for name, text in few[0].figures.items()}
        return voice.translate.side(entity, "verdict.few", **figures)
    if said == "none" and not rows(data.sweep) and sum(row["segment"] > 0 for row in rows(data.profiles)) > 1:
        said = "unjudged"  # they were asked for, and why they did not pass is not known
    if said == "none" and any(found.code == "alike" for found in reasons):
        said = "none_alike"
    return voice.translate.side(entity, f"verdict.{said if said in SAID else 'unjudged'}")


def _plainly(reason: Reason, voice: Voice) -> str:
    """Why a segmentation did not pass, without the coefficients that the table of all of them has."""
    return voice.translate.find(f"why.{reason.code}", voice.why_not(str(reason)))


def _reason(fit: Row) -> Reason | None:
    """Why a fit of the sweep table did not pass; None where it did, or no release has such a reason."""
    return Reason.read(str(fit["reason"] or ""))


def _full(value: object, voice: Voice) -> str:
    return "" if number(value) is None else voice.figures.money_full(value)
