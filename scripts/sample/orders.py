"""Orders on the ties: when, how large, with which voucher, and the lines that they consist of."""

from dataclasses import dataclass, replace

import numpy as np

from sample.draw import Floats, Ints, Rng, apportion_within, coarse, lognormal, within
from sample.goods import Catalogue, Lines, draw_line_counts, price_lines
from sample.population import Ties

ORDER_SPREAD = 1.0
LINE_SPREAD = 0.6
LEAST_PER_ORDER = 5_000
# Public bodies spend their budgets late in the year and pause around Lebaran.
BY_MONTH = (0.70, 0.80, 0.95, 0.75, 0.95, 1.00, 0.95, 1.00, 1.05, 1.15, 1.40, 1.60)
GROWTH_PER_YEAR = 0.35
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 12, 60, 90, 95, 80, 45, 75, 90, 85, 60, 30, 14, 12, 10, 8, 5, 2)


@dataclass(frozen=True)
class Orders:
    """One entry per order; `at` in seconds since 1970 as if local time were UTC, money in rupiah."""

    buyer: Ints
    seller: Ints
    at: Ints
    gmv: Ints
    voucher: Ints

    @property
    def count(self) -> int:
        """How many orders there are."""
        return len(self.buyer)

    def take(self, rows: Ints) -> "Orders":
        """These rows, in this order."""
        return Orders(self.buyer[rows], self.seller[rows], self.at[rows], self.gmv[rows], self.voucher[rows])

    def joined(self, more: "Orders") -> "Orders":
        """These orders and then those."""
        pairs = zip(vars(self).values(), vars(more).values(), strict=True)
        return Orders(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class Calendar:
    """The days that the sample covers; day 0 is the first."""

    first: np.datetime64
    last: np.datetime64

    @property
    def horizon(self) -> int:
        """The number of the as-of day."""
        return int((self.last - self.first).astype(int))

    def traffic(self) -> Floats:
        """Running sum over days of how much is ordered: entry d is all before day d."""
        days = np.arange(self.first, self.last + 1)
        month = days.astype("datetime64[M]").astype(int) % 12
        weekday = (days.astype(int) + 3) % 7
        busy = np.array(BY_MONTH)[month] * np.where(weekday >= 5, 0.35, 1.0)
        return np.cumsum(np.concatenate(([0.0], busy * (1 + GROWTH_PER_YEAR * np.arange(len(days)) / 365))))

    def draw_days(self, until: Ints, rng: Rng) -> Ints:
        """A day up to and with `until`, busy days more often."""
        traffic = self.traffic()
        drawn = np.searchsorted(traffic, rng.random(len(until)) * traffic[until + 1], side="right") - 1
        return np.minimum(drawn, until)

    def draw_times(self, day: Ints, rng: Rng) -> Ints:
        """Seconds since 1970 (local time read as UTC) within each day."""
        chance = np.array(BY_HOUR) / sum(BY_HOUR)
        hour = rng.choice(24, len(day), p=chance)
        return (int(self.first.astype(int)) + day) * 86_400 + hour * 3_600 + rng.integers(0, 3_600, len(day))


def latest_of(end: Ints, last: Ints) -> Ints:
    """For each buyer (or seller) the tie that its last sale is on."""
    order = np.lexsort((last, end))
    return order[np.unique(end[order], return_index=True)[1]]


def make_sales(ties: Ties, calendar: Calendar, rng: Rng) -> Orders:
    """The sales on the ties, sorted by buyer, without vouchers.

    Each tie's money is shared out exactly. The tie that carries a buyer's or a seller's last day
    has one order on that very day; the others may end earlier.
    """
    tie = np.repeat(np.arange(len(ties.buyer)), ties.orders)
    until = calendar.horizon - ties.last
    day = calendar.draw_days(until[tie], rng)
    anchored = np.union1d(latest_of(ties.buyer, ties.last), latest_of(ties.seller, ties.last))
    day[(np.cumsum(ties.orders) - ties.orders)[anchored]] = until[anchored]
    return Orders(
        buyer=ties.buyer[tie],
        seller=ties.seller[tie],
        at=calendar.draw_times(day, rng),
        gmv=apportion_within(tie, lognormal(rng, ORDER_SPREAD, len(tie)), ties.money, LEAST_PER_ORDER),
        voucher=np.zeros(len(tie), dtype=np.int64),
    )


def voucher_values(sales: Orders, takers: Ints, allowed: Ints, mean: float, rng: Rng) -> Ints:
    """Voucher values per sale so that buyers in `takers` redeem `mean` each on average.

    `takers` and `allowed` are masks over buyers and over sales. Every taker redeems at least once:
    were some to redeem nothing, the group would fall into two. No voucher is over half its order.
    """
    bought = np.bincount(sales.buyer, sales.gmv, len(takers))
    drawn = coarse(np.maximum(bought, 1) ** 0.7) * lognormal(rng, 0.4, len(takers)) * takers
    used = allowed & takers[sales.buyer]
    redeemed = used & (rng.random(sales.count) < 0.8)
    first = np.flatnonzero(used)
    first = first[np.unique(sales.buyer[first], return_index=True)[1]]
    redeemed[first] = True
    weight = coarse(np.sqrt(sales.gmv.astype(float))) * redeemed
    of_buyer = np.bincount(sales.buyer, weight, len(takers))[sales.buyer]
    share = np.divide(weight, of_buyer, out=np.zeros(sales.count), where=of_buyer > 0)
    half, target = sales.gmv // 2, mean * takers.sum()
    factor = target / drawn.sum()
    value = np.zeros(sales.count, dtype=np.int64)
    for _ in range(12):
        value = np.minimum(np.rint(drawn[sales.buyer] * share * factor).astype(np.int64), half) // 100 * 100
        factor *= target / max(value.sum(), 1)
    return value


def few_vouchers(sales: Orders, among: Ints, total: int, rng: Rng) -> Ints:
    """Voucher values that add up to `total`, small ones on a few of the sales in the mask `among`."""
    value = np.zeros(sales.count, dtype=np.int64)
    rows = np.flatnonzero(among)
    chosen = rng.permutation(rows)[: max(1, round(total / 2_500))]
    value[chosen] = total // max(len(chosen), 1)
    value[chosen[:1]] += total - value[chosen].sum()
    return value


def make_unsold(sales: Orders, ties: Ties, count: int, calendar: Calendar, rng: Rng) -> Orders:
    """Orders that did not become sales: drawn like the sales, on their ties, never after a tie's end."""
    like = rng.integers(0, sales.count, count)
    over = np.repeat(ties.last, ties.orders)[like]
    day = calendar.draw_days(calendar.horizon - over, rng)
    like_those = sales.take(like)
    gmv = np.rint(like_those.gmv * np.minimum(lognormal(rng, 0.5, count), 3.0)).astype(np.int64)
    gmv = np.maximum(gmv, LEAST_PER_ORDER)
    voucher = np.minimum(like_those.voucher, gmv // 200 * 100)
    return replace(like_those, at=calendar.draw_times(day, rng), gmv=gmv, voucher=voucher)


def make_lines(orders: Orders, catalogue: Catalogue, rng: Rng) -> Lines:
    """The lines of each order. They make about the wanted GMV; what they make exactly becomes the GMV."""
    counts = draw_line_counts(orders.seller, orders.gmv, catalogue, rng)
    order = np.repeat(np.arange(orders.count), counts)
    seller = orders.seller[order]
    begin = rng.integers(0, catalogue.size[orders.seller])[order]
    product = catalogue.first[seller] + (begin + within(counts)) % catalogue.size[seller]
    wanted = apportion_within(order, lognormal(rng, LINE_SPREAD, len(order)), orders.gmv, 1_000)
    quantity, price = price_lines(catalogue, product, wanted)
    return Lines(order, product, quantity, price, quantity * price)


def settle(lines: Lines, sales: Ints, total: int) -> Lines:
    """The lines with the sales' sum made exactly `total`: the largest line of all takes up what rounding left."""
    of_sales = sales[lines.order]
    largest = np.flatnonzero(of_sales)[np.argmax(lines.subtotal[of_sales])]
    quantity, price = lines.quantity.copy(), lines.price.copy()
    quantity[largest] = 1
    price[largest] = lines.subtotal[largest] + total - lines.subtotal[of_sales].sum()
    if price[largest] <= 0:
        raise ValueError("rounding left more than the largest line can take up")
    return replace(lines, quantity=quantity, price=price, subtotal=quantity * price)


def share_revenue(gmv: Ints, rate: Floats, favoured: Ints, favoured_share: float, total: int) -> Ints:
    """Revenue per sale at about these rates, `total` in all, `favoured` sales (a mask) with this share of it."""
    raw = gmv * coarse(rate)
    part = np.where(favoured, favoured_share / raw[favoured].sum(), (1 - favoured_share) / raw[~favoured].sum())
    revenue = np.floor(raw * part * total).astype(np.int64)
    revenue[np.argmax(gmv)] += total - revenue.sum()
    return revenue
