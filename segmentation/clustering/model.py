"""The model as plain numbers: what is published, and all that scoring needs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.scales import FeatureScale
from segmentation.clustering.weights import LEAST_WEIGHT

# Confidence below which somebody is on a border: in the report, where the next segment's centre is nearly as near …
BORDER_IN_REPORT = 0.2
# … and where a move is put down to the border, and drift counts who is there: closer, so that little else moves them.
BORDER_OF_DRIFT = 0.1


@dataclass(frozen=True)
class Model:
    """Coordinates and centroids; centre i is that of segment i + 1. One segment has no centres."""

    method: str
    scales: tuple[FeatureScale, ...]
    centroids: Centroids = field(default_factory=Centroids)

    @property
    def features(self) -> list[str]:
        """The features that it goes by, in the order of the coordinates."""
        return list(dict.fromkeys(scale.feature for scale in self.scales))

    @property
    def telling_features(self) -> set[str]:
        """Those of the features that say something of groups: segments differ in them by construction."""
        return {scale.feature for scale in self.scales if scale.weight > LEAST_WEIGHT}

    def lacking(self, columns: Collection[str]) -> list[str]:
        """Of these features those that a table with such columns does not have."""
        return [feature for feature in self.features if feature not in columns]

    def as_json(self) -> str:
        """The model as text."""
        return json.dumps(asdict(self), sort_keys=True)


def from_json(text: str) -> Model:
    """The model that `as_json` wrote."""
    record = json.loads(text)
    centroids = record["centroids"] if "centroids" in record else record["partition"]  # as earlier releases wrote it
    return Model(record["method"], scales_in(record["scales"]), centroids_in(centroids))


def scales_in(records: Sequence[Mapping[str, Any]]) -> tuple[FeatureScale, ...]:
    """Coordinates as JSON has them."""
    return tuple(FeatureScale(**_frozen_values(record)) for record in records)


def centroids_in(record: Mapping[str, Any]) -> Centroids:
    """Centres as JSON has them."""
    return Centroids(**_frozen_values(record))


def _frozen_values(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: frozen(value) for name, value in record.items()}


def frozen(value: Any) -> Any:
    """Lists as tuples, however deep."""
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value
