"""k-means on a bounded set of points, by scikit-learn: for resamples and references, which take hundreds of fits."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Points = NDArray[np.float64]  # entities × coordinates
Labels = NDArray[np.intp]  # one centre's index per entity

ITERATIONS = 60
TOLERANCE = 1e-3


class _Limit:
    """Counts who is within `one_thread`: the limit is the whole process's, and is lifted when the last one leaves."""

    def __init__(self) -> None:
        self._guard, self._limits, self._within = Lock(), ExitStack(), 0

    def enter(self) -> None:
        with self._guard:
            self._limits.enter_context(threadpool_limits(1))
            self._within += 1

    def leave(self) -> None:
        with self._guard:
            self._within -= 1
            if not self._within:
                self._limits.close()


_limit = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """scikit-learn on one thread: the same sums whatever the number of cores, and a core for each executor.

    Several threads of the driver may be within at a time.
    """
    import sklearn.cluster  # noqa: F401, PLC0415 (a library that is loaded later would not be held to the limit)

    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


def best_means(
    points: Points,
    k: int,
    starts: int,
    seed: int,
    weights: NDArray[np.float64] | None = None,
    near: Points | None = None,
) -> tuple[Points, Labels, float]:
    """Centres, labels and cost of the cheapest of several starts, `near` being one more where it is given.

    Cost is the weighted sum of squared distances. Call within `one_thread`.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415 (costs a second, which only those who fit should pay)

    inits: list[tuple[str | Points, int]] = [("k-means++", starts)] if starts else []
    inits += [(near, 1)] if near is not None else []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer different points than k: some centres stay empty
        fits = [
            KMeans(k, init=init, n_init=n, random_state=seed, max_iter=ITERATIONS, tol=TOLERANCE).fit(
                points, sample_weight=weights
            )
            for init, n in inits
        ]
    best = min(fits, key=lambda fit: fit.inertia_)
    return best.cluster_centers_, best.labels_.astype(np.intp), float(best.inertia_)
