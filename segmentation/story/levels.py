"""How a segment stands beside the others and beside all: levels that know no unit and no amount."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segmentation.i18n.numbers import number
from segmentation.story.claims import CLEAR, Claim, tells_apart
from segmentation.story.claims import holds as claim_holds

Term = Literal["highest", "high", "not_high", "middling", "raised", "not_low", "low", "lowest"]

APART = 1.25  # or above it by this many of the spreads that segments have within
FAR = 3.0  # raised: so many times the lowest …
NEARLY_ALL = 0.8  # … and not far below the mean of all
MOST, MORE = 0.5, 0.2  # share of a segment that a value must hold to be its own, and that much more than of all
KNOWN = 0.5  # share of a segment of whom a figure must be known to be the segment's
FIGURES = ("mean", "median", "p10", "p90", "lift")  # that the profile table has of a feature
STRONGEST = math.log(10)
DEVIATIONS = 2.563  # of a normal distribution, between its 10th and its 90th percentile


@dataclass(frozen=True)
class Standing:
    """One feature of one segment: its mean, the mean of all, and the other segments' means."""

    mean: float
    overall: float
    others: tuple[float, ...]
    spread: float  # within segments, as a standard deviation; infinite where not known
    tells: bool = True  # whether the feature tells segments apart, as far as that is known

    def holds(self, term: Term) -> bool:
        """Whether the segment is what the term says."""
        lowest, highest = min(self.others), max(self.others)
        return {
            "highest": self.high and self.mean >= highest,
            "high": self.high,
            "not_high": not self.high,
            "middling": self.tells and _clearly_above(self.mean, lowest) and _clearly_above(highest, self.mean),
            "raised": self.raised,
            "not_low": not self.low,
            "low": self.low,
            "lowest": self.low and self.mean <= lowest,
        }[term]

    @property
    def high(self) -> bool:
        """Clearly above the other segments, and above the mean of all, in a feature that tells them apart."""
        return self.tells and self.mean > self.overall and self._apart(self.mean, self._rest)

    @property
    def low(self) -> bool:
        """Clearly below the other segments, and below the mean of all, in a feature that tells them apart."""
        return self.tells and self.mean < self.overall and self._apart(self._rest, self.mean)

    @property
    def raised(self) -> bool:
        """In the upper half of what segments have and far above the lowest, though perhaps like most of all, in a
        feature that tells them apart.
        """
        lowest, highest = min(self.others), max(self.others)
        upper_half = self.mean * 2 >= lowest + max(highest, self.mean)
        return self.tells and upper_half and self.mean > FAR * lowest and self.mean >= NEARLY_ALL * self.overall

    @property
    def strength(self) -> float:
        """How far apart from the others, from 0 to 1."""
        if self.mean > 0 and self._rest > 0:
            return min(abs(math.log(self.mean / self._rest)), STRONGEST) / STRONGEST
        return float(self.mean != self._rest)

    @property
    def _rest(self) -> float:
        return sum(self.others) / len(self.others)

    def _apart(self, above: float, below: float) -> bool:
        return _clearly_above(above, below) or above - below >= APART * self.spread


@dataclass(frozen=True)
class Top:
    """The most frequent value of a text in a segment, the share that has it, and how many times that of all."""

    value: str
    share: float
    lift: float

    @property
    def tells(self) -> bool:
        """Whether most have it, and clearly more than of all."""
        return self.share >= MOST and self.share - self.share / self.lift >= MORE

    @property
    def strength(self) -> float:
        """How far apart from all, from 0 to 1."""
        return min(math.log(self.lift), STRONGEST) / STRONGEST


def means_yes(value: str) -> bool | None:
    """Whether a value says yes, or no; None where it says something else.

    >>> means_yes("Yes"), means_yes("false"), means_yes("gold")
    (True, False, None)
    """
    return {"yes": True, "true": True, "ya": True, "no": False, "false": False, "tidak": False}.get(value.lower())


