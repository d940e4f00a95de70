"""Features of many days at once are those of each day by itself."""

import random
from datetime import date, datetime, timedelta

import pytest
from chispa import assert_df_equality
from pyspark.sql import functions as F

from segmentation.features.buyers import buyer_features
from segmentation.features.categories import category_sales
from segmentation.features.increment import State
from segmentation.features.sellers import seller_features
from segmentation.periodic.snapshots import dated, snapshots
from segmentation.source import Source
from tests.support.factories import make_lines, make_orders, make_users

SOURCE = Source.model_validate({
    "name": "all", "raw": {"r": {"glob": "*", "columns": {"voucher_value": "string"}}},
    "tables": {
        "orders": {"counted_on": "r", "select": "seller_id, voucher_value, revenue"},
        "order_lines": {"counted_on": "r", "select": "category"},
    },
})  # fmt: skip
DAYS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 17)]
ALONE = {"buyers": buyer_features, "sellers": seller_features}


def at_random(chance):
    """Orders over five months, one in three with lines, some negative or unknown; orders of several sellers; users."""
    orders, lines = [], []
    for n in range(250):
        moment = datetime(2024, 1, 1) + timedelta(seconds=chance.randrange(150 * 86400))
        if n % 9 == 0:  # the first or the last moment of a day
            moment = datetime.combine(chance.choice(DAYS) + timedelta(days=n % 2), datetime.min.time())
        buyer = f"b{int(25 * chance.random() ** 2)}"
        for seller in chance.sample([f"s{i}" for i in range(9)], chance.choice([1, 1, 1, 2])):
            orders.append({
                "order_id": f"o{n}", "seller_id": seller, "buyer_id": buyer, "ordered_at": moment,
                "status": chance.choice(["completed"] * 5 + ["in_progress", "unpaid", "cancelled", "returned"]),
                "fulfilled": chance.choice([True, False, None]), "seller_category": chance.choice(["small", "large", None]),
                "product_type": chance.choice(["goods", "services", None]),
                "voucher_value": chance.choice([0, None, 2.5, 10]), "revenue": chance.choice([None, 1]),
                "gmv": chance.choice([0, 10, 10, 33.33, -20, chance.randrange(1, 10**6) / 100]),
            })  # fmt: skip
            lines += [
                {"order_id": f"o{n}", "seller_id": seller, "line_no": line, "category": chance.choice(["food", "tools", "wood", None]),
                 "subtotal": chance.choice([1, 2, 9.99])}
                for line in range(n % 3)
            ]  # fmt: skip
    users = [{"user_id": f"b{n}", "province": chance.choice(["Bali", None]), "age": 20 + n} for n in range(20)]
    users += [{"user_id": f"s{n}", "role": "seller", "province": "Riau", "city": "Dumai"} for n in range(5)]
    return orders, lines, users


@pytest.mark.parametrize("entity", ALONE)
def test_each_day_is_as_if_it_were_the_only_one(spark, entity):
    rows = at_random(random.Random(19))
    orders, lines, users = make_orders(spark, rows[0]), make_lines(spark, rows[1]), make_users(spark, rows[2])
    now = State(orders, lines, users)
    found = snapshots(SOURCE, *dated(now, SOURCE.sales, DAYS), users, DAYS, entity).cache()
    for day in DAYS:
        only = category_sales(orders, lines, SOURCE.sales, day)
        expected = ALONE[entity](orders, only, users, SOURCE.sales, day)
        mine = found.where(found["as_of"] == day)
        # No tolerance: to the row, and to the last bit of each fraction.
        assert_df_equality(mine, expected, ignore_row_order=True, ignore_nullable=True)
        assert mine.count() > 4


def test_by_hand(spark):
    orders = make_orders(spark, [
        {"ordered_at": "2024-01-31 23:59:59", "gmv": 10}, {"ordered_at": "2024-02-01 00:00:00", "gmv": 30},
        {"ordered_at": "2024-04-01 00:00:00", "gmv": 20, "status": "cancelled"},
        {"buyer_id": "b2", "ordered_at": "2024-03-30", "gmv": 7}, {"buyer_id": "b3", "ordered_at": "2024-04-18"},
    ])  # fmt: skip
    users = make_users(spark, [])
    placed, categories = dated(State(orders, make_lines(spark, []), users), SOURCE.sales, DAYS)
    assert [row["at"] for row in placed.orderBy("order_id").collect()] == [0, 1, 3, 2, 4]
    found = snapshots(SOURCE, placed, categories, users, DAYS, "buyers")
    rows = found.select("buyer_id", "as_of", "count_orders", "total_gmv", "recency_days", "cancel_rate").collect()
    assert sorted((b, str(day), n, str(gmv), recency, rate) for b, day, n, gmv, recency, rate in rows) == [
        ("b1", "2024-01-31", 1, "10.00", 0, 0.0),
        ("b1", "2024-02-29", 2, "40.00", 28, 0.0),
        ("b1", "2024-03-31", 2, "40.00", 59, 0.0),
        ("b1", "2024-04-17", 2, "40.00", 76, 1 / 3),
        ("b2", "2024-03-31", 1, "7.00", 1, 0.0),
        ("b2", "2024-04-17", 1, "7.00", 18, 0.0),
    ]


@pytest.mark.parametrize("entity", ALONE)
def test_what_users_say_may_be_called_as_what_is_counted(spark, entity):
    users = make_users(spark, [{}, {"role": "seller", "user_id": "s1"}])
    for name in ("orders", "returned", "vouchers", "latest"):
        users = users.withColumn(name, F.lit("gold"))
    now = State(make_orders(spark, [{}]), make_lines(spark, []), users)
    rows = (
        snapshots(SOURCE, *dated(now, SOURCE.sales, DAYS), users, DAYS, entity)
        .select("orders", "returned", "latest")
        .collect()
    )
    assert {tuple(row) for row in rows} == {("gold", "gold", "gold")}
