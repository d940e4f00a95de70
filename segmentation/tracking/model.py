"""A run's model into MLflow, with the code that scores by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from segmentation.clustering.model import Model

if TYPE_CHECKING:
    from importlib.abc import Traversable

PINNED = ("numpy", "pandas", "pydantic", "scipy", "threadpoolctl")  # the same versions, the same arithmetic


def log_model(model: Model, names: Mapping[int, str], sales: str | None) -> None:
    """Into the active run, as `model`; `names` by segment, `sales` the feature without which one is in segment 0.

    All that the model needs goes along: the package's code is copied, whether it lies in a folder or in a zip.
    """
    import mlflow.pyfunc  # noqa: PLC0415 (only where tracking is on)
    from mlflow.models import ModelSignature  # noqa: PLC0415
    from mlflow.types import ColSpec, Schema  # noqa: PLC0415

    kinds = {scale.feature: "string" if scale.is_text else "double" for scale in model.scales}
    if sales:
        kinds.setdefault(sales, "double")
    told = {"model": model.as_json(), "names": names, "sales": sales}
    with TemporaryDirectory() as folder:
        written, package = Path(folder) / "segments.json", Path(folder) / "segmentation"
        written.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        _copy_code(files("segmentation"), package)
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(package / "tracking" / "scorer.py"),
            code_paths=[str(package)],
            artifacts={"segments": str(written)},
            signature=ModelSignature(
                Schema([ColSpec(kind, feature) for feature, kind in kinds.items()]),
                Schema([ColSpec("integer", "segment"), ColSpec("string", "segment_name")]),
            ),
            # of pyspark only that it imports: Databricks's own is of no version that could be installed
            pip_requirements=[*(f"{name}=={version(name)}" for name in PINNED), "pyspark>=4"],
        )


def _copy_code(package: Traversable, folder: Path) -> None:
    folder.mkdir()
    for each in package.iterdir():
        if each.name.endswith(".py"):
            (folder / each.name).write_bytes(each.read_bytes())
        elif each.is_dir() and each.name != "__pycache__":
            _copy_code(each, folder / each.name)
