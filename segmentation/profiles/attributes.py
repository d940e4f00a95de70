"""Who is in each segment, by what is known of them: shares of each attribute's values, and whether segments differ.

Unknown is no value: shares are of those of whom the attribute is known, and so are the tests. Spark counts; only counts
come to the driver, where they are tested.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.clustering.scales import known_text, known_value
from segmentation.entities import Entity
from segmentation.features.measures import ratio
from segmentation.profiles.difference import TestResult, by_counts, by_ranks, holm
from segmentation.source import Source

COMMONEST = 12  # values of a text that are told one by one
BINS = 4  # of a number without a band: quarters of all with a sale
SHARED = 0.1  # of all known: a text whose commonest values hold less is as good as an id, and none of them is told
ENOUGH, ONE_IN = 30, 10  # known entities, and one in so many, from which on the known speak for a segment
PLACES = ("province", "city")
MAIN = "top_category"
OTHERS = "others"
EXACT = "decimal(12,0)"  # counts whose products must not overflow, nor depend on the order in which they are added


@dataclass(frozen=True)
class Attribute:
    """One attribute: its column, whether it is a number, its values as they are declared, and whether the segments were
    made of it, or of what it is made of.
    """

    name: str
    is_number: bool = False
    order: tuple[str, ...] = ()
    made: bool = False


@dataclass
class _AttributeCounts:
    """Entities of one attribute by segment and place of the value; sizes, and how many are known, by segment."""

    cells: dict[tuple[int, int], int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    ends: dict[int, tuple[float, float]] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)
    ranks: dict[int, float] = field(default_factory=dict)
    ties: float = 0.0

    @property
    def sold(self) -> list[int]:
        """The segments of those with a sale."""
        return sorted(segment for segment in self.sizes if segment > 0)

    @property
    def tested(self) -> list[int]:
        """Of these, the segments for which those who are known speak."""
        return [segment for segment in self.sold if speak(self.known[segment], self.sizes[segment])]

    def of(self, segments: Iterable[int], place: int) -> int:
        """How many in these segments have the value at a place."""
        return sum(self.cells.get((segment, place), 0) for segment in segments)


def attributes_of(source: Source, columns: Collection[str], used: Collection[str]) -> list[Attribute]:
    """What may be told of entities whose features have these `columns`: age, place, main category, and of the source's
    own attributes the texts, yes or no, and numbers, with its bands and groups. A number that has a band is told by it.

    `used` are the features that made the segments: those that count for more than the least.
    """
    banded = {band.of for band in source.bands.values()}
    own = [name for name in source.attributes if source.is_number(name) or name in source.texts]
    every = ("age", *PLACES, MAIN, *own, *source.dimensions)
    names = [name for name in every if name in columns and name not in banded]
    made_of = {root for name in used for root in _roots(name, source)}
    return [
        Attribute(
            name,
            name == "age" or source.is_number(name),
            tuple(source.divisions.get(name, ())),
            bool(made_of & _roots(name, source)),
        )
        for name in names
    ]


@overload
def speak(known: int, size: int) -> bool: ...
@overload
def speak(known: Column, size: Column) -> Column: ...
def speak(known: Any, size: Any) -> Any:
    """Whether those of whom something is known are enough to speak for a segment; of numbers, or of Columns."""
    return (known >= ENOUGH) & (known * ONE_IN >= size)


def counts(features: DataFrame, segments: DataFrame, entity: Entity, attributes: Sequence[Attribute]) -> DataFrame:
    """Entities by attribute, segment and place of the value: 1 for the commonest text or the lowest quarter of a
    number, COMMONEST + 1 for all other texts, NULL for those of whom it is unknown.

    Besides: value (NULL for a number and for the others), low and high (the least and the greatest number there),
    size of the segment and how many are known; ranks, the sum of their ranks doubled, and ties, the sum of t³ - t,
    among the segments for which the known speak. Only a few rows per attribute and segment.
    """
    labels = segments.select(entity.id, F.col("segment").cast("int").alias("segment"))
    cells = F.array(*[_cell(attribute) for attribute in attributes])
    pairs = features.join(labels, on=entity.id, how="inner").select("segment", F.inline(cells))
    each = pairs.groupBy("attribute", "segment", "value", "number").agg(F.count("*").alias("entities"))
    return (
        _placed(_ranked(each))
        .groupBy("attribute", "segment", "place")
        .agg(
            F.sum("entities").alias("entities"),
            F.max(F.when(F.col("place") <= COMMONEST, F.col("value"))).alias("value"),
            F.min("number").alias("low"),
            F.max("number").alias("high"),
            F.max("size").alias("size"),
            F.max("known").alias("known"),
            F.sum(F.col("tested") * (2 * F.col("tested_before") + F.col("tested_alike") + 1)).alias("ranks"),
            F.sum(F.col("tested") * (F.col("tested_alike") * F.col("tested_alike") - 1)).alias("ties"),
        )
    )


def attribute_rows(rows: Iterable[Mapping[str, Any]], attributes: Sequence[Attribute]) -> list[tuple[object, ...]]:
    """The rows of the attributes' table but for run and day, from what `counts` found: by attribute, all with a sale
    first (segment None), and each segment with every value that anybody has.
    """
    found = _by_attribute(rows)
    told = [attribute for attribute in attributes if _is_told(attribute, found.get(attribute.name))]
    places = {attribute.name: _places(attribute, found[attribute.name]) for attribute in told}
    tests = {name: test for name in places if (test := _test(found[name], places[name]))}
    adjusted = dict(zip(tests, holm([test.p_value for test in tests.values()]), strict=True))
    lines: list[tuple[object, ...]] = []
    for attribute in told:
        name = attribute.name
        verdict = (*_verdict(tests.get(name), adjusted.get(name)), attribute.made)
        lines += [(name, *line, *verdict) for line in _shares(found[name], places[name])]
    return lines


def _roots(name: str, source: Source) -> set[str]:
    """A column and the columns that it is made of."""
    if name in source.bands:
        return {name, source.bands[name].of}
    return {name, *source.groups[name].of} if name in source.groups else {name}


def _cell(attribute: Attribute) -> Column:
    """An attribute's name and its value, a text or a number; both NULL where it is unknown."""
    nothing = F.lit(None)
    number = known_value(attribute.name) if attribute.is_number else nothing.cast("double")
    text = nothing.cast("string") if attribute.is_number else known_text(attribute.name)
    return F.struct(F.lit(attribute.name).alias("attribute"), text.alias("value"), number.alias("number"))


