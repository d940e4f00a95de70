"""Who buys from whom."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from segmentation.profiles.trade import trade
from segmentation.schemas import TRADE
from tests.support.factories import make_orders

SALES = ["completed", "in_progress"]
AS_OF = date(2024, 1, 31)


def pairs(spark, orders, buyers, sellers):
    """(orders, gmv, revenue, voucher_value, offered, return_rate) by pair of segments."""
    found = trade(
        make_orders(spark, orders),
        spark.createDataFrame(list(buyers.items()), "buyer_id string, segment int"),
        spark.createDataFrame(list(sellers.items()), "seller_id string, segment int"),
        SALES,
        AS_OF,
    )
    rows = found.collect()
    assert len({(row["buyer_segment"], row["seller_segment"]) for row in rows}) == len(rows)
    return {(row["buyer_segment"], row["seller_segment"]): tuple(row)[2:] for row in rows}


def test_figures_are_of_sales_and_the_return_rate_of_all_orders(spark):
    found = pairs(
        spark,
        [
            {"gmv": 10, "revenue": 1, "voucher_value": 2},
            {"gmv": 20, "status": "in_progress", "buyer_id": "b2"},
            {"gmv": 99, "status": "returned", "revenue": 9, "voucher_value": 9},
            {"gmv": 99, "status": "cancelled"},
            {"gmv": 5, "seller_id": "s2"},
            {"gmv": 99, "ordered_at": "2024-02-01 00:00:00"},
        ],
        {"b1": 1, "b2": 1},
        {"s1": 1, "s2": 2},
    )
    assert found == {
        (1, 1): (2, Decimal("30.00"), Decimal("1.00"), Decimal("2.00"), 4, 0.25),
        (1, 2): (1, Decimal("5.00"), None, Decimal("0.00"), 1, 0.0),
    }


def test_those_without_a_sale_and_without_a_seller_are_there(spark):
    found = pairs(
        spark,
        [{"gmv": 10, "seller_id": None}, {"gmv": 99, "buyer_id": "b0", "status": "cancelled"}],
        {"b1": 1, "b0": 0},
        {"s1": 1},
    )
    nothing = Decimal("0.00")
    assert found == {
        (1, None): (1, Decimal("10.00"), None, nothing, 1, 0.0),
        (0, 1): (0, nothing, nothing, nothing, 1, 0.0),
    }


@pytest.mark.parametrize("seed", range(2))
def test_agrees_with_another_engine(spark, seed):
    rng = random.Random(seed)
    orders = [
        {
            "order_id": f"o{n}", "buyer_id": f"b{rng.randint(1, 9)}", "seller_id": f"s{rng.randint(1, 6)}",
            "status": rng.choice(["completed", "completed", "in_progress", "cancelled", "returned", "unpaid"]),
            "gmv": rng.randint(0, 10**9), "revenue": rng.choice([None, rng.randint(0, 99)]),
            "voucher_value": rng.choice([None, 7]),
            "ordered_at": str(datetime(2024, 1, 1) + timedelta(hours=rng.randint(0, 30 * 24))),
        }
        for n in range(300)
    ]  # fmt: skip
    buyers = {f"b{n}": rng.randint(0, 3) for n in range(1, 10)}
    sellers = {f"s{n}": rng.randint(0, 2) for n in range(1, 7)}
    engine = duckdb.connect()
    engine.execute("CREATE TABLE orders (buyer TEXT, seller TEXT, status TEXT, gmv BIGINT, revenue INT, voucher INT)")
    engine.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
        [[o["buyer_id"], o["seller_id"], o["status"], o["gmv"], o["revenue"], o["voucher_value"]] for o in orders],
    )
    engine.execute("CREATE TABLE buyers (buyer TEXT, segment INT); CREATE TABLE sellers (seller TEXT, segment INT)")
    engine.executemany("INSERT INTO buyers VALUES (?, ?)", list(buyers.items()))
    engine.executemany("INSERT INTO sellers VALUES (?, ?)", list(sellers.items()))
    expected = engine.execute(
        """
        WITH o AS (SELECT *, status IN ('completed', 'in_progress') AS sold FROM orders)
        SELECT b.segment, s.segment, count(*) FILTER (sold), coalesce(sum(gmv) FILTER (sold), 0),
            CASE WHEN count(*) FILTER (sold) = 0 THEN 0 ELSE sum(revenue) FILTER (sold) END,
            coalesce(sum(voucher) FILTER (sold), 0), count(*), count(*) FILTER (status = 'returned') / count(*)
        FROM o JOIN buyers b USING (buyer) JOIN sellers s USING (seller) GROUP BY ALL
        """
    ).fetchall()
    found = pairs(spark, orders, buyers, sellers)
    assert {key: (*cells[:5], pytest.approx(cells[5])) for key, cells in found.items()} == {
        (buyer, seller): tuple(cells) for buyer, seller, *cells in expected
    }
    assert sum(cells[1] for cells in found.values()) == sum(
        o["gmv"] for o in orders if o["status"] in ("completed", "in_progress")
    )


def test_columns_are_the_declared_ones_but_for_the_runs(spark):
    nobody = spark.createDataFrame([], "buyer_id string, seller_id string, segment int")
    schema = trade(make_orders(spark, []), nobody, nobody, SALES, AS_OF).schema
    declared = {column.name: column.type for column in TRADE.columns if column.name not in ("run_id", "as_of")}
    assert {field.name: field.dataType.simpleString() for field in schema} == declared
