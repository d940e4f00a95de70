"""Whether entities still are what a model was fitted on: figures against thresholds, the season taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log

from scipy.stats import chi2

from segmentation.clustering.baseline import SampleStatistics

FLOOR = 1e-4  # under a share, so that a bin that nobody is in has a logarithm
ALPHA = 0.001  # of a PSI that chance alone makes, in small samples
FEWEST = 30  # entities on a day of a year ago from which on it tells of the season


@dataclass(frozen=True)
class Threshold:
    """From where on a figure is worth a look, and from where on the model is fitted again; and who says so."""

    watch: float
    refit: float
    source: str


THRESHOLDS: Mapping[str, Threshold] = {
    "feature": Threshold(0.1, 0.25, "the convention of credit scoring (Siddiqi 2006): PSI 0.1 some change, 0.25 much"),
    "segments": Threshold(0.1, 0.25, "the same, of the shares of segments"),
    "unsure": Threshold(0.05, 0.1, "our own: so much more of all entities on the border"),
    "silhouette": Threshold(0.05, 0.1, "our own: so much of the silhouette lost"),
}


@dataclass(frozen=True)
class Finding:
    """One figure: against the model's own data, and against what the season makes of these, where that was asked.

    kind: of THRESHOLDS, or `segment`, a segment's part of the PSI of all, which is told and not judged. of: the
    feature, or the segment.
    """

    kind: str
    of: str | None
    value: float
    limit: float | None = None
    watch: float | None = None
    in_season: float | None = None

    @property
    def drift(self) -> float:
        """What remains: a change that the season explains is none, and one that the season had promised and that did
        not come is none either.
        """
        return self.value if self.in_season is None else min(self.value, self.in_season)

    @property
    def level(self) -> str:
        """drifted, watch or steady; "" where it is not judged."""
        if self.limit is None or self.watch is None:
            return ""
        return "drifted" if self.drift >= self.limit else "watch" if self.drift >= self.watch else "steady"

    def record(self) -> dict[str, object]:
        """For the table of runs."""
        return {
            "kind": self.kind,
            "of": self.of,
            "value": round(self.value, 6),
            "in_season": None if self.in_season is None else round(self.in_season, 6),
            "watch": self.watch,
            "limit": self.limit,
            "level": self.level or None,
        }


def psi(expected: Sequence[float], found: Sequence[float]) -> float:
    """The population stability index of two series of shares: Σ (found - expected) · ln(found / expected).

    >>> round(psi([0.5, 0.5], [0.75, 0.25]), 4)
    0.2747
    """
    return sum(_parts(expected, found))


def _parts(expected: Sequence[float], found: Sequence[float]) -> list[float]:
    pairs = [(max(was, FLOOR), max(now, FLOOR)) for was, now in zip(expected, found, strict=True)]
    return [(now - was) * log(now / was) for was, now in pairs]


def by_chance(bins: int, *counts: int) -> float:
    """The PSI that is exceeded once in a thousand where two samples of so many are of one population.

    It is distributed as (1/n + 1/m) χ² with one degree of freedom less than bins (Yurdakul 2018).
    """
    if bins < 2 or not all(counts):
        return 0.0
    return float(sum(1 / count for count in counts) * chi2.ppf(1 - ALPHA, bins - 1))


def findings(own: SampleStatistics, now: SampleStatistics, season: SampleStatistics | None = None) -> list[Finding]:
    """What has changed between the entities that a model was fitted on and those of today.

    season: what `in_season` expects of today.
    """
    found = [
        _of_shares("feature", name, shares, now.features[name], season.features[name] if season else None, own, now)
        for name, shares in own.features.items()
    ]
    expected = season.segments if season else None
    found.append(_of_shares("segments", None, own.segments, now.segments, expected, own, now))
    parts = _parts(own.segments, now.segments)
    of_season = _parts(expected, now.segments) if expected else [None] * len(parts)
    found += [
        Finding("segment", str(at), part, in_season=of)
        for at, (part, of) in enumerate(zip(parts, of_season, strict=True), start=1)
    ]
    found += _risen("unsure", own.unsure, now.unsure, season.unsure if season else None, 1)
    found += _risen("silhouette", own.silhouette, now.silhouette, season.silhouette if season else None, -1)
    return found


def _of_shares(
    kind: str,
    of: str | None,
    was: Sequence[float],
    now: Sequence[float],
    season: Sequence[float] | None,
    own: SampleStatistics,
    today: SampleStatistics,
) -> Finding:
    threshold = THRESHOLDS[kind]
    chance = by_chance(sum(share > 0 for share in was), own.count, today.count)
    limit, watch = max(threshold.refit, chance), max(threshold.watch, min(chance, threshold.refit))
    of_season = None if season is None else psi(season, now)
    return Finding(kind, of, psi(was, now), round(limit, 6), round(watch, 6), of_season)


def _risen(kind: str, was: float | None, now: float | None, season: float | None, sign: int) -> list[Finding]:
    """How much a figure rose (fell, where the sign is -1); nothing of one segment."""
    if was is None or now is None:
        return []
    threshold = THRESHOLDS[kind]
    of_season = None if season is None else sign * (now - season)
    return [Finding(kind, None, sign * (now - was), threshold.refit, threshold.watch, of_season)]


def in_season(own: SampleStatistics, then: SampleStatistics, since: SampleStatistics) -> SampleStatistics | None:
    """What today's figures would be, had they changed since the model was fitted as they did a year before.

    `then` are a year before the day that the model was fitted on, `since` a year before today, both placed by the
    model. A share of own is multiplied by what that of a year before grew by, and the shares made to add up to one.
    None where there were too few then to tell.
    """
    if min(then.count, since.count) < FEWEST:
        return None
    features = {
        name: _grown(shares, then.features[name], since.features[name]) for name, shares in own.features.items()
    }
    unsure = _moved(own.unsure, then.unsure, since.unsure)
    return SampleStatistics(
        count=min(own.count, then.count, since.count),
        features=features,
        segments=_grown(own.segments, then.segments, since.segments),
        unsure=None if unsure is None else min(max(unsure, 0.0), 1.0),
        silhouette=_moved(own.silhouette, then.silhouette, since.silhouette),
    )


def _grown(shares: Sequence[float], then: Sequence[float], since: Sequence[float]) -> tuple[float, ...]:
    grown = [
        max(share, FLOOR) * max(later, FLOOR) / max(before, FLOOR)
        for share, before, later in zip(shares, then, since, strict=True)
    ]
    return tuple(each / sum(grown) for each in grown)


def _moved(own: float | None, then: float | None, since: float | None) -> float | None:
    return None if own is None or then is None or since is None else own + since - then


def a_year_before(day: date) -> date:
    """The same day of the year before; the 28th of February for the 29th.

    >>> a_year_before(date(2024, 2, 29)), a_year_before(date(2024, 1, 31))
    (datetime.date(2023, 2, 28), datetime.date(2023, 1, 31))
    """
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def has_drifted(found: Iterable[Finding]) -> bool:
    """Whether any figure is beyond its threshold."""
    return any(each.level == "drifted" for each in found)
