"""Who the buyers or sellers are: their segments, what these are worth, and how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from segmentation.reporting.data import EntityData, Row, number, pairs, rows
from segmentation.reporting.voice import Voice


@dataclass(frozen=True)
class Segment:
    """One segment as the page shows it."""

    number: int
    name: str
    size: str
    share: str
    gmv_share: str
    weight: float
    gmv_weight: float
    priority: int | None
    insight: str = ""
    recommendation: str = ""
    strategy: Mapping[str, str] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Statistics:
    """The profile table: a line per feature, and per segment its mean, median and p10–p90."""

    names: Sequence[str]
    numbers: Sequence[int]
    lines: Sequence[tuple[str, Sequence[tuple[str, str, str]]]]


def segments(data: EntityData, voice: Voice) -> list[Segment]:
    """Segments by number, those without a sale last."""
    return [_segment(row, voice) for row in ordered(data)]


def size_of(data: EntityData) -> int | None:
    """How many entities there are, those without a sale included; None where there are no profiles."""
    sizes = [number(row["size"]) for row in rows(data.profiles)]
    return int(sum(size or 0.0 for size in sizes)) if sizes else None


def features_of(data: EntityData) -> list[str]:
    """The features that made the segments; every profiled one where that is not known."""
    profiled = [str(name)[5:] for name in data.profiles.columns if str(name).startswith("mean_")]
    used = [name for name in data.used if name in profiled]
    return used or profiled


def statistics(data: EntityData, voice: Voice) -> Statistics | None:
    """Means, medians and ranges of every profiled feature, those that made the segments first."""
    used = features_of(data)
    profiles = [row for row in ordered(data) if any(row.get(f"mean_{name}") is not None for name in used)]
    rest = [str(name)[5:] for name in data.profiles.columns if str(name).startswith("mean_")]
    features = [*used, *(name for name in rest if name not in used)]
    if not profiles or not features:
        return None
    lines = [(voice.labels.feature(name), [_cells(row, name, voice) for row in profiles]) for name in features]
    names = [voice.labels.segment(row["segment"], row["segment_name"]) for row in profiles]
    return Statistics(names, [int(row["segment"]) for row in profiles], lines)


def ordered(data: EntityData) -> list[Row]:
    """Profiles by segment; segment 0 last, and only where someone is in it."""
    found = [row for row in rows(data.profiles) if row["segment"] != 0 or number(row["size"])]
    return sorted(found, key=lambda row: (row["segment"] == 0, row["segment"]))


def _segment(row: Row, voice: Voice) -> Segment:
    figures, say = voice.figures, voice.say
    tops = [key for key in ("top_province", "top_category") if row.get(key)]
    return Segment(
        number=int(row["segment"]), name=voice.labels.segment(int(row["segment"]), row["segment_name"]),
        size=figures.count(row["size"]), share=figures.share(row["share"]),
        gmv_share=figures.share(row["gmv_share"]),
        weight=number(row["share"]) or 0.0, gmv_weight=number(row["gmv_share"]) or 0.0,
        priority=None if row["priority"] is None else int(row["priority"]),
        insight=voice.labels.prose(row["insight"]), recommendation=voice.labels.prose(row["recommendation"]),
        strategy={
            voice.labels.strategy(key): voice.labels.prose(text)
            for key, text in pairs(row.get("strategy")).items()
        },
        facts=[(say(f"segment.{key}"), voice.labels.value(row[key])) for key in tops],
    )  # fmt: skip


def _cells(row: Row, feature: str, voice: Voice) -> tuple[str, str, str]:
    """Mean, median and p10–p90 of one feature in one segment."""

    def form(kind: str) -> str:
        return voice.figures.feature(feature, row.get(f"{kind}_{feature}"))

    if row.get(f"mean_{feature}") is None:
        return ("–", "–", "–")
    return form("mean"), form("median"), f"{form('p10')} – {form('p90')}"
