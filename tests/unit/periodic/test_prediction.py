"""What segments say of the next quarter, computed again for each entity by pandas and scikit-learn."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, r2_score, roc_auc_score

from segmentation.periodic.out_of_time import LEAST, judge_predictors, judge_quarters
from segmentation.periodic.prediction import BLOCKS, outlook, quarterly_orders
from segmentation.schemas import BUYER_HISTORY
from tests.support.factories import make_orders, make_table

SALES = ("completed", "in_progress")
FIT, JUDGE, END = date(2023, 9, 30), date(2023, 12, 31), date(2024, 3, 31)
TARGETS = {"gmv": "rank", "activity": "is_active", "returns": "has_returned"}


@pytest.fixture(scope="module")
def shop() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders of 240 buyers, some of whom buy more than others; and who was in which segment on either day."""
    chance = random.Random(77)
    placed = []
    for n in range(240):
        keen = chance.random() ** 2
        for _ in range(1 + int(14 * keen)):
            at = datetime(2023, 4, 1) + timedelta(seconds=chance.randrange(400 * 86400))
            status = chance.choice(["completed"] * 6 + ["in_progress", "cancelled", "returned", "returned"])
            placed.append((f"b{n}", at, status, round(chance.uniform(1, 90) * (1 + 9 * keen), 2)))
    orders = pd.DataFrame(placed, columns=["buyer", "at", "status", "gmv"])
    rows = []
    for day in (FIT, JUDGE):
        known = orders[orders["at"] < pd.Timestamp(day) + pd.Timedelta(days=1)]
        for buyer, mine in known.groupby("buyer"):
            sold = mine[mine["status"].isin(SALES)]
            recency = (day - sold["at"].max().date()).days if len(sold) else None
            segment = 0 if not len(sold) else 1 if len(sold) > 4 else 2 if len(sold) > 1 else 3
            rows.append((buyer, day, segment, recency, len(sold), round(sold["gmv"].sum(), 2)))
    columns = ["buyer", "as_of", "segment", "recency_days", "count_orders", "total_gmv"]
    return orders, pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def people(shop: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """By the words of docs/periodic.md, entity by entity."""
    orders, known = shop
    rows = []
    for day, end, start in ((FIT, JUDGE, date(2023, 7, 1)), (JUDGE, END, date(2023, 10, 1))):
        for _, row in known[(known["as_of"] == day) & (known["segment"] > 0)].iterrows():
            mine = orders[orders["buyer"] == row["buyer"]]
            days = mine["at"].dt.date
            sold = mine["status"].isin(SALES)
            after = (days > day) & (days <= end)
            rows.append({
                **row, "last_gmv": mine[sold & (days >= start) & (days <= day)]["gmv"].sum(),
                "gmv": mine[sold & after]["gmv"].sum(), "is_active": bool((sold & after).any()),
                "has_returned": bool(((mine["status"] == "returned") & after).any()),
            })  # fmt: skip
    found = pd.DataFrame(rows)
    return pd.concat([_grouped(found[found["as_of"] == day].copy()) for day in (FIT, JUDGE)], ignore_index=True)


def _grouped(frame: pd.DataFrame) -> pd.DataFrame:
    """Groups of each predictor and the place of the next quarter's GMV, of one day."""

    def decile(values: pd.Series, among: pd.Series) -> pd.Series:
        edges = np.quantile(among, np.arange(1, 10) / 10)
        return values.map(lambda value: 1 + sum(edge < value for edge in edges))

    recent = frame["recency_days"].astype(float)
    edges = np.quantile(recent, np.arange(1, 10) / 10)
    scores = recent.map(lambda days: 10 - sum(edge < days for edge in edges))
    for name in ("count_orders", "total_gmv"):
        scores = scores + decile(frame[name], frame[name])
    bought = frame["last_gmv"][frame["last_gmv"] > 0]
    hundredths = np.quantile(frame["gmv"], np.arange(1, 100) / 100)
    return frame.assign(
        segments=frame["segment"], rfm=scores,
        last=np.where(frame["last_gmv"] > 0, decile(frame["last_gmv"], bought), 0),
        rank=frame["gmv"].map(lambda gmv: (sum(hundredths < gmv) + sum(hundredths <= gmv)) / 2),
    )  # fmt: skip


def test_out_of_time(spark, shop, people) -> None:
    orders, known = shop
    placed = make_orders(spark, [
        {"order_id": f"o{n}", "buyer_id": row.buyer, "ordered_at": f"{row.at:%Y-%m-%d %H:%M:%S}", "status": row.status,
         "gmv": row.gmv}
        for n, row in enumerate(orders.itertuples())
    ])  # fmt: skip
    history = make_table(spark, BUYER_HISTORY, [
        {"buyer_id": row.buyer, "as_of": row.as_of, "segment": row.segment, "count_orders": row.count_orders,
         "total_gmv": row.total_gmv, "recency_days": int(row.recency_days) if row.segment else None}
        for row in known.itertuples()
    ])  # fmt: skip
    found = outlook(history, quarterly_orders(placed, SALES, JUDGE, "buyer_id"), [FIT, JUDGE], "buyer_id")
    told = found.toPandas().sort_values(["as_of", "id"], ignore_index=True)
    mine = people.sort_values(["as_of", "buyer"], ignore_index=True)
    assert list(told["id"]) == list(mine["buyer"]) and len(told) > 300
    for name in ("recency_days", "count_orders", "total_gmv", "last_gmv", "gmv", "is_active", "has_returned"):
        np.testing.assert_allclose(told[name].astype(float), mine[name].astype(float), err_msg=name)
    assert told.groupby("id")["block"].nunique().max() == 1 and set(told["block"]) <= set(range(BLOCKS))
    mine["block"] = told["block"]

    judged = judge_quarters(history, [(FIT, JUDGE)], placed, SALES, "buyer_id")
    judgements = judged[FIT, JUDGE]
    assert judge_quarters(history, [], placed, SALES, "buyer_id") == {}
    named = {(one.target, one.measure, one.predictor): one for one in judgements}
    assert len(named) == len(judgements) == 5 * 3
    for (target, measure, predictor), one in named.items():
        column = {"last_gmv": "last"}.get(predictor, predictor)
        values = _values(mine, TARGETS[target], measure, column)
        assert one.value == pytest.approx(values[0], abs=1e-9), (target, measure, predictor)
        reach = stats.t(BLOCKS - 1).ppf(0.975) * np.sqrt(
            (BLOCKS - 1) / BLOCKS * np.sum((values[1:] - np.mean(values[1:])) ** 2)
        )
        low, high = one.value - reach, one.value + reach
        assert (one.low, one.high) == pytest.approx(
            (low if measure == "r2" else max(low, 0), high if measure == "r2" else min(high, 1))
        )
        assert one.entities == (mine["as_of"] == JUDGE).sum()
        if predictor == "segments":
            assert (one.lead, one.lead_low, one.lead_high) == (None, None, None)
            continue
        ahead = np.array(_values(mine, TARGETS[target], measure, "segments")) - values
        ahead = -ahead if measure == "brier" else ahead
        assert one.lead == pytest.approx(ahead[0], abs=1e-9)
        assert one.lead_low <= one.lead <= one.lead_high


def _values(people: pd.DataFrame, target: str, measure: str, group: str) -> np.ndarray:
    """The measure of all, and without each block, by scikit-learn, entity by entity."""
    values = []
    for without in (None, *range(BLOCKS)):
        kept = people[people["block"] != without]
        fit, judge = kept[kept["as_of"] == FIT], kept[kept["as_of"] == JUDGE]
        came, means = judge[target].astype(float), fit[target].astype(float).groupby(fit[group]).mean()
        said = judge[group].map(means).fillna(fit[target].astype(float).mean())
        measured = {"r2": r2_score, "brier": brier_score_loss, "auc": roc_auc_score}[measure]
        values.append(measured(came, said))
    return np.array(values)


def by_hand(groups: dict[str, list[int]], active: list[int], day: date) -> pd.DataFrame:
    """Cells of one day from one entry per entity; a block is the place modulo BLOCKS, and nothing is returned."""
    frame = pd.DataFrame({"block": np.arange(len(active)) % BLOCKS, "active": active, **groups})
    told = []
    for name in groups:
        counted = frame.groupby([name, "block"])["active"].agg(["size", "sum"]).reset_index()
        told.append(pd.DataFrame({
            "as_of": day, "predictor": name, "group": counted[name], "block": counted["block"], "entities": counted["size"],
            "active": counted["sum"], "returned": 0, "rank": 2 * counted["sum"], "squares": 4 * counted["sum"],
        }))  # fmt: skip
    return pd.concat(told, ignore_index=True)


def test_who_knows_leads_who_guesses() -> None:
    active = [0, 0, 1, 1] * 60
    # Segments tell each one apart, RFM half of them wrongly, and last quarter's GMV nobody.
    groups = {"segments": active, "rfm": [0, 1, 0, 1] * 60, "last_gmv": [0] * 240}
    both = pd.concat([by_hand(groups, active, FIT), by_hand(groups, active, JUDGE)])
    found = {(one.target, one.measure, one.predictor): one for one in judge_predictors(both, FIT, JUDGE)}
    assert not any(target == "returns" for target, _, _ in found)  # nobody returned anything: nothing to tell
    perfect, guess = found["activity", "auc", "segments"], found["activity", "auc", "last_gmv"]
    assert (perfect.value, perfect.low, perfect.high) == (1, 1, 1) and guess.value == 0.5
    assert (guess.lead, guess.lead_low, guess.lead_high) == (0.5, 0.5, 0.5)
    assert found["activity", "brier", "segments"].value == 0 and found["activity", "brier", "rfm"].value == 0.25
    assert found["activity", "brier", "rfm"].lead == 0.25  # less is better: segments lead by it
    assert found["gmv", "r2", "segments"].value == 1 and found["gmv", "r2", "last_gmv"].value == 0


def test_where_few_are_known_nothing_is_said() -> None:
    active = [0, 1] * (LEAST // 2 - 1)
    groups = dict.fromkeys(("segments", "rfm", "last_gmv"), active)
    both = pd.concat([by_hand(groups, active, FIT), by_hand(groups, active, JUDGE)])
    assert judge_predictors(both, FIT, JUDGE) == []
