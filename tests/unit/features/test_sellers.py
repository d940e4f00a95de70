"""What is known of each seller on a day."""

from datetime import date, datetime
from decimal import Decimal

from pyspark.sql import types as T

from segmentation.features.categories import category_sales
from segmentation.features.sellers import seller_features
from segmentation.schemas import SELLER_FEATURES
from tests.support.factories import make_lines, make_orders, make_users

SALES = ["completed", "in_progress"]
AS_OF = date(2024, 1, 31)


def sellers(spark, orders, lines=(), users=()):
    """Features by seller_id, as dictionaries."""
    orders, lines = make_orders(spark, orders), make_lines(spark, lines)
    categories = category_sales(orders, lines, SALES, AS_OF)
    features = seller_features(orders, categories, make_users(spark, users), SALES, AS_OF)
    return {row["seller_id"]: row.asDict() for row in features.collect()}


def test_every_feature_of_one_seller(spark):
    found = sellers(
        spark,
        [
            {"gmv": 10, "voucher_value": 2, "seller_category": "small", "ordered_at": "2024-01-02 09:00:00"},
            {"gmv": 30, "buyer_id": "b2", "voucher_value": 1, "ordered_at": "2024-01-21 09:00:00", "revenue": 3},
            {"gmv": 99, "buyer_id": "b3", "status": "returned", "ordered_at": "2024-01-22 09:00:00"},
        ],
        [{"order_id": "o1", "category": "food"}, {"order_id": "o2", "category": "tools"}],
        [{"user_id": "s1", "role": "seller", "province": "Bali", "city": "Denpasar"}],
    )
    assert found["s1"] == {
        "seller_id": "s1",
        "count_orders": 2,
        "total_gmv": Decimal("40.00"),
        "total_revenue": Decimal("3.00"),
        "avg_order_value": Decimal("20.00"),
        "unique_buyers": 2,
        "top_buyer_share": 0.75,
        "unique_categories": 2,
        "total_vouchers": Decimal("3.00"),
        "voucher_orders": 2,
        "voucher_rate": 1.0,
        "voucher_share": 0.075,
        "orders_per_month": 2.0,  # 30 days are less than a month, which counts as one
        "rhythm_days": None,
        "lapse": None,
        "cancel_rate": 0.0,
        "return_rate": 1 / 3,
        "first_order_at": datetime(2024, 1, 2, 9),
        "last_order_at": datetime(2024, 1, 21, 9),
        "recency_days": 10,
        "seller_category": "small",
        "top_category": "tools",
        "province": "Bali",
        "city": "Denpasar",
        "as_of": AS_OF,
    }


def test_the_class_is_that_of_the_latest_accepted_order_that_has_one(spark):
    found = sellers(
        spark,
        [
            {"seller_category": "small", "ordered_at": "2024-01-01 09:00:00"},
            {"seller_category": "large", "ordered_at": "2024-01-02 09:00:00", "status": "cancelled"},
            {"seller_category": None, "ordered_at": "2024-01-03 09:00:00"},
            {"seller_category": "giant", "ordered_at": "2024-02-01 09:00:00"},
        ],
    )
    assert found["s1"]["seller_category"] == "large"


def test_a_seller_without_a_sale_has_zeros_and_unknowns(spark):
    found = sellers(spark, [{"status": "unpaid", "voucher_value": 5, "revenue": 3}], [{"order_id": "o1"}])["s1"]
    zeros = {name for name, value in found.items() if value == 0}
    unknown = {name for name, value in found.items() if value is None}
    assert zeros == {
        "count_orders", "total_gmv", "total_revenue", "unique_buyers", "unique_categories", "total_vouchers",
        "voucher_orders", "cancel_rate", "return_rate",
    }  # fmt: skip
    assert unknown == {
        "avg_order_value", "top_buyer_share", "first_order_at", "last_order_at", "recency_days",
        "seller_category", "top_category", "province", "city", "voucher_rate", "voucher_share",
        "orders_per_month", "rhythm_days", "lapse",
    }  # fmt: skip


def test_categories_that_no_line_tells_are_unknown_and_not_none(spark):
    orders = [{}, {"seller_id": "s2"}, {"seller_id": "s3", "status": "unpaid"}]
    found = sellers(spark, orders, [{"order_id": "o2", "seller_id": "s2"}])
    assert [found[f"s{n}"]["unique_categories"] for n in (1, 2, 3)] == [None, 1, 0]


def test_a_source_without_sellers_has_none(spark):
    assert sellers(spark, [{"seller_id": None}, {"seller_id": None}]) == {}


def test_a_buyers_orders_are_one_buyer(spark):
    found = sellers(spark, [{"gmv": 1}, {"gmv": 2}, {"gmv": 2, "buyer_id": "b2"}, {"gmv": 0, "seller_id": "s2"}])
    assert (found["s1"]["unique_buyers"], found["s1"]["top_buyer_share"]) == (2, 0.6)
    assert (found["s2"]["unique_buyers"], found["s2"]["top_buyer_share"]) == (1, None)


def test_columns_are_the_declared_ones(spark):
    orders = make_orders(spark, [])
    categories = category_sales(orders, make_lines(spark, []), SALES, AS_OF)
    schema = seller_features(orders, categories, make_users(spark, []), SALES, AS_OF).schema
    declared = T.StructType.fromDDL(", ".join(f"{c.name} {c.type}" for c in SELLER_FEATURES.columns))
    assert [(f.name, f.dataType) for f in schema] == [(f.name, f.dataType) for f in declared]
