"""Two hundred random orders, measured by another engine with SQL of its own."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from segmentation.features.buyers import buyer_features
from segmentation.features.categories import category_sales
from segmentation.features.overview import overview
from segmentation.features.sellers import seller_features
from tests.support.factories import make_lines, make_orders, make_users

SALES = ["completed", "in_progress"]
AS_OF = date(2024, 3, 31)
STATUSES = ["completed"] * 5 + ["in_progress", "unpaid", "cancelled", "returned"]

# Amounts are whole cents here; what an order's lines cost adds up to its GMV, so that no part needs rounding.
SCHEMA = """
    CREATE TABLE orders (order_id TEXT, seller_id TEXT, buyer_id TEXT, ordered_at TIMESTAMP, status TEXT,
        seller_category TEXT, payment_type TEXT, product_type TEXT, voucher BIGINT, gmv BIGINT, revenue BIGINT);
    CREATE TABLE lines (order_id TEXT, seller_id TEXT, line_no INT, category TEXT, subtotal BIGINT);
    CREATE TABLE users (user_id TEXT, role TEXT, province TEXT);
"""
MEASURES = """
    count(*) FILTER (sold) AS count_orders,
    coalesce(sum(gmv) FILTER (sold), 0) AS total_gmv,
    CASE WHEN count(*) FILTER (sold) = 0 THEN 0 ELSE sum(revenue) FILTER (sold) END AS total_revenue,
    (2 * sum(gmv) FILTER (sold) + count(*) FILTER (sold)) // (2 * count(*) FILTER (sold)) AS avg_order_value,
    coalesce(sum(voucher) FILTER (sold), 0) AS vouchers,
    count(*) FILTER (status = 'cancelled') / count(*) AS cancel_rate,
    count(*) FILTER (status = 'returned') / count(*) AS return_rate,
    min(ordered_at) FILTER (sold) AS first_order_at,
    max(ordered_at) FILTER (sold) AS last_order_at,
    date_diff('day', CAST(max(ordered_at) FILTER (sold) AS DATE), DATE '2024-03-31') AS recency_days
"""
KNOWN = """
    known AS (SELECT *, status IN ('completed', 'in_progress') AS sold FROM orders
              WHERE ordered_at < TIMESTAMP '2024-04-01'),
    sold_lines AS (SELECT k.buyer_id, k.seller_id, l.category, coalesce(l.subtotal, k.gmv) AS gmv
                   FROM known k LEFT JOIN lines l USING (order_id, seller_id) WHERE k.sold)
"""
BUYERS = f"""
    WITH {KNOWN}, found AS (
    SELECT buyer_id, {MEASURES},
        count(DISTINCT seller_id) FILTER (sold) AS unique_sellers,
        count(*) FILTER (sold AND voucher > 0) AS voucher_orders,
        count(*) FILTER (sold AND voucher > 0) / nullif(count(*) FILTER (sold), 0) AS voucher_rate,
        coalesce(sum(voucher) FILTER (sold), 0) / nullif(sum(gmv) FILTER (sold), 0) AS voucher_share,
        count(*) FILTER (sold) / greatest(1, (DATE '2024-03-31' - CAST(min(ordered_at) FILTER (sold) AS DATE) + 1) / 30.4375)
            AS orders_per_month,
        (SELECT CASE WHEN count(gap) >= 2 THEN median(gap) END FROM (
            SELECT CASE WHEN lag(order_id) OVER all_of_them IS DISTINCT FROM order_id
                THEN CAST(ordered_at AS DATE) - lag(CAST(ordered_at AS DATE)) OVER all_of_them END AS gap
            FROM known s WHERE s.sold AND s.buyer_id = k.buyer_id WINDOW all_of_them AS (ORDER BY ordered_at))) AS rhythm_days,
        (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE nullif(count(DISTINCT category), 0) END
         FROM sold_lines s WHERE s.buyer_id = k.buyer_id) AS unique_categories,
        (SELECT category FROM sold_lines s WHERE s.buyer_id = k.buyer_id AND category IS NOT NULL
         GROUP BY category ORDER BY sum(gmv) DESC, category LIMIT 1) AS top_category,
        (SELECT product_type FROM known s WHERE s.sold AND s.buyer_id = k.buyer_id AND product_type IS NOT NULL
         GROUP BY product_type ORDER BY sum(gmv) DESC, product_type LIMIT 1) AS top_product_type,
        (SELECT province FROM users WHERE role = 'buyer' AND user_id = k.buyer_id) AS province
    FROM known k GROUP BY buyer_id)
    SELECT *, recency_days / nullif(rhythm_days, 0) AS lapse FROM found
"""
SELLERS = f"""
    WITH {KNOWN}
    SELECT seller_id, {MEASURES},
        count(DISTINCT buyer_id) FILTER (sold) AS unique_buyers,
        count(*) FILTER (sold AND voucher > 0) AS voucher_orders,
        count(*) FILTER (sold AND voucher > 0) / nullif(count(*) FILTER (sold), 0) AS voucher_rate,
        coalesce(sum(voucher) FILTER (sold), 0) / nullif(sum(gmv) FILTER (sold), 0) AS voucher_share,
        (SELECT max(g) / nullif(sum(g), 0) FROM (SELECT sum(gmv) AS g FROM known s
         WHERE s.sold AND s.seller_id = k.seller_id GROUP BY buyer_id)) AS top_buyer_share,
        (SELECT CASE WHEN count(*) = 0 THEN 0 ELSE nullif(count(DISTINCT category), 0) END
         FROM sold_lines s WHERE s.seller_id = k.seller_id) AS unique_categories,
        (SELECT category FROM sold_lines s WHERE s.seller_id = k.seller_id AND category IS NOT NULL
         GROUP BY category ORDER BY sum(gmv) DESC, category LIMIT 1) AS top_category,
        (SELECT seller_category FROM known s WHERE s.seller_id = k.seller_id AND seller_category IS NOT NULL
         ORDER BY ordered_at DESC LIMIT 1) AS seller_category,
        (SELECT province FROM users WHERE role = 'seller' AND user_id = k.seller_id) AS province
    FROM known k GROUP BY seller_id
