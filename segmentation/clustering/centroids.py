"""Centres of segments in plain numbers, and which is nearest: the same for judging, publishing and scoring a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

Point = tuple[float, ...]


@dataclass(frozen=True)
class Centroids:
    """The centres of segments: a point belongs to the one that is nearest.

    distance(x, i) = |x - centre i|² for k-means: all distances here are squared. A Gaussian mixture has for each centre
    a whitening matrix W (rows; WᵀW is the inverse covariance) and an offset, log weight - ½ log |covariance|, and
    distance(x, i) = |W (x - centre i)|² - 2 offset, that is -2 log of the component's part in the density.
    """

    centres: tuple[Point, ...] = ()
    whitening: tuple[tuple[Point, ...], ...] = ()
    offsets: tuple[float, ...] = ()

    @classmethod
    def of(cls, centres: NDArray[np.float64]) -> Centroids:
        """That of k-means, from centres × coordinates."""
        return cls(tuple(map(tuple, centres.tolist())))

    @property
    def k(self) -> int:
        """How many centres there are."""
        return len(self.centres)

    def reordered(self, order: Sequence[int]) -> Centroids:
        """The same with its centres in another order."""
        return Centroids(
            tuple(self.centres[i] for i in order),
            tuple(self.whitening[i] for i in order) if self.whitening else (),
            tuple(self.offsets[i] for i in order) if self.offsets else (),
        )

    def distances(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Entities × centres, in NumPy: the distance from each to each."""
        return np.stack([self._distances_to(i, points) for i in range(self.k)], axis=1)

    def confidence(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """How sure the nearest centre is, 0 on the border to 1, of each row of `distances` to two centres or more.

        For k-means the simplified silhouette of one point (Hruschka, Campello & de Castro 2006), 1 - a / b with a
        and b the distances, not squared, to the nearest and the second nearest centre; for a mixture 1 - p₂ / p₁ with
        the probabilities of the two most probable components.
        """
        nearest, second = np.partition(distances, 1, axis=1)[:, :2].T
        if self.whitening:
            return np.asarray(1 - np.exp((nearest - second) / 2))
        return np.asarray(1 - np.sqrt(np.divide(nearest, second, out=np.ones_like(nearest), where=second > 0)))

    def confidence_column(self, nearest: Column, second: Column) -> Column:
        """The twin of `confidence`, of the distances to the nearest and the second nearest centre."""
        if self.whitening:
            return 1 - F.exp((nearest - second) / 2)
        return F.when(second == 0, 0.0).otherwise(1 - F.sqrt(nearest) / F.sqrt(second))

    def distance_columns(self, point: Column) -> list[Column]:
        """One Column per centre for an array of coordinates: the twin of `distances`."""
        return [self._distance_column(i, point) for i in range(self.k)]

    def ranked(self, point: Column) -> list[Column]:
        """One struct of distance and centre (its index) per centre: the nearer sorts first."""
        distances = self.distance_columns(point)
        return [F.struct(each.alias("distance"), F.lit(i).alias("centre")) for i, each in enumerate(distances)]

    def _distances_to(self, i: int, points: NDArray[np.float64]) -> NDArray[np.float64]:
        away = points - np.array(self.centres[i])
        if not self.whitening:
            return (away**2).sum(axis=1)
        return ((away @ np.array(self.whitening[i]).T) ** 2).sum(axis=1) - 2 * self.offsets[i]

    def _distance_column(self, i: int, point: Column) -> Column:
        away = [point[axis] - F.lit(coordinate) for axis, coordinate in enumerate(self.centres[i])]
        if not self.whitening:
            return _sum([each * each for each in away])
        rows = [_sum([each * F.lit(w) for each, w in zip(away, row, strict=True) if w]) for row in self.whitening[i]]
        return _sum([row * row for row in rows]) - F.lit(2 * self.offsets[i])


def _sum(columns: list[Column]) -> Column:
    total = columns[0]
    for column in columns[1:]:
        total = total + column
    return total
