"""Do entities differ in their orders by more than chance, or would orders dealt out at random look the same?

Tiers along a range are stable whatever the range is made of: 60 stores among which a die divides the orders have a top
and a bottom tier as well, but nothing that the bottom could learn from the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from scipy import optimize, stats

from segmentation.features.sales import sales_until

LEVEL = 0.01  # a p-value below this is no chance
EXACT = 1e-12
REPEATS = 30  # sales beyond each one's first, below which nobody knows whether sizes are a habit


@dataclass(frozen=True)
class Dispersion:
    """Sales of all entities that have one, in sums.

    orders, orders_squared: over entities, of their number of sales. The others are of sales above 0, with x the natural
    logarithm of GMV: how many, how many entities have one, Σx, Σx², and over entities (Σx)² / their number.
    """

    entities: int
    orders: int
    orders_squared: int
    sized: int
    sized_entities: int
    logs: float
    logs_squared: float
    logs_between: float

    @property
    def beyond_chance(self) -> bool:
        """Whether entities differ in how many sales they have or in how large these are; so where too few have two
        sales to tell.
        """
        sizes = self.p_of_sizes
        return sizes is None or min(sizes, self.p_of_counts) < LEVEL

    @property
    def p_of_counts(self) -> float:
        """How likely numbers of sales as uneven, or more so, are where each sale falls to anybody alike.

        The variance against that of a Poisson distribution without its zeros (those without a sale are not seen), by
        the normal distribution; Fisher's index of dispersion, where zeros are rare.
        """
        if self.entities < 2:
            return 1.0
        mean = self.orders / self.entities
        variance = (self.orders_squared - self.orders * mean) / (self.entities - 1)
        expected, error = _by_poisson(mean, self.entities)
        return float(stats.norm.sf((variance - expected) / error)) if error > 0 else 1.0

    @property
    def p_of_sizes(self) -> float | None:
        """How likely sizes as different between entities, or more so, are where all draw from the same; None where too
        few sales are anybody's second. One-way analysis of variance of the logarithm of GMV.
        """
        between, within = self.sized_entities - 1, self.sized - self.sized_entities
        if between < 1 or within < REPEATS:
            return None
        least = EXACT * self.logs_squared  # sums of equal sizes differ by rounding alone
        explained = self.logs_between - self.logs**2 / self.sized
        left = self.logs_squared - self.logs_between
        if explained <= least:
            return 1.0
        return float(stats.f.sf(explained / between / (left / within), between, within)) if left > least else 0.0


def dispersion(orders: DataFrame, id: str, sales: Sequence[str], as_of: date) -> Dispersion:
    """Of the sales up to `as_of` of those whose `id` is known; `sales` are the statuses that count as sales.

    >>> orders = make_orders(spark, [{"buyer_id": "b1", "gmv": 1}, {"buyer_id": "b1", "gmv": 1}, {"buyer_id": "b2"}])
    >>> found = dispersion(orders, "buyer_id", ["completed"], date(2024, 1, 31))
    >>> found.entities, found.orders, found.orders_squared
    (2, 3, 5)
    """
    size = F.log(F.when(F.col("gmv") > 0, F.col("gmv").cast("double")))
    each = (
        sales_until(orders, sales, as_of)
        .where(F.col(id).isNotNull())
        .groupBy(id)
        .agg(
            F.count("*").alias("orders"),
            F.count(size).alias("sized"),
            F.sum(size).alias("logs"),
            F.sum(size * size).alias("logs_squared"),
        )
    )
    row = each.agg(
        F.count("*").alias("entities"),
        F.sum("orders").alias("orders"),
        F.sum(F.col("orders") * F.col("orders")).alias("orders_squared"),
        F.sum("sized").alias("sized"),
        F.count_if(F.col("sized") > 0).alias("sized_entities"),
        F.sum("logs").alias("logs"),
        F.sum("logs_squared").alias("logs_squared"),
        F.sum(F.col("logs") * F.col("logs") / F.nullif(F.col("sized"), F.lit(0))).alias("logs_between"),
    ).first()
    assert row is not None  # of an aggregate without groups
    return Dispersion(**{name: value or 0 for name, value in row.asDict().items()})


def _by_poisson(mean: float, entities: int) -> tuple[float, float]:
    """The variance of a Poisson distribution without its zeros, and the standard error of one that is estimated."""
    if mean <= 1:
        return 0.0, 0.0
    rate = optimize.brentq(lambda rate: rate / -np.expm1(-rate) - mean, 1e-9, mean)
    most = int(mean + 20 * sqrt(mean) + 20)
    values = np.arange(1, most)
    shares = stats.poisson.pmf(values, rate) / -np.expm1(-rate)
    away = values - mean
    variance, fourth = float(shares @ away**2), float(shares @ away**4)
    return variance, sqrt(max(0.0, fourth - variance**2 * (entities - 3) / (entities - 1)) / entities)
