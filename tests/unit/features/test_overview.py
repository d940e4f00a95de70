"""Where orders, GMV and revenue lie."""

from datetime import date
from decimal import Decimal

from segmentation.divisions import OWN
from segmentation.features.categories import category_sales
from segmentation.features.overview import overview
from segmentation.schemas import OVERVIEW
from tests.support.factories import make_lines, make_orders, make_users

SALES = ["completed", "in_progress"]
AS_OF = date(2024, 2, 29)


def figures(spark, orders, lines=(), users=()):
    """(orders, gmv, gmv_squares, revenue, revenue_orders, published_gmv, gmv_share, revenue_share) by dimension and value."""
    orders, lines = make_orders(spark, orders), make_lines(spark, lines)
    categories = category_sales(orders, lines, SALES, AS_OF)
    rows = overview(orders, categories, make_users(spark, users), SALES, AS_OF).collect()
    found = {(row["dimension"], row["value"]): tuple(row)[2:] for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_dimension(spark):
    found = figures(
        spark,
        [
            {
                "gmv": 10, "revenue": 1, "product_type": "goods", "seller_category": "small",
                "payment_type": "prepaid", "ordered_at": "2024-01-31 10:00:00",
            },
            {"gmv": 30, "revenue": 4, "buyer_id": "b2", "seller_id": "s2", "ordered_at": "2024-02-01 10:00:00"},
            {"gmv": 99, "revenue": 9, "status": "cancelled"},
            {"gmv": 99, "revenue": 9, "ordered_at": "2024-03-01 00:00:00"},
        ],
        [{"order_id": "o1", "category": "food", "subtotal": 1}, {"order_id": "o1", "category": "tools", "subtotal": 4}],
        [
            {"user_id": "b1", "province": "Bali"},
            {"user_id": "s1", "role": "seller", "province": "Jakarta"},
            {"user_id": "s2", "role": "seller", "province": "Jakarta"},
        ],
    )  # fmt: skip
    first = (1, Decimal("10.00"), Decimal("100.00"), Decimal("1.00"), 1, Decimal("10.00"), 0.25, 0.2)
    second = (1, Decimal("30.00"), Decimal("900.00"), Decimal("4.00"), 1, Decimal("30.00"), 0.75, 0.8)
    both = (2, Decimal("40.00"), Decimal("1000.00"), Decimal("5.00"), 2, Decimal("40.00"), 1.0, 1.0)
    food = (1, Decimal("2.00"), Decimal("4.00"), Decimal("0.20"), 1, Decimal("2.00"), 0.05, 0.04)
    tools = (1, Decimal("8.00"), Decimal("64.00"), Decimal("0.80"), 1, Decimal("8.00"), 0.2, 0.16)
    assert found == {
        ("total", "total"): both,
        ("month", "2024-01"): first,
        ("month", "2024-02"): second,
        ("province", "Bali"): first,
        ("province", None): second,
        ("seller_province", "Jakarta"): both,
        ("product_type", "goods"): first,
        ("product_type", None): second,
        ("category", "food"): food,
        ("category", "tools"): tools,
        ("category", None): second,
        ("seller_category", "small"): first,
        ("seller_category", None): second,
        ("payment_type", "prepaid"): first,
        ("payment_type", None): second,
    }


def test_revenue_that_is_not_published_stays_unknown(spark):
    found = figures(
        spark, [{"gmv": 10, "product_type": "goods", "revenue": 2}, {"gmv": 30, "seller_category": "small"}]
    )
    both, ten, thirty, nothing = (Decimal(f"{money}.00") for money in (40, 10, 30, 0))
    assert found["total", "total"] == (2, both, 1000, Decimal("2.00"), 1, ten, 1.0, 1.0)
    assert found["product_type", None] == (1, thirty, 900, None, 0, nothing, 0.75, None)
    assert found["seller_category", None] == (1, ten, 100, Decimal("2.00"), 1, ten, 0.25, 1.0)


def test_squares_that_are_too_large_are_unknown(spark):
    largest = "9999999999999999.99"
    orders = [{"order_id": f"o{n}", "gmv": largest} for n in range(101)]  # the square of one has 32 digits
    assert figures(spark, orders)["total", "total"][2] is None
    assert figures(spark, orders[:1])["total", "total"][2] == Decimal("99999999999999999800000000000000.0001")


def test_a_month_is_the_session_time_zones(spark):
    spark.conf.set("spark.sql.session.timeZone", "Asia/Jakarta")
    found = figures(spark, [{"ordered_at": "2024-01-31 18:00:00"}])
    assert [value for dimension, value in found if dimension == "month"] == ["2024-02"]


def test_every_dimension_adds_up_to_the_total(spark):
    orders = [{"gmv": "0.01"}, {"gmv": "100.00", "buyer_id": "b2"}]
    lines = [{"order_id": order, "category": c} for order in ("o1", "o2") for c in ("food", "tools", "wood")]
    found = figures(spark, orders, lines, [{"province": "Bali"}])
    sums = {}
    for (dimension, _), (_, gmv, *_) in found.items():
        sums[dimension] = sums.get(dimension, 0) + gmv
    assert set(sums.values()) == {Decimal("100.01")}
    assert len(sums) == 8


def test_columns_are_the_declared_ones_but_for_the_runs(spark):
    orders = make_orders(spark, [])
    categories = category_sales(orders, make_lines(spark, []), SALES, AS_OF)
    schema = overview(orders, categories, make_users(spark, []), SALES, AS_OF).schema
    beside = {*OWN, "run_id", "as_of"}
    declared = {column.name: column.type for column in OVERVIEW.columns if column.name not in beside}
    assert {field.name: field.dataType.simpleString() for field in schema} == declared
