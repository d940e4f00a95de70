"""Buyers, sellers and who trades with whom, so that both sides show the groups they were planted in.

A marketplace has two margins: what each buyer did and what each seller did are sums over the same
orders. So the *ties* (pairs that trade) come first; orders and money are then laid on them so that
each buyer's hold, and the means of each group of sellers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sample.draw import Floats, Ints, Rng, apportion, apportion_within, coarse, lognormal

PAIRING_ROUNDS = 8
CALIBRATION_ROUNDS = 8
# Partners grow with orders, but more slowly.
PARTNERS_GROW = 0.7
# No tie carries less than this per order.
SMALLEST_ORDER = 12_000


@dataclass(frozen=True)
class Group:
    """A planted group at scale 1. The four means are the published ones, per buyer or per seller."""

    name: str
    size: int
    orders: float
    order_value: float
    voucher: float
    recency: float
    fewest_orders: int = 1
    # How far logarithms spread within the group.
    orders_spread: float = 0.7
    value_spread: float = 1.0
    recency_spread: float = 0.5
    partners_spread: float = 0.3
    # A few giants: this share of the group, with about this many times the orders of the others.
    giants: float = 0.0
    giant_factor: float = 1.0


@dataclass(frozen=True)
class Market:
    """What is planted. A *kind* is a group or, after the groups, the giants taken out of theirs."""

    buyers: tuple[Group, ...]
    sellers: tuple[Group, ...]
    # Ties at scale 1: a row per kind of buyer, a column per kind of seller.
    ties: tuple[tuple[int, ...], ...]
    # Of these, how many each buyer has at least (and, in the second table, each seller).
    sure_of_buyers: tuple[tuple[int, ...], ...]
    sure_of_sellers: tuple[tuple[int, ...], ...]
    # The groups whose totals take up what the others leave of orders and money.
    rest_of_buyers: int
    rest_of_sellers: int


@dataclass(frozen=True)
class Side:
    """All buyers, or all sellers: one entry per entity, group after group."""

    group: Ints
    kind: Ints
    orders: Ints
    order_value: Floats

    @property
    def count(self) -> int:
        """How many entities there are."""
        return len(self.group)


@dataclass(frozen=True)
class Ties:
    """One entry per buyer and seller that trade, sorted by buyer; `last` counts days back from the as-of day."""

    buyer: Ints
    seller: Ints
    orders: Ints
    money: Ints
    last: Ints


def raised_tail(orders: Floats, value: Floats, mean_value: float, total: float) -> Floats:
    """Order values with this mean over entities *and* this total over orders, where that can be had.

    The published totals imply far more money per order than any group's mean shows, so those with
    the most orders must also place the largest ones. Above twice the mean number of orders, values
    rise with a power of it; the power is found by halving. The total always holds.
    """
    excess = np.maximum(orders / (2 * orders.mean()), 1.0)

    def scaled(power: float) -> Floats:
        raised = value * coarse(excess**power)
        return raised * (mean_value / raised.mean())

    low, high = 0.0, 4.0
    for _ in range(50):
        power = (low + high) / 2
        if (orders * scaled(power)).sum() < total:
            low = power
        else:
            high = power
    values = scaled(low)
    return coarse(values * (total / (orders * values).sum()))


def make_side(groups: Sequence[Group], rest: int, scale: float, orders: int, money: int, rng: Rng) -> Side:
    """Entities with their numbers of orders and mean order values; `orders` and `money` in all."""
    sizes = [max(4, round(group.size * scale)) for group in groups]
    totals = [round(group.orders * size) for group, size in zip(groups, sizes, strict=True)]
    totals[rest] += orders - sum(totals)
    counts, values, kinds = [], [], []
    for i, (group, size, total) in enumerate(zip(groups, sizes, totals, strict=True)):
        shape = lognormal(rng, group.orders_spread, size)
        giants = max(1, round(group.giants * size)) if group.giants else 0
        shape[:giants] = group.giant_factor * lognormal(rng, 0.3, giants)
        counts.append(apportion(shape, total, group.fewest_orders))
        kinds.append(np.where(np.arange(size) < giants, len(groups), i))
        value = lognormal(rng, group.value_spread, size)
        values.append(value * (group.order_value / value.mean()))
    spent = [float((count * value).sum()) for count, value in zip(counts, values, strict=True)]
    left = money - sum(spent) + spent[rest]
    values[rest] = raised_tail(counts[rest].astype(float), values[rest], groups[rest].order_value, left)
    return Side(
        group=np.repeat(np.arange(len(groups)), sizes),
        kind=np.concatenate(kinds),
        orders=np.concatenate(counts),
        order_value=np.concatenate(values),
    )


def ties_wanted(market: Market, buyers: Side, sellers: Side, scale: float) -> Ints:
    """The table of ties at this scale, raised where the sure ones alone need more."""
    wanted = np.rint(np.array(market.ties) * scale).astype(np.int64)
    kinds = wanted.shape
    by_buyers = np.array(market.sure_of_buyers) * np.bincount(buyers.kind, minlength=kinds[0])[:, None]
    by_sellers = np.array(market.sure_of_sellers) * np.bincount(sellers.kind, minlength=kinds[1])[:, None]
    return np.maximum(np.maximum(wanted, by_buyers), by_sellers.T)


def stubs(side: Side, groups: Sequence[Group], ties: Ints, sure: Ints, rng: Rng) -> list[list[Ints]]:
    """Per own kind and kind opposite, the entities that want a partner there, once per partner.

    `ties` and `sure` have a row per own kind and a column per kind opposite. The sure ones come
    first in each list.
    """
    wanted = []
    for own, (total, least) in enumerate(zip(ties, sure, strict=True)):
        members = rng.permutation(np.flatnonzero(side.kind == own))
        spread = groups[own].partners_spread if own < len(groups) else 0.3
        more = coarse((side.orders[members] - 1.0) ** PARTNERS_GROW) * lognormal(rng, spread, len(members))
        degree = apportion(more, total.sum(), max(1, least.sum()))
        degree = np.minimum(degree, np.maximum(side.orders[members], least.sum()))
        free = np.repeat(members, degree - least.sum())
        kind = rng.permutation(np.repeat(np.arange(len(total)), total - least * len(members)))[: len(free)]
        wanted.append(
            [np.concatenate((np.repeat(members, least[other]), free[kind == other])) for other in range(len(total))]
        )
    return wanted


def pair_up(buyers: Ints, sellers: Ints, rng: Rng) -> Ints:
    """Distinct (buyer, seller) columns, drawn by pairing the wishes of both sides at random."""
    size = min(len(buyers), len(sellers))
    buyers, sellers = buyers[:size], rng.permutation(sellers[:size])
    for _ in range(PAIRING_ROUNDS):
        _, first = np.unique(np.stack((buyers, sellers)), axis=1, return_index=True)
        repeated = np.setdiff1d(np.arange(size), first)
        if not len(repeated):
            break
        # Repeated pairs swap sellers with pairs drawn at random.
        mixed = np.union1d(repeated, rng.choice(size, len(repeated), replace=False))
        sellers[mixed] = sellers[rng.permutation(mixed)]
    return np.unique(np.stack((buyers, sellers)), axis=1)


def fit(buyer: Ints, seller: Ints, start: Floats, by_buyer: Floats, by_seller: Floats) -> Floats:
    """Weights of ties that sum to `by_buyer`, and lean to what is planned in `by_seller`.

    One round of iterative proportional fitting: further ones would come nearer to each seller's plan by leaving ties
    empty that can have no part in it.
    """
    weights = start
    for entity, wanted in ((seller, by_seller), (buyer, by_buyer)):
        found = np.bincount(entity, weights, len(wanted))
        weights = weights * np.divide(wanted, found, out=np.ones_like(wanted), where=found > 0)[entity]
    return coarse(weights)


def calibrated(group: Ints, wanted: Floats, attempt: Callable[[Floats], tuple[Floats, Floats]]) -> Floats:
    """Weights of ties with which what sellers show is on average, group by group, what is wanted.

    Many a seller trades only with buyers who have nobody else, and so gets what these give, whatever was planned: what
    its group then lacks, or has too much, the others of the group make up for. `attempt` takes a factor per group that
    raises or lowers all its plans, and gives the weights and what each seller shows with them.
    """
    factor = np.ones(len(wanted))
    weights, shown = attempt(factor)
    for _ in range(CALIBRATION_ROUNDS):
        factor *= coarse(wanted / (np.bincount(group, shown) / np.bincount(group)))
        weights, shown = attempt(factor)
    return weights


def fit_orders(buyers: Side, sellers: Side, buyer: Ints, seller: Ints, rng: Rng) -> Ints:
    """Orders per tie: one is certain, what is fitted is how the others spread."""
    start = lognormal(rng, 0.3, len(buyer))
    sure = np.bincount(seller, minlength=sellers.count)
    more_bought = (buyers.orders - np.bincount(buyer, minlength=buyers.count)).astype(float)

    def attempt(factor: Floats) -> tuple[Floats, Floats]:
        more_sold = np.maximum(sellers.orders * factor[sellers.group] - sure, 0.0)
        often = fit(buyer, seller, start, more_bought, more_sold)
        return often, sure + np.bincount(seller, often, sellers.count)

    planned = np.bincount(sellers.group, sellers.orders) / np.bincount(sellers.group)
    return apportion_within(buyer, calibrated(sellers.group, planned, attempt) + 1e-9, buyers.orders, 1)


def fit_money(market: Market, buyers: Side, sellers: Side, buyer: Ints, seller: Ints, orders: Ints, rng: Rng) -> Floats:
    """Money per tie: all that buyers spend. The seller group that takes up the rest has what the others leave of it."""
    rest = sellers.group == market.rest_of_sellers
    sold = np.bincount(seller, orders, sellers.count).astype(float)
    spent = buyers.orders * buyers.order_value
    start = orders * np.sqrt(buyers.order_value)[buyer] * lognormal(rng, 0.3, len(buyer))

    def attempt(factor: Floats) -> tuple[Floats, Floats]:
        value = sellers.order_value * factor[sellers.group]
        left = spent.sum() - (sold * value)[~rest].sum()
        value[rest] = raised_tail(sold[rest], value[rest], value[rest].mean(), left)
        money = fit(buyer, seller, start, spent, sold * value)
        return money, np.bincount(seller, money, sellers.count) / sold

    return calibrated(sellers.group, np.array([group.order_value for group in market.sellers]), attempt)


def last_days(market: Market, buyers: Side, sellers: Side, buyer: Ints, seller: Ints, horizon: int, rng: Rng) -> Ints:
    """Per tie, the days from its last order to the as-of day.

    A tie is over when either end is. So what shows as an entity's recency is the latest of its
    ties that no partner cut short; the drawn recencies are scaled until the groups' means hold.
    """
    drawn, factors = [], []
    for groups, side in ((market.buyers, buyers), (market.sellers, sellers)):
        spread = np.array([group.recency_spread for group in groups])[side.group]
        drawn.append(coarse(np.exp(spread * rng.standard_normal(side.count))))
        factors.append(np.array([group.recency for group in groups]))
    ends = ((market.buyers, buyers, buyer), (market.sellers, sellers, seller))
    last = np.zeros(len(buyer), dtype=np.int64)
    for _ in range(CALIBRATION_ROUNDS):
        over = [
            np.minimum(np.rint(draw * factor[side.group]), horizon).astype(np.int64)
            for draw, factor, (_, side, _) in zip(drawn, factors, ends, strict=True)
        ]
        last = np.maximum(over[0][buyer], over[1][seller])
        for (groups, side, end), factor in zip(ends, factors, strict=True):
            shown = np.full(side.count, horizon)
            np.minimum.at(shown, end, last)
            means = np.bincount(side.group, shown) / np.bincount(side.group)
            factor *= coarse(np.array([group.recency for group in groups]) / means)
    return last


def make_ties(market: Market, buyers: Side, sellers: Side, scale: float, horizon: int, rng: Rng) -> Ties:
    """Who trades with whom, how often, for how much and until when."""
    table = ties_wanted(market, buyers, sellers, scale)
    wanted = stubs(buyers, market.buyers, table, np.array(market.sure_of_buyers), rng)
    offered = stubs(sellers, market.sellers, table.T, np.array(market.sure_of_sellers), rng)
    blocks = [pair_up(wanted[b][s], offered[s][b], rng) for b, s in np.ndindex(table.shape)]
    buyer, seller = np.concatenate(blocks, axis=1)
    order = np.lexsort((seller, buyer))
    buyer, seller = buyer[order], seller[order]

    orders = fit_orders(buyers, sellers, buyer, seller, rng)
    money = fit_money(market, buyers, sellers, buyer, seller, orders, rng)
    return Ties(
        buyer=buyer,
        seller=seller,
        orders=orders,
        money=np.maximum(np.rint(money).astype(np.int64), SMALLEST_ORDER * orders),
        last=last_days(market, buyers, sellers, buyer, seller, horizon, rng),
    )