def of_most(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the profile table without the figures of features that are known of fewer than half of the segment: a
    few do not speak for it. Tables of earlier releases do not tell of how many (known_F): of these all figures stay.

    >>> of_most({"size": 500, "mean_age": 61.0, "known_age": 1, "mean_visits": 3.0, "known_visits": 250})["mean_age"]
    """
    counts = {key.removeprefix("known_"): number(cell) for key, cell in row.items() if key.startswith("known_")}
    few = [feature for feature, known in counts.items() if known is not None and known < KNOWN * row["size"]]
    return {**row, **{f"{kind}_{feature}": None for feature in few for kind in FIGURES}}


def overall_mean(rows: Iterable[Mapping[str, Any]], feature: str) -> float | None:
    """The mean of a feature over all with a sale of whom it is known, by their segments' rows of the profile table;
    None where it is unknown.

    It is a segment's mean over its lift (the one whose mean is largest has it most exactly): a segment's size does not
    say of how many of it the feature is known.
    """
    cells = [
        (mean, number(row.get(f"lift_{feature}")))
        for row in rows
        if (mean := number(row.get(f"mean_{feature}"))) is not None
    ]
    mean, lift = max(cells, key=lambda cell: abs(cell[0]), default=(None, None))
    if not mean:
        return mean
    return mean / lift if lift else None


def _clearly_above(above: float, below: float) -> bool:
    return above > 0 and above > below and above >= CLEAR * below


class Levels:
    """The standings of every segment in every feature of a profile table.

    >>> rows = [{"segment": s, "mean_x": m, "lift_x": m / 2} for s, m in ((1, 3.0), (2, 1.0))]
    >>> Levels(rows).holds(1, "x", "high"), Levels(rows).holds(2, "x", "high")
    (True, False)
    """

    def __init__(
        self,
        profiles: Sequence[Mapping[str, Any]],
        claims: Mapping[str, Claim] | None = None,
        are_tiers: bool = False,
    ) -> None:
        self._claims, self._are_tiers = claims or {}, are_tiers
        self._rows = {int(row["segment"]): row for row in profiles}
        self.features = [
            key.removeprefix("mean_") for key in (profiles[0] if profiles else ()) if key.startswith("mean_")
        ]
        self.texts = [
            key.removeprefix("top_share_") for key in (profiles[0] if profiles else ()) if key.startswith("top_share_")
        ]
        self._standings = {
            (segment, feature): standing
            for feature in self.features
            for segment, standing in self._standings_in(feature).items()
        }

    def of(self, segment: int, feature: str) -> Standing | None:
        """The standing; None where the feature is unknown or there is nothing to compare with."""
        return self._standings.get((segment, feature))

    def top(self, segment: int, feature: str) -> Top | None:
        """What most of the segment have of a text; None where it is unknown."""
        row = self._rows[segment]
        share, lift = number(row.get(f"top_share_{feature}")), number(row.get(f"top_lift_{feature}"))
        value = row.get(f"top_{feature}")
        return Top(str(value), share, lift) if value is not None and share and lift else None

    def holds(self, segment: int, feature: str, term: Term) -> bool:
        """Whether the term is true of the segment; of what is unknown only that it is not high and not low."""
        standing = self.of(segment, feature)
        return standing.holds(term) if standing else term.startswith("not_")

    def all_true(self, claims: Iterable[str], segment: int) -> bool:
        """Whether these claims are true of the segment."""
        return all(claim_holds(self._claims[name], segment, self._rows, self._are_tiers) for name in claims)

    def row(self, segment: int) -> Mapping[str, Any]:
        """The segment's row of the profile table."""
        return self._rows[segment]

    def _standings_in(self, feature: str) -> dict[int, Standing]:
        means = {s: mean for s, row in self._rows.items() if (mean := number(row.get(f"mean_{feature}"))) is not None}
        overall = overall_mean(self._rows.values(), feature) or None  # beside nought nothing is high
        if len(means) < 2 or overall is None:
            return {}
        spread, tells = self._spread_in(feature), tells_apart(feature, self._rows)
        return {
            segment: Standing(mean, overall, tuple(m for other, m in means.items() if other != segment), spread, tells)
            for segment, mean in means.items()
        }

    def _spread_in(self, feature: str) -> float:
        """The mean of the segments' own spreads, from their 10th to their 90th percentile."""
        ends = [(number(row.get(f"p10_{feature}")), number(row.get(f"p90_{feature}"))) for row in self._rows.values()]
        widths = [high - low for low, high in ends if low is not None and high is not None]
        return sum(widths) / len(widths) / DEVIATIONS if sum(widths) > 0 else math.inf
