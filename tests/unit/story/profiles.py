"""Profile tables as plain rows: made of means, published, or drawn by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from segmentation.entities import BUYERS, ENTITIES, SELLERS, Entity
from segmentation.story import Archetypes, load_archetypes

Row = dict[str, Any]

ARCHETYPES: dict[str, Archetypes] = {name: load_archetypes(name) for name in ENTITIES}

PUBLISHED_BUYERS = {
    "count_orders": (170.626508, 5.087536, 13.223103),
    "avg_order_value": (1.884012e07, 2.167863e05, 1.676430e07),
    "voucher_value": (16.893315, 233970.761775, 0.0),
    "recency_days": (11.961119, 196.224746, 160.905755),
}
PUBLISHED_SELLERS = {
    "count_orders": (10.672523, 248.663937, 70.722277),
    "avg_order_value": (7.398821e07, 5.217293e07, 1.134343e06),
    "unique_buyers": (1.657068, 7.073121, 18.500491),
    "total_vouchers": (0.0, 58.49664, 1.515993e06),
    "recency_days": (155.782007, 10.117578, 140.199215),
}
# What the documents do not publish and their words need: medians of the sample that reproduces their figures.
RHYTHMS_OF_BUYERS = {
    "orders_per_month": (4.3, 0.24, 0.52), "rhythm_days": (5, 78, 33), "lapse": (2.2, 2.2, 4.3),
    "voucher_rate": (0, 0.89, 0),
}  # fmt: skip
RHYTHMS_OF_SELLERS = {
    "orders_per_month": (0.39, 7.4, 2.3), "rhythm_days": (41.5, 3, 7), "lapse": (3.3, 3, 17), "voucher_rate": (0, 0, 0.42),
}  # fmt: skip
FEATURES = {
    BUYERS.name: (
        "count_orders", "total_gmv", "avg_order_value", "voucher_value", "recency_days", "unique_categories",
        "unique_sellers", "cancel_rate", "return_rate", "age", "orders_per_month", "rhythm_days", "lapse", "voucher_rate",
    ),
    SELLERS.name: (
        "count_orders", "total_gmv", "avg_order_value", "unique_buyers", "total_vouchers", "recency_days",
        "top_buyer_share", "unique_categories", "cancel_rate", "return_rate", "orders_per_month", "rhythm_days", "lapse",
        "voucher_rate",
    ),
}  # fmt: skip
RATES = ("cancel_rate", "return_rate", "top_buyer_share", "voucher_rate")
SCALES = {"orders_per_month": 5.0, "rhythm_days": 150.0, "lapse": 8.0}


def make_profiles(
    means: Mapping[str, Sequence[float | None]],
    sizes: Sequence[int] = (),
    medians: Mapping[str, Sequence[float | None]] | None = None,
    known: Mapping[str, Sequence[int]] | None = None,
    **more: Any,
) -> list[Row]:
    """Rows of segments 1, 2, … with these means, and lifts that go with the sizes (alike where not given).

    Medians are the means where not given; known: of how many a feature is known, where not of all.
    """  # fmt: skip
    count = len(next(iter(means.values())))
    sizes = sizes or [100] * count
    rows: list[Row] = [
        {"segment": n + 1, "size": size, "share": size / sum(sizes), "gmv_share": None, "revenue_share": None, **more}
        for n, size in enumerate(sizes)
    ]
    for feature, values in means.items():
        told = [(value, size) for value, size in zip(values, sizes, strict=True) if value is not None]
        overall = sum(value * size for value, size in told) / (sum(size for _, size in told) or 1)
        for row, value in zip(rows, values, strict=True):
            row[f"mean_{feature}"] = value
            row[f"lift_{feature}"] = value / overall if overall and value is not None else None
        for row, median in zip(rows, (medians or {}).get(feature, values), strict=True):
            row[f"median_{feature}"] = median
    for feature, counts in (known or {}).items():
        for row, number in zip(rows, counts, strict=True):
            row[f"known_{feature}"] = number
    gmv = [row["size"] * (row.get("mean_total_gmv") or 0) for row in rows]
    for row, worth in zip(rows, gmv, strict=True):
        row["gmv_share"] = worth / sum(gmv) if sum(gmv) else None
        orders = row.get("mean_count_orders")
        row["order_value"] = row.get("mean_total_gmv") / orders if orders and row.get("mean_total_gmv") else None
    return rows


def published(means: Mapping[str, Sequence[float]], sizes: Sequence[int] = ()) -> list[Row]:
    """A published table, with the total that its orders and their value imply."""
    totals = [n * value for n, value in zip(means["count_orders"], means["avg_order_value"], strict=True)]
    rhythms = RHYTHMS_OF_BUYERS if "voucher_value" in means else RHYTHMS_OF_SELLERS
    return make_profiles({**means, "total_gmv": totals, **rhythms}, sizes)


@st.composite
def drawn_profiles(draw: st.DrawFn, entity: Entity, least: int = 2, most: int = 6) -> list[Row]:
    """Profiles by chance: levels far apart, near each other, equal, zero, or unknown in all segments."""
    count = draw(st.integers(least, most))
    sizes = draw(st.lists(st.integers(1, 5000), min_size=count, max_size=count))
    means: dict[str, Sequence[float | None]] = {}
    for feature in FEATURES[entity.name]:
        whole = 1.0 if feature in RATES else SCALES.get(feature) or draw(st.sampled_from((1.0, 300.0, 2e7)))
        near, far = st.floats(0.3, 1.0), st.sampled_from((0.0, 0.0005, 0.01, 0.2, 1.0))
        values = draw(st.lists(st.one_of(near, far), min_size=count, max_size=count))
        means[feature] = [value * whole for value in values]
    if draw(st.booleans()):
        means[draw(st.sampled_from(sorted(means)))] = [None] * count
    total = means["total_gmv"]
    means["total_gmv"] = sorted(total, key=lambda value: -(value or 0))  # segments are numbered by it
    below = st.sampled_from((0.0, 0.3, 0.8, 1.0, 1.2))
    medians = {
        feature: [None if value is None else value * draw(below) for value in values]
        for feature, values in means.items()
    }
    part = st.sampled_from((0.4, 0.5, 1.0))
    known = {
        feature: [round(draw(part) * size) for size in sizes]
        for feature in ("lapse", draw(st.sampled_from(sorted(means))))
    }
    return make_profiles(means, sizes, medians, known)
