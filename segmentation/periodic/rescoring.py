"""Snapshots placed anew, by other models and by today's orders: what the causes of moves are told by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial, reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.model import Model
from segmentation.entities import Entity
from segmentation.periodic.migrations import OF_ORDERS, Pair, rescore_earlier


def columns_for_causes(entity: Entity, models: Iterable[Model], known: Collection[str]) -> list[str]:
    """Columns of history by which causes are told, of those that it has."""
    features = [name for model in models for name in model.features if name in known]
    of_orders = [name for name in entity.history.names if name in OF_ORDERS]
    return list(dict.fromkeys([*entity.segments.names, "fitted_by", *of_orders, *features]))


def rescore_pairs(
    history: DataFrame,
    pairs: Sequence[Pair],
    made: Collection[date],
    fitted_by: Mapping[date, str],
    models: Mapping[str, Model],
    id: str,
    today: DataFrame | None = None,
) -> tuple[DataFrame | None, DataFrame | None]:
    """Rows of rescore_earlier by the model of the later snapshot of each pair: those of earlier snapshots that were not
    `made` just now, or not by that model; and those of later ones of which the earlier one alone was made.

    fitted_by: of each day, whose model its snapshot is by; models by that run. today: what today's orders say of days
    that were not made just now (snapshots.snapshots). None where no model can be had that knows the columns.
    """
    place = partial(_rescored, history, today, id, models, made)
    earlier = [
        (first, fitted_by[second])
        for first, second in pairs
        if first not in made or fitted_by[first] != fitted_by[second]
    ]
    later = [(second, fitted_by[second]) for first, second in pairs if first in made and second not in made]
    return place(earlier), place(later)


def _rescored(
    history: DataFrame,
    today: DataFrame | None,
    id: str,
    models: Mapping[str, Model],
    made: Collection[date],
    wanted: Iterable[tuple[date, str]],
) -> DataFrame | None:
    """Snapshots placed by other runs' models, from pairs of a day and a run."""
    groups: dict[tuple[str, bool], list[date]] = {}
    for day, run_id in wanted:
        groups.setdefault((run_id, day in made), []).append(day)
    found = []
    for (run_id, is_made), of_days in sorted(groups.items()):
        model, chosen = models.get(run_id), F.col("as_of").isin(of_days)
        recomputed = None if is_made or today is None else today.where(chosen)
        columns = history.columns if recomputed is None else [*{*history.columns} & {*recomputed.columns}]
        if model is not None and not model.lacking(columns):
            found.append(rescore_earlier(history.where(chosen), model, id, recomputed))
    return reduce(DataFrame.unionByName, found) if found else None
