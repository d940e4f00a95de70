"""Each segment in a sentence: thresholds of a shallow decision tree, in the features' own units.

The tree is a surrogate: it is fitted to the segments, not to the data, and says how well it stands for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from segmentation.clustering.means import Labels, Points
from segmentation.clustering.scales import FeatureScale
from segmentation.keys import by_segment
from segmentation.sql import quoted

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

RULES_FITTED_ON = 5_000  # entities
FAITHFUL = 0.97  # fidelity from which on more leaves are not worth reading
ROUNDED = 0.002  # share of entities that a rounder threshold may move to the other side
UNITS = (1, 100)  # steps between two whole numbers, of counts and of money
GAINED = 0.005  # F1 score that another rule must add
HELD = 0.05  # share of a segment that a leaf must hold to be in its rule


@dataclass(frozen=True)
class SegmentRule:
    """Who is in a segment, as a SQL condition over features.

    recall: share of the segment for whom it holds; precision: share of those for whom it holds who are in the
    segment. NULL features fulfil no condition.
    """

    segment: int
    condition: str
    precision: float
    recall: float


@dataclass(frozen=True)
class SurrogateRules:
    """A rule per segment, and their fidelity: the share of entities for whom the rule of their own segment holds and
    that of no other."""

    rules: tuple[SegmentRule, ...] = ()
    fidelity: float | None = None


@dataclass(frozen=True)
class _Bound:
    """value >= limit where `least`, else value < limit; of a text = or <> its category."""

    axis: int
    limit: float
    least: bool

    def holds(self, values: Points) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):  # NaN, that is unknown, fulfils neither
            column = values[:, self.axis]
            return column >= self.limit if self.least else column < self.limit


_Leaf = tuple[int, tuple[_Bound, ...]]  # the segment that it stands for, and what leads to it
_Told = tuple[SegmentRule, NDArray[np.bool_]]  # a rule, and for whom it holds


def surrogate_rules_of(seen: pd.DataFrame, scales: Sequence[FeatureScale], segments: Labels, k: int) -> SurrogateRules:
    """Rules for segments 1 … k; `segments` are those of the rows of `seen`, on which rules are judged too."""
    if k < 2 or not len(segments):
        return SurrogateRules()
    values = np.column_stack([scale.value_in(seen) for scale in scales])
    filled = np.where(np.isnan(values), [scale.fill for scale in scales], values)
    tree = _tree(filled, segments, k)
    leaves = _leaves(tree, filled, 0, ())
    told = [_rule(segment, leaves, scales, values, segments) for segment in range(1, k + 1)]
    told = [_shorter(rule, segment, scales, values, segments) for segment, rule in enumerate(told, 1)]
    holds = np.array([held for _, held in told])  # as it is said: leaves that are too small are in no rule
    own = holds[segments - 1, np.arange(len(segments))]
    return SurrogateRules(tuple(rule for rule, _ in told), float((own & (holds.sum(axis=0) == 1)).mean()))


def with_rules(profiles: DataFrame, rules: SurrogateRules) -> DataFrame:
    """Profiles (rows of segment) with rule, rule_precision, rule_recall and fidelity, NULL where there is none."""
    told = {each.segment: each for each in rules.rules}
    return profiles.select(
        "*",
        by_segment({segment: each.condition for segment, each in told.items()}, "string").alias("rule"),
        by_segment({segment: each.precision for segment, each in told.items()}, "double").alias("rule_precision"),
        by_segment({segment: each.recall for segment, each in told.items()}, "double").alias("rule_recall"),
        by_segment(dict.fromkeys(told, rules.fidelity), "double").alias("fidelity"),
    )


def _tree(values: Points, segments: Labels, k: int) -> DecisionTreeClassifier:
    """The tree with the fewest leaves that is faithful, else the most faithful; every segment weighs alike."""
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415 (costs a second, for those who need it)

    depth = 3 if k <= 6 else max(4, (k - 1).bit_length())
    best: tuple[float, DecisionTreeClassifier] | None = None
    for leaves in range(k, 2**depth + 1):
        tree = DecisionTreeClassifier(
            max_depth=depth, max_leaf_nodes=leaves, class_weight="balanced", random_state=0
        ).fit(values, segments)
        fidelity = float((tree.predict(values) == segments).mean())
        if best is None or fidelity > best[0] + 1e-3:
            best = fidelity, tree
        if fidelity >= FAITHFUL:
            break
    assert best is not None  # k leaves at most 2 ** depth
    return best[1]


def _leaves(tree: DecisionTreeClassifier, values: Points, node: int, bounds: tuple[_Bound, ...]) -> list[_Leaf]:
    """The leaves below a node that `values` have reached, with rounder thresholds.

    Leaves that stand for one segment alone are one.
    """
    nodes = tree.tree_
    if nodes.children_left[node] < 0:
        return [(int(tree.classes_[nodes.value[node][0].argmax()]), bounds)]
    axis = int(nodes.feature[node])
    limit = _rounder(values[:, axis], float(nodes.threshold[node]))
    found: list[_Leaf] = []
    for child, least in ((nodes.children_left[node], False), (nodes.children_right[node], True)):
        bound = _Bound(axis, limit, least)
        found += _leaves(tree, values[bound.holds(values)], int(child), (*bounds, bound))
    segments = {segment for segment, _ in found}
    return [(segments.pop(), bounds)] if len(segments) == 1 else found


def _rounder(values: NDArray[np.float64], limit: float) -> float:
    """The limit with as few digits as leave (nearly) everyone on the same side, none of its two sides empty.

    Of values that are all whole, or all in cents, it is so too: nothing is below 0.004 of them that is not 0.
    """
    if not len(values):
        return limit
    below = values < limit
    unit = next((unit for unit in UNITS if _all_whole(values * unit)), None)
    for digits in range(1, 16):
        rounder = float(f"{limit:.{digits}g}")
        rounder = math.ceil(round(rounder * unit, 6)) / unit if unit else rounder
        moved = (values < rounder) != below
        if float(moved.mean()) <= ROUNDED and 0 < (values < rounder).sum() < len(values):
            return rounder + 0.0  # -0.0 is 0.0
    return limit


def _all_whole(values: NDArray[np.float64]) -> bool:
    """Whether they are, but for the rounding of floating-point numbers."""
    return bool(np.allclose(values, np.rint(values), rtol=1e-15, atol=1e-9))


def _rule(
    segment: int, leaves: Sequence[_Leaf], scales: Sequence[FeatureScale], values: Points, segments: Labels
) -> _Told:
    """The segment's rule and for whom it holds: its leaves, each a conjunction, joined by OR; without any, "false"."""
    here = segments == segment
    holds, taken = np.zeros(len(values), dtype=bool), []
    for label, bounds in leaves:
        held = _held(bounds, values)
        if label == segment and (held & here).sum() >= HELD * here.sum():
            taken.append(_conjunction(bounds, scales))
            holds |= held
    condition = " OR ".join(f"({each})" for each in taken) if len(taken) > 1 else next(iter(taken), "false")
    both = float((holds & here).sum())
    rule = SegmentRule(segment, condition, both / max(1, int(holds.sum())), both / max(1, int(here.sum())))
    return rule, holds


