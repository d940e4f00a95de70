"""Names from the words that are true of a segment, made different where segments are alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from segmentation.entities import Entity
from segmentation.i18n.numbers import number
from segmentation.i18n.wording import capital, capitals
from segmentation.story.archetypes import Archetypes, Composed, Word, Words
from segmentation.story.levels import Levels, means_yes
from segmentation.story.sentences import Teller

USUAL, MOST = 2, 4  # words in a name, and at most
RECENCY = "recency_days"


@dataclass(frozen=True)
class TrueWord:
    """A word that is true of a segment."""

    feature: str
    word: Word
    strength: float
    value: str = ""  # of a text, what most of the segment have


class Composer:
    """Composes the names of one entity's segments."""

    def __init__(
        self,
        entity: Entity,
        levels: Levels,
        archetypes: Archetypes,
        teller: Teller,
        used: Collection[str] | None = None,
    ) -> None:
        self._levels, self._teller, self._archetypes = levels, teller, archetypes
        # Columns that every entity has are spoken of only by their own words; attributes of a source, by any, if
        # they made the segments: an id that was left out says nothing.
        made = [feature for feature in (*levels.features, *levels.texts) if used is None or feature in used]
        own = [feature for feature in levels.features if feature not in entity.features.names and feature in made]
        self._texts = [feature for feature in levels.texts if feature in made]
        self._words: dict[str, Words] = {
            feature: words
            for feature in levels.features
            if (words := archetypes.words.get(feature, archetypes.grammar.other if feature in own else None))
        }

    def words(self, segment: int) -> list[TrueWord]:
        """The words that are true of a segment, what distinguishes it most first."""
        said = [found for feature in self._words if (found := self._word(segment, feature))]
        said += [found for feature in self._texts if (found := self._category(segment, feature))]
        return sorted(said, key=lambda one: -one.strength)

    def gone(self, segment: int) -> TrueWord | None:
        """What is said of those who have stayed away, where it is true of a segment, whether or not of others too."""
        words = self._words.get(RECENCY)
        if words is None or words.high is None or not words.high.claims:
            return None
        return TrueWord(RECENCY, words.high, 0.0) if self._levels.all_true(words.high.claims, segment) else None

    def names(
        self, segments: Sequence[int], form: Composed, tiers: Mapping[int, str], taken: Collection[str]
    ) -> dict[int, str]:
        """A name for each segment, each different from the others and from those taken."""
        counts = dict.fromkeys(segments, USUAL)
        for _ in range(USUAL, MOST):
            for segment in _repeated({s: self._meaning(s, counts[s], tiers) for s in segments}):
                counts[segment] += 1
        meanings = {s: self._meaning(s, counts[s], tiers) for s in segments}
        names: dict[int, str] = {}
        for meaning in dict.fromkeys(meanings.values()):
            alike = [s for s in segments if meanings[s] == meaning]
            names |= self._set_apart(alike, self._name(alike[0], counts[alike[0]], form, tiers), ())
        for segment in names:
            while names[segment] in taken:
                names[segment] = self._twin(names[segment])
        return names

    def _word(self, segment: int, feature: str) -> TrueWord | None:
        words, standing = self._words[feature], self._levels.of(segment, feature)
        word = words.high if standing and standing.high else words.low if standing and standing.low else None
        if not standing or not word or not self._levels.all_true(word.claims, segment):
            return None
        return TrueWord(feature, word, standing.strength * word.weight)

    def _named(self, segment: int, tiers: Mapping[int, str]) -> list[TrueWord]:
        """The words for a name: of a tier those alone that no other tier deserves more."""
        said = self.words(segment)
        return [one for one in said if self._is_extreme(segment, one.feature)] if tiers else said

    def _is_extreme(self, segment: int, feature: str) -> bool:
        standing = self._levels.of(segment, feature)
        return standing is None or standing.mean >= max(standing.others) or standing.mean <= min(standing.others)

    def _category(self, segment: int, feature: str) -> TrueWord | None:
        top, category = self._levels.top(segment, feature), self._archetypes.grammar.category
        if top is None or not top.tells:
            return None
        says = means_yes(top.value)
        word = category.common if says is None else category.with_it if says else category.without_it
        return TrueWord(feature, word, top.strength * word.weight, capital(self._teller.value(top.value)))

    def _meaning(self, segment: int, count: int, tiers: Mapping[int, str]) -> frozenset[str]:
        """What a name says, whatever the order of its words."""
        said = {f"{one.feature} {one.word.word.en} {one.value}" for one in self._named(segment, tiers)[:count]}
        return frozenset({*said, tiers.get(segment, "")})

    def _name(self, segment: int, count: int, form: Composed, tiers: Mapping[int, str]) -> str:
        said = self._named(segment, tiers)[:count]
        words = ", ".join(
            self._teller.name(one.word.word, Feature=capitals(self._teller.feature(one.feature)), value=one.value)
            for one in said
        )
        return self._teller.name(form.with_words if said else form.name, words=words, tier=tiers.get(segment, ""))

    def _set_apart(self, segments: Sequence[int], name: str, used: tuple[str, ...]) -> dict[int, str]:
        """Names of segments that share one: by the feature in which they differ most, and so on."""
        if len(segments) == 1:
            return {segments[0]: name}
        feature, above, below = max(
            (self._widest_gap(segments, feature) for feature in self._words if feature not in used),
            key=lambda found: found[0],
            default=(0.0, "", [], []),
        )[1:]
        if not above:
            return {segment: self._twin(name, times) for times, segment in enumerate(segments)}
        words, grammar = self._words[feature], self._archetypes.grammar
        form = grammar.set_further_apart if used else grammar.set_apart
        names: dict[int, str] = {}
        for side, text in ((above, words.more), (below, words.less)):
            more = self._teller.name(text, Feature=capitals(self._teller.feature(feature)))
            names |= self._set_apart(side, self._teller.name(form, name=name, more=more), (*used, feature))
        return names

    def _widest_gap(self, segments: Sequence[int], feature: str) -> tuple[float, str, list[int], list[int]]:
        """How wide the widest gap between these segments' means is, in spreads that segments have within, and who is
        above and below it: 1.1 and 1.5 days are no gap where days run from none to four.
        """
        means = {segment: number(self._levels.row(segment).get(f"mean_{feature}")) for segment in segments}
        known = sorted((mean, segment) for segment, mean in means.items() if mean is not None)
        if len(known) < len(segments):
            return 0.0, feature, [], []
        standing = self._levels.of(segments[0], feature)
        spread = standing.spread if standing else math.inf
        pairs = itertools.pairwise(mean for mean, _ in known)
        steps = [(_gap(low, high, spread), at) for at, (low, high) in enumerate(pairs, start=1)]
        widest, at = max(steps)
        order = [segment for _, segment in known]
        return (widest, feature, order[at:], order[:at]) if widest else (0.0, feature, [], [])

    def _twin(self, name: str, times: int = 1) -> str:
        for _ in range(times):
            name = self._teller.name(self._archetypes.grammar.twin, name=name)
        return name


def _gap(low: float, high: float, spread: float) -> float:
    """In spreads, as far as these are known, else as a part of what both have together."""
    if high <= low:
        return 0.0
    return (high - low) / (spread if 0 < spread < math.inf else abs(low) + abs(high))


def _repeated(meanings: Mapping[int, frozenset[str]]) -> list[int]:
    said = list(meanings.values())
    return [segment for segment, meaning in meanings.items() if said.count(meaning) > 1]
