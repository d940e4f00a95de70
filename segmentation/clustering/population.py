"""Sums over all entities: here where the points of all are at hand, on the executors where there are too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.clustering.means import Points

Outlying = NDArray[np.bool_]  # one per entity: whether its values together were pulled in far
PartSums = Callable[[Points, Outlying], pd.DataFrame]
KEY = ("fit", "centre")


@dataclass(frozen=True)
class Population:
    """All entities. frame: one row per entity, with point and outlier; at_hand: the same in NumPy, None where there are
    more than a driver should hold.

    Where they are at hand no query is run: for thousands of rows its planning and the start of Python take a hundred
    times as long as the sums.
    """

    frame: DataFrame
    at_hand: tuple[Points, Outlying] | None = None

    def sums(self, of: PartSums, columns: Sequence[str]) -> pd.DataFrame:
        """`columns` per fit and centre, in that order, in one pass; `of` gives them for a part of the entities."""
        if self.at_hand is not None:
            return of(*self.at_hand).sort_values([*KEY], ignore_index=True)

        def run(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
            for part in frames:
                points = np.array(part["point"].tolist(), dtype=np.float64)
                yield of(points, part["outlier"].to_numpy(np.bool_))

        schema = ", ".join([*(f"{name} int" for name in KEY), *(f"{name} double" for name in columns)])
        parts = self.frame.select("point", "outlier").mapInPandas(run, schema)
        total = parts.groupBy(*KEY).agg(*[F.sum(name).alias(name) for name in columns])
        return total.toPandas().sort_values([*KEY], ignore_index=True)


def rows_of(cells: Sequence[NDArray[Any]], columns: Sequence[str], fit: int) -> pd.DataFrame:
    """What a part adds to the sums of one fit: an array per column, of one number per centre."""
    rows = pd.DataFrame({name: np.asarray(each, dtype=np.float64) for name, each in zip(columns, cells, strict=True)})
    rows.insert(0, "centre", np.arange(len(rows), dtype=np.int32))
    rows.insert(0, "fit", np.int32(fit))
    return rows
