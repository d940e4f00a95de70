"""Whether segments predict the next quarter: fitted on one quarter, judged on the next one, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.sql import DataFrame
from scipy import stats

from segmentation.periodic.prediction import BLOCKS, KEY, PREDICTORS, cells, outlook, quarterly_orders
from segmentation.session import cached

Floats = npt.NDArray[np.float64]
TARGETS = {"gmv": ("r2",), "activity": ("auc", "brier"), "returns": ("auc", "brier")}
SUMS = {"gmv": "rank", "activity": "active", "returns": "returned"}
SMALLER_IS_BETTER = ("brier",)
LEAST = 100  # entities on either day: of fewer nothing is said
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Judgement:
    """One measure of one predictor, out of time, and the lead of the segments over it (None of their own)."""

    target: str
    measure: str
    predictor: str
    entities: int
    value: float
    low: float
    high: float
    lead: float | None = None
    lead_low: float | None = None
    lead_high: float | None = None

    @property
    def cells(self) -> tuple[object, ...]:
        """Its fields in their order, which is that of the table prediction."""
        return astuple(self)


def judge_quarters(
    history: DataFrame, pairs: Sequence[tuple[date, date]], orders: DataFrame, sales: Sequence[str], id: str
) -> dict[tuple[date, date], list[Judgement]]:
    """Judgements of pairs of quarter ends (days.judged_quarters), of an entity's history and its orders."""
    if not pairs:
        return {}
    ends = sorted({day for pair in pairs for day in pair})
    with (
        cached(quarterly_orders(orders, sales, ends[-1], id)) as moved,
        cached(outlook(history, moved, ends, id)) as told,
    ):
        counted = cells(told).orderBy(*KEY).toPandas()  # some thousand rows, whatever the number of entities
    return {pair: judge_predictors(counted, *pair) for pair in pairs}


def judge_predictors(cells: pd.DataFrame, fitted_on: date, as_of: date) -> list[Judgement]:
    """Every target's measures by every predictor, of rows of prediction.cells.

    A predictor says of each member of a group the mean that its group had after `fitted_on` (that of all, where nobody
    was in it then); what came after `as_of` judges it. Nothing is said of a target that was the same for all.

    Intervals are those of a delete-a-group jackknife (Wolter 2007, Introduction to Variance Estimation, 4.2): all is
    computed again with a twentieth of the entities left out of both quarters, for each twentieth, and Student's t with
    19 degrees of freedom takes the spread as that of the estimate. The lead is judged by the spread of the
    differences, since the same entities make both sides of it.
    """
    quarters = [_tables(cells[cells["as_of"] == day]) for day in (fitted_on, as_of)]
    counts = [int(each["segments"].entities.sum()) if each else 0 for each in quarters]
    if min(counts) < LEAST:
        return []
    found = []
    for target, measures in TARGETS.items():
        for measure in measures:
            values = {name: _values(quarters[0][name], quarters[1][name], SUMS[target], measure) for name in PREDICTORS}
            if all(np.isfinite(each).all() for each in values.values()):
                found += [_judgement(target, measure, name, counts[1], values) for name in PREDICTORS]
    return found


@dataclass(frozen=True)
class _Table:
    """Of one day and predictor: sums by group (rows) and block (columns)."""

    groups: Sequence[int]
    entities: Floats
    sums: dict[str, Floats]


def _tables(cells: pd.DataFrame) -> dict[str, _Table]:
    found = {}
    for name, rows in cells.groupby("predictor", sort=True):
        groups = sorted({int(group) for group in rows["group"]})
        at = np.searchsorted(groups, rows["group"].to_numpy(int)), rows["block"].to_numpy(int)
        tables: dict[str, Floats] = {}
        for column in ("entities", "squares", *SUMS.values()):
            table = np.zeros((len(groups), BLOCKS))
            np.add.at(table, at, rows[column].to_numpy(float))
            tables[column] = table
        found[str(name)] = _Table(groups, tables.pop("entities"), tables)
    return found


def _values(fit: _Table, judge: _Table, column: str, measure: str) -> Floats:
    """The measure of all, and then with each block left out; NaN where it is not defined."""
    return np.array([_value(fit, judge, column, measure, without) for without in (None, *range(BLOCKS))])


def _value(fit: _Table, judge: _Table, column: str, measure: str, without: int | None) -> float:
    def total(table: Floats) -> Floats:
        whole: Floats = table.sum(axis=1)
        return whole if without is None else whole - table[:, without]

    fitted, sums = total(fit.entities), total(fit.sums[column])
    if not fitted.sum():
        return math.nan
    mean = sums.sum() / fitted.sum()
    means = np.divide(sums, fitted, out=np.full(len(fitted), mean), where=fitted > 0)
    told = dict(zip(fit.groups, means, strict=True))
    said = np.array([told.get(group, mean) for group in judge.groups])
    counts, came = total(judge.entities), total(judge.sums[column])
    squares = total(judge.sums["squares"]) if column == "rank" else came  # 0 and 1 are their own squares
    if measure == "auc":
        return _auc(said, came, counts - came)
    errors = float((squares - 2 * said * came + said**2 * counts).sum())
    if measure == "brier":
        return errors / float(counts.sum()) if 0 < came.sum() < counts.sum() else math.nan
    spread = float(squares.sum() - came.sum() ** 2 / counts.sum()) if counts.sum() else 0.0
    return 1 - errors / spread if spread > 0 else math.nan


def _auc(said: Floats, positive: Floats, negative: Floats) -> float:
    """The share of pairs of one to whom it happened and one to whom it did not where more was said of the first, ties
    by half."""
    pairs = float(positive.sum() * negative.sum())
    if not pairs:
        return math.nan
    order = np.argsort(said, kind="stable")
    said, positive, negative = said[order], positive[order], negative[order]
    below = np.concatenate(([0.0], np.cumsum(negative)))
    first, last = np.searchsorted(said, said, side="left"), np.searchsorted(said, said, side="right")
    return float((positive * (below[first] + below[last]) / 2).sum()) / pairs


def _judgement(target: str, measure: str, name: str, entities: int, values: dict[str, Floats]) -> Judgement:
    value, low, high = _interval(values[name])
    if measure in ("auc", "brier"):
        low, high = max(low, 0.0), min(high, 1.0)
    if name == "segments":
        return Judgement(target, measure, name, entities, value, low, high)
    ahead = values["segments"] - values[name]
    return Judgement(
        target,
        measure,
        name,
        entities,
        value,
        low,
        high,
        *_interval(-ahead if measure in SMALLER_IS_BETTER else ahead),
    )


def _interval(values: Floats) -> tuple[float, float, float]:
    """The estimate, which comes first, and the ends of its interval by the others, each without one block."""
    estimate, replicates = float(values[0]), values[1:]
    variance = (BLOCKS - 1) / BLOCKS * float(((replicates - replicates.mean()) ** 2).sum())
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, BLOCKS - 1)) * math.sqrt(variance)
    return estimate, estimate - reach, estimate + reach
