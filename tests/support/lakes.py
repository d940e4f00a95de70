"""Lakes that the main job makes, for tests that read what it wrote."""

from __future__ import annotations

import io
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation.config import Config, load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress

REPOSITORY = Path(__file__).parents[2]
# What the same exports must give wherever and whenever they are read: up to the features, and all of it.
FEATURES = ("orders", "order_lines", "users", "products", "overview", "buyer_features", "seller_features")
SAME = (
    *FEATURES, "trade",
    *(f"{side}_{name}" for side in ("buyer", "seller") for name in ("segments", "profiles", "sweep", "moves", "attributes")),
)  # fmt: skip

# What jobs/track.py writes.
OF_THE_PAST = (
    *(f"{side}_{name}" for side in ("buyer", "seller") for name in ("history", "migrations", "movers")),
    "kpis", "cohorts", "prediction",
)  # fmt: skip
# What speaks of runs, of files and of rows refused: another run says otherwise of the same exports.
OF_RUNS = (
    "files", "ledger", "models", "quarantine", "raw_rows", "released", "runs", "undo_log", "upkeep", "warnings",
)  # fmt: skip
COMPARE = runpy.run_path(str(REPOSITORY / "scripts" / "compare_lakes.py"))


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


def of_few(config: Config, k_max: int = 4) -> Config:
    """The config with fewer k to try, for tests that ask what a search is written to and not what it finds."""
    plans = {name: config.plan(name) for name in config.entities}
    few = {
        name: plan.model_copy(update={"sweep": plan.sweep.model_copy(update={"k_max": k_max})})
        for name, plan in plans.items()
    }
    return config.model_copy(update={"plans": few})


def table_of(lake: Path, name: str) -> pd.DataFrame:
    """A table as delta-rs reads it."""
    return DeltaTable(str(lake / name)).to_pyarrow_table().to_pandas()


def versions_of(lake: Path) -> dict[str, int]:
    """The version of each table, by name."""
    return {path.name: DeltaTable(str(path)).version() for path in lake.iterdir() if (path / "_delta_log").is_dir()}


def unannounced(lake: Path, before: Mapping[str, int]) -> set[str]:
    """Tables with commits since `before` (see versions_of) that the last run that logged any did not say it would write.

    What the next run undoes, should one die, are the tables that the log names.
    """
    log = table_of(lake, "undo_log")
    named = set(log.loc[log["run_id"] == log["run_id"].max(), "table_name"])
    changed = {name for name, version in versions_of(lake).items() if before.get(name) != version}
    return changed - named - {"runs", "undo_log"}


def tables_of(lake: Path, names: Sequence[str] = SAME) -> dict[str, pd.DataFrame]:
    """The tables that do not depend on the run, as delta-rs reads them, in a fixed order."""
    return {name: in_order(table_of(lake, name)) for name in names}


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A table without what names its run, sorted by its first columns."""
    table = table.drop(columns=["run_id", "batch_id"], errors="ignore")
    return table.sort_values(list(table.columns[:3]), ignore_index=True)


def comparable(lake: Path, names: Sequence[str]) -> dict[str, pa.Table]:
    """Tables without what names their run, also where several runs wrote them."""
    return {name: COMPARE["comparable"](lake, name) for name in names}


def differing(found: Mapping[str, pa.Table], expected: Mapping[str, pa.Table]) -> dict[str, str]:
    """Of `comparable` tables those that do not hold the same rows to the last bit, and how."""
    told = {name: COMPARE["difference"](table, found[name]) for name, table in expected.items()}
    return {name: said for name, said in told.items() if said}
