"""What tables must hold after a long life, told from the delivered files alone, by DuckDB and plain Python.

The rules in words: an order's highest status is kept, whatever came first; of users and products the latest row; an
order's lines are its latest set: those delivered last, back to where they add up to the order's value.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

STATUSES = {
    "Menunggu Pembayaran": (0, "unpaid"), "Diproses": (1, "in_progress"), "Selesai": (2, "completed"),
    "Dibatalkan Penjual": (3, "cancelled"), "Dikembalikan": (4, "returned"),
}  # fmt: skip
Tuples = list[tuple[Any, ...]]


def _files(folder: Path, kind: str) -> str:
    """A scan of the files of one kind as texts, with the delivery's number."""
    columns = "*, CAST(regexp_extract(filename, '_([0-9]+)[.]csv', 1) AS INT) AS delivery"
    pattern = f"{folder}/{kind}_[0-9]*.csv"
    return f"(SELECT {columns} FROM read_csv('{pattern}', all_varchar = true, union_by_name = true, filename = true))"


def orders(folder: Path) -> Tuples:
    """order_id, seller_id, buyer_id, ordered_at (local), status, gmv."""
    rows = duckdb.sql(f"""
        SELECT order_id, seller_id, buyer_id, created_at, status, TRY_CAST(gmv AS DECIMAL(18, 2)) AS worth
        FROM {_files(folder, "df_order")} WHERE worth IS NOT NULL
    """).fetchall()
    best: dict[tuple[str, str], tuple[Any, ...]] = {}
    for no, seller, buyer, at, status, worth in rows:
        rank, meaning = STATUSES[status]
        if (no, seller) not in best or rank > best[no, seller][0]:
            best[no, seller] = (rank, no, seller, buyer, at, meaning, worth)
    return sorted(row[1:] for row in best.values())


def order_lines(folder: Path) -> Tuples:
    """order_id, seller_id, product_name, quantity, subtotal."""
    rows = duckdb.sql(f"""
        SELECT order_id, "product name", TRY_CAST(quantity AS DECIMAL(18, 3)) AS pieces,
               CAST(price_subtotal AS DECIMAL(18, 2)), delivery
        FROM {_files(folder, "df_order_complete")} WHERE pieces IS NOT NULL
    """).fetchall()
    by_order: dict[str, dict[int, list[tuple[Any, ...]]]] = {}
    for no, product, pieces, subtotal, delivery in rows:
        by_order.setdefault(no, {}).setdefault(delivery, []).append((product, pieces, subtotal))
    found: Tuples = []
    for no, seller, _, _, _, worth in orders(folder):
        latest: set[tuple[Any, ...]] = set()
        for _, lines in sorted(by_order.get(no, {}).items(), reverse=True):
            latest |= set(lines)
            if sum((line[2] for line in latest), Decimal(0)) == worth:
                break
        found += [(no, seller, *line) for line in latest]
    return sorted(found)


def users(folder: Path) -> Tuples:
    """user_id, role, province, city, district."""
    return duckdb.sql(f"""
        SELECT user_id, lower(flag_user), arg_max(province, delivery), arg_max(city, delivery), arg_max(district, delivery)
        FROM {_files(folder, "df_users")} GROUP BY ALL ORDER BY 1, 2
    """).fetchall()


def products(folder: Path) -> Tuples:
    """product_id, product_name, unit_price."""
    return duckdb.sql(f"""
        SELECT product_id, arg_max("product name", delivery), CAST(arg_max(price, delivery) AS DECIMAL(18, 2))
        FROM {_files(folder, "df_products")} GROUP BY ALL ORDER BY 1
    """).fetchall()
