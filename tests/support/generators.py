"""Feature frames whose groups are known, and such that have none: what the gates are held to.

Planted groups have levels (low, middle, high; a level is a factor of `STEP`) in orders, order value and
recency, and habits with vouchers. Any two differ in two features at least, for nobody would call less a group
of customers. Within a group, features vary by a factor of about 1.6 either way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

Values = NDArray[np.float64]

STEP = 9.0
BASE = {"count_orders": 3.0, "avg_order_value": 150_000.0, "recency_days": 5.0}
VOUCHER = 60_000.0  # rupiah, on average, where vouchers were used at all
LEVELED = list(BASE)


@dataclass(frozen=True)
class Kind:
    """How planted groups vary: noise in logarithms, and what makes them hard to find."""

    groups: int = 3
    size: int = 3000
    noise: str = "normal"  # or t3, skewed, pareto
    spread: float = 0.45  # standard deviation of logarithms
    outliers: float = 0.0
    vouchers: str = "none"  # none, by group (hardly anybody or nearly everybody), some (30 to 70 %), alike (40 %)
    correlated: bool = False
    shares: tuple[float, ...] = ()
    sellers: bool = False
    unrelated: int = 0  # further features that have nothing to do with the groups
    linked: bool = False  # a further feature that others make: orders × order value


def planted(kind: Kind, seed: int) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Features of entities and the group that each was planted in."""
    random = np.random.default_rng([seed, kind.groups])
    shares = kind.shares or _shares(kind.groups, random)
    truth = random.choice(len(shares), size=kind.size, p=np.array(shares) / sum(shares))
    levels = _levels(kind, random)
    logs = np.log(list(BASE.values())) + levels[truth] * np.log(STEP) + _noise(kind, (kind.size, 3), random)
    frame = pd.DataFrame(np.exp(logs), columns=LEVELED)
    frame["voucher_value"] = _vouchers(kind, truth, frame["count_orders"].to_numpy(), random)
    _plant_outliers(frame, kind.outliers, random)
    frame["count_orders"] = frame["count_orders"].round().clip(lower=1)
    frame["recency_days"] = frame["recency_days"].round().clip(upper=2000)
    for number in range(kind.unrelated):
        frame[f"unrelated_{number}"] = np.exp(random.normal(4, 1, size=kind.size))
    if kind.linked:
        frame["spent"] = frame["count_orders"] * frame["avg_order_value"]
    return (_as_sellers(frame, truth, random) if kind.sellers else _named(frame, "buyer_id")), truth


PLANTED: dict[str, Kind] = {
    "plain": Kind(),
    "heavy tails": Kind(noise="t3"),
    "skewed": Kind(noise="skewed"),
    "outliers": Kind(outliers=0.01),
    "vouchers by group": Kind(vouchers="by group"),
    "some vouchers": Kind(vouchers="some"),
    "vouchers alike": Kind(vouchers="alike"),
    "correlated": Kind(correlated=True),
    "sellers": Kind(sellers=True, vouchers="by group"),
    "small": Kind(size=400),
    "pareto": Kind(noise="pareto", vouchers="alike"),
    "unrelated": Kind(unrelated=2, vouchers="some"),
    "linked": Kind(linked=True, vouchers="by group"),
    "everything": Kind(noise="t3", outliers=0.01, vouchers="some", correlated=True),
}
UNEVEN = {2: (0.97, 0.03), 3: (0.6, 0.37, 0.03), 4: (0.6, 0.27, 0.1, 0.03), 5: (0.6, 0.2, 0.1, 0.07, 0.03),
          6: (0.6, 0.15, 0.1, 0.07, 0.05, 0.03)}  # fmt: skip


def kind_of(name: str, groups: int) -> Kind:
    """A planted kind by name, with so many groups; `uneven` has one of 60 % and one of 3 %."""
    if name == "uneven":
        return Kind(groups=groups, shares=UNEVEN[groups])
    return replace(PLANTED[name], groups=groups)


VIP_SHARES = (0.015, 0.02, 0.03, 0.05)
VIP_FEATURES = {3: 0, 5: 1, 8: 2, 12: 4}  # features, and how many of them have nothing to do with the groups


