"""What must be true, in figures that a person would use, before a word is said of a segment.

Levels compare segments with each other and know no amount: of two that hardly use vouchers, one uses clearly more. A
claim holds of the member in the middle (the median), so that a few cannot make it true of all; docs/words.md says each
in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from segmentation.i18n.numbers import number
from segmentation.plans import FrozenModel

CLEAR = 1.5  # times: one mean or median is clearly above another

Rank = Literal["highest", "high", "low", "lowest", "behind", "level"]


class Bound(FrozenModel):
    """What the median of a feature must be for a claim to hold."""

    at_least: float | None = Field(None, description="in the feature's own units, or as a fraction")
    at_most: float | None = None
    rank: Rank | None = Field(None, description="among the segments' medians")
    or_unknown: bool = Field(False, description="whether the claim may stand where the median is not known")

    @model_validator(mode="after")
    def _says_something(self) -> Bound:
        if self.at_least is None and self.at_most is None and self.rank is None:
            raise ValueError("found no bound, expected at_least, at_most or rank")
        return self

    def holds(self, median: float | None, others: Sequence[float], of_tiers: bool = False, tells: bool = True) -> bool:
        """Whether it holds of a segment's median, beside the medians of the others; high and low in tiers of the one
        that is highest and lowest alone. Ranks are of features that tell segments apart (`tells`).
        """
        if median is None:
            return self.or_unknown
        within = (self.at_least is None or median >= self.at_least) and (self.at_most is None or median <= self.at_most)
        return within and (self.rank is None or _has_rank(self.rank, median, others, of_tiers, tells))


Claim = dict[str, Bound]  # by feature, or column of the profile table such as gmv_share: all must hold


def holds(claim: Claim, segment: int, rows: Mapping[int, Mapping[str, Any]], of_tiers: bool = False) -> bool:
    """Whether a claim is true of a segment, by the rows of the profile table."""
    for feature, bound in claim.items():
        medians = {each: number(row.get(f"median_{feature}", row.get(feature))) for each, row in rows.items()}
        others = [median for each, median in medians.items() if each != segment and median is not None]
        tells = bound.rank is None or tells_apart(feature, rows)
        if not bound.holds(medians[segment], others, of_tiers, tells):
            return False
    return True


def is_apart(highest: Mapping[str, Any], lowest: Mapping[str, Any], feature: str) -> bool | None:
    """Whether nine in ten of the segment with the highest mean have more than nine in ten of that with the lowest, by
    their rows of the profile table; None where that is not known.

    Segments that overlap more are not told apart by the feature, whatever their means.
    """
    least, most = number(highest.get(f"p10_{feature}")), number(lowest.get(f"p90_{feature}"))
    return None if least is None or most is None else least > most


def tells_apart(feature: str, rows: Mapping[int, Mapping[str, Any]]) -> bool:
    """Whether the segments with the highest and the lowest mean are apart in a feature, by the rows of the profile
    table; so where that is not known.
    """
    means = {segment: mean for segment, row in rows.items() if (mean := number(row.get(f"mean_{feature}"))) is not None}
    if not means:
        return True
    lowest, highest = (rows[pick(means, key=lambda segment: means[segment])] for pick in (min, max))
    return is_apart(highest, lowest, feature) is not False


def _has_rank(rank: Rank, median: float, others: Sequence[float], of_tiers: bool, tells: bool) -> bool:
    """high, low: clearly apart from the usual; behind, level: whether one of the others is clearly above."""
    if not others:
        return False
    usual = sum(others) / len(others)
    # A second tier is above what is usual as well, and the tier above it makes nonsense of "high-spending".
    highest, lowest = median > max(others), median < min(others)
    is_behind = tells and median * CLEAR <= max(others)
    return {
        "highest": tells and highest,
        "high": tells and median > 0 and median >= CLEAR * usual and (highest or not of_tiers),
        "low": tells and median * CLEAR <= usual and usual > 0 and (lowest or not of_tiers),
        "lowest": tells and lowest,
        "behind": is_behind,
        "level": not is_behind,
    }[rank]
