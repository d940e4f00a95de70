"""A shop for CDs: one text file without a header, a purchase a line; customers alone, most of whom buy once.

Plain Python and a seed. The file has what such a master file has: first purchases within a quarter, eighteen months of
history, purchases of no dollars, and lines that are equal in full (two purchases of a day, of which no number tells).
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY, LAST_DAY = date(1997, 1, 1), date(1998, 6, 30)
FIRST_PURCHASES = 84  # days, from the first one, within which everybody buys for the first time
ONCE = 0.6  # share of customers with one purchase only
HEAVY = 0.04  # share of customers who come about twice a month
PRICES = (6.49, 9.49, 9.99, 11.77, 11.99, 12.49, 13.99, 14.37, 14.96, 16.99)
FREE = 0.01  # share of purchases of no dollars
TWICE = 0.005  # share of purchases that stand there once more, equal in full

SOURCE = """
name: cd_shop
title: CD shop
time_zone: America/New_York
currency: USD
kind: shop
sides:
  buyers: {one: {en: customer, id: pelanggan}, many: {en: customers, id: pelanggan}}
identical_rows: duplicate           # nothing tells two like purchases of a day from one that was written twice

raw:
  purchases:
    glob: purchases*.txt
    options: {header: false, sep: whitespace}
    columns:
      customer: string
      day: {type: date, format: yyyyMMdd}
      pieces: integer
      dollars: decimal

tables:
  orders:
    counted_on: purchases
    select: |
      SELECT _row, concat_ws('-', customer, date_format(day, 'yyyyMMdd'), pieces, dollars) AS order_id,
             customer AS buyer_id, day AS ordered_at, 'completed' AS status, dollars AS gmv
      FROM purchases
"""

Purchase = tuple[int, date, int, int]  # customer, day, CDs, cents


def purchases(customers: int = 600, seed: int = 2) -> list[Purchase]:
    """All purchases by customer and day, those of no dollars and those that stand there twice among them."""
    dice = random.Random(seed)
    found: list[Purchase] = []
    for customer in range(1, customers + 1):
        day = FIRST_DAY + timedelta(days=dice.randrange(FIRST_PURCHASES))
        kind = dice.random()
        later = 0 if kind < ONCE else dice.randint(20, 40) if kind > 1 - HEAVY else 1 + int(dice.expovariate(0.5))
        pause = (LAST_DAY - day).days / 30 if kind > 1 - HEAVY else dice.uniform(20, 120)
        for _ in range(1 + later):
            if day > LAST_DAY:
                break
            found.append(_purchase(dice, customer, day))
            if dice.random() < TWICE:
                found.append(found[-1])
            day += timedelta(days=1 + int(dice.expovariate(1 / pause)))
    return found


def write(folder: Path, customers: int = 600, seed: int = 2) -> Path:
    """The file as `<folder>/raw/purchases.txt` and the source as `<folder>/source.yml`; returns the folder."""
    lines = [
        f" {customer:05d} {day:%Y%m%d} {pieces:2d} {cents // 100:4d}.{cents % 100:02d}"
        for customer, day, pieces, cents in purchases(customers, seed)
    ]
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    (folder / "raw" / "purchases.txt").write_text("\n".join([*lines, ""]))
    (folder / "source.yml").write_text(SOURCE)
    return folder


def _purchase(dice: random.Random, customer: int, day: date) -> Purchase:
    """Some CDs at some of the prices; now and then they are given away."""
    pieces = 1 + min(int(dice.expovariate(0.7)), 30)
    cents = sum(round(100 * dice.choice(PRICES)) for _ in range(pieces))
    return customer, day, pieces, 0 if dice.random() < FREE else cents
