"""Sample exports of online classes: one file of orders with some dirt, the planted groups, and a manifest."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sample.classes_people import GROUPS, INTERESTS, PAID, TIERS, Customers, draw_customers, prices
from sample.dirt import Tally
from sample.draw import Floats, Ints, Rng, starts
from sample.rawcsv import RawTable, numbers, times, words
from sample.rawcsv import write as write_csv

Flags = npt.NDArray[np.bool_]

FILE = "df_classes.csv"
COLUMNS = (
    "order_id", "ordered_at", "customer_id", "age", "city", "province", "category", "class_name", "price", "status",
    "completed",
)  # fmt: skip
FIRST, LAST = np.datetime64("2023-01-01T00:00:00"), np.datetime64("2024-06-30T21:00:00")
CLASSES = {
    "Anak": ("Mewarnai Bersama", "Sains Kecil", "Dongeng Pagi", "Berhitung Ceria"),
    "Memasak": ("Kue Kering", "Masakan Padang", "Roti Rumahan", "Sambal Nusantara", "Katering Pemula"),
    "Fashion": ("Pola Dasar", "Menjahit Kebaya", "Ilustrasi Mode", "Merek Sendiri"),
    "Kerajinan": ("Rajut", "Anyaman"), "Kecantikan": ("Rias Wajah", "Perawatan Kulit"),
    "Bisnis": ("Toko Daring", "Pembukuan"), "Bahasa": ("Inggris Santai", "Arab Dasar"),
}  # fmt: skip
STRAY = 0.02  # share of orders of another category than the customer's own
LEFT_BLANK = 0.05  # share of paid orders of which nobody knows whether the class was completed

# Kinds of dirt: rows at scale 1, what is wrong, and the reasons of its rows in orders, order_lines and users (where
# none is given, a row of users is one more about a customer who is known).
DIRT = {
    "copy": (14, {}, (), (), ()),
    "no_customer": (8, {"customer_id": b""}, ("missing_key",), ("line_without_order",), ("missing_key",)),
    "bad_date": (
        5, {"ordered_at": b"2024-02-30 10:00:00"}, ("bad_date",), ("bad_date", "line_without_order"), ("bad_date",),
    ),
    "bad_price": (4, {"price": b"Rp 45.000"}, ("bad_number",), ("bad_number", "line_without_order"), ("bad_number",)),
    "unknown_status": (6, {"status": b"pending?"}, ("unknown_status",), ("line_without_order",), ()),
    "negative_price": (3, {"price": b"-45000"}, ("negative_value",), ("negative_value", "line_without_order"), ()),
}  # fmt: skip


def write(out: Path, scale: float, seed: int) -> None:
    """Writes the sample into `out`: the raw file, `truth/` and, last, the manifest."""
    (out / "truth").mkdir(parents=True, exist_ok=True)
    (out / "truth" / "manifest.json").unlink(missing_ok=True)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, 7))))
    customers = draw_customers(scale, rng)
    who, offers, paid, worth = _orders(customers, rng)
    ids = [f"C{number:07d}" for number in rng.permutation(customers.count) + 1]
    clean = _table(customers, ids, who, offers, paid, worth, rng)
    extras, places, tallies = _soil(clean, worth, customers.count, scale, rng)
    write_csv(out / FILE, clean, extras, places)
    _write_truth(out / "truth" / "buyers.csv", ids, customers)
    manifest = {
        "business": "classes",
        "scale": scale,
        "seed": seed,
        "as_of": str(offers.max().astype("datetime64[s]").astype("datetime64[D]")),
        "time_zone": "Asia/Jakarta",
        "sales": {"orders": int(paid.sum()), "gmv": int(worth[paid].sum()), "revenue": None},
        "customers": customers.count,
        "unknown_age": int((customers.age == 0).sum()),
        "locations": len({place.city for place in customers.places}),
        "tiers": {
            tier: {
                "customers": int((customers.tier == i).sum()),
                "offered": int((customers.tier[who] == i).sum()),
                "paid": int(((customers.tier[who] == i) & paid).sum()),
            }
            for i, tier in enumerate(TIERS)
        },
        "tables": {table: tally.as_json(with_money=table == "orders") for table, tally in tallies.items()},
        "group_sizes": {"buyers": np.bincount(customers.group, minlength=len(GROUPS)).tolist()},
    }
    (out / "truth" / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def _orders(customers: Customers, rng: Rng) -> tuple[Ints, Ints, Flags, Ints]:
    """Customer, time (seconds), whether it was paid, and price of each order, in order of time.

    Every customer pays for one at least; how many remain unpaid depends on the tier.
    """
    repeats = np.array([group.repeats for group in GROUPS])[customers.group]
    again = rng.random(customers.count) < repeats
    bought = 1 + np.where(again, rng.geometric(0.6, customers.count), 0)
    share = np.array(PAID)[customers.tier]
    left = rng.poisson(bought * (1 / share - 1))
    who = np.repeat(np.arange(customers.count), bought + left)
    first = starts(bought + left)
    paid = np.arange(len(who)) - first[who] < bought[who]
    seconds = int((LAST - FIRST).astype(np.int64))
    # More lately than at first.
    when = FIRST.astype(np.int64) + np.floor(seconds * np.sqrt(rng.random(len(who)))).astype(np.int64)
    worth = prices(customers.tier[who], customers.group[who], rng)
    order = np.lexsort((who, when))
    return who[order], when[order], paid[order], worth[order]


def _table(customers: Customers, ids: list[str], who: Ints, when: Ints, paid: Flags, worth: Ints, rng: Rng) -> RawTable:
    """The clean rows as bytes."""
    category = customers.interest[who]
    stray = rng.random(len(who)) < STRAY
    category = np.where(stray, rng.integers(0, len(INTERESTS), len(who)), category)
    names = [(interest, name) for interest, classes in CLASSES.items() for name in classes]
    many = np.array([len(CLASSES[interest]) for interest in INTERESTS])
    chosen = starts(many)[category] + np.floor(rng.random(len(who)) * many[category]).astype(np.int64)
    completes = np.array([group.completes for group in GROUPS])[customers.group[who]]
    done = np.where(rng.random(len(who)) < completes, 1, 2)
    known = paid & (rng.random(len(who)) >= LEFT_BLANK)
    orders = [f"K{number:08d}" for number in range(1, len(who) + 1)]
    values = (
        words(orders, np.arange(len(who))), times(when), words(ids, who), numbers(customers.age[who]),
        words([place.city for place in customers.places], who),
        words([place.province for place in customers.places], who),
        words(INTERESTS, category), words([name for _, name in names], chosen), numbers(worth),
        words(("unpaid", "paid"), paid.astype(np.int64)), words(("", "true", "false"), np.where(known, done, 0)),
    )  # fmt: skip
    return RawTable(COLUMNS, values)


def _soil(
    clean: RawTable, worth: Ints, customers: int, scale: float, rng: Rng
) -> tuple[list[bytes], Floats, dict[str, Tally]]:
    """Extra rows of every kind, where in the file they stand, and what ingest must make of all."""
    counts = {kind: max(1, round(rows * scale)) for kind, (rows, *_) in DIRT.items()}
    victims = iter(rng.choice(clean.count, sum(counts.values()), replace=False).tolist())
    tallies = {table: Tally() for table in ("orders", "order_lines", "users")}
    tallies["orders"].rows_accepted = tallies["order_lines"].rows_accepted = clean.count
    tallies["orders"].gmv_accepted = int(worth.sum())
    tallies["users"].rows_accepted, tallies["users"].rows_duplicate = customers, clean.count - customers
    extras: list[bytes] = []
    for kind, (_, wrong, *reasons) in DIRT.items():
        for number in range(counts[kind]):
            victim = next(victims)
            own = {} if kind == "copy" else {"order_id": f"X{kind[0]}{number:06d}{len(extras):04d}".encode()}
            row = {**clean.row(victim), **own, **wrong}
            extras.append(b",".join(row.values()))
            money = {"bad_price": 0, "negative_price": -45_000}.get(kind, int(worth[victim]))
            for (table, tally), why in zip(tallies.items(), reasons, strict=True):
                tally.count(kind, why, money=money if table == "orders" else 0)
    return extras, rng.random(len(extras)) * clean.count, tallies


def _write_truth(path: Path, ids: list[str], customers: Customers) -> None:
    """Who was planted where."""
    rows = sorted(zip(ids, customers.group.tolist(), strict=True))
    with path.open("w", newline="\n") as file:
        file.write("id,group,group_name\n")
        file.writelines(f"{id_},{group},{GROUPS[group].name}\n" for id_, group in rows)
