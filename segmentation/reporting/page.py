"""The page: sections put together, pictures drawn, and one HTML file written."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from segmentation.files import atomic_write
from segmentation.i18n.numbers import number
from segmentation.i18n.text import Lang
from segmentation.reporting.charts.picture import Picture, RenderedPicture, draw_all
from segmentation.reporting.data import EntityData, ReportData, rows
from segmentation.reporting.sections import (
    advice,
    attributes,
    correlation,
    differences,
    divisions,
    months,
    moves,
    outlook,
    overview,
    pareto,
    past,
    refit,
    search,
    shapes,
    spreads,
    summary,
    sure,
    trade,
    trust,
    where,
)
from segmentation.reporting.sections.segments import Segment, Statistics, fidelity, of_whom, segments, statistics
from segmentation.reporting.theme import NO_SALE, SEGMENTS
from segmentation.reporting.voice import Voice, voice_of


@dataclass(frozen=True)
class EntityView:
    """Buyers or sellers as the page shows them."""

    key: str
    verdict: str
    stability: str
    moving: str
    judged: str
    concentration: str
    concentrated: Picture | None
    segments: Sequence[Segment]
    of_whom: str
    statistics: Statistics | None
    has_rhythm: bool
    fidelity: str
    used: Sequence[str]
    left_out: Sequence[tuple[str, str]]
    remarks: Sequence[str]
    fits: Sequence[search.FitLine]
    moves: moves.Moves | None
    pairs: correlation.Pairs | None
    came_back: str
    pictures: Sequence[Picture]
    known: attributes.Known | None
    appendix: Sequence[Picture]


def write_report(data: ReportData, output: str, lang: Lang) -> str:
    """Write `<output>/report.html` and `<output>/charts/*.png`; returns the path of the page."""
    business = data.business
    voice = voice_of(
        lang,
        data.run.currency,
        data.run.money,
        business.wording,
        alone=not business.has_sellers,
        told=business.has_orders,
    )
    view = _view(data, voice)
    folder = Path(output)
    pictures = _pictures(view)
    origins = _origins(pictures, data, voice)
    drawn = draw_all(pictures, folder / "charts", origins)
    page = folder / "report.html"
    with atomic_write(page) as beside:
        beside.write_text(_render(view, drawn, voice), encoding="utf-8")
    return str(page)


def _view(data: ReportData, voice: Voice) -> dict[str, Any]:
    """All that the template shows, as texts."""
    dimensions = overview.by_dimension(data.overview)
    entities = [_entity(name, entity, voice.of(name)) for name, entity in data.entities.items()]
    told = divisions.divisions(dimensions, data.business.divisions, voice, data.business.of_orders)
    by_name = {view.key: view.segments for view in entities}
    return {
        "run": data.run,
        "since": months.full_months(dimensions.get("month", []))[:1],
        "tiles": summary.tiles(data, dimensions, voice),
        "how": [*summary.how_are_we(dimensions, data, voice), *divisions.in_short(told)],
        "actions": summary.actions(by_name),
        "believe": summary.trust_lines(data, dimensions, voice),
        "counted": overview.counted(data.business, voice),
        "has_revenue": overview.totals(dimensions).get("revenue") is not None,
        "overview": _there(
            *overview.pictures(dimensions, data.run.as_of, voice, data.business.divisions, data.largest),
            pareto.picture(data, voice),
        ),
        "has_orders": data.business.has_orders,
        "divisions": told,
        "next_steps": outlook.next_steps(data, voice),
        "metrics": outlook.metrics(data, dimensions, voice),
        "advice": advice.advice(data, dimensions, voice),
        "entities": entities,
        "trade": trade.pictures(data, voice),
        "deals": trade.deals(data, voice),
        "knows_returns": trade.knows_returns(data),
        "deal_columns": trade.columns(data, voice),
        "pasts": past.pasts(data, voice),
        "past_columns": list(voice.translate.section("past.columns").values()),
        "trust": trust.pictures(data, voice),
        "ledger": trust.entries(data, voice),
        "unknowns": [
            *trust.unknowns(dimensions, voice),
            *trust.unknown_of_all(data, voice),
            *attributes.unknowns(data.entities, dimensions, voice),
        ],
        "several_batches": trust.batches(data) > 1,
        "which_batch": trust.which_batch(data, voice),
        "remarks": trust.remarks(data, voice),
        "later": trust.later(data, voice),
        "refits": refit.refits(data, voice),
        "tongues": refit.tongues(data, voice),
        "refit_columns": list(voice.translate.section("refit.columns").values()),
    }


def _entity(name: str, data: EntityData, voice: Voice) -> EntityView:
    of_attributes = attributes.pictures(name, data, voice)
    return EntityView(
        key=name,
        verdict=summary.verdict(name, data, voice),
        stability=summary.stability(name, data, voice),
        moving=summary.moving(name, data, voice),
        judged=summary.judged(data),
        concentration=pareto.consequence(name, data, voice),
        concentrated=pareto.first_picture(name, data, voice),
        segments=segments(name, data, voice),
        of_whom=of_whom(name, data, voice),
        statistics=statistics(name, data, voice),
        has_rhythm=any(number(row.get("mean_rhythm_days")) is not None for row in rows(data.profiles)),
        fidelity=fidelity(data, voice),
        used=search.used(data, voice),
        left_out=search.left_out(data, voice),
        remarks=search.remarks(data, voice),
        fits=search.fits_table(data, voice),
        came_back=search.came_back(data, voice),
        moves=moves.moves(name, data, voice),
        pairs=correlation.pairs(data, voice),
        pictures=_there(
            *differences.pictures(name, data, voice),
            spreads.picture(name, data, voice),
            None if any(one.name.endswith("_province") for one in of_attributes) else where.picture(name, data, voice),
            *of_attributes,
            sure.picture(name, data, voice),
        ),
        known=attributes.known(data, voice),
        appendix=[*search.pictures(name, data, voice), *shapes.pictures(name, data, voice)],
    )


def _there(*pictures: Picture | None) -> list[Picture]:
    return [picture for picture in pictures if picture]


def _pictures(view: Mapping[str, Any]) -> list[Picture]:
    found = [*view["overview"], *view["trade"], *view["trust"]]
    found += [picture for side in view["pasts"] for picture in side.pictures]
    for entity in view["entities"]:
        found += [*_there(entity.concentrated), *entity.pictures, *entity.appendix]
    return found


def _origins(pictures: Sequence[Picture], data: ReportData, voice: Voice) -> dict[str, str]:
    """Of each picture whose it is and as of when: source, day, and the entity where it is one's own."""
    of_page = [
        voice.labels.value(data.run.source),
        voice.translate("page.as_of", day=voice.figures.day(data.run.as_of)),
    ]
    own = {f"{name}_": voice.translate.side(name, "name") for name in data.entities}
    return {
        one.name: " · ".join([*of_page, *(said for start, said in own.items() if one.name.startswith(start))])
        for one in pictures
    }


