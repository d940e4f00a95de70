"""A reference without groups: rows with the same marginals and rank correlations, and nothing else in common."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.means import Points

ROUNDS = 6  # of fitting the correlations of the draw to those of the data
EDGE = 0.999

_GRID = np.linspace(0, 1, 4097)[1:-1]
_SCORES = np.array([NormalDist().inv_cdf(float(p)) for p in _GRID])


class Copula:
    """A Gaussian copula: correlated normal scores, each mapped back by the data's own quantiles.

    So a draw has the data's values feature by feature, its spikes and ties included, and its rank
    correlations, but groups only as far as those make them. Ties weaken the correlation that a draw shows:
    the one of the scores is raised until the draw's mid-ranks correlate as the data's do.

    blocks: coordinates that are drawn together, those of one text; by default each for itself. A text has no
    ranks: its categories are ranked by where the other coordinates vary most.
    """

    def __init__(self, points: Points, seed: int, blocks: Sequence[Sequence[int]] | None = None) -> None:
        self._blocks = [list(block) for block in blocks or [[axis] for axis in range(points.shape[1])]]
        keys = np.stack([_key(points, block) for block in self._blocks], axis=1)
        order = keys.argsort(axis=0, kind="stable")
        self._rows = [points[order[:, i]][:, block] for i, block in enumerate(self._blocks)]
        self._keys = np.take_along_axis(keys, order, axis=0)
        self._shape = keys.shape
        self._root = self._fitted(_correlation(keys), seed)

    def draw(self, seed: list[int]) -> Points:
        """As many rows as the data has."""
        ranks = self._ranks(self._root, np.random.default_rng(seed))
        drawn = np.empty((self._shape[0], sum(len(block) for block in self._blocks)))
        for i, block in enumerate(self._blocks):
            drawn[:, block] = self._rows[i][ranks[:, i]]
        return drawn

    def _fitted(self, wanted: Points, seed: int) -> Points:
        scores = _positive(wanted)
        for _ in range(ROUNDS if self._shape[1] > 1 else 0):
            ranks = self._ranks(_root(scores), np.random.default_rng(seed))
            shown = _correlation(np.take_along_axis(self._keys, ranks, axis=0))
            nearer = np.clip(scores + wanted - shown, -EDGE, EDGE)
            np.fill_diagonal(nearer, 1.0)
            scores = _positive(nearer)
        return _root(scores)

    def _ranks(self, root: Points, random: np.random.Generator) -> NDArray[np.intp]:
        scores = random.standard_normal(self._shape) @ root.T
        return scores.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")


def _key(points: Points, block: Sequence[int]) -> NDArray[np.float64]:
    """What a block is ranked by: its value, or its category's mean on the first principal component of the rest."""
    if len(block) == 1:
        return points[:, block[0]]
    _, codes = np.unique(points[:, block], axis=0, return_inverse=True)
    codes = codes.ravel()
    rest = np.delete(points, block, axis=1)
    if not rest.shape[1]:
        return codes.astype(float)
    centred = rest - rest.mean(axis=0)
    main = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    return (np.bincount(codes, weights=main) / np.bincount(codes))[codes]


def _correlation(points: Points) -> Points:
    """Correlations of the normal scores of mid-ranks; of a coordinate that does not vary, none."""
    scores = np.stack([np.interp(_mid_ranks(axis), _GRID, _SCORES) for axis in points.T], axis=1)
    centred = scores - scores.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    correlation = centred.T @ centred / np.maximum(np.outer(spread, spread), 1e-12)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _mid_ranks(values: Points) -> Points:
    """Ranks as shares, 0 to 1, tied values sharing the middle of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return ((np.cumsum(counts) - counts / 2) / len(values))[inverse]


def _root(correlation: Points) -> Points:
    return np.asarray(np.linalg.cholesky(correlation), dtype=np.float64)


def _positive(correlation: Points) -> Points:
    """The correlation matrix, its eigenvalues raised until they are positive."""
    values, vectors = np.linalg.eigh(correlation)
    positive = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    spread = np.sqrt(np.diag(positive))
    return positive / np.outer(spread, spread)
