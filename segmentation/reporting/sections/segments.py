"""Who the buyers or sellers are: their segments, what these are worth, and how they differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from segmentation.entities import ENTITIES
from segmentation.i18n.numbers import number
from segmentation.reporting.data import EntityData, pairs, rows
from segmentation.reporting.sections.values import CitedFigure, cell
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

TOPS = {"top_province": "province", "top_category": "top_category"}  # column of the most common → its attribute


@dataclass(frozen=True)
class Segment:
    """One segment as the page shows it."""

    number: int
    name: str
    size: CitedFigure
    share: CitedFigure
    gmv_share: CitedFigure
    weight: float
    gmv_weight: float
    priority: int | None
    insight: str = ""
    recommendation: str = ""
    strategy: Mapping[str, str] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()
    rule: str = ""
    rule_holds: str = ""


@dataclass(frozen=True)
class Statistics:
    """The profile table: a line per feature, and per segment its mean, median and p10–p90."""

    names: Sequence[str]
    numbers: Sequence[int]
    lines: Sequence[tuple[str, Sequence[tuple[CitedFigure, CitedFigure, str]]]]


def segments(entity: str, data: EntityData, voice: Voice) -> list[Segment]:
    """Segments by number, those without a sale last."""
    alike = {
        str(row["attribute"]) for row in rows(data.attributes) if row["test"] and not row["differs"]
    }  # what is most common everywhere, or by chance, says nothing of a segment
    return [_segment(ENTITIES[entity].profiles.name, row, alike, voice) for row in ordered(data)]


def size_of(data: EntityData) -> int | None:
    """How many entities there are, those without a sale included; None where there are no profiles."""
    sizes = [number(row["size"]) for row in rows(data.profiles)]
    return int(sum(size or 0.0 for size in sizes)) if sizes else None


def whom(entity: str, data: EntityData, voice: Voice) -> str:
    """Who is in the segments, and whom shares are of: all, or those with a sale where somebody has none."""
    return voice.translate.side(entity, "sold") if _has_unsold(data) else voice.translate.words[entity]


def of_whom(entity: str, data: EntityData, voice: Voice) -> str:
    """Of whom shares of segments are, as a sentence; "" where that is everybody."""
    return voice.translate.side(entity, "of_sold") if _has_unsold(data) else ""


def _has_unsold(data: EntityData) -> bool:
    return any(row["segment"] == 0 and number(row["size"]) for row in rows(data.profiles))


def features_of(data: EntityData) -> list[str]:
    """The features that made the segments; every profiled one where that is not known."""
    profiled = [str(name)[5:] for name in data.profiles.columns if str(name).startswith("mean_")]
    used = [name for name in data.used if name in profiled]
    return used or profiled


def statistics(entity: str, data: EntityData, voice: Voice) -> Statistics | None:
    """Means, medians and ranges of every profiled feature, those that made the segments first."""
    used = features_of(data)
    profiles = [row for row in ordered(data) if any(row.get(f"mean_{name}") is not None for name in used)]
    rest = [str(name)[5:] for name in data.profiles.columns if str(name).startswith("mean_")]
    known = [name for name in rest if any(row.get(f"mean_{name}") is not None for row in profiles)]
    features = [*used, *(name for name in known if name not in used)]
    if not profiles or not features:
        return None
    table = ENTITIES[entity].profiles.name
    lines = [(voice.labels.feature(name), [_cells(table, row, name, voice) for row in profiles]) for name in features]
    names = [voice.labels.segment(row["segment"], row["segment_name"]) for row in profiles]
    return Statistics(names, [int(row["segment"]) for row in profiles], lines)


def ordered(data: EntityData) -> list[Row]:
    """Profiles by segment; segment 0 last, and only where someone is in it."""
    found = [row for row in rows(data.profiles) if row["segment"] != 0 or number(row["size"])]
    return sorted(found, key=lambda row: (row["segment"] == 0, row["segment"]))


def fidelity(data: EntityData, voice: Voice) -> str:
    """For how many the rule of their own segment holds and no other, and which segments have none; "" without rules."""
    profiles = [row for row in ordered(data) if row.get("fidelity") is not None]
    if not profiles:
        return ""
    told = voice.translate("segment.fidelity", share=voice.figures.share(profiles[0]["fidelity"]))
    without = [voice.labels.segment(int(row["segment"]), row["segment_name"]) for row in profiles if not _has_rule(row)]
    return f"{told} {voice.translate('segment.no_rule', names=', '.join(without))}" if without else told


def _segment(table: str, row: Row, alike: Collection[str], voice: Voice) -> Segment:
    translate = voice.translate
    tops = [key for key, attribute in TOPS.items() if row.get(key) and attribute not in alike]
    return Segment(
        number=int(row["segment"]),
        name=voice.labels.segment(int(row["segment"]), row["segment_name"]),
        size=cell(row, "size", voice, table, row["segment"]),
        share=cell(row, "share", voice, table, row["segment"]),
        gmv_share=cell(row, "gmv_share", voice, table, row["segment"]),
        weight=number(row["share"]) or 0.0,
        gmv_weight=number(row["gmv_share"]) or 0.0,
        priority=None if row["priority"] is None else int(row["priority"]),
        insight=voice.labels.prose(row["insight"]),
        recommendation=voice.labels.prose(row["recommendation"]),
        strategy={
            voice.labels.strategy(key): voice.labels.prose(text) for key, text in pairs(row.get("strategy")).items()
        },
        facts=[(translate(f"segment.{key}"), voice.labels.value(row[key])) for key in tops],
        rule=voice.rule(row["rule"]) if _has_rule(row) else "",
        rule_holds=_holds(row, voice),
    )


def _has_rule(row: Row) -> bool:
    """Whether there is a rule that holds for somebody: none does of a segment that a shallow tree cannot tell apart."""
    return bool(row.get("rule")) and row["rule"] != "false"


def _holds(row: Row, voice: Voice) -> str:
    """How far the rule and the segment are the same."""
    precision, recall = row.get("rule_precision"), row.get("rule_recall")
    if not _has_rule(row) or precision is None or recall is None:
        return ""
    return voice.translate(
        "segment.rule_holds", recall=voice.figures.share(recall), precision=voice.figures.share(precision)
    )


def _cells(table: str, row: Row, feature: str, voice: Voice) -> tuple[CitedFigure, CitedFigure, str]:
    """Mean, median and p10–p90 of one feature in one segment."""

    def form(kind: str) -> CitedFigure:
        return cell(row, f"{kind}_{feature}", voice, table, row["segment"])

    if row.get(f"mean_{feature}") is None:
        return (CitedFigure("–"), CitedFigure("–"), "–")
    return form("mean"), form("median"), f"{form('p10').text} – {form('p90').text}"
