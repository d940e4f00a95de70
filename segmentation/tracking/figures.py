"""What is told of a run, as names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import segmentation
from segmentation.clustering.search import SearchResult
from segmentation.plans import EntityPlan
from segmentation.run import Run
from segmentation.schemas import Row

Rows = Sequence[Row]
OF_A_FIT = ("silhouette", "wssse", "smallest_share", "stability", "chance", "admitted")
OF_A_SEGMENT = ("size", "share", "gmv_share", "revenue_share")


def parameters(run: Run, spark: str) -> dict[str, Any]:
    """What holds for buyers and sellers alike."""
    config = run.config
    return {
        "run_id": run.run_id,
        "source": config.source.name,
        "as_of": run.as_of,
        "lang": config.lang,
        "lake": config.lake,
        "version_segmentation": segmentation.__version__,
        "version_spark": spark,
        **_version("delta-spark", "version_delta"),
    }


def searched(plan: EntityPlan, found: SearchResult) -> dict[str, Any]:
    """How one entity's segments were searched for, and which were chosen."""
    sweep, fit = plan.sweep, found.choice.fit
    return {
        "k": fit.k if fit else 1,
        "method": fit.method if fit else "none",
        "methods": ", ".join(sweep.methods),
        "k_min": sweep.k_min,
        "k_max": sweep.k_max,
        **({"k_asked_for": sweep.k} if sweep.k else {}),
        "seeds": sweep.seeds,
        "max_iterations": sweep.max_iterations,
        "scaling": plan.scaling,
        "trim": plan.trim,
        "features": ", ".join(dict.fromkeys(f"{scale.feature} ({scale.transform})" for scale in found.vectors.scales)),
        "features_left_out": ", ".join(dropped.feature for dropped in found.vectors.dropped),
    }


def of_a_fit(row: Mapping[str, Any]) -> dict[str, float]:
    """The figures of a row of the sweep that are known."""
    return _known({name: row[name] for name in OF_A_FIT})


def of_segments(profiles: Rows) -> dict[str, float]:
    """How large each segment is, of profiles."""
    return _known({f"{name}/segment_{row['segment']}": row[name] for name in OF_A_SEGMENT for row in profiles})


def totals(ledger: Rows) -> dict[str, float]:
    """The rows and the money of one batch, by table."""
    return _known(
        {
            f"{row['table_name']}/{name}": value
            for row in ledger
            for name, value in row.items()
            if name.startswith(("rows_", "gmv_"))
        }
    )


def _known(figures: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(figure) for name, figure in figures.items() if figure is not None}


def _version(distribution: str, name: str) -> dict[str, str]:
    """Nothing on Databricks, say, whose own Delta is no package."""
    try:
        return {name: version(distribution)}
    except PackageNotFoundError:
        return {}
