"""An order's value, shared over the categories of its lines."""

import random
from datetime import date
from decimal import Decimal

from chispa import assert_df_equality

from segmentation.features.categories import category_sales
from tests.support.factories import make_lines, make_orders

AS_OF = date(2024, 1, 31)


def parts(spark, orders, lines):
    """Parts of GMV by order, seller and category."""
    categories = category_sales(make_orders(spark, orders), make_lines(spark, lines), ["completed"], AS_OF)
    return categories.select("order_id", "seller_id", "category", "gmv", "revenue")


def expect(spark, actual, rows):
    """The rows are order, seller, category, GMV, revenue."""
    money = [(*row[:3], *(None if amount is None else Decimal(amount) for amount in row[3:])) for row in rows]
    schema = "order_id string, seller_id string, category string, gmv decimal(18,2), revenue decimal(18,2)"
    expected = spark.createDataFrame(money, schema)
    assert_df_equality(actual, expected, ignore_row_order=True, ignore_nullable=True)


def test_what_does_not_divide_evenly_still_adds_up(spark):
    actual = parts(
        spark,
        [{"gmv": "100.00", "revenue": "0.01"}],
        [{"category": "food"}, {"category": "tools"}, {"category": "wood"}],
    )
    # The ends lie at 33.333…, 66.666… and 100; of one cent, at 0.0033…, 0.0066… and 0.01.
    expect(
        spark,
        actual,
        [
            ("o1", "s1", "food", "33.33", "0.00"),
            ("o1", "s1", "tools", "33.34", "0.01"),
            ("o1", "s1", "wood", "33.33", "0.00"),
        ],
    )


def test_lines_of_one_category_are_one_part_and_go_by_subtotal(spark):
    actual = parts(
        spark,
        [{"gmv": 200, "revenue": 8}],
        [
            {"category": "food", "subtotal": 10},
            {"category": None, "subtotal": 30},
            {"category": "food", "subtotal": 60},
        ],
    )
    expect(spark, actual, [("o1", "s1", "food", "140.00", "5.60"), ("o1", "s1", None, "60.00", "2.40")])


def test_an_order_without_lines_is_of_unknown_category(spark):
    actual = parts(spark, [{"gmv": "12.34"}], [{"order_id": "other"}])
    expect(spark, actual, [("o1", "s1", None, "12.34", None)])


def test_an_order_with_two_sellers_is_two(spark):
    actual = parts(
        spark,
        [{"order_id": "o1", "seller_id": "s1", "gmv": 10}, {"order_id": "o1", "seller_id": "s2", "gmv": 20}],
        [
            {"seller_id": "s1", "category": "food", "line_no": 1},
            {"seller_id": "s2", "category": "tools", "line_no": 1},
            {"seller_id": "s2", "category": "wood", "line_no": 2},
        ],
    )
    expect(
        spark,
        actual,
        [
            ("o1", "s1", "food", "10.00", None),
            ("o1", "s2", "tools", "10.00", None),
            ("o1", "s2", "wood", "10.00", None),
        ],
    )


def test_a_negative_or_unknown_subtotal_counts_nothing(spark):
    actual = parts(
        spark,
        [{"gmv": 90}],
        [
            {"category": "food", "subtotal": 5},
            {"category": "tools", "subtotal": -5},
            {"category": "wood", "subtotal": None},
        ],
    )
    expect(
        spark,
        actual,
        [
            ("o1", "s1", "food", "90.00", None),
            ("o1", "s1", "tools", "0.00", None),
            ("o1", "s1", "wood", "0.00", None),
        ],
    )


def test_lines_without_any_value_count_equally(spark):
    actual = parts(
        spark,
        [{"gmv": 90}],
        [
            {"category": "food", "subtotal": 0},
            {"category": "food", "subtotal": None},
            {"category": "wood", "subtotal": -7},
        ],
    )
    expect(spark, actual, [("o1", "s1", "food", "60.00", None), ("o1", "s1", "wood", "30.00", None)])


def test_only_sales_up_to_the_day_have_parts(spark):
    orders = [
        {"gmv": 1},
        {"gmv": 2, "status": "cancelled"},
        {"gmv": 4, "ordered_at": "2024-02-01 00:00:00"},
    ]
    lines = [{"order_id": "o1"}, {"order_id": "o2"}, {"order_id": "o3"}]
    expect(spark, parts(spark, orders, lines), [("o1", "s1", "food", "1.00", None)])


def test_parts_are_within_a_cent_of_what_they_should_be(spark):
    chance = random.Random(1)
    orders = [{"order_id": f"o{n}", "gmv": Decimal(chance.randrange(1, 10**9)) / 100} for n in range(30)]
    lines = [
        {"order_id": f"o{n}", "category": f"c{c}", "subtotal": Decimal(chance.randrange(1, 10**6)) / 100}
        for n in range(30)
        for c in range(1 + n % 5)
    ]
    values = {order["order_id"]: order["gmv"] for order in orders}
    subtotals = {(line["order_id"], line["category"]): line["subtotal"] for line in lines}
    actual = {(row["order_id"], row["category"]): row["gmv"] for row in parts(spark, orders, lines).collect()}
    assert actual.keys() == subtotals.keys()
    for order_id, gmv in values.items():
        of_order = {key: part for key, part in actual.items() if key[0] == order_id}
        total = sum(subtotals[key] for key in of_order)
        assert sum(of_order.values()) == gmv
        assert all(abs(part - gmv * subtotals[key] / total) < Decimal("0.01") for key, part in of_order.items())


def test_orders_without_a_seller_have_their_lines_categories(spark):
    orders = make_orders(spark, [{"seller_id": None, "gmv": 30}])
    lines = make_lines(
        spark,
        [
            {"seller_id": None, "category": "food", "subtotal": 10},
            {"seller_id": None, "category": "tools", "subtotal": 20},
        ],
    )
    parts = category_sales(orders, lines, ["completed"], date(2024, 1, 31)).orderBy("category").collect()
    assert [(row.category, row.seller_id, str(row.gmv)) for row in parts] == [
        ("food", None, "10.00"),
        ("tools", None, "20.00"),
    ]