"""
OVERVIEW = f"""
    WITH {KNOWN}, placed AS (
        SELECT k.*, b.province, s.province AS seller_province FROM known k
        LEFT JOIN users b ON b.role = 'buyer' AND b.user_id = k.buyer_id
        LEFT JOIN users s ON s.role = 'seller' AND s.user_id = k.seller_id
        WHERE sold)
    SELECT 'month' AS dimension, strftime(ordered_at, '%Y-%m') AS value, count(*), sum(gmv) FROM placed GROUP BY 2
    UNION ALL SELECT 'province', province, count(*), sum(gmv) FROM placed GROUP BY 2
    UNION ALL SELECT 'seller_province', seller_province, count(*), sum(gmv) FROM placed GROUP BY 2
    UNION ALL SELECT 'payment_type', payment_type, count(*), sum(gmv) FROM placed GROUP BY 2
    UNION ALL SELECT 'category', category, count(DISTINCT (order_id, seller_id)), sum(coalesce(l.subtotal, p.gmv))
              FROM placed p LEFT JOIN lines l USING (order_id, seller_id) GROUP BY 2
"""


@pytest.fixture(scope="module")
def engine():
    """DuckDB with orders of 200 ids, some from two sellers, some without lines."""
    chance = random.Random(20240331)
    duck = duckdb.connect()
    duck.execute(SCHEMA)
    first = datetime(2024, 1, 1)
    for n in range(200):
        for seller in chance.sample([f"s{i}" for i in range(12)], chance.choice([1, 1, 1, 2])):
            subtotals = [chance.choice([500, 1000, 1999, 0, chance.randrange(1, 10**7)]) for _ in range(n % 4)]
            moment = first + timedelta(seconds=chance.randrange(100 * 86400))
            order = [
                f"o{n}", seller, f"b{int(40 * chance.random() ** 2)}", moment, chance.choice(STATUSES),
                chance.choice(["small", "large", None]), chance.choice(["prepaid", "postpaid"]),
                chance.choice(["goods", "services", None]), chance.choice([0, 0, None, 250]),
                sum(subtotals) or (0 if subtotals else 777), chance.choice([None, 100]),
            ]  # fmt: skip
            duck.execute(f"INSERT INTO orders VALUES ({', '.join('?' * 11)})", order)
            for number, subtotal in enumerate(subtotals, start=1):
                line = [f"o{n}", seller, number, chance.choice(["food", "tools", "wood", None]), subtotal]
                duck.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", line)
    for n in range(30):
        duck.execute("INSERT INTO users VALUES (?, 'buyer', ?)", [f"b{n}", chance.choice(["Bali", "Riau", None])])
        duck.execute("INSERT INTO users VALUES (?, 'seller', ?)", [f"s{n % 12}x{n}", "Bali"])
    duck.execute("INSERT INTO users SELECT DISTINCT seller_id, 'seller', 'Jakarta' FROM orders WHERE seller_id > 's5'")
    return duck


def rows(engine, table):
    """The rows of a table as canonical ones: money in units, no longer in cents."""
    found = engine.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in found.description]
    canonical = []
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        money = {name: units(row[name]) for name in ("gmv", "revenue", "subtotal") if name in row}
        vouchers = {"voucher_value": units(row.pop("voucher"))} if "voucher" in row else {}
        canonical.append({**row, **money, **vouchers})
    return canonical


def units(cents):
    """Cents as money."""
    return None if cents is None else Decimal(cents) / 100


@pytest.fixture()
def inputs(spark, engine):
    """orders, categories, users, sales and as_of: what all three functions take."""
    orders = make_orders(spark, rows(engine, "orders"))
    categories = category_sales(orders, make_lines(spark, rows(engine, "lines")), SALES, AS_OF)
    return orders, categories, make_users(spark, rows(engine, "users")), SALES, AS_OF


def compare(engine, features, query, voucher_column):
    """Every feature that the query names, of everyone."""
    found = engine.execute(query)
    names = [column[0].replace("vouchers", voucher_column) for column in found.description]
    expected = {}
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        money = ("total_gmv", "total_revenue", "avg_order_value", voucher_column)
        expected[values[0]] = {**row, **{name: units(row[name]) for name in money}}
    actual = {row[0]: {name: row[name] for name in names} for row in features.collect()}
    assert len(expected) > 10
    assert {key: close(row) for key, row in actual.items()} == {key: close(row) for key, row in expected.items()}


def close(row):
    """The row with its fractions rounded."""
    return {name: round(value, 12) if isinstance(value, float) else value for name, value in row.items()}


def test_buyers(engine, inputs):
    compare(engine, buyer_features(*inputs), BUYERS, "voucher_value")


def test_sellers(engine, inputs):
    compare(engine, seller_features(*inputs), SELLERS, "total_vouchers")


def test_overview(engine, inputs):
    expected = {(row[0], row[1]): (row[2], units(row[3])) for row in engine.execute(OVERVIEW).fetchall()}
    actual = {(row["dimension"], row["value"]): (row["orders"], row["gmv"]) for row in overview(*inputs).collect()}
    assert {key: actual[key] for key in expected} == expected
