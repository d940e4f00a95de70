"""Deliveries of a shop over many days, in PaDi's form: late, again, corrected, in other columns, with some dirt.

Plain Python and a seed: the same arguments give the same files. Names carry a number that
begins with the day: files in the order of their names stand in the order of delivery. What befalls the rows:

- orders come again with a higher status, or come days late;
- lines come with their order, a day later, in two parts, or one to three days before it; a few never meet one;
- some orders come again with another value and all their lines anew;
- users move (some of them back), products change their price, and every so often all of them are exported again;
- rows come again as they were, and so do whole files under another name;
- from a third of the days on lines have a column more, from a half on the columns of orders stand the other way round;
- a few rows hold a number that is none.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from tests.support.shop import HEADERS

Row = dict[str, str]
Files = dict[str, str]  # name → text

FIRST_DAY = date(2024, 1, 1)
PLACES = (
    ("Bandung", "Coblong", "Jawa Barat"), ("Solo", "Laweyan", "Jawa Tengah"), ("Medan", "Kota", "Sumatera Utara"),
    ("Denpasar", "Kuta", "Bali"), ("Makassar", "Ujung", "Sulawesi Selatan"),
)  # fmt: skip
CATEGORIES = {"Food": ("Rice", "Oil", "Salt", "Tea"), "Office": ("Paper", "Pen", "Ink"), "Tools": ("Pan", "Saw")}
SELLERS = tuple(f"s{number}" for number in range(1, 9))
DONE, AT_WORK, UNPAID, RETURNED = "Selesai", "Diproses", "Menunggu Pembayaran", "Dikembalikan"
CANCELLED = "Dibatalkan Penjual"
LATER = {UNPAID: (AT_WORK, DONE, CANCELLED), AT_WORK: (DONE, CANCELLED, RETURNED)}
AGAIN_EVERY, WHOLE_EVERY = 9, 20  # days: yesterday's files again; all users and products again


@dataclass
class _Shop:
    dice: random.Random
    due: dict[int, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    users: dict[str, Row] = field(default_factory=dict)
    before: dict[str, Row] = field(default_factory=dict)  # where those who moved last were until then
    products: dict[str, Row] = field(default_factory=dict)


def deliveries(days: int, seed: int = 15, a_day: int = 30) -> list[Files]:
    """The files of each day, by name; some `a_day` new orders a day."""
    shop, result = _Shop(random.Random(seed)), []
    _open(shop, a_day)
    previous: dict[str, str] = {}
    for day in range(1, days + 1):
        _sell(shop, day, a_day)
        if day > 1:
            _move(shop, day)
            _again(shop, day, unlike_before=day in (days // 3, days // 2))
        texts = {name: _text(name, rows, day, days) for name in HEADERS if (rows := shop.due[day][name])}
        files = {f"{name}_{day:03}5.csv": text for name, text in texts.items()}
        if day % AGAIN_EVERY == 0:
            files |= {f"{name}_{day:03}1.csv": previous[name] for name in ("df_order", "df_order_complete")}
        result.append(files)
        previous = texts
    return result


def write(files: Files, folder: Path) -> Path:
    """The files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def rows_delivered(delivered: list[Files], name: str) -> int:
    """Rows of the files of one kind, less those of files that came before under another name; of users and products less
    those that came just before: what was said before and other things since is said anew.
    """
    texts = [text for files in delivered for file, text in files.items() if file.rsplit("_", 1)[0] == name]
    told = [text for text, _ in groupby(texts)] if name in ("df_users", "df_products") else {*texts}
    return sum(text.count("\n") - 1 for text in told)


def _open(shop: _Shop, buyers: int) -> None:
    for name in SELLERS:
        _put(shop, 1, "df_users", _user(shop, name, "Seller"))
    for number in range(buyers):
        _put(shop, 1, "df_users", _user(shop, f"b{number}", "Buyer"))
    for category, names in CATEGORIES.items():
        for number, name in enumerate(names):
            product = {
                "product_id": f"p-{name}", "seller_id": SELLERS[number], "product name": name, "Main Category": category,
                "subcat 1": "0", "subcat 2": "0", "unit": "pcs", "price": str(10 + number),
            }  # fmt: skip
            shop.products[product["product_id"]] = product
            _put(shop, 1, "df_products", product)