def _best_condition(values: Points, here: NDArray[np.bool_]) -> _Bound:
    """The one condition with the highest F1 score: the harmonic mean of its precision and its recall."""
    found, best = _Bound(0, -math.inf, True), 0.0
    for axis in range(values.shape[1]):
        column = values[:, axis]
        known = ~np.isnan(column)
        distinct, places = np.unique(column[known], return_inverse=True)
        if len(distinct) < 2:
            continue
        below = np.bincount(places).cumsum()[:-1]  # each value but the last, or less
        own = np.bincount(places, here[known]).cumsum()[:-1]
        for least in (False, True):
            held, both = (known.sum() - below, here[known].sum() - own) if least else (below, own)
            scores = 2 * both / (held + here.sum())
            first = int(scores.argmax())
            if scores[first] > best + 1e-9:
                limit = _rounder(column[known], float((distinct[first] + distinct[first + 1]) / 2))
                found, best = _Bound(axis, limit, least), float(scores[first])
    return found


def _shorter(told: _Told, segment: int, scales: Sequence[FeatureScale], values: Points, segments: Labels) -> _Told:
    """A rule of one condition where it tells more than the leaves of the tree, or as much; else theirs."""
    condition = _best_condition(values, segments == segment)
    shorter = _rule(segment, [(segment, (condition,))], scales, values, segments)
    return shorter if _is_better(shorter[0], told[0]) else told


def _is_better(one: SegmentRule, other: SegmentRule) -> bool:
    """Whether a rule of one condition tells more of its segment than another, or as much in fewer words."""
    gained = _f1(one) - _f1(other)
    return gained > GAINED or (gained > -1e-9 and (" AND " in other.condition or " OR " in other.condition))


def _f1(rule: SegmentRule) -> float:
    both = rule.precision + rule.recall
    return 2 * rule.precision * rule.recall / both if both else 0.0


def _held(bounds: Sequence[_Bound], values: Points) -> NDArray[np.bool_]:
    held = np.ones(len(values), dtype=bool)
    for bound in bounds:
        held &= bound.holds(values)
    return held


def _conjunction(bounds: Sequence[_Bound], scales: Sequence[FeatureScale]) -> str:
    """The bounds as SQL, of several alike (two upper ones of a feature) the tightest; who has one category of a text
    has no other, which need not be said.
    """
    tightest: dict[tuple[int, bool], _Bound] = {}
    for bound in bounds:
        other = tightest.setdefault((bound.axis, bound.least), bound)
        if (bound.limit > other.limit) == bound.least:
            tightest[bound.axis, bound.least] = bound
    named = {scales[axis].feature for axis, least in tightest if least and scales[axis].category is not None}
    told = [
        bound
        for (axis, least), bound in tightest.items()
        if least or scales[axis].category is None or scales[axis].feature not in named
    ]
    return " AND ".join(_as_sql(bound, scales[bound.axis]) for bound in told) or "true"


def _as_sql(bound: _Bound, scale: FeatureScale) -> str:
    name = scale.feature if scale.feature.isidentifier() else quoted(scale.feature)
    if scale.category is not None:
        text = scale.category.replace("\\", "\\\\").replace("'", "\\'")
        return f"{name} {'=' if bound.least else '<>'} '{text}'"
    digits = format(Decimal(repr(bound.limit)).normalize(), "f")  # no exponent
    return f"{name} {'>=' if bound.least else '<'} {digits}"
