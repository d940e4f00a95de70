"""What is known of one segmentation that was tried: plain figures, no Spark."""

from __future__ import annotations

from dataclasses import dataclass, field

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.reasons import Reason

METHODS = {
    "kmeans": "k-means",
    "bisecting_kmeans": "bisecting k-means",
    "gaussian_mixture": "Gaussian mixture",
}


@dataclass(frozen=True)
class Fit:
    """One method at one k.

    sizes and outliers count entities per centre, in the centroids' order; wssse is the sum of squared
    distances to the nearest centre, None for a Gaussian mixture; silhouette is ClusteringEvaluator's and
    null_silhouette that of a reference without groups (see null_reference.py); stability is the least stable
    segment's mean Jaccard over resamples, and stable_resamples counts those from which every segment came back;
    separation is how dense the way between the two segments that are least apart is, 0 (a gap) to 1. merged is of how
    many segments of a finer fit it was made (see merge.py), 0 where it is the cheapest at its k.
    untried says why the fit was not made, or has no figures.
    """

    method: str
    k: int
    centroids: Centroids = field(default_factory=Centroids)
    sizes: tuple[int, ...] = ()
    outliers: tuple[int, ...] = ()
    wssse: float | None = None
    silhouette: float | None = None
    null_silhouette: float | None = None
    stability: float | None = None
    separation: float | None = None
    merged: int = 0
    untried: Reason | None = None
    stable_resamples: int | None = None

    @property
    def smallest_share(self) -> float | None:
        """Share of the smallest segment, 0 to 1."""
        return min(self.sizes) / sum(self.sizes) if self.sizes else None

    @property
    def outlier_share(self) -> float | None:
        """Share of outliers in the segment that has most of them, 0 to 1."""
        shares = [n / size for n, size in zip(self.outliers, self.sizes, strict=True) if size]
        return max(shares) if shares else None

    @property
    def above_null(self) -> float | None:
        """How far the silhouette lies above that of a reference without groups."""
        if self.silhouette is None or self.null_silhouette is None:
            return None
        return self.silhouette - self.null_silhouette
