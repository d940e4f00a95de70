"""The model as plain numbers: what is published, and all that scoring needs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from segmentation.clustering.partition import Partition
from segmentation.clustering.scales import Scale


@dataclass(frozen=True)
class Model:
    """Coordinates and partition; centre i is that of segment i + 1. One segment has no centres."""

    method: str
    scales: tuple[Scale, ...]
    partition: Partition = field(default_factory=Partition)

    def as_json(self) -> str:
        """The model as text."""
        return json.dumps(asdict(self), sort_keys=True)


def from_json(text: str) -> Model:
    """The model that `as_json` wrote."""
    record = json.loads(text)
    scales = tuple(Scale(**{name: frozen(value) for name, value in scale.items()}) for scale in record["scales"])
    partition = Partition(**{name: frozen(value) for name, value in record["partition"].items()})
    return Model(record["method"], scales, partition)


def frozen(value: Any) -> Any:
    """Lists as tuples, however deep."""
    return tuple(frozen(each) for each in value) if isinstance(value, list) else value
