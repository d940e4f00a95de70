"""What a report is drawn from: small frames read back from the lake's tables, never one row per buyer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd


@dataclass(frozen=True, eq=False)
class Run:
    """Which run the report speaks of, and how its source counts money and days."""

    run_id: str
    source: str
    as_of: date | None
    time_zone: str = "UTC"
    currency: str = "IDR"
    table_versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class EntityData:
    """Buyers or sellers: rows of their profile and sweep tables, and what may be known beside them."""

    profiles: pd.DataFrame
    sweep: pd.DataFrame
    verdict: str | None = None
    used: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    correlation: pd.DataFrame | None = None  # square, features by features
    pareto: pd.DataFrame | None = None  # top (fraction of the entities), gmv_share


@dataclass(frozen=True, eq=False)
class ReportData:
    """All of a report. What is absent is left out of the page without a gap."""

    run: Run
    overview: pd.DataFrame
    entities: Mapping[str, EntityData]
    ledger: pd.DataFrame = field(default_factory=pd.DataFrame)
    quarantine: pd.DataFrame = field(default_factory=pd.DataFrame)  # table_name, reason, rows


Row = dict[str, Any]


def rows(frame: pd.DataFrame | None) -> list[Row]:
    """The frame's rows as dicts, whatever is unknown as None."""
    if frame is None:
        return []
    return [
        {str(name): known(value) for name, value in zip(frame.columns, values, strict=True)}
        for values in frame.itertuples(index=False, name=None)
    ]


def known(value: Any) -> Any:
    """None for NaN, NaT and NA; anything else as it is.

    >>> known(float("nan")) is None, known(0)
    (True, 0)
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    return None if isinstance(value, float) and math.isnan(value) else value


def number(value: Any) -> float | None:
    """A finite float, from ints, decimals and floats alike; None where unknown."""
    value = known(value)
    if value is None:
        return None
    result = float(value)
    return result if math.isfinite(result) else None


def exact_number(value: Any) -> Decimal | None:
    """A finite decimal, or None where unknown."""
    value = known(value)
    if value is None:
        return None
    exact = value if isinstance(value, Decimal | int) else str(float(value))
    exact = Decimal(exact)
    return exact if exact.is_finite() else None


def pairs(value: Any) -> dict[str, str]:
    """A map column's value as a dict: Arrow hands maps over as lists of pairs."""
    value = known(value)
    return {str(key): str(entry) for key, entry in dict(value or {}).items() if known(entry) is not None}
