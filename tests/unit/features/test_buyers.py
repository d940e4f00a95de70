"""What is known of each buyer on a day."""

from datetime import date, datetime
from decimal import Decimal

from pyspark.sql import functions as F
from pyspark.sql import types as T

from segmentation.features.buyers import buyer_features
from segmentation.features.categories import category_sales
from segmentation.features.measures import after_sales
from segmentation.schemas import BUYER_FEATURES
from tests.support.factories import make_lines, make_orders, make_users

SALES = ["completed", "in_progress"]
AS_OF = date(2024, 1, 31)


def buyers(spark, orders, lines=(), users=()):
    """Features by buyer_id, as dictionaries."""
    orders, lines = make_orders(spark, orders), make_lines(spark, lines)
    categories = category_sales(orders, lines, SALES, AS_OF)
    features = buyer_features(orders, categories, make_users(spark, users), SALES, AS_OF)
    return {row["buyer_id"]: row.asDict() for row in features.collect()}


def test_every_feature_of_one_buyer(spark):
    found = buyers(
        spark,
        [
            {"gmv": 10, "voucher_value": 2, "ordered_at": "2024-01-10 08:00:00", "product_type": "goods", "revenue": 1},
            {"gmv": 30, "seller_id": "s2", "status": "in_progress", "ordered_at": "2024-01-20 23:00:00"},
            {"gmv": 99, "seller_id": "s3", "status": "cancelled", "voucher_value": 5, "product_type": "services"},
            {"gmv": 99, "seller_id": "s4", "status": "unpaid", "ordered_at": "2024-01-30 08:00:00"},
        ],
        [
            {"order_id": "o1", "category": "food"},
            {"order_id": "o2", "seller_id": "s2", "category": "tools"},
            {"order_id": "o3", "seller_id": "s3", "category": "wood"},
        ],
        [{"user_id": "b1", "province": "Bali", "city": "Denpasar", "age": 40}],
    )
    assert found["b1"] == {
        "buyer_id": "b1",
        "count_orders": 2,
        "total_gmv": Decimal("40.00"),
        "total_revenue": Decimal("1.00"),
        "avg_order_value": Decimal("20.00"),
        "unique_categories": 2,
        "unique_sellers": 2,
        "voucher_value": Decimal("2.00"),
        "voucher_orders": 1,
        "voucher_rate": 0.5,
        "voucher_share": 0.05,
        "orders_per_month": 2.0,
        "rhythm_days": None,
        "lapse": None,
        "cancel_rate": 0.25,
        "return_rate": 0.0,
        "completion_rate": None,
        "first_order_at": datetime(2024, 1, 10, 8),
        "last_order_at": datetime(2024, 1, 20, 23),
        "recency_days": 11,
        "top_category": "tools",
        "top_product_type": "goods",
        "province": "Bali",
        "city": "Denpasar",
        "age": 40,
        "as_of": AS_OF,
    }


def test_the_rhythm_is_the_middle_of_the_days_between_sales(spark):
    days = [
        "2023-11-30 23:00:00",
        "2023-12-03 01:00:00",
        "2023-12-03 09:00:00",
        "2023-12-13 08:00:00",
        "2024-01-31 08:00:00",
    ]
    orders = [{"ordered_at": day, "status": "completed"} for day in days[:4]]
    found = buyers(spark, [*orders, {"ordered_at": days[4], "status": "cancelled"}])["b1"]
    # 3, 0 and 10 days lie between; the last sale is 49 days old, and the first 63 days with its own: 2.07 months.
    assert (found["rhythm_days"], found["recency_days"]) == (3.0, 49)
    assert found["lapse"] == 49 / 3
    assert round(found["orders_per_month"], 4) == 1.9325
    all_at_once = buyers(spark, [{"ordered_at": days[0]}] * 3)["b1"]
    assert (all_at_once["rhythm_days"], all_at_once["lapse"]) == (0.0, None)


