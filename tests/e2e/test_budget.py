"""What a run asks of Spark stays within a budget, so that nobody spends more unseen.

The counts are alike on any machine, and hardly grow with the data. Who needs more says here why; who saves some writes
down the new ones, which are a twentieth above what was measured.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import event_log

# ClusteringEvaluator is asked for the silhouette of what is published, which 178 and 137 were without.
EXECUTIONS, JOBS = 197, 150  # measured: 188 and 143
RECORDS_PER_RAW_ROW = 8.4  # measured: 8.0, all times that a raw row is read, as itself or as what was made of it

pytestmark = pytest.mark.slow


def test_a_first_run_stays_within_its_budget(events: Path, sample: Path) -> None:
    spent = event_log.spent(events)
    raw_rows = sum(sum(1 for _ in path.open("rb")) - 1 for path in sample.glob("*.csv"))
    assert raw_rows > 0
    assert 50 < spent.executions <= EXECUTIONS  # a run asks something: of an empty log nothing would be learnt
    assert 50 < spent.jobs <= JOBS
    assert raw_rows < spent.records_read <= RECORDS_PER_RAW_ROW * raw_rows
