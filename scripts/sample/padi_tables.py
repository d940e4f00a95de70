"""A block as the columns of the four raw files."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sample.draw import Ints, Rng
from sample.goods import CATEGORIES, NAMES, PRODUCT_TYPES
from sample.orders import Orders
from sample.padi_block import STATUSES, Block
from sample.padi_market import ESTABLISHED
from sample.places import DISTRICTS, PROVINCES, draw_districts
from sample.rawcsv import RawTable, make_ids, numbers, times, words

ORDER_COLUMNS = (
    "order_id", "created_at", "status", "seller_id", "seller_category", "buyer_id", "payment_type", "payment_method",
    "voucher_val", "voucher_code", "product_type", "shipping_fee", "gmv", "revenue",
)  # fmt: skip
LINE_COLUMNS = (
    "order_id", "quantity", "unit", "price_per_item", "price_subtotal", "ppn", "Main Category", "subcat 1", "subcat 2",
    "product name",
)  # fmt: skip
USER_COLUMNS = ("user_id", "city", "district", "province", "flag_user")
PRODUCT_COLUMNS = ("product_id", "seller_id", "product name", "Main Category", "subcat 1", "subcat 2", "unit", "price")

SELLER_CATEGORIES = ("Mikro", "Kecil", "Menengah", "Besar", "NaN")
CATEGORY_CHANCES = (0.52, 0.33, 0.11, 0.02, 0.02)
ESTABLISHED_CHANCES = (0.18, 0.42, 0.30, 0.08, 0.02)
PAYMENT_TYPES = ("prepaid", "postpaid")
PAYMENT_METHODS = (
    "mandiri_va_billing_fixed", "BCA", "BNI", "BRI", "mandiri_va", "Kartu Kredit Pemerintah", "QRIS", "NaN",
)  # fmt: skip
METHOD_CHANCES = (0.36, 0.20, 0.13, 0.12, 0.09, 0.05, 0.03, 0.02)
VOUCHER_CODES = ("NaN", "PADIHEMAT", "UMKMBANGKIT", "MERDEKA78", "BELANJALOKAL", "AKHIRTAHUN23")
TAX_PERCENT = 11
# Of the buyers without a place, this part is not in df_users at all.
MISSING_USERS = 0.3
NO_CITY = 0.03
FIRST_REGISTRATION, LAST_REGISTRATION = (np.datetime64(day, "s").astype(int) for day in ("2020-08-17", "2022-07-31"))


@dataclass(frozen=True)
class Ids:
    """The ids of a block's orders, buyers, sellers and products, by their numbers."""

    orders: pa.Array
    buyers: pa.Array
    sellers: pa.Array
    products: pa.Array


def draw_ids(block: Block, rng: Rng) -> Ids:
    """Ids that tell nothing of the groups: users registered before the first order, in no order."""

    def registered(count: int) -> pa.Array:
        return make_ids(rng.integers(FIRST_REGISTRATION, LAST_REGISTRATION, count), rng)

    return Ids(
        # The time in an order's id is UTC.
        orders=make_ids(block.orders.at - 7 * 3_600, rng),
        buyers=registered(block.buyer_count),
        sellers=registered(block.seller_count),
        products=registered(len(block.catalogue.seller)),
    )


def tax(subtotal: Ints) -> Ints:
    """The ppn of a line, half up."""
    return (subtotal * TAX_PERCENT + 50) // 100


def seller_categories(block: Block, rng: Rng) -> Ints:
    """A row of SELLER_CATEGORIES per seller: the established ones are larger, the tail is the same."""
    established = np.zeros(block.seller_count, dtype=bool)
    established[: block.sellers.count] = block.sellers.group == ESTABLISHED
    drawn = [
        rng.choice(len(SELLER_CATEGORIES), block.seller_count, p=p) for p in (CATEGORY_CHANCES, ESTABLISHED_CHANCES)
    ]
    return np.where(established, drawn[1], drawn[0])


def shipping_fees(orders: Orders, product_type: Ints, rng: Rng) -> Ints:
    """Fees in steps of 500 rupiah; services ship nothing."""
    fee = (9_000 + rng.integers(0, 120, orders.count) * 500) * rng.choice(
        5, orders.count, p=(0.2, 0.5, 0.2, 0.07, 0.03)
    )
    return np.where(product_type == PRODUCT_TYPES.index("jasa"), 0, fee)


