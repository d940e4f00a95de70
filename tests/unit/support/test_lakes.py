"""The lists of tables that tests compare lakes by."""

from __future__ import annotations

from segmentation.schemas import TABLES
from tests.support.lakes import OF_RUNS, OF_THE_PAST, SAME


def test_every_table_is_compared_or_said_not_to_be() -> None:
    assert sorted([*SAME, *OF_THE_PAST, *OF_RUNS]) == sorted(TABLES)
