"""What is known of the members of each segment: pictures of attributes in which segments differ, and a table of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.profiles.attributes import speak
from segmentation.profiles.difference import CHANCE
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars, in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData, rows
from segmentation.reporting.sections.segments import ordered
from segmentation.reporting.theme import FULL, SOFT, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

MOST = 6  # pictures
SHOWN = 8  # values of an attribute in a picture; its table has more
BESIDE = 3  # panels
CERTAIN = 0.001  # smaller p-values are told as being below it


@dataclass(frozen=True)
class Value:
    """One value of an attribute: its name, whether it stands for all others, and its share of all that are known."""

    name: str
    is_rest: bool
    share_all: float


@dataclass(frozen=True)
class Part:
    """One segment: its size, how many of it are known, and each value's share of these."""

    segment: int
    size: int
    known: int
    shares: Sequence[float]

    @property
    def speaks(self) -> bool:
        """Whether those who are known speak for the segment."""
        return speak(self.known, self.size)


@dataclass(frozen=True)
class AttributeTable:
    """One attribute as its table has it: among all with a sale and in each segment; its test."""

    name: str
    size: int
    known: int
    values: Sequence[Value]
    parts: Sequence[Part]
    ends: tuple[float, float] | None
    test: str | None
    p_adjusted: float | None
    effect: float
    differs: bool
    made: bool


@dataclass(frozen=True)
class Known:
    """The table of what is known: an attribute, of how many, what is most common, and whether segments differ."""

    lines: Sequence[Sequence[str]]
    alike: str
    note: str


def attributes(data: EntityData, voice: Voice) -> list[AttributeTable]:
    """The attributes that anything is known of, in the table's order; none where a lake has no such table."""
    found: dict[str, list[Row]] = {}
    for row in rows(data.attributes):
        found.setdefault(str(row["attribute"]), []).append(row)
    return [_attribute(name, own, voice) for name, own in found.items()]


def pictures(entity: str, data: EntityData, voice: Voice) -> list[Picture]:
    """A picture of each attribute in which segments differ, at most six: first those that did not make the segments,
    and of these the largest effect. Numbers that made them have pictures of their own.
    """
    found = attributes(data, voice)
    tested = sum(one.test is not None for one in found)
    differing = [one for one in found if one.differs and not (one.made and one.test == "kruskal")]
    differing.sort(key=lambda one: (one.made, -one.effect))
    numbers = [(int(row["segment"]), row["segment_name"]) for row in ordered(data)]
    names = {segment: voice.labels.segment(segment, name) for segment, name in numbers}
    return [_picture(entity, _in_short(one), tested, names, voice) for one in differing[:MOST]]


def known(data: EntityData, voice: Voice) -> Known | None:
    """The table of all attributes; None where nothing is known."""
    found = attributes(data, voice)
    if not found:
        return None
    alike = [one for one in found if one.test and not one.differs and not one.made]
    tested = sum(one.test is not None for one in found)
    return Known(
        lines=[_line(one, voice) for one in found],
        alike=voice.translate("attributes.alike", names=_names(alike, voice)) if alike else "",
        note=_how_tested(tested, voice),
    )


def _how_tested(tested: int, voice: Voice) -> str:
    if tested == 1:
        return voice.translate("attributes.table_note_one")  # there is nothing to correct for
    return voice.translate("attributes.table_note", count=voice.figures.count(tested)) if tested else ""


def unknowns(entities: Mapping[str, EntityData], dimensions: Mapping[str, Sequence[Row]], voice: Voice) -> list[str]:
    """Of whom which attribute is unknown, most first: a sentence for each side, but for what is told by GMV already."""
    told = {name for name, own in dimensions.items() if any(row["value"] is None and row["gmv_share"] for row in own)}
    found = []
    for entity, data in entities.items():
        there = attributes(data, voice)
        missing = {one.name: 1 - one.known / one.size for one in there if one.known < one.size}
        names = {one.name for one in there}
        missing |= {name: 1.0 for name in data.declared if data.attributes is not None and name not in names}
        prefix = "" if entity == "buyers" else "seller_"
        shares = sorted((-share, name) for name, share in missing.items() if prefix + name not in told)
        if shares:
            said = [f"{voice.labels.feature(name)} ({voice.figures.share(-share)})" for share, name in shares]
            found.append(voice.translate.side(entity, "attributes_unknown", names=", ".join(said)))
    return found


def _attribute(name: str, own: Sequence[Row], voice: Voice) -> AttributeTable:
    everyone = sorted((row for row in own if row["segment"] is None), key=lambda row: row["place"])
    places = [row["place"] for row in everyone]
    segments = sorted({int(row["segment"]) for row in own if row["segment"]})
    cells = {(row["segment"], row["place"]): row for row in own}
    first = everyone[0]
    ends = [end for row in everyone for which in ("low", "high") if (end := number(row[which])) is not None]
    return AttributeTable(
        name=name,
        size=int(first["size"]),
        known=int(first["known"]),
        values=[Value(_value(name, row, voice), bool(row["rest"]), number(row["share"]) or 0.0) for row in everyone],
        parts=[
            Part(
                segment,
                int(cells[segment, places[0]]["size"]),
                int(cells[segment, places[0]]["known"]),
                [number(cells[segment, place]["share"]) or 0.0 for place in places],
            )
            for segment in segments
        ],
        ends=(min(ends), max(ends)) if ends else None,
        test=first["test"],
        p_adjusted=number(first["p_adjusted"]),
        effect=number(first["effect"]) or 0.0,
        differs=bool(first["differs"]),
        made=bool(first["made_segments"]),
    )


