"""Lakes that the main job makes, for tests that read what it wrote."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress

REPOSITORY = Path(__file__).parent.parent
# What the same exports must give wherever and whenever they are read.
SAME = (
    "orders", "order_lines", "users", "products", "overview", "trade",
    *(f"{side}_{name}" for side in ("buyer", "seller") for name in ("features", "segments", "profiles", "sweep", "moves", "attributes")),
)  # fmt: skip


def make_sample(folder: Path, scale: float, business: str = "padi", *options: str) -> Path:
    """A part of the sample of a business."""
    script = str(REPOSITORY / "scripts" / "make_sample.py")
    command = [sys.executable, script, business, "--out", str(folder), "--scale", str(scale), *options]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def run_job(spark: SparkSession, folder: Path, config: str = "local.yml", **overrides: Any) -> Path:
    """The main job with `<folder>/lake` and `<folder>/report`; returns the lake."""
    loaded = load_config(
        str(REPOSITORY / "conf" / config),
        {"lake": str(folder / "lake"), "output": str(folder / "report"), **overrides},
    )
    spark.conf.set("spark.sql.session.timeZone", loaded.source.time_zone)
    segment(spark, loaded, Progress(io.StringIO()))
    return folder / "lake"


def table_of(lake: Path, name: str) -> pd.DataFrame:
    """A table as delta-rs reads it."""
    return DeltaTable(str(lake / name)).to_pyarrow_table().to_pandas()


def tables_of(lake: Path) -> dict[str, pd.DataFrame]:
    """The tables that do not depend on the run, as delta-rs reads them, in a fixed order."""
    return {name: in_order(table_of(lake, name)) for name in SAME}


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A table without what names its run, sorted by its first columns."""
    table = table.drop(columns=["run_id", "batch_id"], errors="ignore")
    return table.sort_values(list(table.columns[:3]), ignore_index=True)
