from __future__ import annotations

from decimal import Decimal

import pandas as pd

from segmentation.reporting.data import pairs, rows


def test_rows_hold_none_where_nothing_is_known() -> None:
    frame = pd.DataFrame({"a": [1.0, None], "b": ["x", None], "c": [pd.NaT, pd.NA], "d": [Decimal(1), None]})

    assert rows(frame) == [{"a": 1.0, "b": "x", "c": None, "d": Decimal(1)}, dict.fromkeys("abcd")]
    assert rows(None) == []


def test_maps_come_as_dicts_or_as_pairs() -> None:
    expected = {"channel": "mail"}

    assert pairs({"channel": "mail", "message": None}) == expected
    assert pairs([("channel", "mail")]) == expected
    assert pairs(None) == {}
