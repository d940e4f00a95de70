"""Numbers and what is unknown, out of frames that have many ways to say so."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pandas as pd


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
