"""What a report is drawn from: small frames read back from the lake's tables, never one row per buyer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from segmentation.clustering.shape import Shape
from segmentation.config import Horizon, Metric
from segmentation.i18n.numbers import known
from segmentation.i18n.text import Lang
from segmentation.i18n.wording import MARKETPLACE, Wording
from segmentation.reporting.activity import Activity
from segmentation.schemas import Row
from segmentation.story.marketplace import Marketplace


@dataclass(frozen=True, eq=False)
class RunInfo:
    """Which run the report speaks of, and how its source counts money and days."""

    run_id: str
    source: str
    as_of: date | None
    time_zone: str = "UTC"
    currency: str = "IDR"
    money: tuple[str, ...] = ()  # attributes of the source that are amounts of money
    table_versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Business:
    """What kind of business it is, and what its config says of the time to come.

    divisions: the source's own bands and groups, each with its values in the order in which they are declared.
    of_orders: those of them in which each order lies by its own value.
    """

    has_orders: bool = True
    has_sellers: bool = True
    wording: Wording = MARKETPLACE
    grain: str = "order"  # what one raw row of orders is
    raw_orders: str = "orders"  # what the source calls these rows
    counts_identical_rows: bool = False  # whether rows that are equal in full are real
    divisions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sales: Sequence[str] = ()  # statuses of orders that count as sales
    no_sales: Sequence[str] = ()  # the other ones that an order can have
    next_steps: Sequence[Horizon] = ()
    metrics: Sequence[Metric] = ()
    of_orders: Collection[str] = ()


@dataclass(frozen=True, eq=False)
class EntityData:
    """Buyers or sellers: rows of their tables, and what may be known beside them.

    One row per … in profiles: segment. sweep: method and k. pareto: top, a share of all. near: segment, better segment,
    what leads there, and whether that is one sale or several. bins: segment, feature and bin. confidence: segment and
    tenth. places: segment and one of its commonest provinces. dependence: segment. attributes: attribute, segment
    (NULL: all) and value. migrations, between the last two snapshots: segment on either day and cause. kpis: month, of
    everybody. cohorts: month of a first sale (of the last gather.COHORT_MONTHS) and month. prediction: quarter, target,
    measure and predictor. None where the lake has no such table.
    """

    profiles: pd.DataFrame
    sweep: pd.DataFrame
    verdict: str | None = None
    told_in: Lang | None = None  # by the tables, where the page tells segments in another language
    resamples: int = 20  # on which stability was measured
    returns: float = 0.75  # the share of them from which every segment must come back
    steady: float = 0.75  # the least overlap with which a segment counts as having come back
    used: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()  # of those used, in their order
    left_out: Mapping[str, str] = field(default_factory=dict)
    correlation: pd.DataFrame | None = None  # square, features by features
    imputed: Mapping[str, float] = field(default_factory=dict)  # share of unknown values, of features with any
    pareto: pd.DataFrame | None = None  # concentration.concentration
    activity: Activity | None = None  # None where there are no orders
    near: pd.DataFrame | None = None  # border.nearby
    bins: pd.DataFrame | None = None  # this one and the next three: spread's functions of these names
    confidence: pd.DataFrame | None = None
    places: pd.DataFrame | None = None
    dependence: pd.DataFrame | None = None
    attributes: pd.DataFrame | None = None
    declared: tuple[str, ...] = ()  # attributes that may be known
    shape: Shape | None = None
    migrations: pd.DataFrame | None = None
    kpis: pd.DataFrame | None = None
    cohorts: pd.DataFrame | None = None
    prediction: pd.DataFrame | None = None
    refit: Mapping[str, Any] = field(default_factory=dict)  # what was decided of the model: stages.refit_decision


@dataclass(frozen=True, eq=False)
class ReportData:
    """All of a report. What is absent is left out of the page without a gap."""

    run: RunInfo
    overview: pd.DataFrame  # one row per dimension and value
    entities: Mapping[str, EntityData]
    ledger: pd.DataFrame = field(default_factory=pd.DataFrame)  # of the last batch: one row per table
    all_batches: pd.DataFrame = field(default_factory=pd.DataFrame)  # the ledger's sums and batches, per table
    quarantine: pd.DataFrame = field(default_factory=pd.DataFrame)  # of the last batch: rows per table and reason
    warnings: pd.DataFrame = field(default_factory=pd.DataFrame)  # of the last batch: one row per table and warning
    # By dimension and value: the share of its GMV that one of the side brings, concentration.largest_in().
    largest: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    trade: pd.DataFrame = field(default_factory=pd.DataFrame)  # one row per buyer segment and seller segment
    suggestions: Marketplace = field(default_factory=Marketplace)
    business: Business = field(default_factory=Business)


def rows(frame: pd.DataFrame | None) -> list[Row]:
    """The frame's rows as dicts, whatever is unknown as None."""
    if frame is None:
        return []
    return [
        {str(name): known(value) for name, value in zip(frame.columns, values, strict=True)}
        for values in frame.itertuples(index=False, name=None)
    ]


def pairs(value: Any) -> dict[str, str]:
    """A map column's value as a dict: Arrow hands maps over as lists of pairs."""
    value = known(value)
    return {str(key): str(entry) for key, entry in dict(value or {}).items() if known(entry) is not None}