def test_a_buyer_without_a_sale_has_zeros_and_unknowns(spark):
    found = buyers(
        spark,
        [{"status": "cancelled", "voucher_value": 5, "revenue": 3}, {"status": "returned", "product_type": "goods"}],
        [{"order_id": "o1"}],
    )["b1"]
    zeros = {name for name, value in found.items() if value == 0}
    unknown = {name for name, value in found.items() if value is None}
    assert zeros == {
        "count_orders", "total_gmv", "total_revenue", "unique_categories", "unique_sellers",
        "voucher_value", "voucher_orders",
    }  # fmt: skip
    assert unknown == {
        "avg_order_value", "completion_rate", "first_order_at", "last_order_at", "recency_days",
        "top_category", "top_product_type", "province", "city", "age",
        "voucher_rate", "voucher_share", "orders_per_month", "rhythm_days", "lapse",
    }  # fmt: skip
    assert (found["cancel_rate"], found["return_rate"]) == (0.5, 0.5)


def test_sellers_that_are_not_named_are_unknown_and_not_none(spark):
    found = buyers(spark, [{"seller_id": None}, {"buyer_id": "b2", "seller_id": None, "status": "unpaid"}])
    assert (found["b1"]["unique_sellers"], found["b2"]["unique_sellers"]) == (None, 0)


def test_categories_that_no_line_tells_are_unknown_and_not_none(spark):
    found = buyers(
        spark,
        [
            {"order_id": "o1"},
            {"order_id": "o2", "buyer_id": "b2"},
            {"order_id": "o3", "buyer_id": "b3"},
            {"order_id": "o4", "buyer_id": "b3"},
            {"order_id": "o5", "buyer_id": "b4", "status": "unpaid"},
        ],
        [{"order_id": "o2", "category": None}, {"order_id": "o3", "category": "food"}, {"order_id": "o5"}],
    )
    # b1's lines are missing, b2's has no category, one of b3's orders is without lines, b4 bought nothing.
    assert [found[f"b{n}"]["unique_categories"] for n in (1, 2, 3, 4)] == [None, None, 1, 0]


def test_completion_is_of_sales_of_which_it_is_known(spark):
    found = buyers(
        spark,
        [{"fulfilled": True}, {"fulfilled": False}, {"fulfilled": True}, {}, {"fulfilled": False, "status": "unpaid"}],
    )
    assert found["b1"]["completion_rate"] == 2 / 3


def test_orders_after_the_day_do_not_exist_yet(spark):
    found = buyers(
        spark,
        [
            {"gmv": 10, "ordered_at": "2024-01-31 23:59:59"},
            {"gmv": 99, "ordered_at": "2024-02-01 00:00:00", "status": "returned"},
            {"gmv": 99, "ordered_at": "2024-02-01 00:00:00", "buyer_id": "b2"},
        ],
    )
    assert set(found) == {"b1"}
    assert found["b1"]["total_gmv"] == 10
    assert found["b1"]["return_rate"] == 0
    assert found["b1"]["recency_days"] == 0


def test_recency_counts_days_of_the_session_time_zone(spark):
    orders = [{"ordered_at": "2024-01-30 18:00:00"}]  # 01:00 of the 31st in Jakarta
    assert buyers(spark, orders)["b1"]["recency_days"] == 1
    spark.conf.set("spark.sql.session.timeZone", "Asia/Jakarta")
    assert buyers(spark, orders)["b1"]["recency_days"] == 0


def test_averages_are_rounded_half_up(spark):
    # 0.05 / 2 = 0.025; 100 / 3 = 33.333…; 200 / 3 = 66.666…
    found = buyers(
        spark,
        [{"gmv": "0.02"}, {"gmv": "0.03"}]
        + [{"gmv": gmv, "buyer_id": "b2"} for gmv in (50, 50, 0)]
        + [{"gmv": gmv, "buyer_id": "b3"} for gmv in (100, 100, 0)],
    )
    averages = {buyer: str(features["avg_order_value"]) for buyer, features in found.items()}
    assert averages == {"b1": "0.03", "b2": "33.33", "b3": "66.67"}


