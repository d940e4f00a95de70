"""Key figures of each month, counted again by another engine from the orders, by the words of docs/periodic.md."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import prod

import duckdb
import pytest
from pyspark.sql import functions as F

from segmentation.periodic.kpis import cohorts, kpis, monthly_sales, with_change
from segmentation.schemas import BUYER_HISTORY, KPIS
from tests.support.factories import make_orders, make_table

SALES = ("completed", "in_progress")
DAYS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 10)]
STATES = ("new", "active", "current", "resurrected", "dormant", "lapsed")
# Whose segment a buyer is in is told here by a rule of its own: those with an even number, who move to 3 in March.
WORDS = """
    WITH sold AS (
        SELECT *, strftime(placed, '%Y-%m') AS month FROM orders
        WHERE status IN ('completed', 'in_progress') AND placed < TIMESTAMP '2024-04-11'),
    months AS (SELECT DISTINCT month, before, as_of FROM members),
    firsts AS (SELECT buyer, min(month) AS month FROM sold GROUP BY buyer),
    cities AS (
        SELECT province, city, min(firsts.month) AS month FROM firsts JOIN users USING (buyer)
        WHERE city IS NOT NULL GROUP BY ALL),
    people AS (
        SELECT m.*, u.province, u.city, f.month AS first_month,
            (SELECT count(*) FROM sold s WHERE s.buyer = m.buyer AND s.month = m.month) AS this_month,
            (SELECT count(*) FROM sold s WHERE s.buyer = m.buyer AND s.month = m.before) AS last_month,
            (SELECT count(*) FROM sold s WHERE s.buyer = m.buyer AND s.month <= m.month) AS ever,
            (SELECT count(DISTINCT placed) FROM sold s WHERE s.buyer = m.buyer AND s.month <= m.month) AS times,
            (SELECT sum(gmv) FROM sold s WHERE s.buyer = m.buyer AND s.month = m.month) AS gmv,
            (SELECT sum(revenue) FROM sold s WHERE s.buyer = m.buyer AND s.month = m.month) AS revenue
        FROM members m LEFT JOIN users u USING (buyer) LEFT JOIN firsts f USING (buyer)),
    twice AS (SELECT *, segment AS told FROM people UNION ALL SELECT *, NULL FROM people)
    SELECT told, month,
        count(*) FILTER (first_month = month),
        count(*) FILTER (this_month > 0),
        count(*) FILTER (this_month > 0 AND last_month > 0),
        count(*) FILTER (this_month > 0 AND last_month = 0 AND first_month < before),
        count(*) FILTER (this_month = 0 AND ever > 0),
        count(*) FILTER (this_month = 0 AND last_month > 0),
        coalesce(sum(this_month), 0), coalesce(sum(gmv), 0),
        CASE WHEN sum(this_month) = 0 THEN 0 ELSE sum(revenue) END,
        CAST(200 * sum(revenue) + count(*) FILTER (this_month > 0) AS BIGINT) // (2 * count(*) FILTER (this_month > 0)) / 100,
        count(*) FILTER (this_month > 0 AND times > 1) / nullif(count(*) FILTER (this_month > 0), 0),
        count(*) FILTER (this_month > 0 AND last_month > 0) / nullif(count(*) FILTER (last_month > 0), 0),
        CASE WHEN count(*) FILTER (this_month > 0) = 0 OR count(city) FILTER (this_month > 0) > 0 THEN
            count(DISTINCT (province, city)) FILTER (this_month > 0 AND EXISTS (
                SELECT 1 FROM cities c WHERE c.month = twice.month AND c.city = twice.city
                AND c.province IS NOT DISTINCT FROM twice.province)) END
    FROM twice GROUP BY told, month
