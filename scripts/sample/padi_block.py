"""One block of the PaDi sample: a marketplace of at most scale 1 with its own buyers and sellers."""

from dataclasses import dataclass, replace

import numpy as np

from sample.draw import Floats, Ints, Rng, coarse, deal, lognormal
from sample.goods import CATEGORIES, Catalogue, Lines, make_catalogue
from sample.orders import (
    Orders,
    few_vouchers,
    make_lines,
    make_sales,
    make_unsold,
    settle,
    share_revenue,
    voucher_values,
)
from sample.padi_market import CALENDAR, ESTABLISHED, MARKET, REGULARS, SPORADIC, VOUCHER_DEPENDENT
from sample.padi_movers import Movers, make_movers, with_movers
from sample.places import JAKARTA, PROVINCES, UNKNOWN_OF_GMV
from sample.population import Side, make_side, make_ties

UNSOLD_PER_SALE = 0.115
# Buyers and sellers (at scale 1) whose orders all came to nothing; they belong to no planted group.
BUYERS_WITHOUT_SALE = 110
SELLERS_WITHOUT_SALE = 35
JAKARTA_OF_REVENUE = 0.40
# Large amounts are dealt out to places and categories one by one, so that shares hold.
DEALT_BUYERS, DEALT_SELLERS = 400, 250

STATUSES = (
    "Selesai", "Diproses", "Dikirim", "Diterima", "Dibatalkan Penjual", "Dibatalkan Pembeli", "Kedaluwarsa",
    "Dikembalikan", "Retur", "Menunggu Pembayaran",
)  # fmt: skip
UNPAID = STATUSES.index("Menunggu Pembayaran")
OPEN_CHANCES = (0.4, 0.4, 0.2)
UNSOLD_CHANCES = (0.33, 0.28, 0.20, 0.09, 0.07, 0.03)
RECENT_DAYS = 30
NONE = np.zeros(0, dtype=np.int64)
NOBODY_MOVES = Movers(NONE, NONE, [], Orders(NONE, NONE, NONE, NONE, NONE))


@dataclass(frozen=True)
class Totals:
    """What a block's sales must add up to."""

    scale: float
    sales: int
    gmv: int
    revenue: int


@dataclass(frozen=True)
class Block:
    """Everything in a block before it becomes text. Orders are sorted by time.

    Buyers (and sellers) come group after group; those past `planted` have no sale. `province` is a
    row of PROVINCES, or its length where unknown. `totals` is what the sales add up to, those of `movers` (who are
    the last of the buyers) with them.
    """

    totals: Totals
    movers: Movers
    buyers: Side
    sellers: Side
    buyer_count: int
    seller_count: int
    orders: Orders
    status: Ints
    revenue: Ints
    product_type: Ints
    province: Ints
    catalogue: Catalogue
    lines: Lines


def with_vouchers(sales: Orders, buyers: Side, sellers: Side, rng: Rng) -> Orders:
    """The sales with vouchers that give each group of buyers and of sellers its published mean."""
    takers = buyers.group == SPORADIC
    group = sellers.group[sales.seller]
    value = voucher_values(sales, takers, group == VOUCHER_DEPENDENT, MARKET.buyers[SPORADIC].voucher, rng)
    established = group == ESTABLISHED
    by_regulars = round(MARKET.buyers[REGULARS].voucher * (buyers.group == REGULARS).sum())
    by_others = round(MARKET.sellers[ESTABLISHED].voucher * (sellers.group == ESTABLISHED).sum()) - by_regulars
    value += few_vouchers(sales, established & (buyers.group[sales.buyer] == REGULARS), by_regulars, rng)
    value += few_vouchers(sales, established & takers[sales.buyer], by_others, rng)
    return replace(sales, voucher=value)


def newcomers(unsold: Orders, buyers: Ints, sellers: Ints) -> Orders:
    """The unsold orders with some given to buyers, others to sellers, that have no sale at all."""
    buyer, seller = unsold.buyer.copy(), unsold.seller.copy()
    buyer[: len(buyers)] = buyers
    seller[len(buyers) : len(buyers) + len(sellers)] = sellers
    return replace(unsold, buyer=buyer, seller=seller)


def draw_status(orders: Orders, sold: Ints, rng: Rng) -> Ints:
    """A row of STATUSES per order: open ones mostly recent, one unpaid order on the very last day."""
    age = (int((CALENDAR.last + 1).astype(int)) * 86_400 - orders.at) // 86_400
    recent = age < RECENT_DAYS
    chance = rng.random(orders.count)
    is_open = chance < np.where(recent, 0.35, 0.012)
    of_open = 1 + rng.choice(3, orders.count, p=OPEN_CHANCES)
    of_unsold = 4 + rng.choice(6, orders.count, p=UNSOLD_CHANCES)
    of_unsold = np.where(recent & (chance < 0.4), UNPAID, of_unsold)
    status = np.where(sold, np.where(is_open, of_open, 0), of_unsold)
    status[~sold & (age == 0)] = UNPAID
    return status