def _ranked(each: DataFrame) -> DataFrame:
    """Counts of values with sizes, and how many lie before each value and share it: of all with a sale, and of those
    who are tested.
    """
    of_segment = Window.partitionBy("attribute", "segment")
    alike, up_to = Window.partitionBy("attribute", "value", "number"), Window.partitionBy("attribute").orderBy("number")
    none = F.lit(0).cast(EXACT)
    is_known = F.coalesce(F.col("value"), F.col("number").cast("string")).isNotNull()
    sized = each.withColumn("is_known", is_known).withColumns(
        {
            "size": F.sum("entities").over(of_segment),
            "known": F.sum(F.when(F.col("is_known"), F.col("entities")).otherwise(0)).over(of_segment),
        }
    )
    speaks = speak(F.col("known"), F.col("size"))
    sold = F.when(F.col("is_known") & (F.col("segment") > 0), F.col("entities").cast(EXACT)).otherwise(none)
    counted = sized.withColumn("sold", sold)
    counted = counted.withColumn("tested", F.when(speaks, F.col("sold")).otherwise(none))
    within = {f"{kind}_alike": F.sum(kind).over(alike).cast(EXACT) for kind in ("sold", "tested")}
    before = {
        f"{kind}_before": (F.sum(kind).over(up_to) - F.sum(kind).over(alike)).cast(EXACT) for kind in ("sold", "tested")
    }
    return counted.withColumns({**within, **before, "sold_all": F.sum("sold").over(Window.partitionBy("attribute"))})


def _placed(ranked: DataFrame) -> DataFrame:
    """Counts with the place of each value: texts by how common they are among all with a sale, ties by name; a number
    by the quarter that it begins in, so that equal numbers are never parted.
    """
    by_use = Window.partitionBy("attribute").orderBy(F.desc("is_known"), F.desc("sold_alike"), "value")
    quarter = F.floor(ratio(F.col("sold_before") * BINS, F.col("sold_all")))
    place = F.when(F.col("number").isNotNull(), 1 + F.least(F.coalesce(quarter, F.lit(0)), F.lit(BINS - 1)))
    commonness = F.least(F.dense_rank().over(by_use), F.lit(COMMONEST + 1))
    return ranked.withColumn("place", place.when(F.col("is_known"), commonness).cast("int"))