def _sell(shop: _Shop, day: int, a_day: int) -> None:
    dice = shop.dice
    for number in range(dice.randint(a_day - 5, a_day + 5)):
        _order(shop, day, f"o{day:04}-{number:02}")
    bad = _order_row(shop, day, f"bad{day:04}", "s1", "b0", DONE, "ten")
    if day % 3 == 1:
        _put(shop, day, "df_order", bad)
    if day % 9 == 1:  # the same again
        _put(shop, day + 1, "df_order", bad)
    if day % 4 == 1:
        _put(shop, day, "df_order_complete", {**_line(shop, f"bad{day:04}", "Food"), "quantity": "two"})
    if day % 5 == 1:
        _put(shop, day, "df_order_complete", _line(shop, f"lost{day:04}", "Food"))


def _order(shop: _Shop, day: int, no: str) -> None:
    """One order and all that is heard of it."""
    dice = shop.dice
    seller, buyer = dice.choice(SELLERS), _buyer(shop, day)
    category = dice.choice(list(CATEGORIES))
    lines = _lines(shop, no, category, dice.randint(1, 3))
    status = dice.choices((DONE, AT_WORK, UNPAID, CANCELLED, RETURNED), (50, 25, 15, 5, 5))[0]
    comes = day + dice.choices((0, 1, 4), (85, 10, 5))[0]
    order = _order_row(shop, day, no, seller, buyer, status, _worth(lines))
    _put(shop, comes, "df_order", order)
    way = dice.choices(("with", "after", "before", "parts"), (70, 10, 10, 10))[0]
    if day == 1:
        way = "with"
    lines_come = comes + 1 if way == "after" else day
    if way == "before":  # and the order comes after them
        shop.due[comes]["df_order"].remove(order)
        comes = day + dice.randint(1, 3)
        _put(shop, comes, "df_order", order)
    elif way != "after":
        lines_come = comes
    cut = len(lines) - 1 if way == "parts" and len(lines) > 1 else len(lines)
    for at, line in enumerate(lines):
        _put(shop, lines_come if at < cut else lines_come + 1, "df_order_complete", line)
    if status not in LATER or dice.random() < 0.2:
        return
    settled = max(comes, lines_come + 1) + dice.randint(1, 5)
    later = {**order, "status": dice.choice(LATER[status])}
    if cut == len(lines) and dice.random() < 0.3:  # all lines anew: one of them other, and one more
        others = [*lines[1:], *_lines(shop, no, category, 2)]
        later |= {"gmv": _worth(others), "revenue": _worth(others)}
        for line in others:
            _put(shop, settled, "df_order_complete", line)
    _put(shop, settled, "df_order", later)


def _lines(shop: _Shop, no: str, category: str, number: int) -> list[Row]:
    return [_line(shop, no, category) for _ in range(number)]


def _line(shop: _Shop, no: str, category: str) -> Row:
    """A line like no other: its price tells it apart."""
    dice = shop.dice
    quantity = dice.randint(1, 4)
    price = Decimal(dice.randint(1_000, 99_999)) / 100
    tax = (quantity * price * Decimal("0.11")).quantize(Decimal("0.01"))
    return {
        "order_id": no, "quantity": str(quantity), "unit": "pcs", "price_per_item": str(price),
        "price_subtotal": str(quantity * price), "ppn": str(tax), "Main Category": category, "subcat 1": "0",
        "subcat 2": "0", "product name": dice.choice(CATEGORIES[category]),
    }  # fmt: skip


def _worth(lines: list[Row]) -> str:
    return str(sum(Decimal(line["price_subtotal"]) for line in lines))


