"""Every method at every k, side by side: centres, costs and silhouettes from MLlib, gates from NumPy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.sql import DataFrame

from segmentation.clustering.fits import Fit
from segmentation.clustering.vectors import Vectors
from segmentation.plans import GatePlan, SweepPlan
from segmentation.session import kept

SIDE_BY_SIDE = 4  # fits at a time: one fit is many short jobs and leaves most of a cluster idle
FIGURES = 9  # decimals kept of a silhouette: the last bits depend on the order of adding up

Bar = Callable[[int, int], None]


def sweep(
    vectors: Vectors, plan: SweepPlan, gate: GatePlan, bar: Bar = lambda done, total: None
) -> list[Fit]:
    """One Fit per method and k, in that order; `bar` is told how many of how many are done."""
    tries = [(method, k) for method in plan.methods for k in ks(plan)]
    with kept(vectors.frame) as points, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = [pool.submit(_try, points, vectors, method, k, plan, gate) for method, k in tries]
        fits = []
        for done, future in enumerate(running, start=1):
            fits.append(future.result())
            bar(done, len(tries))
    return fits


def ks(plan: SweepPlan) -> list[int]:
    """The k to try: the range, and a forced one that lies outside it."""
    forced = {plan.k} - {1, None}
    return sorted({*range(plan.k_min, plan.k_max + 1), *forced})


def _try(points: DataFrame, vectors: Vectors, method: str, k: int, plan: SweepPlan, gate: GatePlan) -> Fit:
    if vectors.count < gate.min_entities:
        few = f"{vectors.count:,} entities, fewer than the {gate.min_entities} needed"
        return Fit(method, k, untried=few)
    if vectors.distinct < k:
        return Fit(method, k, untried=f"only {vectors.distinct} different entities, fewer than k = {k}")
    return _kmeans(points, k, seed=1, iterations=plan.max_iterations)


def _kmeans(points: DataFrame, k: int, seed: int, iterations: int) -> Fit:
    """k-means from one seed. The block solver is the faster one, and needs k different points."""
    means = KMeans(k=k, seed=seed, maxIter=iterations, solver="block")
    # Without the cache's wrapping MLlib keeps its own blocks of the points for as long as the fit takes.
    model = means.fit(points.select("features"))
    centres = tuple(tuple(float(x) for x in centre) for centre in model.clusterCenters())
    labelled = model.transform(points.select("features"))
    counts = {row["prediction"]: row["count"] for row in labelled.groupBy("prediction").count().collect()}
    if len(counts) < k:
        return Fit("kmeans", k, untried=f"only {len(counts)} of {k} segments have anyone in them")
    silhouette = ClusteringEvaluator().evaluate(labelled)
    return Fit(
        method="kmeans",
        k=k,
        centres=centres,
        sizes=tuple(counts[segment] for segment in range(k)),
        silhouette=round(float(silhouette), FIGURES),
        wssse=float(model.summary.trainingCost),
    )
