"""The model as plain numbers: what is published, and all that scoring needs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from segmentation.clustering.fits import Point
from segmentation.clustering.scales import Scale


@dataclass(frozen=True)
class Model:
    """Coordinates and centres; centre i is that of segment i + 1. One segment has no centres."""

    method: str
    scales: tuple[Scale, ...]
    centres: tuple[Point, ...] = ()

    def as_json(self) -> str:
        """The model as text."""
        return json.dumps(asdict(self), sort_keys=True)


def from_json(text: str) -> Model:
    """The model that `as_json` wrote."""
    record = json.loads(text)
    scales = [{**scale, "knots": tuple(map(tuple, scale["knots"]))} for scale in record["scales"]]
    return Model(
        method=record["method"],
        scales=tuple(Scale(**scale) for scale in scales),
        centres=tuple(tuple(centre) for centre in record["centres"]),
    )
