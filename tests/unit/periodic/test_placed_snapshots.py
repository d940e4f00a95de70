"""Where a model puts everybody on a day, beside what a run said of that day."""

from __future__ import annotations

from datetime import date

from segmentation.periodic.placed_snapshots import history, makers
from segmentation.schemas import BUYER_FEATURES, BUYER_HISTORY, BUYER_SEGMENTS
from tests.support.factories import make_table
from tests.unit.periodic.test_migrations import APRIL, MARCH, NAMES, OLD, buyer


def test_whom_a_run_kept_in_a_segment_is_there_on_its_day_and_nobody_else(spark):
    january = date(2024, 1, 31)
    # The model has its border between segment 2, of few orders, and 1 at 5.1 orders.
    rows = [buyer("kept", 2, 3, None, 0), buyer("same", 9, 3, None, 0), buyer("bought", 9, 3, None, 0)]
    days = [{**row, "as_of": day} for row in [*rows, buyer("new", 2, 3, None, 0)] for day in (MARCH, APRIL)]
    before = {"as_of": APRIL, "previous_segment": 1, "previous_since": january, "segment_since": january}
    told = make_table(spark, BUYER_SEGMENTS, [
        {**before, "buyer_id": "kept", "segment": 1, "confidence": 0, "runner_up": 2},
        {**before, "buyer_id": "same", "segment": 1, "confidence": 0.25, "runner_up": 2},
        # Seven orders of April came after the run: by today's it is in another segment than the run said.
        {**before, "buyer_id": "bought", "segment": 2, "confidence": 0.25, "runner_up": 1},
    ])  # fmt: skip
    found = history(make_table(spark, BUYER_FEATURES, days), OLD, NAMES, "run", BUYER_HISTORY, told).collect()
    said = {(row["buyer_id"], row["as_of"]): row for row in found}
    assert len(said) == len(found) == 8
    names = ("segment", "segment_name", "runner_up", "previous_segment", "previous_since", "segment_since")
    assert {key: tuple(row[name] for name in names) for key, row in said.items()} == {
        ("kept", APRIL): (1, "Best", 2, 1, january, january),
        ("same", APRIL): (1, "Best", 2, 1, january, january),
        ("bought", APRIL): (1, "Best", 2, None, None, None),
        ("new", APRIL): (2, "Others", 1, None, None, None),
        ("kept", MARCH): (2, "Others", 1, None, None, None),
        ("same", MARCH): (1, "Best", 2, None, None, None),
        ("bought", MARCH): (1, "Best", 2, None, None, None),
        ("new", MARCH): (2, "Others", 1, None, None, None),
    }
    assert said["kept", APRIL]["confidence"] == 0.0 < said["same", APRIL]["confidence"]


def test_each_snapshot_has_a_model_and_a_maker(spark):
    days = [(MARCH, "old", "r1"), (MARCH, "old", "r1"), (APRIL, "old", "r2")]
    rows = [{"buyer_id": f"b{n}", "as_of": day, "fitted_by": model, "run_id": run}
            for n, (day, model, run) in enumerate(days)]  # fmt: skip
    assert makers(make_table(spark, BUYER_HISTORY, rows)) == ({MARCH: "old", APRIL: "old"}, {MARCH: "r1", APRIL: "r2"})