def _in_short(one: AttributeTable) -> AttributeTable:
    """The attribute with its commonest values alone, and all others as one."""
    told = [at for at, value in enumerate(one.values) if not value.is_rest]
    kept = sorted(sorted(told, key=lambda at: -one.values[at].share_all)[:SHOWN])
    rest = [at for at in range(len(one.values)) if at not in kept]
    if len(rest) < 2:
        return one
    shares_all = sum(one.values[at].share_all for at in rest)
    return replace(
        one,
        values=[*(one.values[at] for at in kept), Value("", True, shares_all)],
        parts=[
            replace(part, shares=[*(part.shares[at] for at in kept), sum(part.shares[at] for at in rest)])
            for part in one.parts
        ],
    )


def _picture(entity: str, one: AttributeTable, tested: int, names: Mapping[int, str], voice: Voice) -> Picture:
    panels = [_panel(one, part, names, voice) for part in one.parts]
    said = [
        voice.translate(
            "attributes.known",
            known=voice.figures.count(one.known),
            size=voice.figures.count(one.size),
            share=voice.figures.share(one.known / one.size),
        ),
        voice.translate("attributes.line"),
        voice.translate("attributes.made") if one.made else _by_test(one, tested, voice),
    ]
    return Picture(
        f"{entity}_attribute_{one.name}",
        _finding(one, names, voice),
        in_words(panels),
        partial(draw_bars, panels, beside=BESIDE),
        kicker=voice.translate("attributes.title"),
        note=" ".join(said),
        width=FULL,
    )


def _panel(one: AttributeTable, part: Part, names: Mapping[int, str], voice: Voice) -> Panel:
    bars = [
        Bar(
            _label(value, voice),
            share,
            voice.figures.share(share),
            "",
            SOFT if value.is_rest else segment_colour(part.segment),
            value.share_all,
        )
        for value, share in zip(one.values, part.shares, strict=True)
    ]
    counts = {"known": voice.figures.count(part.known), "size": voice.figures.count(part.size)}
    said = voice.translate("attributes.of_segment" if part.speaks else "attributes.too_few", **counts)
    return Panel(names.get(part.segment, str(part.segment)), bars if part.speaks else [], said)


def _finding(one: AttributeTable, names: Mapping[int, str], voice: Voice) -> str:
    """The value that is furthest above its share among all, in the segment where it is."""
    share, value, segment = max(
        (
            (share, value, part.segment)
            for part in one.parts
            if part.speaks
            for value, share in zip(one.values, part.shares, strict=True)
            if not value.is_rest
        ),
        key=lambda found: found[0] - found[1].share_all,
    )
    return voice.translate(
        "attributes.finding",
        attribute=voice.labels.feature(one.name),
        value=_label(value, voice),
        share=voice.figures.share(share),
        segment=names.get(segment, str(segment)),
        share_all=voice.figures.share(value.share_all),
    )


def _by_test(one: AttributeTable, tested: int, voice: Voice) -> str:
    said = voice.translate(
        "attributes.differs" if tested > 1 else "attributes.differs_alone", p=_p(one, voice), count=tested
    )
    return f"{said} {voice.translate(f'attributes.effect.{one.test}', effect=voice.figures.count(one.effect, 2))}"


def _line(one: AttributeTable, voice: Voice) -> list[str]:
    """Its name, of how many it is known, what is most common, and whether segments differ in it."""
    of_all = voice.translate(
        "attributes.of_all",
        known=voice.figures.count(one.known),
        size=voice.figures.count(one.size),
        share=voice.figures.share(one.known / one.size if one.size else None),
    )
    return [voice.labels.feature(one.name), of_all, _commonest(one, voice), _verdict(one, voice)]


def _commonest(one: AttributeTable, voice: Voice) -> str:
    """The commonest value; of a number, from where to where it goes."""
    if one.ends:
        low, high = (voice.figures.feature(one.name, end) for end in one.ends)
        return voice.translate("attributes.range" if low != high else "attributes.one", low=low, high=high)
    told = [value for value in one.values if not value.is_rest]
    if not told:
        return "–"
    first = max(told, key=lambda value: value.share_all)
    return f"{_label(first, voice)} ({voice.figures.share(first.share_all)})"


def _verdict(one: AttributeTable, voice: Voice) -> str:
    if one.made:
        return voice.translate("attributes.verdict.made")
    if one.test is None or one.p_adjusted is None:
        return voice.translate("attributes.verdict.untested")
    kind = "differs" if one.differs else "slight" if one.p_adjusted < CHANCE else "alike"
    effect = voice.translate(f"attributes.short.{one.test}", effect=voice.figures.count(one.effect, 2))
    return voice.translate(f"attributes.verdict.{kind}", p=_p(one, voice), effect=effect)


def _p(one: AttributeTable, voice: Voice) -> str:
    """The corrected p-value with its sign."""
    p_value = one.p_adjusted or 0.0
    return f"< {voice.figures.count(CERTAIN, 3)}" if p_value < CERTAIN else f"= {voice.figures.count(p_value, 3)}"


def _value(name: str, row: Row, voice: Voice) -> str:
    low, high = number(row["low"]), number(row["high"])
    if low is not None and high is not None:
        return _between(name, low, high, voice)
    return voice.labels.value(row["value"], 60)


def _between(name: str, low: float, high: float, voice: Voice) -> str:
    return " – ".join(dict.fromkeys(voice.figures.feature(name, end) for end in (low, high)))


def _label(value: Value, voice: Voice) -> str:
    return voice.translate("attributes.others") if value.is_rest else value.name


def _names(found: Sequence[AttributeTable], voice: Voice) -> str:
    return ", ".join(voice.labels.feature(one.name) for one in found)