def _render(view: Mapping[str, Any], drawn: Mapping[str, RenderedPicture], voice: Voice) -> str:
    styles = _source("style.css") + _colours()
    digest = base64.b64encode(hashlib.sha256(styles.encode("utf-8")).digest()).decode("ascii")
    template = _environment().get_template("report.html")
    return template.render(
        **view,
        drawn=drawn,
        translate=voice.translate,
        figures=voice.figures,
        labels=voice.labels,
        seg=_class,
        styles=Markup(styles),
        style_hash=digest,
    )


def _environment() -> Environment:
    loader: BaseLoader = FunctionLoader(_source)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _source(name: str) -> str:
    """A template's text, from a folder, a wheel or a zip alike."""
    return (files("segmentation.reporting") / "templates" / name).read_text(encoding="utf-8")


def _class(segment: int) -> str:
    """The class that carries a segment's colour, which comes again after the last."""
    return f"seg-{0 if segment < 1 else (segment - 1) % len(SEGMENTS) + 1}"


def _colours() -> str:
    """The segments' colours as classes: a strict page knows no style attributes."""
    lines = [f".seg-{at}{{--seg:{colour}}}" for at, colour in enumerate((NO_SALE, *SEGMENTS))]
    return "\n" + "\n".join(lines) + "\n"
