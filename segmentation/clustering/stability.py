"""Would other entities like these have given the same segments? Resampling, as in fpc's clusterboot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.clustering.means import Labels


def resample(size: int, seed: list[int]) -> NDArray[np.float64]:
    """A bootstrap resample as a weight per entity: how many times it was drawn."""
    drawn = np.random.default_rng(seed).integers(0, size, size)
    return np.bincount(drawn, minlength=size).astype(float)


def jaccards(original: Labels, resampled: Labels, k: int) -> NDArray[np.float64]:
    """Per original cluster, the Jaccard similarity to the most similar new one: |A ∩ B| / |A ∪ B|.

    Both label the distinct entities of one resample, as in Hennig (2007), Cluster-wise assessment of cluster
    stability. NaN for a cluster of which nobody was drawn.
    """
    both = np.zeros((k, k))
    np.add.at(both, (original, resampled), 1)
    sizes, found = both.sum(axis=1), both.sum(axis=0)
    similar = (both / np.maximum(sizes[:, None] + found - both, 1)).max(axis=1)
    return np.where(sizes > 0, similar, np.nan)


@dataclass(frozen=True)
class Stability:
    """How stable clusters are over resamples.

    least: the mean Jaccard of the least stable cluster; resamples: how many there are in which every cluster came back,
    with a Jaccard of at least the floor that the gate sets. A cluster of which nobody was drawn did not come back.
    """

    least: float
    resamples: int

    @classmethod
    def of(cls, similarities: NDArray[np.float64], floor: float) -> Stability:
        """From resamples × clusters."""
        return cls(least_stable(similarities), int((similarities >= floor).all(axis=1).sum()))


def least_stable(similarities: NDArray[np.float64]) -> float:
    """From resamples × clusters: the mean Jaccard of the least stable cluster."""
    seen = ~np.isnan(similarities)
    means = np.where(seen, similarities, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return float(means.min())
