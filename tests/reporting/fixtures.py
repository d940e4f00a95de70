"""A factory of report data in the shape of the published figures, with hostile and sparse variants."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from segmentation.reporting.data import EntityData, ReportData, Run
from tests.reporting.published import (
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
    SELLERS,
    STRATEGY,
)

Lines = list[tuple[str, str | None, float, float]]  # dimension, value, share of GMV, share of revenue


def make_report_data(**changes: object) -> ReportData:
    """Report data as after a full run; `changes` replace whole parts."""
    data = ReportData(
        run=make_run(), overview=make_overview(), ledger=make_ledger(), quarantine=make_quarantine(),
        entities={"buyers": make_entity(BUYERS, "natural"), "sellers": make_entity(SELLERS, "tiers")},
    )  # fmt: skip
    return replace(data, **changes)  # type: ignore[arg-type]


def make_run(**changes: object) -> Run:
    versions = {"orders": 3, "buyer_segments": 1, "seller_segments": 1, "overview": 1}
    run = Run("20261101T081500-7f3a", "PaDi UMKM", AS_OF, "Asia/Jakarta", "IDR", versions)
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
            "revenue": (REVENUE * Decimal(str(earned))).quantize(Decimal("0.01")) if revenue else None,
            "gmv_share": gmv, "revenue_share": earned if revenue else None, "run_id": "r", "as_of": AS_OF,
        }
        for dimension, value, gmv, earned in lines
    )  # fmt: skip


def make_entity(kind: dict[str, Any], verdict: str | None, **changes: object) -> EntityData:
    names = list(kind["features"])[:5]
    entity = EntityData(
        profiles=make_profiles(kind), sweep=make_sweep(), verdict=verdict, used=tuple(names[:4]),
        left_out={"voucher_orders": "voucher_orders hardly varies: 97.0% have the same value (0)"},
        pareto=pd.DataFrame({"top": [0.01, 0.05, 0.2], "gmv_share": [0.384, 0.671, 0.912]}),
        correlation=pd.DataFrame(
            [[1.0 if a == b else round(0.9 - 0.37 * abs(a - b), 2) for a in range(5)] for b in range(5)],
            index=names, columns=names,
        ),
    )  # fmt: skip
    return replace(entity, **changes)  # type: ignore[arg-type]


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
            "chance": 0.31 - 0.01 * k if judged else None, "admitted": k < 6,
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
            "insights": tuple(names[:3]), "advice": tuple(names[3:6])}  # fmt: skip
    quarantine = pd.DataFrame([("orders", name, 9) for name in names], columns=["table_name", "reason", "rows"])
    run = make_run(source=HOSTILE["script"], run_id=HOSTILE["quotes"])
    entities = {"buyers": make_entity(kind, "natural", left_out={HOSTILE["mathtext"]: HOSTILE["script"]})}
    return make_report_data(run=run, overview=overview_frame(lines), entities=entities, quarantine=quarantine)
