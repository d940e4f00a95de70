"""Offers and sales by price tier, counted again by another engine from the orders."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import duckdb
from pyspark.sql import functions as F

from segmentation.attributes import Attributes
from segmentation.ingest.derived_columns import band_of
from segmentation.periodic.kpis import kpis, monthly_sales, with_change
from segmentation.periodic.tiers import by_tier, tiers_of
from segmentation.schemas import BUYER_HISTORY
from tests.support.factories import make_orders, make_table

SALES = ("completed",)
DAYS = [date(2024, 1, 31), date(2024, 2, 10)]
SOURCE = Attributes.model_validate({
    "attributes": {"price": "decimal"},
    "bands": {
        "age_band": {"of": "age", "edges": [25], "labels": ["young", "old"]},
        "price_tier": {"of": "price", "edges": [10, 20], "labels": ["low", "middle", "high"], "of_orders": "gmv"},
    },
})  # fmt: skip


def test_the_tiers_are_the_band_that_orders_fall_into() -> None:
    tiers = tiers_of(SOURCE)
    assert tiers is not None and tiers.labels == ("low", "middle", "high")
    assert (
        tiers_of(Attributes.model_validate({"bands": {"age_band": {"of": "age", "edges": [25], "labels": ["a", "b"]}}}))
        is None
    )


def test_by_its_words(spark) -> None:
    chance = random.Random(5)
    duck = duckdb.connect()
    duck.execute(
        "CREATE TABLE orders (no INT, buyer TEXT, placed TIMESTAMP, status TEXT, gmv DECIMAL(18,2), used BOOLEAN)"
    )
    duck.execute("CREATE TABLE members (buyer TEXT, segment INT, as_of DATE)")
    for n in range(120):
        at = datetime(2023, 12, 20) + timedelta(seconds=chance.randrange(60 * 86400))
        gmv = chance.choice([10, 10.01, 20, 7, 35])  # on an edge, and beyond it
        row = [n, f"b{n % 9}", at, chance.choice(["completed", "unpaid"]), gmv, chance.choice([True, False, None])]
        duck.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
    for day in DAYS:
        for n in range(9):
            duck.execute("INSERT INTO members VALUES (?, ?, ?)", [f"b{n}", n % 2 + (day == DAYS[1]), day])
    expected = duck.execute("""
        WITH told AS (
            SELECT o.*, m.segment, strftime(placed, '%Y-%m') AS month,
                CASE WHEN gmv <= 10 THEN 'low' WHEN gmv <= 20 THEN 'middle' ELSE 'high' END AS tier
            FROM orders o JOIN members m ON m.buyer = o.buyer AND strftime(m.as_of, '%Y-%m') = strftime(placed, '%Y-%m')
            WHERE placed < TIMESTAMP '2024-02-11'),
        twice AS (SELECT * FROM told UNION ALL SELECT * REPLACE (NULL AS segment) FROM told)
        SELECT segment, month, tier, count(*), count(*) FILTER (status = 'completed'),
            count(*) FILTER (status = 'completed') / count(*),
            count(*) FILTER (status = 'completed' AND used) / nullif(count(used) FILTER (status = 'completed'), 0)
        FROM twice GROUP BY ALL
    """).fetchall()
    orders = make_orders(spark, [
        {"order_id": f"o{no}", "buyer_id": buyer, "ordered_at": at, "status": status, "gmv": gmv, "fulfilled": used}
        for no, buyer, at, status, gmv, used in duck.execute("SELECT * FROM orders").fetchall()
    ])  # fmt: skip
    rows = duck.execute("SELECT * FROM members").fetchall()
    history = make_table(spark, BUYER_HISTORY, [
        {"buyer_id": buyer, "segment": segment, "segment_name": f"S{segment}", "as_of": day, "fitted_by": "m", "count_orders": 1,
         "first_order_at": "2023-12-20"}
        for buyer, segment, day in rows
    ])  # fmt: skip
    tiers = tiers_of(SOURCE)
    assert tiers is not None
    told = by_tier(history, orders, SALES, DAYS, "buyer_id", band_of(F.col("gmv"), tiers))
    names = ("segment", "month", "tier", "offered", "paid", "conversion_rate", "completion_rate")
    found = [tuple(row[name] for name in names) for row in told.collect()]
    assert len(expected) == 3 * 2 * 3
    assert sorted(map(_plain, found)) == sorted(map(_plain, expected))
    assert {(row["segment"], row["segment_name"]) for row in told.collect()} == {
        (None, None),
        (0, "S0"),
        (1, "S1"),
        (2, "S2"),
    }

    # Beside the figures of all orders: the change of GMV goes from month to month, and not over tiers.
    both = kpis(history, monthly_sales(orders, SALES, DAYS[-1], "buyer_id"), DAYS, "buyer_id").unionByName(
        told, allowMissingColumns=True
    )
    changed = with_change(both.withColumn("entity", F.lit("buyers"))).collect()
    assert all(
        row["gmv_change"] is row["by_frequency"] is row["by_customers"] is None for row in changed if row["tier"]
    )
    everybody = {row["month"]: row for row in changed if row["segment"] is None and row["tier"] is None}
    assert everybody["2024-02"]["gmv_change"] == everybody["2024-02"]["gmv"] - everybody["2024-01"]["gmv"]
    used = duck.execute("""
        SELECT avg(CAST(used AS INT)) FROM orders WHERE status = 'completed' AND strftime(placed, '%Y-%m') = '2024-01'
    """).fetchone()[0]
    assert abs(everybody["2024-01"]["completion_rate"] - used) < 1e-12


def _plain(row: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(f"{value:.9f}" if isinstance(value, float) else str(value) for value in row)