def with_vips(
    share: float, features: int, unrelated: int, others: int, seed: int, size: int = 4000
) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """A few who are apart in every feature that tells anything, among one or two groups of others.

    The two others differ in every second feature.
    """
    random = np.random.default_rng([seed, features, others, int(1000 * share)])
    shares = [share, 1 - share] if others == 1 else [share, 0.6 * (1 - share), 0.4 * (1 - share)]
    truth = random.choice(len(shares), size=size, p=shares)
    telling = features - unrelated
    levels = np.zeros((len(shares), telling))
    levels[0] = 1
    if others == 2:
        levels[2, ::2] = -1
    logs = 5 + levels[truth] * np.log(STEP) + random.normal(0, 0.45, size=(size, telling))
    noise = random.normal(4, 1, size=(size, unrelated))
    names = [*(f"telling_{i}" for i in range(telling)), *(f"unrelated_{i}" for i in range(unrelated))]
    frame = pd.DataFrame(np.exp(np.hstack([logs, noise])), columns=names)
    frame.insert(0, "buyer_id", [f"b{number:05d}" for number in range(size)])
    return frame, truth


def independent(seed: int, size: int = 3000) -> pd.DataFrame:
    """Independent log-normals."""
    random = np.random.default_rng([seed, 101])
    logs = random.normal([2, 13, 11, 4], [1.2, 1.3, 1, 1], size=(size, 4))
    return _named(pd.DataFrame(np.exp(logs), columns=[*LEVELED, "voucher_value"]), "buyer_id")


def blob(seed: int, size: int = 3000) -> pd.DataFrame:
    """One elongated, correlated blob: more orders, dearer ones, more recent."""
    random = np.random.default_rng([seed, 102])
    common = random.normal(size=(size, 1)) * [1, 1, -1, 1]
    logs = np.array([3, 13, 4, 11]) + 0.9 * common + 0.43 * random.normal(size=(size, 4))
    return _named(pd.DataFrame(np.exp(logs), columns=[*LEVELED, "voucher_value"]), "buyer_id")


def cube(seed: int, size: int = 3000) -> pd.DataFrame:
    """A uniform cube."""
    random = np.random.default_rng([seed, 103])
    frame = pd.DataFrame(random.uniform(size=(size, 4)), columns=[*LEVELED, "voucher_value"])
    return _named(frame * [100, 1e6, 300, 1e5], "buyer_id")


def few_vouchers(seed: int, size: int = 3000) -> pd.DataFrame:
    """Independent log-normals, whole orders and days, and a voucher for one in three."""
    random = np.random.default_rng([seed, 104])
    frame = independent(seed, size)
    frame["voucher_value"] *= random.random(size) < 0.35
    frame["count_orders"] = frame["count_orders"].round().clip(lower=1)
    frame["recency_days"] = frame["recency_days"].round()
    return frame


def market(seed: int, size: int = 3000) -> pd.DataFrame:
    """Customers who differ only in how often they buy: gamma-mixed Poisson orders, all else follows."""
    random = np.random.default_rng([seed, 105])
    known_for = random.uniform(30, 720, size=size)
    orders = np.maximum(1, random.poisson(random.gamma(0.6, size=size) * 0.03 * known_for))
    values = np.exp(random.normal(13, 1, size=size) + random.normal(size=size) / np.sqrt(orders))
    recency = np.round(known_for * (1 - random.beta(orders, 1)))
    used = random.random(size) < 1 - 0.9**orders
    vouchers = np.where(used, np.exp(random.normal(10, 1, size=size)) * orders**0.7, 0)
    columns = {"count_orders": orders, "avg_order_value": values, "recency_days": recency, "voucher_value": vouchers}
    return _named(pd.DataFrame(columns).astype(float), "buyer_id")


