"""Lakes that the main job makes, for tests that read what it wrote."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress

REPOSITORY = Path(__file__).parent.parent


def make_sample(folder: Path, scale: float) -> Path:
    """A part of the PaDi-shaped sample."""
    script = str(REPOSITORY / "scripts" / "make_sample.py")
    subprocess.run(
        [sys.executable, script, "padi", "--out", str(folder), "--scale", str(scale)], check=True, capture_output=True
    )
    return folder


def run_job(spark: SparkSession, folder: Path, **overrides: Any) -> Path:
    """The main job with `<folder>/lake` and `<folder>/report`; returns the lake."""
    config = load_config(
        str(REPOSITORY / "conf" / "local.yml"),
        {"lake": str(folder / "lake"), "output": str(folder / "report"), **overrides},
    )
    spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    segment(spark, config, Progress(io.StringIO()))
    return folder / "lake"
