"""Customers of online classes: three planted groups with the published sizes, ages, prices and interests."""

from dataclasses import dataclass

import numpy as np

from sample.classes_places import Place, draw_places
from sample.draw import Floats, Ints, Rng, apportion

CUSTOMERS = 2_822
TIERS = ("Budget", "Standard", "Premium", "Luxury")
AGES = ("unknown", "under 18", "18-25", "26-45", "over 45")
INTERESTS = ("Anak", "Memasak", "Fashion", "Kerajinan", "Kecantikan", "Bisnis", "Bahasa")
FAITHFUL = 0.98  # share of customers whose interest is their group's


@dataclass(frozen=True)
class Group:
    """A planted group: customers by tier and by age of the published 2,822, and how they buy.

    grown_up: the commonest age of those from 26 to 45. repeats: share of customers who buy again.
    """

    name: str
    interest: str
    tiers: tuple[int, ...]
    ages: tuple[int, ...]
    grown_up: float
    repeats: float
    completes: float


# Columns add up to what is published: 745, 1,340, 483, 254 by tier; 78 unknown, 468 and 1,871 and 277 by age.
GROUPS = (
    Group("Parents & Kids", "Anak", (638, 345, 10, 0), (28, 30, 140, 730, 65), 30.0, 0.34, 0.62),
    Group("Cooking Enthusiasts", "Memasak", (107, 993, 355, 44), (40, 70, 235, 968, 186), 33.5, 0.28, 0.74),
    Group("Fashion Creators", "Fashion", (0, 2, 118, 210), (10, 28, 93, 173, 26), 40.0, 0.22, 0.81),
)
PAID = (0.86, 0.81, 0.70, 0.58)  # of what is offered, by tier: plausible, nothing is published


@dataclass(frozen=True)
class Customers:
    """One entry per customer; tier and ages (0 where unknown) and interest by number."""

    group: Ints
    tier: Ints
    age: Ints
    interest: Ints
    places: list[Place]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.group)


def draw_customers(scale: float, rng: Rng) -> Customers:
    """Customers in random order."""
    count = max(3, round(CUSTOMERS * scale))
    sizes = apportion(np.array([sum(group.tiers) for group in GROUPS], dtype=float), count)
    groups = np.repeat(np.arange(len(GROUPS)), sizes)
    tiers = np.concatenate([_dealt(group.tiers, int(n), rng) for group, n in zip(GROUPS, sizes, strict=True)])
    bands = np.concatenate([_dealt(group.ages, int(n), rng) for group, n in zip(GROUPS, sizes, strict=True)])
    own = np.array([INTERESTS.index(group.interest) for group in GROUPS])[groups]
    others = rng.integers(0, len(INTERESTS), count)
    order = rng.permutation(count)
    return Customers(
        group=groups[order],
        tier=tiers[order],
        age=_ages(bands, groups, rng)[order],
        interest=np.where(rng.random(count) < FAITHFUL, own, others)[order],
        places=draw_places(count, rng),
    )


def prices(tier: Ints, group: Ints, rng: Rng) -> Ints:
    """A price in rupiah, whole thousands, within each tier: dense where it meets the group's next tier."""
    low, high = rng.random(len(tier)), rng.random(len(tier))
    rising = np.maximum(low, high)
    # fmt: off
    by_tier = np.stack([
        30 - 11 * low**3,
        np.where(group == 0, 33 + 32 * low, 50 + 15 * rising),
        66 + 34 * np.where(group == 2, rising, low),
        101 + 60 * np.where(group == 2, 0.68, 0.75) * low * 1.3,
    ])
    # fmt: on
    ends = np.array([(19, 30), (31, 65), (66, 100), (101, 185)])[tier]
    chosen = np.rint(by_tier[tier, np.arange(len(tier))])
    return (np.clip(chosen, ends[:, 0], ends[:, 1]) * 1000).astype(np.int64)


def _dealt(weights: tuple[int, ...], count: int, rng: Rng) -> Ints:
    """Numbers 0, 1, … by weight, exactly, in random order."""
    return rng.permutation(np.repeat(np.arange(len(weights)), apportion(np.array(weights, dtype=float), count)))


def _ages(bands: Ints, groups: Ints, rng: Rng) -> Ints:
    """An age in whole years within each band; 0 where it is unknown."""
    grown_up: Floats = np.array([group.grown_up for group in GROUPS])[groups]
    count = len(bands)
    drawn = np.stack(
        [
            np.zeros(count),
            13 + 5 * rng.random(count),
            18 + 8 * np.sqrt(rng.random(count)),
            rng.triangular(26, grown_up, 46),
            rng.triangular(46, 47, 68, count),
        ]
    )
    return np.floor(drawn[bands, np.arange(count)]).astype(np.int64)
