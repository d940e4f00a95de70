"""A grocer's exports: tills write a row per line, some households say who they are, and stores are the sellers.

Plain Python, PyArrow and a seed. Some lines are equal in full and both real: two of the same were scanned one by one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

AGES, INCOMES, HOMES = ("19-24", "25-34", "35-44", "45-54", "55-64", "65+"), ("Under 15K", "15-49K", "50-99K", "100K+"), (
    "Homeowner", "Renter", "Unknown",
)  # fmt: skip
TILL = pa.schema(
    [
        ("household", pa.int64()), ("basket", pa.int64()), ("day", pa.int32()), ("time", pa.int32()),
        ("product", pa.int64()), ("quantity", pa.int32()), ("sales_value", pa.float64()), ("store", pa.int32()),
        ("loyalty_discount", pa.float64()), ("coupon_discount", pa.float64()),
    ]
)  # fmt: skip
WHO = pa.schema([("household", pa.int64()), ("age", pa.string()), ("income", pa.string()), ("home", pa.string())])
GOODS = pa.schema([("product", pa.int64()), ("department", pa.string()), ("name", pa.string())])
DEPARTMENTS = ("GROCERY", "PRODUCE", "MEAT", "DRUG GM")

SOURCE = """
name: grocer
title: Grocer
time_zone: UTC
currency: USD
kind: shop
sides:
  buyers: {one: {en: household, id: rumah tangga}, many: {en: households, id: rumah tangga}}
  sellers: {one: {en: store, id: toko}, many: {en: stores, id: toko}}
grain: line                         # every row of the tills is a line; a basket is worth what its lines are

raw:
  till:
    format: parquet
    glob: till*.parquet
    columns:
      household: integer
      basket: integer
      day: integer
      time: integer
      product: integer
      quantity: integer
      sales_value: decimal
      store: integer
      loyalty_discount: decimal
      coupon_discount: decimal
  who:
    format: parquet
    glob: who*.parquet
    columns: {household: integer, age: string, income: string, home: string}
  goods:
    format: parquet
    glob: goods*.parquet
    columns: {product: integer, department: string, name: string}

tables:
  orders:
    counted_on: till
    select: |
      SELECT _row, CAST(basket AS STRING) AS order_id, CAST(store AS STRING) AS seller_id,
             CAST(household AS STRING) AS buyer_id, 'completed' AS status, sales_value AS gmv,
             -coupon_discount AS voucher_value,
             CAST(date_add(DATE '2016-12-31', CAST(day AS INT)) AS TIMESTAMP)
               + make_interval(0, 0, 0, 0, CAST(time DIV 100 AS INT), CAST(time % 100 AS INT), 0) AS ordered_at
      FROM till
  order_lines:
    counted_on: till
    select: |
      SELECT t._row, CAST(t.basket AS STRING) AS order_id, CAST(t.store AS STRING) AS seller_id,
             g.name AS product_name, g.department AS category, t.quantity, t.sales_value AS subtotal
      FROM till t
      LEFT JOIN goods g ON g.product = t.product
  users:
    counted_on: who
    select: |
      SELECT _row, CAST(household AS STRING) AS user_id, 'buyer' AS role, age AS age_group, income, home
      FROM who
attributes: {age_group: string, income: string, home: string}
"""


def write(folder: Path, deliveries: int = 1, households: int = 120, stores: int = 12, seed: int = 15) -> Path:
    """The exports in `<folder>/day1` and so on, and the source in `<folder>/source.yml`.

    The same rows for any number of deliveries. Of some baskets a line comes with the delivery after; one row in all
    names no household. Demographics of two households in three come with the first delivery, and all goods.
    """
    dice = random.Random(seed)
    parts: list[list[list[object]]] = [[] for _ in range(deliveries)]
    for basket in range(households * 5):
        household = int(dice.triangular(1, households, 1))
        day, store, time = dice.randint(1, 90), dice.randint(1, stores), dice.randint(8, 20) * 100 + dice.randint(0, 59)
        lines = [_line(dice, household, basket, day, time, store) for _ in range(dice.randint(1, 8))]
        if dice.random() < 0.1:  # scanned twice
            lines.append(lines[0])
        is_late = dice.random() < 0.03
        part = basket * deliveries // (households * 5)
        parts[part] += lines[:-1] if is_late else lines
        parts[min(part + 1, deliveries - 1)] += lines[-1:] if is_late else []
    nobody = _line(dice, 1, households * 5, 45, 1200, 1)
    parts[0].append([None, *nobody[1:]])
    for number, rows in enumerate(parts, 1):
        _save(folder / f"day{number}" / f"till_{number}.parquet", rows, TILL)
    told = [name for name in range(1, households + 1) if dice.random() < 0.67]
    who = [[name, dice.choice(AGES), dice.choice(INCOMES), dice.choice(HOMES)] for name in told]
    _save(folder / "day1" / "who.parquet", who, WHO)
    goods = [[number, DEPARTMENTS[number % 4], f"product {number}"] for number in range(1, 41)]
    _save(folder / "day1" / "goods.parquet", goods, GOODS)
    (folder / "source.yml").write_text(SOURCE)
    return folder


def _line(dice: random.Random, household: int, basket: int, day: int, time: int, store: int) -> list[object]:
    quantity = dice.randint(1, 3)
    value = 0.0 if dice.random() < 0.02 else round(quantity * dice.uniform(0.5, 12), 2)
    loyalty = -round(dice.uniform(0, 1), 2) if dice.random() < 0.4 else 0.0
    coupon = -0.5 if dice.random() < 0.05 else 0.0
    return [household, basket, day, time, dice.randint(1, 40), quantity, value, store, loyalty, coupon]


def _save(path: Path, rows: Sequence[Sequence[object]], schema: pa.Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [list(column) for column in zip(*rows, strict=True)]
    pq.write_table(
        pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema), path
    )