def _order_row(shop: _Shop, day: int, no: str, seller: str, buyer: str, status: str, gmv: str) -> Row:
    dice = shop.dice
    voucher = dice.random() < 0.2
    return {
        "order_id": no, "created_at": f"{_date(day)} {dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00",
        "status": status, "seller_id": seller, "seller_category": "Mikro" if seller < "s5" else "Kecil",
        "buyer_id": buyer, "payment_type": dice.choice(("prepaid", "postpaid")), "payment_method": "BCA",
        "voucher_val": "5.50" if voucher else "0", "voucher_code": "HEMAT" if voucher else "NaN",
        "product_type": dice.choice(("barang", "jasa")), "shipping_fee": "2.00", "gmv": gmv, "revenue": gmv,
    }  # fmt: skip


def _buyer(shop: _Shop, day: int) -> str:
    """One who is known, or now and then a new one, of whom users may tell a day or two later."""
    buyers = [name for name in shop.users if name.startswith("b")]
    if shop.dice.random() > 0.06:
        return shop.dice.choice(buyers)
    name = f"b{len(buyers)}"
    _put(shop, day + shop.dice.choice((0, 0, 1, 2)), "df_users", _user(shop, name, "Buyer"))
    return name


def _user(shop: _Shop, name: str, role: str) -> Row:
    city, district, province = shop.dice.choice(PLACES)
    user = {"user_id": name, "city": city, "district": district, "province": province, "flag_user": role}
    shop.users[name] = user
    return user


def _move(shop: _Shop, day: int) -> None:
    """Two users move, one product costs more or less; now and then all of them are exported as they are now."""
    dice = shop.dice
    coming = {row["user_id"] for due in range(day, day + 3) for row in shop.due[due]["df_users"]}
    there = sorted(name for name in shop.users if name not in coming)  # who moves is known before
    for name in dice.sample(there, 2):
        is_back = name in shop.before and dice.random() < 0.5
        was = shop.users[name]
        shop.users[name] = shop.before[name] if is_back else _user(shop, name, was["flag_user"])
        shop.before[name] = was
        _put(shop, day, "df_users", shop.users[name])
    if back := sorted(name for name in shop.before if name in there):  # at least one comes back
        name = dice.choice(back)
        shop.users[name], shop.before[name] = shop.before[name], shop.users[name]
        shop.due[day]["df_users"] = [row for row in shop.due[day]["df_users"] if row["user_id"] != name]
        _put(shop, day, "df_users", shop.users[name])
    name = dice.choice(sorted(shop.products))
    shop.products[name] = {**shop.products[name], "price": str(dice.randint(5, 50))}
    _put(shop, day, "df_products", shop.products[name])
    if day % WHOLE_EVERY == 0:
        shop.due[day]["df_users"] = [row for row in shop.users.values() if row["user_id"] not in coming] + [
            row for row in shop.due[day]["df_users"] if row["user_id"] in coming
        ]
        shop.due[day]["df_products"] = list(shop.products.values())


def _again(shop: _Shop, day: int, unlike_before: bool) -> None:
    """Some of yesterday's rows again as they were, unless they would have other columns now."""
    if unlike_before:
        return
    for name in ("df_order", "df_order_complete"):
        today, yesterday = shop.due[day][name], shop.due[day - 1][name]
        anew = {row["order_id"] for row in shop.due[day]["df_order_complete"]}
        rows = [row for row in yesterday if row not in today and row["order_id"] not in anew]
        today += shop.dice.sample(rows, min(2, len(rows)))


def _put(shop: _Shop, day: int, name: str, row: Row) -> None:
    shop.due[day][name].append(row)


def _text(name: str, rows: list[Row], day: int, days: int) -> str:
    columns = HEADERS[name].split(",")
    if name == "df_order" and day >= days // 2:
        columns.reverse()
    if name == "df_order_complete" and day >= days // 3:
        columns.insert(3, "campaign")
    cells = (
        [row.get(column, f"c{row['order_id'][-1]}" if column == "campaign" else "") for column in columns]
        for row in rows
    )
    return "\n".join(",".join(row) for row in [columns, *cells]) + "\n"


def _date(day: int) -> str:
    return str(FIRST_DAY + timedelta(days=day - 1))
