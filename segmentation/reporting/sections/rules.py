"""What the marketplace's recommendations rest on: thresholds, and figures that are held against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segmentation.reporting.data import Row, number
from segmentation.reporting.voice import Voice

Dimensions = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Rules:
    """Thresholds, each with what it is measured against."""

    leading_regions: int = 3  # regions above these are established, those after them emerging
    emerging_regions: int = 2
    emerging_share: float = 0.02  # of GMV, at least
    big_category: float = 0.05  # of GMV, at least
    low_yield: float = 0.9  # revenue per GMV against the whole, at most
    categories: int = 3
    underused_type: float = 0.1  # of GMV, at most
    gap: float = 2.0  # GMV per top seller over GMV per next seller, at least
    gap_closed: float = 0.1
    order_value: float = 0.1  # how far an order of the leading region differs from one elsewhere, at least


RULES = Rules()


@dataclass(frozen=True)
class Advice:
    """One suggestion: what to do, and the figures that speak for it."""

    title: str
    text: str


def known_values(dimensions: Dimensions, name: str) -> list[Row]:
    """Known values of a dimension, by GMV."""
    found = [row for row in dimensions.get(name, ()) if row["value"] is not None and number(row["gmv"])]
    return sorted(found, key=lambda row: (-(number(row["gmv"]) or 0.0), str(row["value"])))


def revenue_rate(row: Row) -> float | None:
    """Revenue per GMV; None where either is unknown."""
    gmv, revenue = number(row.get("gmv")), number(row.get("revenue"))
    return revenue / gmv if gmv and revenue is not None else None


def gmv_per_head(row: Row, gmv: float) -> float | None:
    """GMV per entity of a profile, of all GMV."""
    share, size = number(row["gmv_share"]), number(row["size"])
    return share * gmv / size if share is not None and size else None


def name_of(row: Row, voice: Voice) -> str:
    """A value's name, fit for a sentence."""
    return voice.labels.value(row["value"], 60)


def names_of(found: Sequence[Row], voice: Voice) -> str:
    """Names in a row."""
    return ", ".join(name_of(row, voice) for row in found)


def names_with_shares(found: Sequence[Row], voice: Voice) -> str:
    """Names with their shares of GMV."""
    return ", ".join(f"{name_of(row, voice)} ({voice.figures.share(row['gmv_share'])})" for row in found)
