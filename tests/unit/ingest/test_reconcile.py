"""What orders and their lines say of each other, counted by hand."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from segmentation.ingest.reconcile import order_warnings
from tests.support.factories import make_lines, make_orders


@pytest.mark.parametrize(
    ("switched", "expected"),
    [
        ({}, {"order_without_lines": 1, "order_against_lines": 1}),
        ({"order_without_lines": "off"}, {"order_against_lines": 1}),
        ({"order_without_lines": "off", "order_against_lines": "off"}, {}),
    ],
)
def test_orders_are_held_against_their_lines(
    spark: SparkSession, switched: dict[str, str], expected: dict[str, int]
) -> None:
    orders = make_orders(spark, [
        {"order_id": "equal", "gmv": 30}, {"order_id": "rounded", "gmv": 30.5}, {"order_id": "taxed", "gmv": 33},
        {"order_id": "shipped", "gmv": 35, "shipping_fee": 5}, {"order_id": "against", "gmv": 50},
        {"order_id": "without", "gmv": 10}, {"order_id": "empty", "gmv": 0},
        {"order_id": "no seller", "seller_id": None, "gmv": 30},
    ])  # fmt: skip
    named = ("equal", "rounded", "taxed", "shipped", "against")
    lines = [{"order_id": name, "subtotal": 30, "tax": 3 if name == "taxed" else None} for name in named]
    lines.append({"order_id": "no seller", "seller_id": None, "subtotal": 30})
    rows = order_warnings(orders, make_lines(spark, lines), switched).collect()
    assert {row["warning"]: row["rows"] for row in rows} == expected
    assert {row["table_name"] for row in rows} <= {"orders"}
