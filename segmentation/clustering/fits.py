"""What is known of one segmentation that was tried: plain figures, no Spark."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, ...]

METHODS = {
    "kmeans": "k-means",
    "bisecting_kmeans": "bisecting k-means",
    "gaussian_mixture": "Gaussian mixture",
}


@dataclass(frozen=True)
class Fit:
    """One method at one k.

    centres are in the space of the vectors, sizes count entities per centre, both in the fit's own order;
    silhouette is ClusteringEvaluator's and chance its value where there are no groups; stability is the least
    stable segment's mean Jaccard over resamples. untried says why there is nothing of all this.
    """

    method: str
    k: int
    centres: tuple[Point, ...] = ()
    sizes: tuple[int, ...] = ()
    silhouette: float | None = None
    wssse: float | None = None
    stability: float | None = None
    chance: float | None = None
    untried: str | None = None

    @property
    def smallest_share(self) -> float | None:
        """Share of the smallest segment, 0 to 1."""
        return min(self.sizes) / sum(self.sizes) if self.sizes else None

    @property
    def above_chance(self) -> float | None:
        """How far the silhouette lies above that of no groups at all."""
        if self.silhouette is None or self.chance is None:
            return None
        return self.silhouette - self.chance