def once_or_more(seed: int, size: int = 3000) -> pd.DataFrame:
    """Mostly one order, sometimes more, and as many sellers: steps that look like gaps."""
    random = np.random.default_rng([seed, 106])
    orders = 1 + random.poisson(random.gamma(0.25, size=size) * 3)
    sellers = [len(set(random.integers(0, 30, size=n))) for n in orders]
    values = np.exp(random.normal(13, 1, size=size))
    columns = {"count_orders": orders, "avg_order_value": values, "unique_sellers": sellers}
    recency = random.uniform(0, 500, size=size).round()
    return _named(pd.DataFrame({**columns, "recency_days": recency}).astype(float), "buyer_id")


GROUPLESS: dict[str, Callable[[int], pd.DataFrame]] = {
    "independent": independent, "blob": blob, "cube": cube, "few vouchers": few_vouchers, "market": market,
    "once or more": once_or_more,
}  # fmt: skip


def _shares(groups: int, random: Generator) -> tuple[float, ...]:
    """Shares between 3 % and 60 %."""
    while True:
        shares = random.dirichlet(np.ones(groups) * 1.5)
        if shares.min() >= 0.03 and shares.max() <= 0.6:
            return tuple(shares)


def _levels(kind: Kind, random: Generator) -> Values:
    """A level per group and feature; any two groups differ in two features."""
    every = np.array(list(product(range(3), repeat=3)), dtype=float)
    while True:
        levels = every[random.choice(len(every), kind.groups, replace=False)]
        differing = (levels[:, None, :] != levels[None, :, :]).sum(axis=2)
        if differing[np.triu_indices(kind.groups, 1)].min() >= 2:
            return levels


def _noise(kind: Kind, shape: tuple[int, int], random: Generator) -> Values:
    if kind.noise == "t3":
        noise = random.standard_t(3, size=shape) / np.sqrt(3)
    elif kind.noise == "skewed":
        noise = np.log(random.gamma(2, size=shape))
        noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    elif kind.noise == "pareto":
        noise = np.log1p(random.pareto(2.5, size=shape))
        noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    else:
        noise = random.normal(size=shape)
    if kind.correlated:
        noise = noise @ np.linalg.cholesky([[1, 0.5, -0.5], [0.5, 1, -0.3], [-0.5, -0.3, 1]]).T
    return noise * kind.spread


def _vouchers(kind: Kind, truth: NDArray[np.intp], orders: Values, random: Generator) -> Values:
    """Zero for most or many, log-normal for the others."""
    groups = int(truth.max()) + 1
    using = {
        "none": np.zeros(groups),
        "by group": random.choice([0.0, 0.03, 0.9, 0.97], size=groups),
        "some": random.uniform(0.3, 0.7, size=groups),
        "alike": np.full(groups, 0.4),
    }[kind.vouchers]
    used = random.random(len(truth)) < using[truth]
    return np.where(used, VOUCHER * np.exp(random.normal(0, 0.7, size=len(truth))) * np.sqrt(orders), 0.0)


def _plant_outliers(frame: pd.DataFrame, share: float, random: Generator) -> None:
    """A share of entities with one or two features 20 to 1,000 times too high, or as much too low."""
    for row in np.flatnonzero(random.random(len(frame)) < share):
        for name in random.choice(LEVELED, size=random.integers(1, 3), replace=False):
            factor = np.exp(random.uniform(3, 7)) ** random.choice([1, 1, -1])
            frame.loc[row, name] = frame.loc[row, name] * factor


def _as_sellers(frame: pd.DataFrame, truth: NDArray[np.intp], random: Generator) -> pd.DataFrame:
    """The same as sellers, with buyers that come back more in some groups than in others."""
    again = random.uniform(0.3, 0.9, size=int(truth.max()) + 1)[truth]
    frame["unique_buyers"] = (frame["count_orders"] ** again * np.exp(random.normal(0, 0.2, len(frame)))).round()
    frame["unique_buyers"] = frame["unique_buyers"].clip(lower=1, upper=frame["count_orders"])
    return _named(frame.rename(columns={"voucher_value": "total_vouchers"}), "seller_id")


def _named(frame: pd.DataFrame, id: str) -> pd.DataFrame:
    """Ids, and what everything was worth."""
    frame.insert(0, id, [f"{id[0]}{number:05d}" for number in range(len(frame))])
    frame["total_gmv"] = (frame["count_orders"] * frame["avg_order_value"]).round(2)
    return frame