def order_table(block: Block, ids: Ids, rng: Rng) -> RawTable:
    """df_order, one row per order."""
    orders, count = block.orders, block.orders.count
    code = np.where(orders.voucher > 0, rng.integers(1, len(VOUCHER_CODES), count), 0)
    values = (
        ids.orders,
        times(orders.at),
        words(STATUSES, block.status),
        ids.sellers.take(pa.array(orders.seller)),
        words(SELLER_CATEGORIES, seller_categories(block, rng)[orders.seller]),
        ids.buyers.take(pa.array(orders.buyer)),
        words(PAYMENT_TYPES, (rng.random(count) < 0.35).astype(np.int64)),
        words(PAYMENT_METHODS, rng.choice(len(PAYMENT_METHODS), count, p=METHOD_CHANCES)),
        numbers(orders.voucher),
        words(VOUCHER_CODES, code),
        words(PRODUCT_TYPES, block.product_type),
        numbers(shipping_fees(orders, block.product_type, rng)),
        numbers(orders.gmv),
        numbers(block.revenue),
    )
    return RawTable(ORDER_COLUMNS, values)


def name_columns(name: Ints) -> dict[str, pa.Array]:
    """The columns that follow from a row of NAMES."""
    return {
        "Main Category": words([CATEGORIES[row[0]].name for row in NAMES], name),
        "product name": words([row[1] for row in NAMES], name),
        "subcat 1": words([row[2] for row in NAMES], name),
        "subcat 2": words([row[3] for row in NAMES], name),
        "unit": words([row[4] for row in NAMES], name),
    }


def line_table(block: Block, ids: Ids, ppn: Ints) -> RawTable:
    """df_order_complete, one row per line."""
    lines = block.lines
    columns = name_columns(block.catalogue.name[lines.product]) | {
        "order_id": ids.orders.take(pa.array(lines.order)),
        "quantity": numbers(lines.quantity),
        "price_per_item": numbers(lines.price),
        "price_subtotal": numbers(lines.subtotal),
        "ppn": numbers(ppn),
    }
    return RawTable(LINE_COLUMNS, tuple(columns[name] for name in LINE_COLUMNS))


def product_table(block: Block, ids: Ids) -> RawTable:
    """df_products, one row per product, sorted by id."""
    catalogue = block.catalogue
    columns = name_columns(catalogue.name) | {
        "product_id": ids.products,
        "seller_id": ids.sellers.take(pa.array(catalogue.seller)),
        "price": numbers(catalogue.price),
    }
    return by_id(RawTable(PRODUCT_COLUMNS, tuple(columns[name] for name in PRODUCT_COLUMNS)))


def user_table(block: Block, ids: Ids, rng: Rng) -> RawTable:
    """df_users, one row per user, sorted by id. Some buyers have no place, and some of these no row."""
    chances = np.array([province.of_sellers for province in PROVINCES])
    province = np.concatenate(
        (block.province, rng.choice(len(PROVINCES), block.seller_count, p=chances / chances.sum()))
    )
    unknown = province == len(PROVINCES)
    district = np.where(unknown, len(DISTRICTS), draw_districts(np.where(unknown, 0, province), rng))
    no_city = rng.random(len(province)) < NO_CITY
    nowhere = np.where(no_city, len(DISTRICTS), district)
    columns = {
        "user_id": pa.concat_arrays([ids.buyers, ids.sellers]),
        "city": words([row[2] for row in DISTRICTS] + ["NaN"], nowhere),
        "district": words([row[1] for row in DISTRICTS] + ["NaN"], nowhere),
        "province": words([row[3] for row in DISTRICTS] + ["NaN"], district),
        "flag_user": words(("Buyer", "Seller"), (np.arange(len(province)) >= block.buyer_count).astype(np.int64)),
    }
    here = np.flatnonzero(~unknown | (rng.random(len(province)) >= MISSING_USERS))
    return by_id(RawTable(USER_COLUMNS, tuple(columns[name] for name in USER_COLUMNS)).take(here))


def by_id(table: RawTable) -> RawTable:
    """The rows sorted by their first column."""
    return table.take(pc.sort_indices(table.values[0]).to_numpy())