def test_revenue_that_is_not_published_stays_unknown(spark):
    found = buyers(
        spark,
        [{"revenue": None}, {"revenue": 4, "buyer_id": "b2"}, {"revenue": None, "buyer_id": "b2"}],
    )
    assert found["b1"]["total_revenue"] is None
    assert found["b2"]["total_revenue"] == 4


def test_an_order_from_two_sellers_is_two(spark):
    found = buyers(spark, [{"order_id": "o1", "seller_id": "s1"}, {"order_id": "o1", "seller_id": "s2"}])["b1"]
    assert (found["count_orders"], found["unique_sellers"]) == (2, 2)


def test_the_sources_attributes_come_before_as_of(spark):
    orders = make_orders(spark, [{}])
    users = make_users(spark, [{}]).withColumn("tier", F.lit("gold"))
    categories = category_sales(orders, make_lines(spark, []), SALES, AS_OF)
    features = buyer_features(orders, categories, users, SALES, AS_OF)
    assert features.columns == [*BUYER_FEATURES.names[:-1], "tier", "as_of"]
    assert features.select("tier").collect()[0]["tier"] == "gold"


def test_columns_are_the_declared_ones(spark):
    orders = make_orders(spark, [])
    categories = category_sales(orders, make_lines(spark, []), SALES, AS_OF)
    schema = buyer_features(orders, categories, make_users(spark, []), SALES, AS_OF).schema
    declared = T.StructType.fromDDL(", ".join(f"{c.name} {c.type}" for c in BUYER_FEATURES.columns))
    assert [(f.name, f.dataType) for f in schema] == [(f.name, f.dataType) for f in declared]


def test_a_further_sale_moves_all_that_only_sales_move(spark):
    def bought(buyer, *days):
        return [{"buyer_id": buyer, "ordered_at": day, "gmv": gmv, "revenue": gmv / 10, "voucher_value": gmv / 5}
                for day, gmv in zip(days, (10, 30, 20, 20), strict=False)]  # fmt: skip

    days = ("2023-10-03 08:00:00", "2023-10-20 08:00:00", "2023-11-20 08:00:00", "2024-01-31 20:00:00")
    orders = make_orders(spark, [*bought("b1", *days[:3]), *bought("b2", *days[:1]), *bought("b3", *days[:2])])
    categories = category_sales(orders, make_lines(spark, []), SALES, AS_OF)
    before = buyer_features(orders, categories, make_users(spark, []), SALES, AS_OF)
    after = before.select(
        "buyer_id", *[value.alias(name) for name, value in after_sales(F.lit(1)).items() if name in before.columns]
    )
    found = {row["buyer_id"]: row.asDict() for row in after.collect()}

    # b1 has 60 of three sales, so a fourth brings 20; from 3 October to 31 January there are 121 days.
    told = {name: float(value) for name, value in found["b1"].items() if name != "buyer_id"}
    assert {name: round(value, 6) for name, value in told.items()} == {
        "count_orders": 4, "orders_per_month": round(4 / (121 / 30.4375), 6), "total_gmv": 80, "total_revenue": 8,
        "voucher_value": 16, "voucher_orders": 4, "recency_days": 0, "lapse": 0,
    }  # fmt: skip
    # Two sales with one more have a rhythm, one with one more has none.
    assert (found["b2"]["lapse"], found["b3"]["lapse"]) == (None, 0)
    # The fourth sale as it is when it was made.
    really = buyers(spark, bought("b1", *days))["b1"]
    assert {name: round(float(really[name]), 6) for name in told} == {
        name: round(value, 6) for name, value in told.items()
    }
    assert really["avg_order_value"] == Decimal("20.00")
