"""Buyers of PaDi who change group in known months: what a look back at the past must find."""

from dataclasses import dataclass, replace

import numpy as np

from sample.draw import Floats, Ints, Rng, coarse, lognormal, starts
from sample.orders import LEAST_PER_ORDER, ORDER_SPREAD, Calendar, Orders
from sample.padi_market import DORMANT, ESTABLISHED, MARKET, REGULARS, SPORADIC, VOUCHER_DEPENDENT
from sample.population import Side

# From which group to which: what somebody starts to do shows at once, what somebody ceases to do only with time.
PATHS = ((SPORADIC, REGULARS), (DORMANT, REGULARS))
# The months of change lie in the last year, and a month follows the last of them.
MONTHS = 10
BEFORE = {SPORADIC: (3, 8), DORMANT: (6, 18)}  # orders before the change, at least and at most
IN_MONTH = (40, 80)  # orders in the month of the change
LATER = (8, 16)  # and in each month after it
ASLEEP = 90  # days without an order before the change
OF_ORDER = 0.3  # of an order's value: a sporadic buyer's voucher


@dataclass(frozen=True)
class Movers:
    """One entry per buyer who changes group: from which to which, and in which month; and all orders of theirs, whose
    buyers are numbered from 0."""

    start: Ints
    end: Ints
    month: list[np.datetime64]
    orders: Orders

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.start)


def make_movers(count: int, sellers: Side, calendar: Calendar, rng: Rng) -> Movers:
    """So many buyers, over paths and months in turn."""
    who = np.arange(count)
    start, end = np.array(PATHS, dtype=np.int64).reshape(-1, 2)[who % len(PATHS)].T
    last = np.datetime64(calendar.last, "M")
    months = [last - MONTHS + int(at) for at in who // len(PATHS) % MONTHS]
    first_day = np.array([_day(month, calendar) for month in months], dtype=np.int64)
    next_month = np.array([_day(month + 1, calendar) for month in months], dtype=np.int64)
    left = np.array([int((last - month).astype(int)) for month in months], dtype=np.int64)
    fewest, most = (np.array([BEFORE[int(group)][side] for group in start], dtype=np.int64) for side in (0, 1))
    never, asleep = np.zeros(count, dtype=np.int64), first_day - ASLEEP
    old = _orders(rng.integers(fewest, most + 1), never, asleep, start, sellers, calendar, rng)
    switch = _orders(rng.integers(*IN_MONTH, count), first_day, next_month, end, sellers, calendar, rng)
    ends = np.full(count, calendar.horizon + 1)
    later = _orders(rng.integers(*LATER, count) * left, next_month, ends, end, sellers, calendar, rng)
    return Movers(start, end, months, old.joined(switch).joined(later))


def with_movers(buyers: Side, movers: Movers) -> Side:
    """The buyers and, behind them, those who move, in the group that they end in."""
    orders = np.bincount(movers.orders.buyer, minlength=movers.count)
    spent = np.bincount(movers.orders.buyer, movers.orders.gmv, movers.count)
    return replace(
        buyers,
        group=np.concatenate((buyers.group, movers.end)),
        kind=np.concatenate((buyers.kind, movers.end)),
        orders=np.concatenate((buyers.orders, orders)),
        order_value=np.concatenate((buyers.order_value, spent / np.maximum(orders, 1))),
    )


def _day(month: np.datetime64, calendar: Calendar) -> int:
    return int((month.astype("datetime64[D]") - calendar.first).astype(int))


def _orders(counts: Ints, first: Ints, until: Ints, group: Ints, sellers: Side, calendar: Calendar, rng: Rng) -> Orders:
    """So many orders of each buyer on days from `first` to before `until`, as those of its group are."""
    buyer = np.repeat(np.arange(len(counts)), counts)
    span: Floats = (until - first)[buyer].astype(float)
    # One after another: whoever orders forty times in a month does so in all of its weeks.
    step = (np.arange(len(buyer)) - starts(counts)[buyer] + rng.random(len(buyer))) / counts[buyer]
    day = first[buyer] + np.minimum(np.floor(coarse(step * span)), span - 1).astype(np.int64)
    is_sporadic = group[buyer] == SPORADIC
    of_sporadic, of_others = (np.flatnonzero(sellers.group == each) for each in (VOUCHER_DEPENDENT, ESTABLISHED))
    seller = np.where(is_sporadic, rng.choice(of_sporadic, len(buyer)), rng.choice(of_others, len(buyer)))
    usual = np.array([each.order_value for each in MARKET.buyers])[group[buyer]]
    mean = np.exp(ORDER_SPREAD**2 / 2)
    gmv = np.rint(coarse(usual / mean * lognormal(rng, ORDER_SPREAD, len(buyer)))).astype(np.int64)
    gmv = np.maximum(gmv, LEAST_PER_ORDER)
    voucher = np.where(is_sporadic, np.rint(coarse(gmv * OF_ORDER)).astype(np.int64) // 100 * 100, 0)
    return Orders(buyer, seller, calendar.draw_times(day, rng), gmv, voucher)
