"""Who a run is, and when: of clocks that were wrong once, only ids keep it."""

from __future__ import annotations

import io
from datetime import date, datetime, timezone
from typing import Any, cast

from segmentation.config import load_config
from segmentation.lake.tables import Lake
from segmentation.progress import Progress
from segmentation.run import Run
from tests.support.shop import REPOSITORY

BEGAN = datetime(2026, 3, 1, 20, tzinfo=timezone.utc)  # the 2nd in Jakarta


class _NoLake:
    signed_by = ""


def _run() -> Run:
    config = load_config(str(REPOSITORY / "conf" / "local.yml"), {"input": "in", "lake": "lake", "output": "out"})
    return Run("segment", config, cast(Lake, _NoLake()), Progress(io.StringIO()), BEGAN)


def test_a_run_after_one_of_a_clock_that_was_ahead_has_a_later_id_and_its_own_day() -> None:
    run = _run().after("20300101T000000999999Z")
    assert run.run_id == "20300101T000001000000Z"
    assert run.lake.signed_by == run.progress.run_id == run.run_id
    assert run.today == date(2026, 3, 2)
    assert run.seconds > 0
    row: dict[str, Any] = dict(zip(("run_id", "job", "status", "started_at"), run.row({}), strict=False))
    assert (row["run_id"], row["started_at"]) == (run.run_id, BEGAN)
    assert run.after("20300101T000001000000Z").run_id == "20300101T000001000001Z"


def test_a_run_after_an_earlier_one_is_known_by_when_it_began() -> None:
    for latest in ("", "20260301T195959999999Z"):
        assert _run().after(latest).run_id == "20260301T200000000000Z"
