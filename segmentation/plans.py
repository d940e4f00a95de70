"""What a config may say of an entity: which features, how they are scaled, which k are tried, which pass."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]


class Model(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Feature(Model):
    """How one feature enters the vectors."""

    transform: Literal["none", "log1p", "sqrt", "quantile"] = "log1p"
    cap: Share | None = Field(None, description="quantile above which values are cut, e.g. 0.999")
    weight: Annotated[float, Field(gt=0)] = 1.0


class FeaturePlan(Model):
    """Features by name, and the scale that they share."""

    features: Annotated[dict[str, Feature], Field(min_length=1)]
    scaling: Literal["standard", "robust"] = "standard"
    min_variation: Share = Field(
        0.05,
        description="a feature is left out where fewer than this differ from its most common value",
    )


class SweepPlan(Model):
    """Which segmentations are tried."""

    methods: tuple[Literal["kmeans", "bisecting_kmeans", "gaussian_mixture"], ...] = ("kmeans",)
    k_min: Annotated[int, Field(ge=2)] = 2
    k_max: Annotated[int, Field(ge=2)] = 10
    k: Annotated[int, Field(ge=1)] | None = Field(None, description="obeyed, and still judged")
    seeds: Annotated[int, Field(ge=1)] = 3
    max_iterations: Annotated[int, Field(ge=1)] = 20

    @model_validator(mode="after")
    def _in_order(self) -> SweepPlan:
        if self.k_max < self.k_min:
            raise ValueError(f"k_max is {self.k_max}, expected at least k_min, which is {self.k_min}")
        return self


class GatePlan(Model):
    """What a segmentation must pass before its silhouette is looked at."""

    min_share: Share = Field(0.01, description="floor under the smallest segment")
    min_stability: Share = Field(0.75, description="floor under the least stable segment's mean Jaccard")
    min_above_chance: float = Field(0.05, description="how far the silhouette must lie above the reference's")
    tie_margin: float = Field(0.02, description="within this, the smaller k wins")
    resamples: Annotated[int, Field(ge=20)] = 20
    references: Annotated[int, Field(ge=1)] = 5
    max_entities: Annotated[int, Field(ge=100)] = 5000
    min_entities: Annotated[int, Field(ge=2)] = 30
    tiers: tuple[int, int] = Field((3, 5), description="range of k for tiers, where nothing is natural")


class EntityPlan(FeaturePlan):
    """All that a config says of buyers or of sellers."""

    sweep: SweepPlan = SweepPlan()
    gate: GatePlan = GatePlan()
