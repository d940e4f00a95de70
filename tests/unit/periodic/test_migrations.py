"""Who moved, and why: eight buyers, one move of each cause, and the figures that must add up."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.crossings import crossed
from segmentation.clustering.model import Model
from segmentation.clustering.scales import FeatureScale
from segmentation.features.measures import OF_THE_DAY, of_the_day
from segmentation.periodic.causes import CAUSES, meanings
from segmentation.periodic.migrations import migrations, movers, pairs_of, rescore_earlier, told_pairs, with_crossings
from segmentation.periodic.placed_snapshots import history
from segmentation.schemas import BUYER_FEATURES, BUYER_HISTORY, BUYER_MIGRATIONS
from tests.e2e.test_docs import REPOSITORY
from tests.support.factories import make_table

MARCH, APRIL = date(2024, 3, 31), date(2024, 4, 30)


def plain(feature):
    """A coordinate that is the feature itself."""
    return FeatureScale(feature, "none", low=0, high=1000, fill=0, centre=0, spread=1)


# Segment 2 lies at 0 orders and 0 days since the last, segment 1 at many orders, segment 3 at many days. The border
# between 1 and 2 is at 5.1 orders; a refit has moved it to 6.9.
OLD = Model(
    "kmeans", (plain("count_orders"), plain("recency_days")), Centroids(((10.2, 0.0), (0.0, 0.0), (0.0, 100.0)))
)
NEW = Model("kmeans", OLD.scales, Centroids(((13.8, 0.0), (0.0, 0.0), (0.0, 100.0))))
NAMES = {1: "Best", 2: "Others", 3: "Away"}


def buyer(id, orders, recency, last, gmv):
    return {"buyer_id": id, "count_orders": orders, "recency_days": recency, "last_order_at": last, "total_gmv": gmv}


MARCH_AS_STORED = [
    buyer("stays", 9, 3, "2024-03-28", 900), buyer("buys", 2, 3, "2024-03-28", 20), buyer("rests", 2, 45, "2024-02-15", 21),
    buyer("refitted", 6, 3, "2024-03-28", 60), buyer("corrected", 2, 3, "2024-03-28", 22), buyer("border", 5, 0, "2024-03-31", 70),
    buyer("erased", 1, 3, "2024-03-28", 10),
]  # fmt: skip
# By today's orders seven more of one buyer had been placed by then, and one buyer not at all.
MARCH_TODAY = [row for row in MARCH_AS_STORED if row["buyer_id"] not in ("corrected", "erased")]
MARCH_TODAY += [buyer("corrected", 9, 3, "2024-03-28", 92), buyer("late", 1, 11, "2024-03-20", 5)]
APRIL_ROWS = [
    buyer("stays", 10, 2, "2024-04-28", 1000), buyer("buys", 11, 2, "2024-04-28", 110), buyer("rests", 2, 75, "2024-02-15", 21),
    buyer("refitted", 6, 33, "2024-03-28", 60), buyer("corrected", 9, 33, "2024-03-28", 92), buyer("border", 7, 0, "2024-04-30", 71.5),
    buyer("comes", 1, 9, "2024-04-21", 11), buyer("late", 1, 41, "2024-03-20", 5),
]  # fmt: skip


def placed(spark, rows, day, model, fitted_by):
    features = make_table(spark, BUYER_FEATURES, [{**row, "as_of": day} for row in rows])
    return history(features, model, NAMES, fitted_by, BUYER_HISTORY)


@pytest.fixture
def pairs(spark):
    march, april = placed(spark, MARCH_AS_STORED, MARCH, OLD, "old"), placed(spark, APRIL_ROWS, APRIL, NEW, "new")
    today = make_table(spark, BUYER_FEATURES, [{**row, "as_of": MARCH} for row in MARCH_TODAY])
    return pairs_of(
        march.unionByName(april), [(MARCH, APRIL)], "buyer_id", rescore_earlier(march, NEW, "buyer_id", today)
    )


def test_one_move_of_each_cause(pairs):
    # By hand: 6 orders lie above 5.1 and below 6.9; 5 and 7 lie a fiftieth beside either; 2 and 3 part at 50 days.
    found = {row["id"]: (row["segment_from"], row["segment_to"], row["cause"]) for row in pairs.collect()}
    assert found == {
        "stays": (1, 1, None),
        "buys": (2, 1, "behaviour"),
        "rests": (2, 3, "recency"),
        "refitted": (1, 2, "refit"),
        "corrected": (2, 1, "correction"),
        "border": (2, 1, "border"),
        "comes": (None, 2, "behaviour"),
        "late": (None, 2, "correction"),  # an order of March that nobody knew of in March
        "erased": (2, None, "correction"),
    }


def test_entities_and_money_add_up(pairs):
    rows = migrations(pairs).collect()
    key = ("segment_from", "segment_to", "cause", "entities", "gmv_from", "gmv_to", "name_from", "name_to")
    money = Decimal
    assert Counter(tuple(row[name] for name in key) for row in rows) == Counter([
        (1, 1, None, 1, money("900.00"), money("1000.00"), "Best", "Best"),
        (2, 1, "behaviour", 1, money("20.00"), money("110.00"), "Others", "Best"),
        (2, 3, "recency", 1, money("21.00"), money("21.00"), "Others", "Away"),
        (1, 2, "refit", 1, money("60.00"), money("60.00"), "Best", "Others"),
        (2, 1, "correction", 1, money("22.00"), money("92.00"), "Others", "Best"),
        (2, 1, "border", 1, money("70.00"), money("71.50"), "Others", "Best"),
        (None, 2, "behaviour", 1, money("0.00"), money("11.00"), None, "Others"),
        (None, 2, "correction", 1, money("0.00"), money("5.00"), None, "Others"),
        (2, None, "correction", 1, money("10.00"), money("0.00"), "Others", None),
    ])  # fmt: skip
    assert sum(row["gmv_from"] for row in rows) == sum(row["total_gmv"] for row in MARCH_AS_STORED)
    assert sum(row["gmv_to"] for row in rows) == money("1370.50")
    assert {(row["as_of_from"], row["as_of_to"]) for row in rows} == {(MARCH, APRIL)}


def test_the_feature_and_the_border_that_it_crossed(pairs):
    told = crossed(movers(pairs), NEW).where("cause in ('behaviour', 'recency')").orderBy("id").collect()
    found = {
        row["id"]: (row["feature"], row["from_value"], row["to_value"], row["boundary"] and round(row["boundary"], 9))
        for row in told
    }
    assert found == {
        "buys": ("count_orders", 2.0, 11.0, 6.9),
        "comes": (None, None, None, None),
        "rests": ("recency_days", 45.0, 75.0, 50.0),
    }


def test_a_border_that_several_features_crossed_together_lies_on_none(spark):
    scales = (plain("count_orders"), plain("unique_sellers"))
    model = Model("kmeans", scales, Centroids(((10.0, 10.0), (0.0, 0.0))))
    # The border is where both add up to 10: with 8 sellers it lies at 2 orders, which is not between 3 and 6.
    row = (2, 1, {"count_orders": 3, "unique_sellers": 6}, {"count_orders": 6, "unique_sellers": 8})
    frame = spark.createDataFrame(
        [row], "segment_from int, segment_to int, before struct<count_orders:int,unique_sellers:int>,"
        "after struct<count_orders:int,unique_sellers:int>",
    )  # fmt: skip
    (told,) = crossed(frame, model).collect()
    assert (told["feature"], told["from_value"], told["to_value"], told["boundary"]) == ("count_orders", 3.0, 6.0, None)


def test_nothing_is_mended_where_the_orders_are_the_same(spark):
    rows, later = (
        [row for row in each if row["buyer_id"] not in ("corrected", "late")] for each in (MARCH_AS_STORED, APRIL_ROWS)
    )
    march, april = placed(spark, rows, MARCH, OLD, "old"), placed(spark, later, APRIL, OLD, "old")
    today = make_table(spark, BUYER_FEATURES, [{**row, "as_of": MARCH, "province": "Bali"} for row in rows])
    unlike = rescore_earlier(march, OLD, "buyer_id", today).where(
        "data_changed or segment_by_later_model <> segment_by_todays_data"
    )
    assert unlike.count() == 0
    found = pairs_of(march.unionByName(april), [(MARCH, APRIL)], "buyer_id").where("cause is not null")
    assert {row["id"]: row["cause"] for row in found.collect()} == {
        "buys": "behaviour", "rests": "recency", "border": "behaviour", "comes": "behaviour", "erased": "correction",
    }  # fmt: skip


def test_a_feature_that_a_later_release_added_mends_nothing(spark):
    was = make_table(spark, BUYER_FEATURES, [{**buyer("b", 9, 3, "2024-03-28", 90), "as_of": MARCH}])
    now = make_table(
        spark, BUYER_FEATURES, [{**buyer("b", 9, 3, "2024-03-28", 90), "as_of": MARCH, "rhythm_days": 4.0}]
    )
    for earlier, today, changed in (
        (was, now, False),
        (now, was, True),
    ):  # what was known and is no more is another thing
        written = history(earlier, OLD, NAMES, "old", BUYER_HISTORY)
        (row,) = rescore_earlier(written, OLD, "buyer_id", today).collect()
        assert row["data_changed"] is changed


def test_a_later_snapshot_that_is_older_work_is_told_from_what_they_did(spark):
    # Of April another run wrote down what it knew. March is of today, when an order that was unpaid then counts as a sale
    # ("paid"), when seven more of March are known ("late"), and of others nothing else.
    march = placed(spark, [
        buyer("paid", 9, 3, "2024-03-28", 90), buyer("late", 9, 3, "2024-03-28", 90), buyer("rests", 2, 45, "2024-02-15", 21),
    ], MARCH, OLD, "old")  # fmt: skip
    april = placed(spark, [
        buyer("paid", 0, 0, None, 0), buyer("late", 2, 3, "2024-03-28", 20), buyer("rests", 2, 75, "2024-02-15", 21),
    ], APRIL, OLD, "old")  # fmt: skip
    today = make_table(spark, BUYER_FEATURES, [{**row, "as_of": APRIL} for row in (
        buyer("paid", 9, 33, "2024-03-28", 90), buyer("late", 9, 33, "2024-03-28", 90), buyer("rests", 2, 75, "2024-02-15", 21),
    )])  # fmt: skip
    rescored = rescore_earlier(april, OLD, "buyer_id", today)
    found = pairs_of(march.unionByName(april), [(MARCH, APRIL)], "buyer_id", later_rescored=rescored)
    assert {row["id"]: row["cause"] for row in found.collect()} == {
        "paid": "correction", "late": "correction", "rests": "recency",
    }  # fmt: skip


def test_what_a_later_release_knows_of_a_snapshot_is_no_cause_of_a_move(spark):
    # The new model goes by a feature that the snapshot of March was written without: it puts a buyer who did nothing
    # since where the same orders put him in March, had the feature been known.
    model = Model("kmeans", (plain("lapse"),), Centroids(((9.0,), (0.0,))))
    orders = buyer("b", 9, 3, "2024-03-28", 90)
    march = placed(spark, [orders], MARCH, OLD, "old")
    today = make_table(spark, BUYER_FEATURES, [{**orders, "as_of": MARCH, "lapse": 7.0}])
    rescored = rescore_earlier(march, model, "buyer_id", today)
    (row,) = rescored.collect()
    assert (row["segment_by_later_model"], row["segment_by_todays_data"], row["data_changed"]) == (1, 1, False)


def test_no_feature_took_those_over_a_border_whom_another_model_or_other_data_moved(spark):
    march = placed(spark, [buyer("buys", 2, 3, "2024-03-28", 20)], MARCH, OLD, "old")
    april = [buyer("buys", 11, 2, "2024-04-28", 110)]

    def told(fitted_by):
        pairs = pairs_of(march.unionByName(placed(spark, april, APRIL, OLD, fitted_by)), [(MARCH, APRIL)], "buyer_id")
        return [row["feature"] for row in with_crossings(movers(pairs), OLD, "old").collect()]

    assert told("old") == ["count_orders"]
    assert told("new") == [None]  # not both days are by this model


def test_each_pair_that_is_told_has_the_run_that_told_it(spark):
    rows = [{"as_of_from": MARCH, "as_of_to": APRIL, "segment_to": segment, "entities": 1, "run_id": "r7"}
            for segment in (1, 2)]  # fmt: skip
    assert told_pairs(make_table(spark, BUYER_MIGRATIONS, rows)) == {(MARCH, APRIL): "r7"}


# The same centres as OLD has, but in another order: old 1 is 2 now, old 2 is 3, and old 3 is 1.
RENUMBERED = Model("kmeans", OLD.scales, Centroids(((0.0, 100.0), (10.2, 0.0), (0.0, 0.0))))


def told_of(pairs):
    return {row["id"]: (row["segment_from"], row["segment_to"], row["cause"]) for row in pairs.collect()}


def test_numbers_of_two_models_are_not_compared(spark):
    march = placed(spark, [
        buyer("stays", 9, 3, "2024-03-28", 90), buyer("rests", 9, 3, "2024-03-28", 90), buyer("buys", 2, 3, "2024-03-28", 20),
        buyer("away", 1, 90, "2024-01-01", 10),
    ], MARCH, OLD, "old")  # fmt: skip
    april = placed(spark, [
        buyer("stays", 10, 2, "2024-04-28", 99), buyer("rests", 9, 110, "2024-03-28", 90), buyer("buys", 11, 2, "2024-04-28", 110),
        buyer("away", 1, 120, "2024-01-01", 10),
    ], APRIL, RENUMBERED, "new")  # fmt: skip
    found = pairs_of(
        march.unionByName(april), [(MARCH, APRIL)], "buyer_id", rescore_earlier(march, RENUMBERED, "buyer_id")
    )
    assert told_of(found) == {
        "stays": (1, 2, "refit"), "rests": (1, 1, "recency"), "buys": (2, 2, "behaviour"), "away": (3, 1, "refit"),
    }  # fmt: skip
    assert {row["id"] for row in movers(found).collect()} == {"stays", "rests", "buys", "away"}


def test_a_later_snapshot_that_is_older_work_by_another_model(spark):
    # Nine orders of March are known today, two were when another model's run wrote April down.
    march = placed(spark, [buyer("late", 9, 3, "2024-03-28", 90)], MARCH, OLD, "old")
    april = placed(spark, [buyer("late", 2, 33, "2024-03-28", 20)], APRIL, RENUMBERED, "new")
    today = make_table(spark, BUYER_FEATURES, [{**buyer("late", 9, 33, "2024-03-28", 90), "as_of": APRIL}])
    found = pairs_of(
        march.unionByName(april), [(MARCH, APRIL)], "buyer_id", rescore_earlier(march, RENUMBERED, "buyer_id"),
        rescore_earlier(april, RENUMBERED, "buyer_id", today),
    )  # fmt: skip
    # RENUMBERED has 9 orders after 33 days still nearest to 2, where it puts March.
    assert told_of(found) == {"late": (1, 3, "correction")}


def of(feature, low, high):
    """Segment 1 at a low value of one feature, segment 2 at a high one."""
    return Model("kmeans", (plain(feature),), Centroids(((low,), (high,))))


def moved_by(spark, model, march, april, *, today=None, features=True):
    """The cause of each who moved between two snapshots by one model."""
    rows = [placed(spark, each, day, model, "m") for each, day in ((march, MARCH), (april, APRIL))]
    if today is not None:
        today = make_table(spark, BUYER_FEATURES, [{**row, "as_of": MARCH} for row in today])
    rescored = None if today is None else rescore_earlier(rows[0], model, "buyer_id", today)
    known = {"m": model.features} if features else None
    found = pairs_of(rows[0].unionByName(rows[1]), [(MARCH, APRIL)], "buyer_id", rescored, features=known)
    return {row["id"]: row["cause"] for row in movers(found).collect()}


@pytest.mark.parametrize("features", [True, False])
def test_an_order_that_is_no_sale_is_more_than_time(spark, features):
    # Three sales in March, and an order of April that came back: one of four.
    three = buyer("b", 3, 3, "2024-03-28", 30)
    april = {**three, "recency_days": 33, "return_rate": 0.25}
    moved = moved_by(spark, of("return_rate", 0.0, 0.3), [{**three, "return_rate": 0.0}], [april], features=features)
    assert moved == {"b": "behaviour"}


def test_what_the_model_does_not_go_by_moves_nobody(spark):
    march = [{**buyer("b", 3, 3, "2024-03-28", 30), "cancel_rate": 0.0}]
    april = [{**buyer("b", 3, 33, "2024-03-28", 30), "cancel_rate": 0.25}]
    assert moved_by(spark, of("recency_days", 0.0, 40.0), march, april) == {"b": "recency"}
    assert moved_by(spark, of("recency_days", 0.0, 40.0), march, april, features=False) == {"b": "behaviour"}


def test_all_that_the_day_changes_is_declared(spark):
    assert set(OF_THE_DAY) == set(of_the_day(APRIL))


def test_a_last_sale_that_became_none_is_more_than_time(spark):
    # The model goes by what the day changes alone; but the sale of 28 March is none today.
    march, april = [buyer("b", 3, 3, "2024-03-28", 30)], [buyer("b", 2, 60, "2024-03-01", 20)]
    assert moved_by(spark, of("recency_days", 0.0, 100.0), march, april) == {"b": "behaviour"}


def test_another_attribute_is_a_correction(spark):
    march = [{**buyer("rests", 3, 3, "2024-03-28", 30), "age": 20}, {**buyer("buys", 3, 3, "2024-03-28", 30), "age": 20},
             {**buyer("told", 3, 3, "2024-03-28", 30)}]  # fmt: skip
    april = [{**buyer("rests", 3, 33, "2024-03-28", 30), "age": 60}, {**buyer("buys", 4, 2, "2024-04-28", 40), "age": 60},
             {**buyer("told", 4, 2, "2024-04-28", 40), "age": 60}]  # fmt: skip
    today = [{**row, "age": 60} for row in march]
    model = of("age", 0.0, 70.0)  # an unknown age counts as 0
    assert moved_by(spark, model, march, april, today=today) == dict.fromkeys(("rests", "buys", "told"), "correction")
    # Where nobody can say what they would have been, who bought may have moved by that.
    assert moved_by(spark, model, march, april) == {"rests": "correction", "buys": "behaviour", "told": "behaviour"}


def test_the_page_says_of_each_cause_what_is_declared():
    page = (REPOSITORY / "docs" / "periodic.md").read_text()
    table = page.split("it holds where |\n|---|---|\n")[1]
    rows = table.splitlines()
    assert [f"| `{name}` | {meaning} |" for name, meaning in meanings().items()] == rows[: len(CAUSES)]
