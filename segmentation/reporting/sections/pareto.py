"""How much hangs on few: the share of GMV that the top buyers and sellers hold."""

from __future__ import annotations

from functools import partial

from segmentation.reporting.charts.bars import Bar, Panel, draw_bars
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import ReportData, rows
from segmentation.reporting.numbers import number
from segmentation.reporting.theme import FULL, HALF
from segmentation.reporting.voice import Voice


def picture(data: ReportData, voice: Voice) -> Picture | None:
    """A panel per entity; None where no run measured it."""
    panels = [
        Panel(voice.say.side(name, "pareto"), bars)
        for name, entity in data.entities.items()
        if (bars := [_bar(name, row["top"], row["gmv_share"], voice) for row in rows(entity.pareto)])
    ]
    if not panels:
        return None
    alt = "; ".join(
        f"{panel.title}: " + ", ".join(f"{bar.label} {bar.figure}" for bar in panel.bars) for panel in panels
    )
    last = panels[0].bars[-1]
    title = voice.say("pareto.title", top=last.label, share=last.figure)
    return Picture(
        "overview_pareto", title, alt, partial(draw_bars, panels),
        kicker=voice.say("pareto.kicker"), note=voice.say("pareto.note"),
        width=FULL if len(panels) > 1 else HALF,
    )  # fmt: skip


def _bar(entity: str, top: object, share: object, voice: Voice) -> Bar:
    label = voice.say.side(entity, "top", top=voice.figures.percent(top))
    return Bar(label, number(share) or 0.0, voice.figures.share(share))
