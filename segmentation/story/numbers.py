"""Cells of a profile table as numbers."""

from __future__ import annotations

import math
from typing import Any


def number(value: Any) -> float | None:
    """A finite float; None where unknown."""
    if value is None:
        return None
    return float(value) if math.isfinite(value) else None
