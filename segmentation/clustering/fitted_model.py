"""What a search leaves behind, as plain numbers: all that scoring and the report need, nothing fitted again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from segmentation.clustering.baseline import Baseline, baseline_in, baseline_of
from segmentation.clustering.centroids import Centroids
from segmentation.clustering.model import Model, centroids_in, frozen, scales_in
from segmentation.clustering.search import SearchResult
from segmentation.clustering.vectors import DroppedFeature
from segmentation.errors import InputError
from segmentation.plans import EntityPlan


@dataclass(frozen=True)
class FittedModel:
    """The model of one entity's segments, and how it came about.

    fitted_by: the run that searched for it; names by segment; dropped, imputed and correlations as in Vectors; count
    entities were clustered; candidates holds for each k that was tried the centroids found there, of the first method;
    baseline tells what they looked like (None of models of earlier releases).
    """

    model: Model
    plan: EntityPlan
    fitted_by: str
    names: Mapping[int, str]
    dropped: tuple[DroppedFeature, ...]
    imputed: Mapping[str, float]
    correlations: tuple[tuple[float, ...], ...]
    count: int
    candidates: Mapping[int, Centroids]
    baseline: Baseline | None = None

    @classmethod
    def from_search(
        cls, found: SearchResult, plan: EntityPlan, run_id: str, names: Mapping[int, str], as_of: date
    ) -> FittedModel:
        """What a search of a run found, without the frames that it found it in; as_of: of the features."""
        candidates: dict[int, Centroids] = {}
        for judged in found.choice.judged:
            if judged.fit.centroids.k:
                candidates.setdefault(judged.fit.k, judged.fit.centroids)
        vectors = found.vectors
        return cls(
            model=found.model,
            plan=plan,
            fitted_by=run_id,
            names=names,
            dropped=vectors.dropped,
            imputed=vectors.imputed,
            correlations=vectors.correlations,
            count=vectors.count,
            candidates=candidates,
            baseline=baseline_of(vectors.sample, found.model, as_of),
        )

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> FittedModel:
        """What a row of `models` holds; a row that somebody has changed is refused."""
        if row["checksum"] != _checksum(row["method"], row["transforms"], row["centroids"]):
            raise InputError(
                f"models: found {row['entity']} of run {row['run_id']} with a checksum that is not theirs, expected "
                "the row as it was written; run stage segment"
            )
        scales, centroids = scales_in(json.loads(row["transforms"])), centroids_in(json.loads(row["centroids"]))
        return cls(
            model=Model(row["method"], scales, centroids),
            plan=EntityPlan.model_validate_json(row["plan"]),
            fitted_by=row["fitted_by"],
            names={int(segment): name for segment, name in json.loads(row["names"]).items()},
            dropped=tuple(DroppedFeature(**dropped) for dropped in json.loads(row["left_out"])),
            imputed=json.loads(row["imputed"]),
            correlations=frozen(json.loads(row["correlations"])),
            count=row["entities"],
            candidates={int(k): centroids_in(each) for k, each in json.loads(row["candidates"]).items()},
            baseline=baseline_in(row["baseline"]) if row.get("baseline") else None,
        )

    @property
    def checksum(self) -> str:
        """The same for models that put everyone into the same segments, whichever run fitted them."""
        return str(self.columns()["checksum"])

    @property
    def coordinates(self) -> list[str]:
        """Names of the coordinates, in order."""
        return [scale.name for scale in self.model.scales]

    def columns(self) -> dict[str, object]:
        """The row of `models`, but for run, entity and day."""
        transforms = _json([asdict(scale) for scale in self.model.scales])
        centroids = _json(asdict(self.model.centroids))
        return {
            "fitted_by": self.fitted_by,
            "method": self.model.method,
            "k": max(self.model.centroids.k, 1),
            "entities": self.count,
            "plan": self.plan.model_dump_json(),
            "transforms": transforms,
            "centroids": centroids,
            "candidates": _json({k: asdict(each) for k, each in self.candidates.items()}),
            "left_out": _json([asdict(dropped) for dropped in self.dropped]),
            "imputed": _json(dict(self.imputed)),
            "correlations": _json(self.correlations),
            "names": _json(dict(self.names)),
            "baseline": self.baseline.as_json() if self.baseline else None,
            "checksum": _checksum(self.model.method, transforms, centroids),
        }


def _json(value: object) -> str:
    """As text that reads back to the last bit."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _checksum(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()
