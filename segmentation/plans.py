"""What a config may say of an entity: which features, how they are scaled, which k are tried, which pass."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Change = Literal["up", "down", "either", "never"]
Share = Annotated[float, Field(ge=0, le=1)]


class FrozenModel(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Feature(FrozenModel):
    """How one feature enters the vectors.

    A number is transformed, capped and scaled to a variance of weight² (less where it has nothing to say of
    groups, see clustering/weights.py). A text (interest, region group) needs no transform: each of its common
    values, at most ten, becomes a coordinate of 0 or 1, and all of them together have a variance of
    weight² / 2. So a text does not outvote a number; `weight: 2` lets it count as four times as much variance.
    """

    transform: Literal["none", "log1p", "sqrt", "quantile", "auto"] = Field(
        "log1p", description="auto: the logarithm where it makes a lopsided feature more even, else none"
    )
    cap: Share | None = Field(None, description="quantile above which values are cut, e.g. 0.999")
    weight: Annotated[float, Field(gt=0)] = 1.0
    change: Change | None = Field(
        None, description="the way in which somebody can move it, as moves suggest; by default as is known of its name"
    )


class FeaturePlan(FrozenModel):
    """Features by name, and the scale that they share."""

    features: Annotated[dict[str, Feature], Field(min_length=1)]
    scaling: Literal["standard", "robust"] = "standard"
    trim: Annotated[float, Field(ge=0, lt=0.25)] = Field(
        0.01, description="share of entities at either end of a feature that are outliers: pulled in to the rest"
    )
    min_variation: Share = Field(
        0.05,
        description="a feature is left out where fewer than this differ from its most common value",
    )

    def change_of(self, name: str) -> Change:
        """The way in which somebody can move a feature: more orders, fewer returns, but no other age."""
        return self.features[name].change or CHANGES.get(name, "never")


# What a campaign may set out to change, and in which direction only; vouchers, ages and attributes it may not. That is
# no promise that a feature moves alone: a sale moves several at once (features/measures.py: MOVED_BY_SALES).
CHANGES: dict[str, Change] = {
    **dict.fromkeys(
        (
            "count_orders",
            "orders_per_month",
            "avg_order_value",
            "total_gmv",
            "total_revenue",
            "unique_categories",
            "unique_sellers",
            "unique_buyers",
            "completion_rate",
        ),
        "up",
    ),
    **dict.fromkeys(("recency_days", "lapse", "rhythm_days", "cancel_rate", "return_rate", "top_buyer_share"), "down"),
}

Method = Literal["kmeans", "bisecting_kmeans", "gaussian_mixture"]


def _methods(value: object) -> object:
    """`methods: auto` is short for all of them, and one may stand without its list."""
    if value == "auto":
        return get_args(Method)
    return (value,) if isinstance(value, str) else value


class SweepPlan(FrozenModel):
    """Which segmentations are tried."""

    methods: Annotated[tuple[Method, ...], BeforeValidator(_methods), Field(min_length=1)] = Field(
        ("kmeans",), description="one, several, or auto for all; the gates decide between them"
    )
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


class GatePlan(FrozenModel):
    """What a segmentation must pass before how good it looks is looked at."""

    min_share: Share = Field(0.01, description="floor under the smallest segment")
    max_outliers: Share = Field(0.75, description="a segment with more outliers than this is made of them")
    min_stability: Share = Field(0.75, description="floor under the least stable segment's mean Jaccard")
    min_returns: Share = Field(0.75, description="share of resamples from which all of the natural groups come back")
    min_above_chance: float = Field(0.01, description="how far the silhouette must lie above the reference's")
    max_bridge: Share = Field(
        0.5, description="how dense the way between two segments may be, over the sparser one's own peak"
    )
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
