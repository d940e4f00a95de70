"""Values of the overview and profiles as figures to compare, and as names in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from segmentation.i18n.numbers import known, number
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

K = TypeVar("K")
V = TypeVar("V")

Dimensions = Mapping[str, Sequence[Row]]
PUBLISHED = 0.99  # of sales: so many have a revenue, where a rate is said to be that of them all


@dataclass(frozen=True)
class Advice:
    """One suggestion: what to do, and the figures that speak for it."""

    title: str
    text: str


@dataclass(frozen=True)
class CitedFigure:
    """A figure as it is shown, as it is, and the cell of the lake that holds it: table/key/column."""

    text: str
    value: str = ""
    of: str = ""


def cited(text: str, value: object, *of: object) -> CitedFigure:
    """A figure of a cell; unknown values cite nothing."""
    return CitedFigure(text) if known(value) is None else CitedFigure(text, str(value), "/".join(map(str, of)))


def cell(row: Row, column: str, voice: Voice, *of: object) -> CitedFigure:
    """The figure of a row's column, in the one form that it has; `of` are its table and its key."""
    return cited(voice.figures.cell(column, row.get(column)), row.get(column), *of, column)


def furthest_apart(
    figures: Mapping[K, Sequence[tuple[float, V]]],
) -> tuple[K, tuple[float, V], tuple[float, V]] | None:
    """The key whose highest figure is the most times its lowest, with both and whose they are.

    Something is endlessly many times nothing; of several such keys, the one whose highest is highest. None where no
    key has two different figures from 0 on.
    """
    found = []
    for key, own in figures.items():
        least, most = (pick(own, key=lambda each: each[0], default=None) for pick in (min, max))
        if least and most and most[0] > least[0] >= 0:
            found.append((most[0] / least[0] if least[0] else math.inf, most[0], key, most, least))
    return max(found, key=lambda each: each[:2])[2:] if found else None


def span(least: str, most: str, voice: Voice) -> str:
    """From the least figure to the most, or the one that both show."""
    return most if least == most else voice.translate("figures.span", least=least, most=most)


def revenue_known(found: Sequence[Row], voice: Voice, least: float = 0.0) -> str:
    """Of which share of the sales in these rows revenue is known, where it is of some but not of all, and unknown of
    more than `least`; "" otherwise, and where a lake of an earlier release does not say."""
    known, everything = (sum(number(row.get(name)) or 0.0 for row in found) for name in ("revenue_orders", "orders"))
    if not 0 < known < everything * (1 - least):
        return ""
    return voice.translate("trust.revenue_known", share=voice.figures.share(known / everything))


def known_values(dimensions: Dimensions, name: str) -> list[Row]:
    """Known values of a dimension, by GMV."""
    found = [row for row in dimensions.get(name, ()) if row["value"] is not None and number(row["gmv"])]
    return sorted(found, key=lambda row: (-(number(row["gmv"]) or 0.0), str(row["value"])))


def share_of(row: Row) -> float:
    """Share of GMV; 0 where it is not known."""
    return number(row["gmv_share"]) or 0.0


def revenue_rate(row: Row) -> float | None:
    """Revenue per GMV, of the sales whose revenue is published; None where it is of none, or not known of which."""
    revenue, gmv = number(row.get("revenue")), number(row.get("published_gmv"))
    if gmv is None and is_published(row):  # a lake of an earlier release
        gmv = number(row.get("gmv"))
    return revenue / gmv if gmv and revenue is not None else None


def is_published(row: Row) -> bool:
    """Whether revenue is known of nearly all of its sales."""
    known, everything = number(row.get("revenue_orders")), number(row.get("orders"))
    return known is None or everything is None or known >= PUBLISHED * everything


def name_of(row: Row, voice: Voice) -> str:
    """A value's name, fit for a sentence."""
    return voice.labels.value(row["value"], 60)


def names_of(found: Sequence[Row], voice: Voice) -> str:
    """Names in a row."""
    return ", ".join(name_of(row, voice) for row in found)


def names_with_shares(found: Sequence[Row], voice: Voice) -> str:
    """Names with their shares of GMV."""
    return ", ".join(f"{name_of(row, voice)} ({voice.figures.share(row['gmv_share'])})" for row in found)
