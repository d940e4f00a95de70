"""The kinds of dirt in PaDi's four files, and how often each occurs."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from sample.dirt import CONFLICTING, MALFORMED, WITHOUT_ORDER, Deck, Extra, Fault, Tally, add_faults, how_many
from sample.draw import Ints, Rng, starts
from sample.goods import Lines
from sample.padi_block import Block
from sample.padi_tables import (
    FIRST_REGISTRATION,
    LAST_REGISTRATION,
    Ids,
    line_table,
    order_table,
    product_table,
    tax,
    user_table,
)
from sample.rawcsv import RawTable, make_ids

COMPLETED = (b"Selesai",)
PAID = (b"Selesai", b"Dibatalkan Penjual", b"Dibatalkan Pembeli", b"Dikembalikan", b"Retur")
NO_KEY = (b"NaN", b"")
TOO_LARGE = (b"100000000000000000", b"99999999999999999999", b"250000000000000000")
NO_NUMBER = (b"12x", b"1.2.3", b"Rp 50.000", b"{}rb", b"seribu")

ORDER_FAULTS = (
    Fault("exact_duplicate", 1500),
    Fault("outranked_unpaid", 1200, edits=(("status", (b"Menunggu Pembayaran",)),), only=(("status", COMPLETED),)),
    Fault("outranked_in_progress", 800, edits=(("status", (b"Diproses", b"Dikirim")),), only=(("status", PAID),)),
    Fault(CONFLICTING, 300, (CONFLICTING,), edits=(("gmv", (b"{less}",)),)),
    Fault(MALFORMED, 350, (MALFORMED,), cuts=(5, b",,", 13, b",1000000,x"), fresh=True),
    Fault("bad_gmv", 200, ("bad_number",), edits=(("gmv", NO_NUMBER),), fresh=True),
    Fault("bad_voucher", 100, ("bad_number",), edits=(("voucher_val", (b"gratis", b"10%")),), fresh=True),
    Fault("bad_shipping", 100, ("bad_number",), edits=(("shipping_fee", (b"12x", b"1.2.3")),), fresh=True),
    Fault("bad_date", 350, ("bad_date",), fresh=True, edits=(
        ("created_at", (b"kemarin", b"2023-02-30 10:15:00", b"2023-13-05 08:00:00", b"2023-06-31 09:30:00")),)),
    Fault("date_out_of_range", 250, ("date_out_of_range",), fresh=True, edits=(
        ("created_at", (b"1970-01-01 07:00:00", b"2099-12-31 12:00:00")),)),
    Fault("unknown_status", 300, ("unknown_status",), fresh=True, edits=(
        ("status", (b"Dalam Sengketa", b"Pending Review", b"???")),)),
    Fault("no_order_id", 100, ("missing_key",), edits=(("order_id", NO_KEY),)),
    Fault("no_seller_id", 100, ("missing_key",), edits=(("seller_id", NO_KEY),), fresh=True),
    Fault("no_buyer_id", 100, ("missing_key",), edits=(("buyer_id", NO_KEY),), fresh=True),
    Fault("negative_gmv", 150, ("negative_value",), edits=(("gmv", (b"-{}",)),), fresh=True),
    Fault("negative_voucher", 100, ("negative_value",), edits=(("voucher_val", (b"-15000",)),), fresh=True),
    Fault("absurd_gmv", 150, ("absurd_value",), edits=(("gmv", TOO_LARGE),), fresh=True),
    Fault("absurd_shipping", 50, ("absurd_value",), edits=(("shipping_fee", TOO_LARGE),), fresh=True),
    Fault("undecodable_code", 150, ("undecodable_bytes",), edits=(("voucher_code", (b"HEMAT\xe9", b"\xff\xfePROMO")),), fresh=True),
    Fault("bad_number_and_status", 50, ("bad_number", "unknown_status"), edits=(
        ("gmv", NO_NUMBER), ("status", (b"???",))), fresh=True),
    Fault("no_buyer_bad_date_negative", 50, ("missing_key", "bad_date", "negative_value"), edits=(
        ("buyer_id", NO_KEY), ("created_at", (b"kemarin",)), ("gmv", (b"-{}",))), fresh=True),
)  # fmt: skip

LINE_FAULTS = (
    Fault("exact_duplicate", 2500),
    Fault(MALFORMED, 300, (MALFORMED,), cuts=(4, b",", 9, b",0,0")),
    Fault("bad_quantity", 200, ("bad_number",), edits=(("quantity", (b"12x", b"selusin")),)),
    Fault("bad_price", 150, ("bad_number",), edits=(("price_per_item", NO_NUMBER),)),
    Fault("no_order_id", 250, ("missing_key",), edits=(("order_id", NO_KEY),)),
    Fault("negative_quantity", 200, ("negative_value",), edits=(("quantity", (b"-{}",)), ("price_subtotal", (b"-{}",)))),
    Fault("absurd_price", 100, ("absurd_value",), edits=(("price_per_item", TOO_LARGE), ("price_subtotal", TOO_LARGE))),
    Fault("undecodable_name", 250, ("undecodable_bytes",), edits=(("product name", (b"Caf\xe9 Gayo", b"Nasi Box \xff", b"Cr\xe8me Soup")),)),
    Fault("unknown_order", 400, (WITHOUT_ORDER,), edits=(("order_id", (b"{new}",)),)),
    Fault("unknown_order_bad_price", 50, (WITHOUT_ORDER, "bad_number"), edits=(
        ("order_id", (b"{new}",)), ("price_per_item", NO_NUMBER))),
    Fault("bad_quantity_negative_subtotal", 50, ("bad_number", "negative_value"), edits=(
        ("quantity", (b"12x",)), ("price_subtotal", (b"-{}",)))),
)  # fmt: skip

USER_FAULTS = (
    Fault("exact_duplicate", 3000),
    Fault(MALFORMED, 800, (MALFORMED,), cuts=(3, b",,")),
    Fault("no_user_id", 800, ("missing_key",), edits=(("user_id", NO_KEY),)),
    Fault("undecodable_city", 800, ("undecodable_bytes",), edits=(("city", (b"Surakart\xe9", b"Medan\xff")),)),
    # The same user with another district: one of the two is kept.
    Fault(CONFLICTING, 800, (CONFLICTING,), edits=(("district", (b"Pusat Kota",)),)),
)  # fmt: skip

PRODUCT_FAULTS = (
    Fault("exact_duplicate", 3000),
    Fault(MALFORMED, 500, (MALFORMED,), cuts=(3, b",,,")),
    Fault("bad_price", 500, ("bad_number",), edits=(("price", NO_NUMBER),)),
    Fault("no_product_id", 500, ("missing_key",), edits=(("product_id", NO_KEY),)),
    Fault("negative_price", 500, ("negative_value",), edits=(("price", (b"-{}",)),)),
    Fault("absurd_price", 200, ("absurd_value",), edits=(("price", TOO_LARGE),)),
    Fault("undecodable_name", 500, ("undecodable_bytes",), edits=(("product name", (b"Caf\xe9 Gayo", b"Nasi Box \xff")),)),
    # The same product at another price: one of the two is kept.
    Fault(CONFLICTING, 500, (CONFLICTING,), edits=(("price", (b"{less}",)),)),
    Fault("no_product_id_bad_price", 100, ("missing_key", "bad_number"), edits=(
        ("product_id", NO_KEY), ("price", NO_NUMBER))),
)  # fmt: skip

# Per million orders (or lines): accepted, with a warning.
WARNINGS = {
    "line_arithmetic": 1200,
    "tax_arithmetic": 1200,
    "line_and_tax_arithmetic": 200,
    "order_without_lines": 600,
    "order_against_lines": 500,
}

# Dirt is put beside orders below this, so that money in quarantine stays in proportion.
SMALL_ORDER = 100_000_000

Files = dict[str, tuple[RawTable, list[Extra], Tally]]


def soil(block: Block, ids: Ids, rng: Rng) -> Files:
    """The four raw tables with their dirt: clean rows, extra rows, and what ingest must count."""
    new_ids = endless_ids(rng)
    tallies = {table: Tally() for table in ("orders", "order_lines", "users", "products")}
    deck = Deck(np.flatnonzero(block.orders.gmv < SMALL_ORDER), rng)
    block, ppn = with_warnings(block, deck, tallies)

    orders, lines = order_table(block, ids, rng), line_table(block, ids, ppn)
    of_orders = add_faults(orders, ORDER_FAULTS, deck, tallies["orders"], new_ids, rng, money="gmv")
    untouched = np.isin(block.lines.order, deck.left())
    line_deck = Deck(np.flatnonzero(untouched), rng)
    of_lines = refused_lines(block, lines, of_orders, tallies["order_lines"])
    of_lines += add_faults(lines, LINE_FAULTS, line_deck, tallies["order_lines"], new_ids, rng)

    files: Files = {
        "orders": (orders, of_orders, tallies["orders"]),
        "order_lines": (lines, of_lines, tallies["order_lines"]),
    }
    plain = {
        "users": (user_table(block, ids, rng), USER_FAULTS),
        "products": (product_table(block, ids), PRODUCT_FAULTS),
    }
    for name, (table, faults) in plain.items():
        rows = Deck(np.arange(table.count), rng)
        files[name] = (table, add_faults(table, faults, rows, tallies[name], new_ids, rng), tallies[name])
    for clean, _, tally in files.values():
        tally.rows_accepted = clean.count
    tallies["orders"].gmv_accepted = int(block.orders.gmv.sum())
    return files


def endless_ids(rng: Rng) -> Callable[[], bytes]:
    """Ids that nothing in the block has."""

    def batches() -> Iterator[bytes]:
        while True:
            yield from make_ids(rng.integers(FIRST_REGISTRATION, LAST_REGISTRATION, 2_000), rng).to_pylist()

    return batches().__next__


def with_warnings(block: Block, deck: Deck, tallies: dict[str, Tally]) -> tuple[Block, Ints]:
    """The block with some clean rows changed so that they are accepted with a warning; and all lines' ppn.

    Each kind is changed so that no other rule sees it: a wrong unit price leaves the subtotal, a
    wrong order sum has a quantity and a tax that agree.
    """
    lines, orders = block.lines, block.orders
    counts = np.bincount(lines.order, minlength=orders.count)
    first = starts(counts)
    rows = {kind: how_many(rate, orders.count) for kind, rate in WARNINGS.items()}
    price, quantity, subtotal = lines.price.copy(), lines.quantity.copy(), lines.subtotal.copy()

    against = np.array(deck.deal(rows["order_against_lines"], lambda order: counts[order] == 1))
    quantity[first[against]] *= 2
    subtotal[first[against]] *= 2
    ppn = tax(subtotal)

    both = deck.deal(rows["line_and_tax_arithmetic"])
    of_price = first[np.array(deck.deal(rows["line_arithmetic"]) + both)]
    of_tax = first[np.array(deck.deal(rows["tax_arithmetic"]) + both)]
    price[of_price] += np.maximum(price[of_price] // 4, 1_000)
    ppn[of_tax] += np.maximum(ppn[of_tax] // 2, 5_000)

    alone = deck.deal(rows["order_without_lines"])
    kept = ~np.isin(lines.order, alone)
    lines = Lines(*(values[kept] for values in (lines.order, lines.product, quantity, price, subtotal)))
    tallies["orders"].warnings = {"order_against_lines": len(against), "order_without_lines": len(alone)}
    tallies["order_lines"].warnings = {"line_arithmetic": len(of_price), "tax_arithmetic": len(of_tax)}
    return replace(block, lines=lines), ppn[kept]


def refused_lines(block: Block, lines: RawTable, of_orders: list[Extra], tally: Tally) -> list[Extra]:
    """The lines of the extra orders that are orders of their own: refused, they leave their lines alone."""
    counts = np.bincount(block.lines.order, minlength=block.orders.count)
    first = starts(counts)
    extras = []
    for order in of_orders:
        if order.fresh_id is None:
            continue
        for line in range(first[order.source], first[order.source] + counts[order.source]):
            row = lines.row(line) | {"order_id": order.fresh_id}
            extras.append(Extra(line + 0.5, b",".join(row.values()), None, line))
        tally.count("lines_of_refused_order", (WITHOUT_ORDER,), rows=int(counts[order.source]))
    return extras
