"""How buyers, offers and sales divide over a source's bands and groups, counted by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import DataFrame, SparkSession

from segmentation.divisions import divisions, with_divisions
from segmentation.features.overview import overview
from segmentation.ingest.derived_columns import with_derived_columns
from segmentation.schemas import USERS
from segmentation.source import Source
from tests.support.factories import make_orders, make_table

OWN = {
    "attributes": {"price": "decimal"},
    "bands": {
        "tier": {"of": "price", "edges": [30, 65], "labels": ["low", "middle", "top"], "of_orders": "gmv"},
        "age_band": {"of": "age", "edges": [25], "labels": ["to 25", "older"]},
    },
}
USERS_TABLE = {"counted_on": "raw", "select": "SELECT _row, id AS user_id, age, price FROM raw"}
RAW = {"raw": {"glob": "*", "columns": {"id": "string"}}}
SOURCE = Source.model_validate(
    {"name": "s", "raw": RAW, "tables": {"orders": USERS_TABLE, "users": USERS_TABLE}, "sales": ["completed"], **OWN}
)
AS_OF = date(2024, 1, 31)


@pytest.fixture
def users(spark: SparkSession) -> DataFrame:
    """b1 (24, 20), b2 (40, 50), b3 of unknown age (80), and a seller."""
    table = USERS.with_columns(SOURCE.own_columns, before="batch_id")
    people = [(1, 24, 20), (2, 40, 50), (3, None, 80)]
    rows = [{"user_id": f"b{n}", "role": "buyer", "age": age, "price": price} for n, age, price in people]
    rows.append({"user_id": "s1", "role": "seller"})
    return with_derived_columns(make_table(spark, table, rows), SOURCE)


def _by(rows: DataFrame, dimension: str, *columns: str) -> dict[str | None, tuple[object, ...]]:
    found = rows.where(f"dimension = '{dimension}'").collect()
    return {row.value: tuple(row[name] for name in columns) for row in found}


def test_buyers_lie_where_their_value_is_and_orders_where_theirs(spark: SparkSession, users: DataFrame) -> None:
    orders = make_orders(
        spark,
        [
            {"buyer_id": "b1", "gmv": 20},
            {"buyer_id": "b1", "gmv": 40, "status": "unpaid"},
            {"buyer_id": "b2", "gmv": 50},
            {"buyer_id": "b3", "gmv": 30, "status": "unpaid"},
            {"buyer_id": "b3", "gmv": 130},
            {"buyer_id": "b3", "gmv": 90, "ordered_at": "2024-02-01"},
        ],
    )
    found = divisions(orders, users, SOURCE, SOURCE.sales, AS_OF)
    columns = ("orders", "gmv", "buyers", "offered", "conversion_rate")
    assert _by(found, "tier", *columns) == {
        "low": (1, Decimal("20.00"), 1, 2, 0.5),
        "middle": (1, Decimal("50.00"), 1, 2, 0.5),
        "top": (1, Decimal("130.00"), 1, 1, 1.0),
    }
    assert _by(found, "age_band", *columns, "buyer_share", "gmv_share") == {
        "to 25": (1, Decimal("20.00"), 1, 2, 0.5, 1 / 3, 0.1),
        "older": (1, Decimal("50.00"), 1, 1, 1.0, 1 / 3, 0.25),
        None: (1, Decimal("130.00"), 1, 2, 0.5, 1 / 3, 0.65),
    }
    assert _by(found, "total", *columns) == {"total": (3, Decimal("200.00"), 3, 5, 0.6)}
    squares = {"low": (Decimal(20**2),), "middle": (Decimal(50**2),), "top": (Decimal(130**2),)}
    assert _by(found, "tier", "gmv_squares") == squares
    assert _by(found, "total", "gmv_squares") == {"total": (Decimal(20**2 + 50**2 + 130**2),)}


def test_revenue_is_a_part_of_the_gmv_of_sales_whose_revenue_is_known(spark: SparkSession, users: DataFrame) -> None:
    orders = make_orders(
        spark,
        [
            {"buyer_id": "b1", "gmv": 20, "revenue": 1},
            {"buyer_id": "b1", "gmv": 10, "revenue": None},
            {"buyer_id": "b1", "gmv": 40, "revenue": 2, "status": "unpaid"},
            {"buyer_id": "b2", "gmv": 50, "revenue": None},
        ],
    )
    found = divisions(orders, users, SOURCE, SOURCE.sales, AS_OF)
    assert _by(found, "age_band", "revenue", "published_gmv") == {
        "to 25": (Decimal("1.00"), Decimal("20.00")),
        "older": (None, Decimal("0.00")),
    }


def test_without_orders_buyers_are_counted_and_money_is_unknown(users: DataFrame) -> None:
    found = divisions(None, users, SOURCE, SOURCE.sales, AS_OF)
    columns = ("buyers", "orders", "gmv", "gmv_share", "offered", "conversion_rate")
    assert _by(found, "age_band", *columns) == {
        "to 25": (1, 0, None, None, None, None), "older": (1, 0, None, None, None, None),
        None: (1, 0, None, None, None, None),
    }  # fmt: skip


def test_the_overview_has_one_total_and_every_dimension_adds_up(spark: SparkSession, users: DataFrame) -> None:
    orders = make_orders(spark, [{"buyer_id": "b1", "gmv": 20}, {"buyer_id": "b9", "gmv": 5}])
    categories = orders.selectExpr("'x' AS category", "gmv", "revenue")
    figures = overview(orders, categories, users, SOURCE.sales, AS_OF)
    found = with_divisions(figures, orders, users, SOURCE, AS_OF)
    sums = {
        row.dimension: row.gmv
        for row in found.groupBy("dimension").agg({"gmv": "sum"}).toDF("dimension", "gmv").collect()
    }
    assert set(sums.values()) == {Decimal("25.00")}
    assert not [name for name in sums if name.startswith("seller")]  # the source has none
    assert found.where("dimension = 'total'").count() == 1
    assert _by(found, "tier", "buyers") == {"low": (1,), None: (1,)}
