"""After a refit: which segment of the later model is which of the earlier one, by the members that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.search import SearchResult, shared_members
from segmentation.entities import Entity, Members

MATCH = 0.5  # share of an earlier segment's members that its successor has at least
PART = 0.25  # share of an earlier segment's members that a part has at least into which it was split


@dataclass(frozen=True)
class Fate:
    """What became of segments (survived, split, merged, disappeared, appeared), by numbers, earlier and later ones."""

    kind: str
    earlier: tuple[int, ...]
    later: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """The same in words.

        >>> Fate("split", (3,), (2, 4)).sentence, Fate("survived", (1,), (1,)).sentence
        ('segment 3 was split into 2 and 4', 'segment 1 stayed 1')
        """
        was, is_now = (" and ".join(map(str, numbers)) for numbers in (self.earlier, self.later))
        return {
            "survived": f"segment {was} stayed {is_now}" if was == is_now else f"segment {was} is called {is_now} now",
            "split": f"segment {was} was split into {is_now}",
            "merged": f"segments {was} were merged into {is_now}",
            "disappeared": f"segment {was} was scattered",
            "appeared": f"segment {is_now} is new",
        }[self.kind]


def fates(shared: Mapping[tuple[int, int], int]) -> list[Fate]:
    """What became of each segment, from how many members each earlier one shares with each later one.

    After MONIC (Spiliopoulou, Ntoutsi, Theodoridis & Schult 2006), of the same entities placed by both models. Parts
    are the later segments that have PART or more of an earlier one's members. Where these have less than MATCH
    together, it disappeared; where there are several, it was split; a single one is its match, in which it survived, or
    was merged with others that have the same. Later ones that are nobody's match and no part appeared. Segment 0 is
    left out: it is no model's.
    """
    counts = {pair: count for pair, count in shared.items() if 0 not in pair and count}
    earlier, later = (sorted({pair[side] for pair in counts}) for side in (0, 1))
    matches: dict[int, list[int]] = {}  # by later segment
    parts: dict[int, list[int]] = {}
    scattered = []
    for old in earlier:
        size = sum(count for (start, _), count in counts.items() if start == old)
        large = {new: share for new in later if (share := counts.get((old, new), 0) / size) >= PART}
        if sum(large.values()) < MATCH:
            scattered.append(old)
        elif len(large) > 1:
            parts[old] = list(large)
        else:
            matches.setdefault(next(iter(large)), []).append(old)
    found = [
        Fate("survived" if len(olds) == 1 else "merged", tuple(olds), (new,)) for new, olds in sorted(matches.items())
    ]
    found += [Fate("split", (old,), tuple(news)) for old, news in parts.items()]
    found += [Fate("disappeared", (old,), ()) for old in scattered]
    known = {new for fate in found for new in fate.later}
    return found + [Fate("appeared", (), (new,)) for new in later if new not in known]


def became(
    features: DataFrame, last: FittedModel | None, found: SearchResult, entity: Entity, members: Members
) -> tuple[list[Fate], dict[int, int] | None]:
    """What a search made of the segments of the last model, by today's features, and today's numbers of those that are
    still the same (successors): nothing and None where the model is the same, nothing and none where there is no last
    one or the features lack some of its own.
    """
    if last is not None and found.model == last.model:
        return [], None
    if last is None or last.model.lacking(features.columns):
        return [], {}
    shared = shared_members(features, last.model, found.segments, entity, members)
    return fates(shared), successors(shared)


def fates_by_day(history: DataFrame, rescored: DataFrame, days: Sequence[date], id: str) -> dict[date, list[Fate]]:
    """What became of the segments of each of some days by the model of the next day, by members on the earlier one.

    rescored: rows of rescoring.rescore_pairs, of earlier snapshots.
    """
    earlier = history.where(F.col("as_of").isin(list(days)))
    was = earlier.select(F.col(id).alias("id"), F.col("as_of").alias("as_of_from"), "segment")
    both = was.join(rescored.where("segment_by_later_model IS NOT NULL"), on=["id", "as_of_from"], how="inner")
    counted = both.groupBy("as_of_from", "segment", "segment_by_later_model").count()
    shared: dict[date, dict[tuple[int, int], int]] = {}
    for row in counted.collect():  # a few: segments × segments
        shared.setdefault(row["as_of_from"], {})[row["segment"], row["segment_by_later_model"]] = row["count"]
    return {first: fates(counts) for first, counts in shared.items()}


def successors(shared: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """The later number of each earlier segment that is still the same: it survived, and half of the members or more of
    the later one were its own. A segment that one much larger took in is not that one.
    """
    counts = {pair: count for pair, count in shared.items() if 0 not in pair}
    found = {}
    for fate in fates(shared):
        if fate.kind == "survived":
            (old,), (new,) = fate.earlier, fate.later
            size = sum(count for (_, each), count in counts.items() if each == new)
            if counts[old, new] >= MATCH * size:
                found[old] = new
    return found
