"""How much hangs on few: the share of GMV that the top buyers and sellers hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars, in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData, ReportData, rows
from segmentation.reporting.sections.segments import whom
from segmentation.reporting.theme import FULL, HALF
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

EXTREME = 0.5  # of GMV, held by the top 1 %: it comes first
ABOVE = 1.1  # times a fraction: so many are no longer called by it
TOP, ENOUGH = 0.01, 100  # of fewer entities, 1 % is no one


def picture(data: ReportData, voice: Voice) -> Picture | None:
    """A panel per entity, but for those of whom it comes first; None where there is none."""
    panels = [
        panel
        for name, entity in data.entities.items()
        if _extreme(entity) is None and (panel := _panel(name, entity, voice)).bars
    ]
    if not panels:
        return None
    last = panels[0].bars[-1]
    return _picture("overview_pareto", panels, last, voice)


def first_picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """The picture of one entity whose top 1 % hold half of GMV or more; None of any other."""
    if _extreme(data) is None:
        return None
    panel = _panel(entity, data, voice)
    top = next(bar for bar, row in zip(panel.bars, _rows(data), strict=True) if row["top"] == TOP)
    return _picture(f"{entity}_pareto", [panel], top, voice)


def sentence(entity: str, data: EntityData, voice: Voice) -> str:
    """That so few hold so much, and how little is left to all others; "" where they do not."""
    return _said("few", entity, data, voice)


def consequence(entity: str, data: EntityData, voice: Voice) -> str:
    """What stands beside the picture, which says the rest."""
    return _said("then", entity, data, voice)


def _said(form: str, entity: str, data: EntityData, voice: Voice) -> str:
    row = _extreme(data)
    if row is None:
        return ""
    share, few, everyone = number(row["gmv_share"]) or 0.0, int(row["entities"]), int(row["everyone"])
    figures = voice.figures
    return voice.translate(
        f"concentration.{form}",
        noun=whom(entity, data, voice),
        top=figures.percent(row["top"]),
        share=figures.share(share),
        few=figures.count(few),
        all=figures.count(everyone),
        others=figures.count(everyone - few),
        rest=figures.rest(share),
        largest=figures.share(row["largest"]),
    )


def _extreme(data: EntityData) -> Row | None:
    """The row of the top 1 % where they hold half of GMV or more, of enough entities for 1 % to be somebody."""
    found = next((row for row in rows(data.pareto) if row["top"] == TOP), None)
    if found is None or (number(found["gmv_share"]) or 0.0) < EXTREME:
        return None
    return found if (number(found.get("everyone")) or 0.0) >= ENOUGH else None


def _picture(name: str, panels: Sequence[Panel], said: Bar, voice: Voice) -> Picture:
    alt = in_words(panels)
    return Picture(
        name,
        voice.translate("pareto.title", top=said.label, share=said.figure),
        alt,
        partial(draw_bars, panels),
        kicker=voice.translate("pareto.kicker"),
        note=voice.translate("pareto.note"),
        width=FULL if len(panels) > 1 else HALF,
    )


def _panel(entity: str, data: EntityData, voice: Voice) -> Panel:
    bars = [_bar(entity, row, voice) for row in _rows(data)]
    return Panel(voice.translate.side(entity, "pareto"), bars)


def _rows(data: EntityData) -> list[Row]:
    """A row per number of entities: of few, several fractions are the same ones."""
    return list({row.get("entities", row["top"]): row for row in reversed(rows(data.pareto))}.values())[::-1]


def _bar(entity: str, row: Row, voice: Voice) -> Bar:
    count, everyone = number(row.get("entities")), number(row.get("everyone"))
    label = voice.translate.side(entity, "top", top=voice.figures.percent(row["top"]))
    if count == 1:
        label = voice.translate.side(entity, "top_one")
    elif count and everyone and count > ABOVE * row["top"] * everyone:  # of few, more than the fraction asked for
        label = voice.translate.side(entity, "top_few", count=voice.figures.count(count))
    return Bar(label, number(row["gmv_share"]) or 0.0, voice.figures.share(row["gmv_share"]))
