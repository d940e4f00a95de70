"""The model as plain numbers: what is published, and all that scoring needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.scales import Scale


@dataclass(frozen=True)
class Model:
    """Coordinates and partition; centre i is that of segment i + 1. One segment has no centres."""

    method: str
    scales: tuple[Scale, ...]
    partition: Centroids = field(default_factory=Centroids)

    def as_json(self) -> str:
        """The model as text."""
        return json.dumps(asdict(self), sort_keys=True)


def from_json(text: str) -> Model:
    """The model that `as_json` wrote."""
    record = json.loads(text)
    return Model(record["method"], scales_in(record["scales"]), partition_in(record["partition"]))


def scales_in(records: Sequence[Mapping[str, Any]]) -> tuple[Scale, ...]:
    """Coordinates as JSON has them."""
    return tuple(Scale(**_frozen_values(record)) for record in records)


def partition_in(record: Mapping[str, Any]) -> Centroids:
    """Centres as JSON has them."""
    return Centroids(**_frozen_values(record))


def _frozen_values(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: frozen(value) for name, value in record.items()}


def frozen(value: Any) -> Any:
    """Lists as tuples, however deep."""
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value
