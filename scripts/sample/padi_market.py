"""What is planted in the PaDi sample: the published totals and the published groups."""

import numpy as np

from sample.orders import Calendar
from sample.population import Group, Market

SALES = 325_074
GMV = 27_540_670_420_148
REVENUE = 122_766_236_154
CALENDAR = Calendar(np.datetime64("2022-08-01"), np.datetime64("2024-06-30"))

# The means are the published ones; sizes and spreads are chosen so that they fit the totals together.
MARKET = Market(
    buyers=(
        Group("High-Spending Regulars", 1500, 170.63, 18_840_121, 16.89, 11.96,
              fewest_orders=8, value_spread=0.9, recency_spread=0.7, giants=0.02, giant_factor=30),
        Group("Low-Spending Sporadic Buyers", 6800, 5.09, 216_786, 233_971, 196.22),
        Group("Moderate-Spending Dormant Buyers", 2611, 13.22, 16_764_295, 0, 160.91),
    ),
    sellers=(
        Group("Niche Low-Volume Sellers", 3705, 10.67, 73_988_206, 0, 155.78, orders_spread=0.8),
        Group("High-Volume Established Sellers", 850, 248.66, 52_172_932, 58.50, 10.12,
              fewest_orders=6, orders_spread=0.9, value_spread=0.9, recency_spread=0.7, partners_spread=0.8,
              giants=0.03, giant_factor=8),
        # As many as the vouchers of the sporadic buyers make 1,515,993 each for.
        Group("High-Potential Voucher-Dependent Sellers", 1049, 70.72, 1_134_343, 1_515_993, 140.20,
              fewest_orders=5, orders_spread=0.9, partners_spread=1.0),
    ),
    # Columns: niche, established, voucher-dependent, giants among the established.
    ties=(
        (3300, 1900, 6300, 500),  # regulars
        (0, 10, 13700, 0),  # sporadic: vouchers are theirs, and go where vouchers are
        (1000, 2200, 0, 0),  # dormant
        (1650, 900, 250, 500),  # giants among the regulars
    ),
    sure_of_buyers=((0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 0), (0, 3, 0, 3)),
    sure_of_sellers=((0, 0, 0, 0), (1, 0, 0, 1), (1, 2, 0, 0), (2, 0, 0, 2)),
    rest_of_buyers=0,
    rest_of_sellers=1,
)  # fmt: skip
REGULARS, SPORADIC, DORMANT = 0, 1, 2
ESTABLISHED, VOUCHER_DEPENDENT = 1, 2
