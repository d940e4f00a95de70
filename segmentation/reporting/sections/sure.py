"""How sure it is who belongs where: the confidence of entities by segment."""

from __future__ import annotations

from functools import partial

from segmentation.clustering.model import BORDER_IN_REPORT
from segmentation.i18n.numbers import number
from segmentation.reporting.charts.flow import Flow, Part, draw_flows
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData, rows
from segmentation.reporting.sections.segments import ordered, whom
from segmentation.reporting.theme import FULL, SURE
from segmentation.reporting.voice import Voice

CLASSES = ("border", "leaning", "inside")
# Tenths of confidence: below the first on the border, from the last on well inside.
LIMITS = (round(10 * BORDER_IN_REPORT), 5)


def picture(entity: str, data: EntityData, voice: Voice) -> Picture | None:
    """A bar per segment, split by confidence; None where there is one segment."""
    counts = _counts(data)
    if not counts:
        return None
    names = {int(row["segment"]): row["segment_name"] for row in ordered(data)}
    flows = [
        _flow(voice.labels.segment(segment, names.get(segment)), counts[segment], voice) for segment in sorted(counts)
    ]
    everyone = sum(sum(own) for own in counts.values())
    inside, border = (sum(own[at] for own in counts.values()) / everyone for at in (-1, 0))
    alt = "; ".join(f"{flow.name}: " + ", ".join(part.text for part in flow.parts) for flow in flows)
    title = voice.translate.side(
        entity,
        "sure_title",
        whom=whom(entity, data, voice),
        inside=voice.figures.share(inside),
        border=voice.figures.share(border),
    )
    legend = [(voice.translate(f"sure.{name}"), colour) for name, colour in zip(CLASSES, SURE, strict=True)][::-1]
    return Picture(
        f"{entity}_sure",
        title,
        alt,
        partial(draw_flows, flows, legend),
        kicker=voice.translate("sure.kicker"),
        note=voice.translate("sure.note"),
        width=FULL,
    )


def _counts(data: EntityData) -> dict[int, list[float]]:
    """Entities by segment on the border, leaning, and inside."""
    found: dict[int, list[float]] = {}
    for row in rows(data.confidence):
        own = found.setdefault(int(row["segment"]), [0.0, 0.0, 0.0])
        own[sum(int(row["bin"]) >= limit for limit in LIMITS)] += number(row["entities"]) or 0.0
    return found


def _flow(name: str, counts: list[float], voice: Voice) -> Flow:
    """The surest first."""
    total = sum(counts) or 1.0
    parts = [
        Part(count / total, f"{voice.translate(f'sure.{kind}')} {voice.figures.share(count / total)}", colour)
        for kind, count, colour in zip(CLASSES, counts, SURE, strict=True)
    ]
    return Flow(name, voice.figures.count(total), parts[::-1])