"""


@pytest.fixture(scope="module")
def engine():
    chance = random.Random(1919)
    duck = duckdb.connect()
    duck.execute(
        "CREATE TABLE orders (no INT, buyer TEXT, placed TIMESTAMP, status TEXT, gmv DECIMAL(18,2), revenue DECIMAL(18,2))"
    )
    duck.execute("CREATE TABLE users (buyer TEXT, province TEXT, city TEXT)")
    duck.execute("CREATE TABLE members (buyer TEXT, segment INT, month TEXT, before TEXT, as_of DATE)")
    for n in range(160):
        at = datetime(2023, 11, 20) + timedelta(seconds=chance.randrange(150 * 86400))
        status = chance.choice(["completed", "completed", "in_progress", "cancelled"])
        row = [
            n,
            f"b{int(60 * chance.random() ** 1.5)}",
            at,
            status,
            chance.randrange(1, 10**6) / 100,
            chance.choice([None, 1, 2.55]),
        ]
        duck.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", row)
    # Every third basket is of two sellers.
    duck.execute(
        "INSERT INTO orders SELECT no + 1000, buyer, placed, status, gmv, revenue FROM orders WHERE no % 3 = 0"
    )
    for n in range(50):
        city = f"c{chance.randrange(20)}"  # enough of them for some to be new, two of a name in places
        place = chance.choice([("Bali", city), ("Bali", city), ("Riau", city), (None, city), ("Bali", None)])
        duck.execute("INSERT INTO users VALUES (?, ?, ?)", [f"b{n}", *place])
    befores = ["2023-12", "2024-01", "2024-02", "2024-03"]
    for day, before in zip(DAYS, befores, strict=True):
        for (buyer,) in duck.execute(
            "SELECT DISTINCT buyer FROM orders WHERE placed < ?", [day + timedelta(days=1)]
        ).fetchall():
            segment = 1 + int(buyer[1:]) % 2 if day < DAYS[2] or int(buyer[1:]) % 2 else 3
            duck.execute("INSERT INTO members VALUES (?, ?, ?, ?, ?)", [buyer, segment, f"{day:%Y-%m}", before, day])
    return duck


def test_by_their_words(spark, engine):
    orders = make_orders(spark, [
        {"order_id": f"o{no}", "buyer_id": buyer, "ordered_at": at, "status": status, "gmv": gmv, "revenue": revenue}
        for no, buyer, at, status, gmv, revenue in engine.execute("SELECT * FROM orders").fetchall()
    ])  # fmt: skip
    known = engine.execute("""
        SELECT buyer, segment, m.as_of, province, city,
            count(no) FILTER (status <> 'cancelled'), min(placed) FILTER (status <> 'cancelled'),
            max(placed) FILTER (status <> 'cancelled')
        FROM members m LEFT JOIN users USING (buyer) JOIN orders USING (buyer)
        WHERE placed < m.as_of + INTERVAL 1 DAY GROUP BY ALL
    """).fetchall()
    names = ("buyer_id", "segment", "as_of", "province", "city", "count_orders", "first_order_at", "last_order_at")
    rows = [dict(zip(names, row, strict=True)) for row in known]
    history = make_table(
        spark,
        BUYER_HISTORY,
        [{**row, "segment_name": f"S{row['segment']}", "fitted_by": model(row["as_of"])} for row in rows],
    )
    sold = monthly_sales(orders, SALES, DAYS[-1], "buyer_id")
    found = with_change(kpis(history, sold, DAYS, "buyer_id").withColumn("entity", F.lit("buyers"))).collect()
    columns = (
        "segment", "month", *[f"{name}_entities" for name in STATES], "orders", "gmv", "revenue", "arpu", "repeat_rate",
        "retention_rate", "new_cities",
    )  # fmt: skip
    expected = {(row[0], row[1]): tuple(map(plain, row[2:])) for row in engine.execute(WORDS).fetchall()}
    actual = {(row["segment"], row["month"]): tuple(plain(row[name]) for name in columns[2:]) for row in found}
    assert len(expected) == 4 * 3
    assert actual == expected
    assert {(row["segment"], row["segment_name"]) for row in found} == {(None, None), (1, "S1"), (2, "S2"), (3, "S3")}
    assert {row["month"]: row["as_of"] for row in found} == {f"{day:%Y-%m}": day for day in DAYS}
    for row in found:
        assert row["active_entities"] == row["new_entities"] + row["current_entities"] + row["resurrected_entities"]
        lapsed, incoming = row["lapsed_entities"], row["new_entities"] + row["resurrected_entities"]
        assert row["pulse"] == (incoming / lapsed if lapsed else None)
    by_month = {(row["segment"], row["month"]): row for row in found}
    for (segment, month), row in by_month.items():
        before = by_month.get((segment, befores(month)))
        if segment is not None and month == "2024-04":
            before = None  # the model is another one then
        parts = [row[name] for name in ("by_customers", "by_frequency", "by_value")]
        if before is None:
            assert [row["gmv_change"], *parts] == [None] * 4
            continue
        assert sum(parts) == row["gmv_change"] == row["gmv"] - before["gmv"]
        assert [float(part) for part in parts] == pytest.approx(shapley(factors(before), factors(row)), abs=0.011)


def model(day):
    return "other" if day == DAYS[-1] else "first"


def befores(month):
    year, number = map(int, month.split("-"))
    return f"{year - (number == 1)}-{(number - 2) % 12 + 1:02d}"


def factors(row):
    """How many, orders of each, worth of each: their product is GMV."""
    active, orders = row["active_entities"], row["orders"]
    return Fraction(active), Fraction(orders, active), Fraction(row["gmv"]) / orders


def shapley(before, now):
    """By definition: factors are exchanged in each of the six orders, and what each exchange does is averaged."""
    parts = [Fraction(0)] * 3
    for order in permutations(range(3)):
        at = list(before)
        for factor in order:
            was = prod(at)
            at[factor] = now[factor]
            parts[factor] += (prod(at) - was) / 6
    return [float(part) for part in parts]


def test_cohorts(spark, engine):
    orders = make_orders(spark, [
        {"order_id": f"o{no}", "buyer_id": buyer, "ordered_at": at, "status": status, "gmv": gmv}
        for no, buyer, at, status, gmv, _ in engine.execute("SELECT * FROM orders").fetchall()
    ])  # fmt: skip
    expected = engine.execute("""
        WITH sold AS (SELECT *, strftime(placed, '%Y-%m') AS month FROM orders
                      WHERE status <> 'cancelled' AND placed < TIMESTAMP '2024-04-11'),
        firsts AS (SELECT buyer, min(month) AS cohort FROM sold GROUP BY buyer)
        SELECT cohort, month, (SELECT count(*) FROM firsts g WHERE g.cohort = f.cohort), count(DISTINCT buyer), count(*), sum(gmv),
            date_diff('month', strptime(cohort, '%Y-%m'), strptime(month, '%Y-%m'))
        FROM sold JOIN firsts f USING (buyer) GROUP BY ALL
    """).fetchall()
    found = cohorts(monthly_sales(orders, SALES, DAYS[-1], "buyer_id"), DAYS[-1], "buyer_id").collect()
    names = ("cohort", "month", "size", "active_entities", "orders", "gmv", "months_since")
    assert sorted(tuple(row[name] for name in names) for row in found) == sorted(expected)
    assert all(row["retention_rate"] == row["active_entities"] / row["size"] for row in found)
    assert {row["retention_rate"] for row in found if row["months_since"] == 0} == {1.0}


def plain(value):
    return float(value) if isinstance(value, Decimal) else round(value, 12) if isinstance(value, float) else value


def test_a_month_is_held_against_a_whole_one(spark):
    row = {"entity": "buyers", "active_entities": 2, "orders": 4, "fitted_by": "r"}
    frame = make_table(spark, KPIS, [
        {**row, "month": "2024-04", "as_of": date(2024, 4, 30), "gmv": 10},
        {**row, "month": "2024-05", "as_of": date(2024, 5, 15), "gmv": 4},  # looked back on in its midst
        {**row, "month": "2024-06", "as_of": date(2024, 6, 30), "gmv": 12},
        {**row, "month": "2024-07", "as_of": date(2024, 7, 10), "gmv": 5},
    ])  # fmt: skip
    found = {row["month"]: row["gmv_change"] for row in with_change(frame).collect()}
    assert found == {"2024-04": None, "2024-05": -6, "2024-06": None, "2024-07": -7}


def test_what_is_not_published_stays_unknown(spark):
    orders = make_orders(spark, [{"ordered_at": "2024-01-05"}])
    row = {"buyer_id": "b1", "segment": 1, "count_orders": 1, "first_order_at": "2024-01-05"}
    history = make_table(spark, BUYER_HISTORY, [{**row, "as_of": day} for day in DAYS[:2]])
    sold = monthly_sales(orders, SALES, DAYS[1], "buyer_id")
    found = kpis(history, sold, DAYS[:2], "buyer_id", has_revenue=False).where("segment is null").orderBy("month")
    said = [
        (row["month"], row["orders"], row["revenue"], row["arpu"], row["retention_rate"]) for row in found.collect()
    ]
    assert said == [("2024-01", 1, None, None, None), ("2024-02", 0, None, None, 0.0)]


def test_who_buys_once_from_two_sellers_has_not_come_back(spark):
    basket, later = "2024-01-05 10:00:00", "2024-01-05 18:00:00"
    orders = make_orders(spark, [
        {"order_id": "o1", "seller_id": "s1", "buyer_id": "b1", "ordered_at": basket},
        {"order_id": "o1", "seller_id": "s2", "buyer_id": "b1", "ordered_at": basket},
        {"order_id": "o2", "buyer_id": "b2", "ordered_at": basket},
        {"order_id": "o3", "buyer_id": "b2", "ordered_at": later},
    ])  # fmt: skip
    row = {"segment": 1, "count_orders": 2, "first_order_at": basket, "as_of": DAYS[0]}
    history = make_table(spark, BUYER_HISTORY, [
        {**row, "buyer_id": "b1", "last_order_at": basket}, {**row, "buyer_id": "b2", "last_order_at": later},
    ])  # fmt: skip
    sold = monthly_sales(orders, SALES, DAYS[0], "buyer_id")
    found = kpis(history, sold, DAYS[:1], "buyer_id").where("segment is null").first()
    assert (found["active_entities"], found["orders"], found["repeat_rate"]) == (2, 4, 0.5)


def test_new_cities_are_unknown_where_no_city_of_the_active_is_known(spark):
    orders = make_orders(spark, [{"ordered_at": "2024-01-05"}, {"ordered_at": "2024-01-06", "buyer_id": "b2"}])
    sold = monthly_sales(orders, SALES, DAYS[0], "buyer_id")
    row = {"segment": 1, "count_orders": 1, "first_order_at": "2024-01-05", "as_of": DAYS[0]}
    nowhere = {**row, "buyer_id": "b1"}
    somewhere = {**row, "buyer_id": "b2", "segment": 2, "city": "Dumai"}
    idle = {**row, "buyer_id": "b3", "segment": 0, "count_orders": 0, "first_order_at": None}

    def new_cities(*rows, **known):
        history = make_table(spark, BUYER_HISTORY, rows)
        found = kpis(history, sold, DAYS[:1], "buyer_id", **known).collect()
        return {row["segment"]: row["new_cities"] for row in found}

    assert new_cities(nowhere, somewhere, idle) == {None: 1, 0: 0, 1: None, 2: 1}
    assert new_cities(nowhere, idle, has_cities=False) == {None: None, 0: None, 1: None}