def on_last_day(unsold: Orders, rng: Rng) -> Orders:
    """The unsold orders, the latest of them moved to the as-of day, which thus has an order at any scale."""
    at = unsold.at.copy()
    at[np.argmax(at)] = CALENDAR.draw_times(np.array([CALENDAR.horizon]), rng)[0]
    return replace(unsold, at=at)


def make_block(totals: Totals, rng: Rng, movers: int = 0) -> Block:
    """A block whose sales add up to the totals exactly, and so many buyers besides who change group."""
    market = MARKET
    buyers = make_side(market.buyers, market.rest_of_buyers, totals.scale, totals.sales, totals.gmv, rng)
    sellers = make_side(market.sellers, market.rest_of_sellers, totals.scale, totals.sales, totals.gmv, rng)
    ties = make_ties(market, buyers, sellers, totals.scale, CALENDAR.horizon, rng)
    sales = with_vouchers(make_sales(ties, CALENDAR, rng), buyers, sellers, rng)
    moving = make_movers(movers, sellers, CALENDAR, rng) if movers else NOBODY_MOVES
    planted = replace(moving.orders, buyer=moving.orders.buyer + buyers.count)
    buyers = with_movers(buyers, moving)
    totals = with_sales(totals, planted)

    new_buyers = buyers.count + np.arange(max(1, round(BUYERS_WITHOUT_SALE * totals.scale)))
    new_sellers = sellers.count + np.arange(max(1, round(SELLERS_WITHOUT_SALE * totals.scale)))
    unsold = make_unsold(sales, ties, round(UNSOLD_PER_SALE * sales.count), CALENDAR, rng)
    unsold = on_last_day(newcomers(unsold, new_buyers, new_sellers), rng)
    sales = sales.joined(planted)
    orders = sales.joined(unsold)
    by_time = np.argsort(orders.at, kind="stable")
    orders = orders.take(by_time)
    sold = by_time < sales.count

    seller_count = sellers.count + len(new_sellers)
    earned = np.bincount(orders.seller, orders.gmv * sold, seller_count)
    category = deal(earned, np.array([c.of_gmv for c in CATEGORIES]), DEALT_SELLERS, rng)
    usual = np.bincount(orders.seller, orders.gmv, seller_count) / np.bincount(orders.seller, minlength=seller_count)
    catalogue = make_catalogue(category, usual, rng)
    lines = settle(make_lines(orders, catalogue, rng), sold, totals.gmv)
    gmv = np.bincount(lines.order, lines.subtotal, orders.count).astype(np.int64)
    orders = replace(orders, gmv=gmv)

    buyer_count = buyers.count + len(new_buyers)
    shares = np.array([province.of_gmv for province in PROVINCES] + [UNKNOWN_OF_GMV])
    province = deal(np.bincount(orders.buyer, gmv * sold, buyer_count), shares, DEALT_BUYERS, rng)
    revenue = np.zeros(orders.count, dtype=np.int64)
    revenue[sold] = share_revenue(
        gmv[sold],
        revenue_rate(orders.take(np.flatnonzero(sold)), category, rng),
        favoured=(province == JAKARTA)[orders.buyer[sold]],
        favoured_share=JAKARTA_OF_REVENUE,
        total=totals.revenue,
    )
    types = np.cumsum([c.types for c in CATEGORIES], axis=1)[category[orders.seller]]
    return Block(
        totals=totals,
        movers=moving,
        buyers=buyers,
        sellers=sellers,
        buyer_count=buyer_count,
        seller_count=seller_count,
        orders=orders,
        status=draw_status(orders, sold, rng),
        revenue=revenue,
        product_type=(rng.random(orders.count)[:, None] >= types[:, :2]).sum(axis=1),
        province=province,
        catalogue=catalogue,
        lines=lines,
    )


def with_sales(totals: Totals, more: Orders) -> Totals:
    """The totals with more sales, of whose money the platform takes the same part."""
    gmv = int(more.gmv.sum())
    return replace(
        totals, sales=totals.sales + more.count, gmv=totals.gmv + gmv,
        revenue=totals.revenue + totals.revenue * gmv // totals.gmv,
    )  # fmt: skip


def revenue_rate(sales: Orders, category: Ints, rng: Rng) -> Floats:
    """What the platform takes of each sale, in proportion only: services pay more, large orders less."""
    by_category = np.array([0.8 if c.types[0] else 1.3 for c in CATEGORIES])[category[sales.seller]]
    return by_category * coarse(np.maximum(sales.gmv, 1) ** -0.05) * lognormal(rng, 0.2, sales.count)
