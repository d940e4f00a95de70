"""Which snapshots are placed anew, by which model, and by which data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from segmentation.clustering.model import Model
from segmentation.entities import BUYERS
from segmentation.periodic.rescoring import columns_for_causes, rescore_pairs
from segmentation.schemas import BUYER_FEATURES
from tests.support.factories import make_table
from tests.unit.periodic.test_migrations import APRIL, MARCH, NEW, OLD, buyer, placed

MAY = date(2024, 5, 31)
SIX = buyer("b", 6, 3, "2024-03-28", 60)  # in segment 1 by OLD, in 2 by NEW
PAIRS = [(MARCH, APRIL), (APRIL, MAY)]


def _rescored(spark, made, fitted_by, models, today=()):
    rows = [placed(spark, [SIX], day, OLD, fitted_by[day]) for day in (MARCH, APRIL, MAY)]
    todays = make_table(spark, BUYER_FEATURES, [{**row, "as_of": day} for day, row in today]) if today else None
    history = rows[0].unionByName(rows[1]).unionByName(rows[2])
    names = ("as_of_from", "segment_by_later_model", "segment_by_todays_data", "data_changed")
    return [
        None if side is None else sorted(tuple(row[name] for name in names) for row in side.collect())
        for side in rescore_pairs(history, PAIRS, made, fitted_by, models, "buyer_id", todays)
    ]


def test_what_one_run_made_by_one_model_is_placed_as_it_stands(spark):
    by_one = dict.fromkeys((MARCH, APRIL, MAY), "old")
    assert _rescored(spark, (MARCH, APRIL, MAY), by_one, {"old": OLD}) == [None, None]


def test_the_earlier_side_goes_by_the_later_ones_model(spark):
    by_two = {MARCH: "old", APRIL: "new", MAY: "new"}
    models = {"old": OLD, "new": NEW}
    assert _rescored(spark, (MARCH, APRIL, MAY), by_two, models) == [[(MARCH, 2, 2, False)], None]
    # March was written before, and today two of its orders are known: April alone was made now.
    few = [(MARCH, {**SIX, "count_orders": 2}), (MAY, SIX)]
    assert _rescored(spark, (APRIL,), by_two, models, few) == [[(MARCH, 2, 2, True)], [(MAY, 2, 2, False)]]


def test_a_model_that_is_gone_or_knows_other_columns_says_nothing(spark):
    by_two = {MARCH: "old", APRIL: "new", MAY: "new"}
    other = Model("kmeans", (replace(OLD.scales[0], feature="moons"),))
    for models in ({"old": OLD}, {"old": OLD, "new": other}):
        assert _rescored(spark, (MARCH, APRIL, MAY), by_two, models) == [None, None]


def test_columns_that_tell_causes_are_those_of_orders_and_of_the_models():
    known = [*BUYERS.history.names, "income", "hobby"]
    other = Model("kmeans", (replace(OLD.scales[0], feature="income"),))
    found = columns_for_causes(BUYERS, [OLD, other], known)
    assert {"buyer_id", "as_of", "segment", "fitted_by", "total_gmv", "count_orders", "income"} <= {*found}
    assert not {"hobby", "age"} & {*found} and len(found) == len({*found})
