"""Every word and figure that is told of segments, judged by docs/words.md: on lakes, and on businesses by chance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from segmentation.entities import ENTITIES
from segmentation.i18n.text import LANGS
from segmentation.story import tell
from tests.support.referee import from_frames, judge_lake, judge_profile
from tests.unit.story.kinds import KINDS, archetypes_of
from tests.unit.story.profiles import ARCHETYPES

BUSINESSES = {"some": range(12), "many": range(12, 200)}
SEGMENTS = (2, 3, 4, 6)
# What a middle member of a middle segment has, and by what factor segments and members differ from it.
USUAL = {
    "count_orders": (6, 4, 2), "avg_order_value": (500_000, 6, 2.5), "recency_days": (60, 4, 2), "rhythm_days": (40, 3, 2),
    "orders_per_month": (0.8, 4, 2), "unique_categories": (2.5, 2, 1.6), "unique_sellers": (3, 2.5, 1.8),
    "unique_buyers": (4, 3, 2), "voucher_money": (40_000, 5, 3), "age": (35, 1.3, 1.3),
}  # fmt: skip
RATES = {"voucher_rate": 0.3, "cancel_rate": 0.08, "return_rate": 0.04, "top_buyer_share": 0.5}
IN_A_STORE = 60  # times as many sales and buyers as a seller of a marketplace has


def _business(seed: int, entity: str, kind: str = "marketplace") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features of some hundred entities, and segments that differ in some of them; a few are unknown to all.

    In a shop the sellers are stores, where many buy; of its buyers, and of those of services, one segment buys once.
    """
    random = np.random.default_rng([15, seed, len(entity)])
    size, k = int(random.integers(60, 400)), int(random.choice(SEGMENTS))
    segment = random.choice(k, size=size, p=random.dirichlet(np.ones(k) * 2))
    frame: dict[str, Any] = {}
    for name, (usual, between, within) in USUAL.items():
        levels = np.exp(random.normal(0, np.log(between), size=k))
        frame[name] = usual * levels[segment] * np.exp(random.normal(0, np.log(within), size=size))
    for name, usual in RATES.items():
        levels = np.clip(usual * np.exp(random.normal(0, 1, size=k)), 0, 0.95)
        frame[name] = random.beta(1 + 20 * levels[segment], 1 + 20 * (1 - levels[segment])) * (
            random.random(size) < 0.8
        )
    table = pd.DataFrame(frame)
    if kind == "shop" and entity == "sellers":
        table[["count_orders", "orders_per_month", "unique_buyers"]] *= IN_A_STORE
    if kind != "marketplace" and entity == "buyers":
        table.loc[segment == k - 1, "count_orders"] = 1
        table["completion_rate"] = random.beta(*np.array([(9, 1), (3, 4)])[segment % 2].T)
    for name in ("count_orders", "recency_days", "unique_categories", "unique_sellers", "unique_buyers", "age"):
        table[name] = table[name].round().clip(lower=0 if name == "recency_days" else 1)
    table["total_gmv"] = (table["count_orders"] * table["avg_order_value"]).round(2)
    table["avg_order_value"] = (table["total_gmv"] / table["count_orders"]).round(2)
    table["voucher_value" if entity == "buyers" else "total_vouchers"] = (
        table.pop("voucher_money") * table["voucher_rate"] * table["count_orders"]
    ).round(2)
    table.loc[table["count_orders"] < 3, "rhythm_days"] = np.nan
    table["lapse"] = table["recency_days"] / table["rhythm_days"]
    gone = ["age", "unique_buyers", "top_buyer_share"] if entity == "buyers" else ["unique_sellers", "age"]
    gone += [name for name in ("voucher_rate", "unique_categories", "return_rate") if random.random() < 0.1]
    if random.random() < 0.5:  # who fills in a form
        table.loc[random.random(size) < random.choice([0.3, 0.6, 0.95], size=k)[segment], "age"] = np.nan
    table = table.drop(columns=gone if random.random() < 0.9 or entity == "sellers" else gone[1:])
    # Segments are numbered by what they are worth.
    worth = table["total_gmv"].groupby(segment).mean().sort_values(ascending=False)
    number = {int(old): new for new, old in enumerate(worth.index, start=1)}
    ids = [f"e{i:04d}" for i in range(size)]
    table.insert(0, ENTITIES[entity].id, ids)
    return table, pd.DataFrame({ENTITIES[entity].id: ids, "segment": [number[int(each)] for each in segment]})


def _profiles(features: pd.DataFrame, segments: pd.DataFrame, id: str) -> list[dict[str, Any]]:
    """The profile table, in pandas."""
    people = features.merge(segments, on=id)
    names = [name for name in features.columns if name != id]
    rows = []
    for number, mine in people.groupby("segment"):
        row: dict[str, Any] = {
            "segment": int(str(number)), "size": len(mine), "share": len(mine) / len(people), "revenue_share": None,
            "gmv_share": mine["total_gmv"].sum() / people["total_gmv"].sum(),
            "order_value": mine["total_gmv"].sum() / mine["count_orders"].sum(),
            "repeat_rate": (mine["count_orders"] > 1).mean(),
        }  # fmt: skip
        for name in names:
            known, mean_of_all = mine[name].dropna(), people[name].mean()
            row[f"mean_{name}"] = known.mean() if len(known) else None
            row[f"known_{name}"] = len(known)
            for kind, part in (("median", 0.5), ("p10", 0.1), ("p90", 0.9)):
                row[f"{kind}_{name}"] = known.quantile(part) if len(known) else None
            row[f"lift_{name}"] = known.mean() / mean_of_all if len(known) and mean_of_all else None
        rows.append(row)
    return rows


@pytest.mark.parametrize("businesses", ["some", pytest.param("many", marks=pytest.mark.full)])
@pytest.mark.parametrize("entity", ["buyers", "sellers"])
@pytest.mark.parametrize("verdict", ["natural", "tiers"])
@pytest.mark.parametrize("kind", ["marketplace", *KINDS])
def test_no_word_is_false_of_any_business(kind: str, entity: str, verdict: str, businesses: str) -> None:
    judged, false = 0, []
    archetypes = ARCHETYPES[entity] if kind == "marketplace" else archetypes_of(kind, entity)
    for seed in BUSINESSES[businesses]:
        features, segments = _business(seed, entity, kind)
        rows = _profiles(features, segments, ENTITIES[entity].id)
        known = from_frames(features, segments, entity)  # type: ignore[arg-type]
        for lang in LANGS:
            stories = tell(rows, ENTITIES[entity], verdict, archetypes, lang, "IDR")  # type: ignore[arg-type]
            told = replace(known, names={story.segment: story.segment_name for story in stories})
            for story in stories:
                texts = (story.segment_name, story.insight, story.recommendation)
                found = judge_profile(told, story.segment, *texts, lang)
                judged += len(found)
                false += [f"business {seed}: {texts[0]} · {texts[1]}: {each}" for each in found if not each.holds]
    assert judged > 10 * len(BUSINESSES[businesses])
    assert not false, "\n".join([f"{len(false)} of {judged}", *false[:20]])


@pytest.mark.slow
@pytest.mark.parametrize("entity", ["buyers", "sellers"])
def test_no_word_of_the_sample_is_false(lake: Path, entity: str) -> None:
    judged = judge_lake(lake, entity)  # type: ignore[arg-type]
    assert len(judged) > 10
    assert [str(each) for each in judged if not each.holds] == []