def _by_attribute(rows: Iterable[Mapping[str, Any]]) -> dict[str, _AttributeCounts]:
    found: dict[str, _AttributeCounts] = {}
    for row in rows:
        one, segment, place = found.setdefault(row["attribute"], _AttributeCounts()), row["segment"], row["place"]
        one.sizes[segment], one.known[segment] = row["size"], row["known"]
        if place is None:
            continue
        one.cells[segment, place] = row["entities"]
        one.ranks[segment] = one.ranks.get(segment, 0.0) + float(row["ranks"]) / 2
        one.ties += float(row["ties"])
        if row["low"] is not None:
            low, high = one.ends.get(place, (row["low"], row["high"]))
            one.ends[place] = (min(low, row["low"]), max(high, row["high"]))
        elif row["value"] is not None:
            one.names[place] = row["value"]
    return found


def _is_told(attribute: Attribute, counted: _AttributeCounts | None) -> bool:
    """Whether it is known of anybody; of cities, whether they are few enough for all to be told."""
    if counted is None or not counted.cells:
        return False
    return attribute.name != "city" or all(place <= COMMONEST for _, place in counted.cells)


def _places(attribute: Attribute, counted: _AttributeCounts) -> list[int]:
    """The places that are told one by one, in their order: as declared, else the commonest or the lowest first."""
    if counted.ends:
        return sorted(counted.ends)
    told = sorted(counted.names)
    held, known = sum(counted.of(counted.sold, place) for place in told), sum(counted.known[s] for s in counted.sold)
    if held < SHARED * known:
        return []
    declared = {value: at for at, value in enumerate(attribute.order)}
    return sorted(told, key=lambda place: declared.get(counted.names[place], len(declared)))


def _test(counted: _AttributeCounts, places: Sequence[int]) -> TestResult | None:
    segments = counted.tested
    if len(segments) < 2:
        return None
    if counted.ends:
        return by_ranks([counted.known[s] for s in segments], [counted.ranks[s] for s in segments], counted.ties)
    values = [[counted.of([segment], place) for segment in segments] for place in places]
    rest = [counted.known[s] - sum(counted.of([s], place) for place in places) for s in segments]
    return by_counts(values, rest) if values else None


def _verdict(test: TestResult | None, p_adjusted: float | None) -> tuple[object, ...]:
    """test, p_value, p_adjusted, effect and differs."""
    if test is None or p_adjusted is None:
        return (None, None, None, None, False)
    return (test.test, test.p_value, p_adjusted, test.effect, test.differs(p_adjusted))


def _shares(counted: _AttributeCounts, places: Sequence[int]) -> list[tuple[object, ...]]:
    """segment, value, rest, place, low, high, size, known, entities, share, share_all and lift."""
    sold = counted.sold
    beyond = {place for _, place in counted.cells} - {*places}
    values: list[tuple[object, bool, set[int]]] = [(_name(counted, place), False, {place}) for place in places]
    values += [(OTHERS, True, beyond)] if beyond else []
    known_of_all = sum(counted.known[segment] for segment in sold)
    lines: list[tuple[object, ...]] = []
    for segment in (None, *sorted(counted.sizes)):
        whom = sold if segment is None else [segment]
        size, known = sum(counted.sizes[s] for s in whom), sum(counted.known[s] for s in whom)
        for at, (value, is_rest, which) in enumerate(values, 1):
            entities = sum(counted.of(whom, place) for place in which)
            share = _part(entities, known)
            of_all = _part(sum(counted.of(sold, place) for place in which), known_of_all)
            low, high = (None, None) if is_rest else counted.ends.get(min(which), (None, None))
            lines.append(
                (segment, value, is_rest, at, low, high, size, known, entities, share, of_all, _part(share, of_all))
            )
    return lines


def _name(counted: _AttributeCounts, place: int) -> str:
    """A text, or the ends of a number's bin."""
    if place not in counted.ends:
        return counted.names[place]
    return " – ".join(dict.fromkeys(f"{end:.12g}" for end in counted.ends[place]))


def _part(part: float | None, whole: float | None) -> float | None:
    """A quotient; None where there is nothing to divide by."""
    return None if part is None or not whole else part / whole
