"""What entities look like to a model: those that it was fitted on, which drift is measured against, and later ones.

NumPy on the fixed sample that the model's constants are fitted on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from segmentation.clustering.model import BORDER_OF_DRIFT, Model, frozen
from segmentation.clustering.scales import FeatureScale
from segmentation.clustering.silhouette import silhouette
from segmentation.clustering.vectors import to_points

SILHOUETTE_ON = 5_000  # entities
DECILES = np.arange(1, 10) / 10


@dataclass(frozen=True)
class Bins:
    """How the values of a feature are told apart: numbers by upper bounds, a last bin being open; texts by category, a
    last one being all others. Behind these the unknown ones have a bin of their own.
    """

    bounds: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()

    def shares(self, values: pd.Series) -> tuple[float, ...]:
        """The share of the values in each bin; of no values nought.

        >>> Bins(bounds=(1.0, 5.0)).shares(pd.Series([0, 1, 2, 9, None]))
        (0.4, 0.2, 0.2, 0.2)
        >>> Bins(categories=("a", "b")).shares(pd.Series(["a", "c", "a", None]))
        (0.5, 0.0, 0.25, 0.25)
        """
        unknown = values.isna().to_numpy()
        if self.categories:
            at = {category: place for place, category in enumerate(self.categories)}
            places = np.array([at.get(value, len(at)) for value in values[~unknown]], dtype=int)
        else:
            places = np.asarray(np.searchsorted(self.bounds, values[~unknown].to_numpy(float), side="left"), dtype=int)
        known = max(len(self.categories), len(self.bounds)) + 1
        return _shares([*np.bincount(places, minlength=known), unknown.sum()])


@dataclass(frozen=True)
class SampleStatistics:
    """What `count` entities are to a model: shares by feature and bin, and of segments 1 … k; the share that stands on
    the border, and the silhouette (NULL of one segment).
    """

    count: int
    features: Mapping[str, tuple[float, ...]]
    segments: tuple[float, ...]
    unsure: float | None = None
    silhouette: float | None = None


@dataclass(frozen=True)
class Baseline:
    """The entities that a model was fitted on, the day that their features speak of, and the bins."""

    as_of: date
    bins: Mapping[str, Bins]
    figures: SampleStatistics

    def as_json(self) -> str:
        """The baseline as text, which reads back to the last bit."""
        return json.dumps({**asdict(self), "as_of": self.as_of.isoformat()}, sort_keys=True, ensure_ascii=False)


def baseline_in(text: str) -> Baseline:
    """The baseline that `as_json` wrote."""
    record: dict[str, Any] = json.loads(text)
    bins = {name: Bins(**{key: frozen(value) for key, value in each.items()}) for name, each in record["bins"].items()}
    figures = record["figures"]
    features = {name: frozen(shares) for name, shares in figures["features"].items()}
    return Baseline(
        date.fromisoformat(record["as_of"]),
        bins,
        SampleStatistics(**{**figures, "features": features, "segments": frozen(figures["segments"])}),
    )


def baseline_of(sample: pd.DataFrame, model: Model, as_of: date) -> Baseline:
    """That of a model which was fitted on a sample (rows of known values of features, in an order by hash)."""
    bins = {name: _bins(sample[name], scales) for name, scales in _by_feature(model.scales).items()}
    return Baseline(as_of, bins, statistics_of(sample, model, bins))


def statistics_of(sample: pd.DataFrame, model: Model, bins: Mapping[str, Bins]) -> SampleStatistics:
    """The statistics of a sample, whichever entities it is of."""
    shares = {name: each.shares(sample[name]) for name, each in bins.items()}
    centroids = model.centroids
    if centroids.k < 2 or sample.empty:
        return SampleStatistics(len(sample), shares, tuple([1.0] if centroids.k < 2 else [0.0] * centroids.k))
    points = to_points(sample, model.scales)
    distances = centroids.distances(points)
    labels = distances.argmin(axis=1)
    few = slice(SILHOUETTE_ON)
    return SampleStatistics(
        count=len(sample),
        features=shares,
        segments=_shares(np.bincount(labels, minlength=centroids.k)),
        unsure=float((centroids.confidence(distances) < BORDER_OF_DRIFT).mean()),
        silhouette=round(silhouette(points[few], labels[few], centroids.k), 9),  # the last bits are the library's
    )


def _by_feature(scales: Iterable[FeatureScale]) -> dict[str, list[FeatureScale]]:
    found: dict[str, list[FeatureScale]] = {}
    for scale in scales:
        found.setdefault(scale.feature, []).append(scale)
    return found


def _bins(values: pd.Series, scales: Sequence[FeatureScale]) -> Bins:
    """The categories that have a coordinate; of a number the deciles that differ, so that no bin begins empty."""
    if scales[0].is_text:
        return Bins(categories=tuple(str(scale.category) for scale in scales))
    known = values.dropna().to_numpy(float)
    deciles = np.unique(np.quantile(known, DECILES, method="inverted_cdf")) if len(known) else np.array([])
    return Bins(bounds=tuple(float(bound) for bound in deciles if bound < known.max()))


def _shares(counts: Iterable[int]) -> tuple[float, ...]:
    found = [int(count) for count in counts]
    return tuple(count / max(sum(found), 1) for count in found)
