"""Canonical frames of a few rows, in which a row states only what matters and the rest is filled in.

>>> orders = make_orders(spark, [{"buyer_id": "b1", "gmv": 10}, {"buyer_id": "b2", "status": "cancelled"}])

Money may be given as a number or a text, times as `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS` in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from segmentation import schemas
from segmentation.schemas import Row, Table

ORDER = {
    "seller_id": "s1",
    "buyer_id": "b1",
    "ordered_at": "2024-01-01 12:00:00",
    "status": "completed",
    "gmv": 100,
    "batch_id": "batch",
}
LINE = {"order_id": "o1", "seller_id": "s1", "category": "food", "quantity": 1, "subtotal": 100, "batch_id": "batch"}
USER = {"role": "buyer", "batch_id": "batch"}
PRODUCT = {"product_name": "rice", "category": "food", "batch_id": "batch"}


def make_orders(spark: SparkSession, rows: Iterable[Row]) -> DataFrame:
    """orders: completed orders o1, o2, … of 100 from seller s1 to buyer b1, with no voucher and no revenue."""
    return make_table(
        spark, schemas.ORDERS, [{**ORDER, "order_id": f"o{n}", **row} for n, row in enumerate(rows, start=1)]
    )


def make_lines(spark: SparkSession, rows: Iterable[Row]) -> DataFrame:
    """order_lines: lines 1, 2, … of 100, of food, all in order o1 of seller s1."""
    return make_table(
        spark, schemas.ORDER_LINES, [{**LINE, "line_no": n, **row} for n, row in enumerate(rows, start=1)]
    )


def make_users(spark: SparkSession, rows: Iterable[Row]) -> DataFrame:
    """users: buyers b1, b2, … of unknown place and age (sellers where role says so)."""
    users = [{**USER, **row} for row in rows]
    return make_table(
        spark, schemas.USERS, [{"user_id": f"{u['role'][0]}{n}", **u} for n, u in enumerate(users, start=1)]
    )


def make_products(spark: SparkSession, rows: Iterable[Row]) -> DataFrame:
    """products: p1, p2, …, all of them rice."""
    return make_table(
        spark, schemas.PRODUCTS, [{**PRODUCT, "product_id": f"p{n}", **row} for n, row in enumerate(rows, start=1)]
    )


def make_table(spark: SparkSession, table: Table, rows: Iterable[Row]) -> DataFrame:
    """Any declared table, with its declared types; what a row does not state is NULL.

    Columns that the table does not declare may be added with `table.with_columns`.
    """
    types = {column.name: column.type for column in table.columns}
    rows = list(rows)
    unknown = sorted({name for row in rows for name in row if name not in types})
    if unknown:
        raise KeyError(f"{table.name} has no column {', '.join(unknown)}")
    cells = [tuple(_cell(row.get(name), kind) for name, kind in types.items()) for row in rows]
    return spark.createDataFrame(cells, ", ".join(f"{name} {kind}" for name, kind in types.items()))


def _cell(value: Any, kind: str) -> Any:
    """The Python value that Spark wants for a type."""
    if value is None:
        return None
    if kind.startswith("decimal"):
        return Decimal(str(value))
    if kind == "timestamp" and isinstance(value, str):
        return datetime.fromisoformat(value)
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return float(value) if kind == "double" else value
