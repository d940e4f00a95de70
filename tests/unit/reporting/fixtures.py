"""A factory of report data in the shape of the published figures, with hostile and sparse variants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from segmentation.clustering.shape import Shape, Silhouettes
from segmentation.reporting.border import SALES
from segmentation.reporting.data import EntityData, ReportData, RunInfo
from segmentation.story.marketplace import load_marketplace
from tests.unit.reporting.published import (
    AS_OF,
    BUYERS,
    CATEGORIES,
    GMV,
    HOSTILE,
    MONTHS,
    ORDERS,
    OTHERS,
    PROVINCES,
    REVENUE,
    RULES,
    SELLERS,
    STRATEGY,
)

Lines = list[tuple[str, str | None, float, float]]  # dimension, value, share of GMV, share of revenue


def make_report_data(**changes: object) -> ReportData:
    """Report data as after a full run; `changes` replace whole parts."""
    data = ReportData(
        run=make_run(), overview=make_overview(), ledger=make_ledger(), quarantine=make_quarantine(),
        all_batches=make_all_batches(),
        entities={
            "buyers": make_entity(BUYERS, "natural", attributes=make_attributes()), "sellers": make_entity(SELLERS, "tiers"),
        },
        trade=make_trade(), suggestions=load_marketplace(),
    )  # fmt: skip
    return replace(data, **changes)  # type: ignore[arg-type]


def make_run(**changes: object) -> RunInfo:
    versions = {"orders": 3, "buyer_segments": 1, "seller_segments": 1, "overview": 1}
    run = RunInfo("20261101T081500-7f3a", "PaDi UMKM", AS_OF, "Asia/Jakarta", "IDR", versions)
    return replace(run, **changes)  # type: ignore[arg-type]


def make_overview(revenue: bool = True) -> pd.DataFrame:
    """The overview table of a year of sales."""
    lines: Lines = [("total", None, 1.0, 1.0)]
    months = pd.period_range(end=f"{AS_OF:%Y-%m}", periods=len(MONTHS), freq="M")
    lines += [("month", str(month), share, share) for month, share in zip(months, MONTHS, strict=True)]
    dimensions: dict[str, Any] = {"province": PROVINCES, "category": CATEGORIES, **OTHERS}
    for name, values in dimensions.items():
        lines += [(name, value, gmv, earned) for value, (gmv, earned) in values.items()]
    return overview_frame(lines, revenue)


def overview_frame(lines: Lines, revenue: bool = True) -> pd.DataFrame:
    """Rows of the overview from dimension, value, share of GMV and share of revenue."""
    return pd.DataFrame(
        {
            "dimension": dimension, "value": value, "orders": round(ORDERS * gmv),
            "gmv": (GMV * Decimal(str(gmv))).quantize(Decimal("0.01")),
            "gmv_squares": (GMV * GMV / ORDERS * Decimal(str(gmv))).quantize(Decimal("0.0001")),  # all of one size
            "revenue": (REVENUE * Decimal(str(earned))).quantize(Decimal("0.01")) if revenue else None,
            "published_gmv": (GMV * Decimal(str(gmv) if revenue else 0)).quantize(Decimal("0.01")),
            "gmv_share": gmv, "revenue_share": earned if revenue else None, "run_id": "r", "as_of": AS_OF,
        }
        for dimension, value, gmv, earned in lines
    )  # fmt: skip


def make_entity(kind: dict[str, Any], verdict: str | None, **changes: object) -> EntityData:
    names = list(kind["features"])[:5]
    entity = EntityData(
        profiles=make_profiles(kind), sweep=make_sweep(), verdict=verdict, used=tuple(names[:4]),
        left_out={"voucher_orders": "voucher_orders hardly varies: 97.0% have the same value (0)"},
        pareto=make_pareto(0.384, 0.671, 0.912), near=make_near(),
        correlation=pd.DataFrame(
            [[1.0 if a == b else round(0.9 - 0.37 * abs(a - b), 2) for a in range(5)] for b in range(5)],
            index=names, columns=names,
        ),
        imputed={names[1]: 0.034}, bins=make_bins(names[:4]), confidence=make_confidence(),
        places=make_places(PROVINCES), dependence=make_dependence(), shape=make_shape(names[:4]),
    )  # fmt: skip
    return replace(entity, **changes)  # type: ignore[arg-type]


def make_pareto(*shares: float) -> pd.DataFrame:
    """What the top 1, 5 and 20 % of 14,309 hold, and the largest of all."""
    return pd.DataFrame(
        {
            "top": [0.01, 0.05, 0.2], "gmv_share": shares, "entities": [144, 716, 2_862], "everyone": 14_309,
            "largest": 0.41,
        }
    )  # fmt: skip


def make_near() -> pd.DataFrame:
    """Who is on the border to a better segment, and how many sales more would take them over."""
    return pd.DataFrame(
        {
            "segment": [3, 2], "to_segment": [2, 1], "feature": SALES, "entities": [412, 36], "change": [2.0, 1.0],
        }
    )  # fmt: skip


def make_bins(features: list[str]) -> pd.DataFrame:
    """Bins of three segments, each with a hill of its own, on a scale on which steps grow."""
    lows = [0.0, *(3.0**at for at in range(15))]
    return pd.DataFrame(
        {"feature": feature, "segment": segment, "bin": at, "low": low, "high": high,
         "entities": max(0, 40 - (at - 3 * segment) ** 2)}
        for feature in features for segment in (1, 2, 3) for at, (low, high) in enumerate(pairwise(lows))
    )  # fmt: skip


def make_confidence() -> pd.DataFrame:
    return pd.DataFrame(
        {"segment": segment, "bin": at, "entities": (at + 1) * segment} for segment in (1, 2, 3) for at in range(10)
    )


def make_places(provinces: Iterable[str | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {"segment": segment, "province": province, "entities": 9 - at, "share": (9 - at) / 40}
        for segment in (1, 2, 3)
        for at, province in enumerate(list(provinces)[:5])
    )


def make_dependence() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "entities": [986, 6_144, 1_030],
            "dependent": [412, 5_901, 99],
            "gmv_dependent": [0.31, 0.94, 0.08],
        }
    )


def make_shape(features: list[str]) -> Shape:
    """Three heaps of forty in as many features, one value unknown."""
    rng = np.random.default_rng(3)
    segments = np.repeat([1, 2, 3], 40)
    values = pd.DataFrame({name: np.exp(rng.normal(2.0 * segments, 0.4)) for name in features})
    values.iloc[5, 0] = np.nan
    components = rng.normal(np.column_stack([3.0 * segments, -segments]), 0.5)
    blades = [
        Silhouettes(k, k == 3, tuple((at + 1, np.linspace(0.9, -0.1, 120 // k)) for at in range(k)), 0.41)
        for k in range(2, 11)
    ]
    return Shape(values, segments, components, (0.71, 0.2), tuple(blades), 14_309)


def make_attribute(
    name: str,
    parts: dict[int, tuple[int, dict[str, int]]],
    rest: int | None = None,
    test: str | None = "chi2",
    p_adjusted: float | None = 1e-12,
    effect: float | None = 0.31,
    differs: bool = True,
    made: bool = False,
    ends: list[tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """Rows of an attribute's table from each segment's size and how many have which value; `rest` is the place of the
    others, `ends` those of a number's quarters.
    """
    values = list(next(iter(parts.values()))[1])
    sold = {segment: part for segment, part in parts.items() if segment}
    everyone = (
        sum(size for size, _ in sold.values()),
        {value: sum(own[value] for _, own in sold.values()) for value in values},
    )
    known_of_all = sum(everyone[1].values())
    lines = []
    for segment, (size, own) in {None: everyone, **parts}.items():
        known = sum(own.values())
        for at, value in enumerate(values):
            share_all = everyone[1][value] / known_of_all if known_of_all else None
            share = own[value] / known if known else None
            low, high = ends[at] if ends else (None, None)
            lines.append(
                {
                    "attribute": name, "segment": segment, "value": value, "rest": at == rest, "place": at + 1, "low": low,
                    "high": high, "size": size, "known": known, "entities": own[value], "share": share,
                    "share_all": share_all, "lift": share / share_all if share is not None and share_all else None,
                    "test": test, "p_value": p_adjusted, "p_adjusted": p_adjusted, "effect": effect, "differs": differs,
                    "made_segments": made, "run_id": "r", "as_of": AS_OF,
                }
            )  # fmt: skip
    return pd.DataFrame(lines)


def make_attributes() -> pd.DataFrame:
    """A home that differs, an income that does not, an age that made the segments, a fee in quarters."""
    homes = {1: (1_412, {"Homeowner": 710, "Renter": 200, "With parents": 90}),
             2: (5_209, {"Homeowner": 900, "Renter": 800, "With parents": 300}),
             3: (7_688, {"Homeowner": 12, "Renter": 6, "With parents": 3})}  # fmt: skip
    incomes = {
        1: (1_412, {"Low": 210, "High": 190}),
        2: (5_209, {"Low": 1_000, "High": 900}),
        3: (7_688, {"Low": 800, "High": 750}),
    }
    bands = {1: (1_412, {"to 25": 100, "26-45": 900, "over 45": 400}), 2: (5_209, {"to 25": 3_000, "26-45": 2_000, "over 45": 100}),
             3: (7_688, {"to 25": 2_500, "26-45": 2_500, "over 45": 2_600})}  # fmt: skip
    fees = {1: (1_412, {"1 – 9": 100, "10 – 19": 200, "20 – 34.5": 300, "35 – 90": 800}),
            2: (5_209, {"1 – 9": 1_300, "10 – 19": 1_300, "20 – 34.5": 1_300, "35 – 90": 1_200}),
            3: (7_688, {"1 – 9": 2_100, "10 – 19": 2_000, "20 – 34.5": 1_900, "35 – 90": 1_500})}  # fmt: skip
    tables = [
        make_attribute("home", homes),
        make_attribute("income", incomes, p_adjusted=0.62, effect=0.01, differs=False),
        make_attribute("age_band", bands, effect=0.4, made=True),
        make_attribute("fee", fees, test="kruskal", p_adjusted=0.0042, effect=0.04, ends=[(1, 9), (10, 19), (20, 34.5), (35, 90)]),
    ]  # fmt: skip
    return pd.concat([table.astype(object) for table in tables], ignore_index=True)


def make_trade() -> pd.DataFrame:
    """Who buys from whom among three segments each, and orders of those without a sale."""
    lines = [
        {
            "buyer_segment": buyer, "seller_segment": seller, "orders": 1_000 * buyer, "revenue": None,
            "gmv": Decimal(10 ** (14 - buyer - seller)), "voucher_value": Decimal(1_000_000 * (seller - 1)),
            "return_rate": 0.02 * seller, "run_id": "r", "as_of": AS_OF,
        }
        for buyer in (1, 2, 3) for seller in (1, 2, 3) if (buyer, seller) != (3, 1)
    ]  # fmt: skip
    nobody = {**lines[0], "buyer_segment": 0, "orders": 0, "gmv": Decimal(0), "voucher_value": Decimal(0)}
    return pd.DataFrame([*lines, nobody])


def make_profiles(kind: dict[str, Any]) -> pd.DataFrame:
    """A profile table: the published means, with medians and percentiles in proportion, and segment 0."""
    total = sum(kind["sizes"])
    lines = []
    for at, name in enumerate(kind["names"]):
        line = {
            "segment": at + 1, "segment_name": name, "size": kind["sizes"][at],
            "share": kind["sizes"][at] / total,
            "gmv_share": kind["gmv"][at], "revenue_share": kind["revenue"][at], "top_province": "DKI Jakarta",
            "top_category": "Konveksi & Laundry", "insight": kind["insights"][at],
            "recommendation": kind["advice"][at],
            "strategy": STRATEGY if at == 0 else None, "priority": at + 1, "run_id": "r", "as_of": AS_OF,
            "median_total_gmv": 0.6 * kind["gmv"][at] * 27_540_670_420_148 / kind["sizes"][at],
            "rule": kind.get("rules", RULES)[at], "rule_precision": 0.97, "rule_recall": 0.94, "fidelity": 0.96,
        }  # fmt: skip
        for feature, means in kind["features"].items():
            everyone = sum(mean * size for mean, size in zip(means, kind["sizes"], strict=True)) / total
            factors = {"mean": 1.0, "median": 0.62, "p10": 0.11, "p90": 2.4}
            line |= {f"{stat}_{feature}": means[at] * factor for stat, factor in factors.items()}
            line[f"lift_{feature}"] = means[at] / everyone if everyone else None
        lines.append(line)
    nobody = {"segment": 0, "segment_name": None, "size": 211, "share": 211 / (total + 211), "gmv_share": 0.0}
    return pd.DataFrame([nobody, *lines])


def make_sweep(chosen: int | None = 3, judged: bool = True) -> pd.DataFrame:
    """A sweep of k-means for k = 2 … 10."""
    silhouettes = (0.71, 0.783, 0.64, 0.55, 0.52, 0.49, 0.47, 0.44, 0.43)
    return pd.DataFrame(
        {
            "method": "kmeans", "k": k, "silhouette": silhouettes[k - 2], "wssse": 61_000 / k**0.9,
            "smallest_share": 0.21 / (k - 1), "stability": 0.99 - 0.06 * (k - 2) if judged else None,
            "chance": 0.31 - 0.01 * k if judged else None, "separation": 0.061 if judged else None,
            "stable_resamples": 22 - k if judged else None, "admitted": k < 6,
            "reason": None if k < 6 else f"not stable: {0.99 - 0.06 * (k - 2):.2f} over resamples, less than 0.75",
            "chosen": k == chosen, "run_id": "r",
        }
        for k in range(2, 11)
    )  # fmt: skip


def make_ledger() -> pd.DataFrame:
    money = {"gmv_read": GMV + 900, "gmv_accepted": GMV, "gmv_quarantined": Decimal(600)}
    money["gmv_duplicate"] = Decimal(300)
    lines = [("orders", 371_204, 361_882, 2_871, 6_451), ("order_lines", 720_114, 716_400, 2_214, 1_500),
             ("users", 24_511, 24_480, 31, 0), ("products", 41_002, 41_002, 0, 0)]  # fmt: skip
    return pd.DataFrame(
        {
            "run_id": "r", "table_name": name, "rows_read": read, "rows_accepted": accepted,
            "rows_quarantined": refused, "rows_duplicate": twice,
            **(money if name == "orders" else dict.fromkeys(money)),
        }
        for name, read, accepted, refused, twice in lines
    )  # fmt: skip


def make_all_batches(count: int = 3) -> pd.DataFrame:
    """The ledger's sums over several batches, the last of which is make_ledger's."""
    ledger = make_ledger().drop(columns="run_id").assign(rows_released=0, rows_outranked=0)
    sums = [name for name in ledger.columns if name.startswith(("rows_", "gmv_"))]
    times = ledger[sums].map(lambda value: value if value is None else count * value)
    return times.assign(table_name=ledger["table_name"], batches=count, rows_released=17, rows_outranked=4)


def make_quarantine() -> pd.DataFrame:
    lines = [("orders", "unknown_status", 1_204), ("orders", "negative_value", 811),
             ("orders", "malformed_line", 610),
             ("order_lines", "line_without_order", 1_980), ("order_lines", "bad_number", 234),
             ("users", "missing_key", 31), ("orders", "conflicting_versions", 246)]  # fmt: skip
    return pd.DataFrame(lines, columns=["table_name", "reason", "rows"])


def make_hostile() -> ReportData:
    """Hostile names wherever data can bring a name in."""
    names = list(HOSTILE.values())
    even = 1.0 / len(names)
    lines: Lines = [("total", None, 1.0, 1.0)]
    for dimension in ("province", "category", "product_type", "<b>band</b>"):
        lines += [(dimension, name, even, even) for name in names]
    kind = {**BUYERS, "names": (HOSTILE["script"], HOSTILE["long"], HOSTILE["right_to_left"]),
            "insights": tuple(names[:3]), "advice": tuple(names[3:6]),
            "rules": [f"top_category = '{name}' AND count_orders >= 3" for name in ("\\'; DROP", names[0], names[2])]}  # fmt: skip
    quarantine = pd.DataFrame([("orders", name, 9) for name in names], columns=["table_name", "reason", "rows"])
    run = make_run(source=HOSTILE["script"], run_id=HOSTILE["quotes"])
    homes = {at: (900, {name: 40 + 30 * (n == at) for n, name in enumerate(names)}) for at in (1, 2, 3)}
    entities = {"buyers": make_entity(kind, "natural", left_out={HOSTILE["mathtext"]: HOSTILE["script"]},
                                       places=make_places(names), attributes=make_attribute("home", homes))}  # fmt: skip
    entities["sellers"] = make_entity({**kind, "features": SELLERS["features"]}, "tiers")
    return make_report_data(run=run, overview=overview_frame(lines), entities=entities, quarantine=quarantine)
