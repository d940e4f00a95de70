from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from segmentation.i18n.numbers import exact_number, number


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), Decimal("NaN"), pd.NA])
def test_what_is_no_number_is_unknown(value: object) -> None:
    assert number(value) is None
    assert exact_number(value) is None
