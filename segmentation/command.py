"""What every job does around its one call: options, config, session, and errors as sentences."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence

from pyspark.sql import SparkSession

from segmentation.config import Config, load_config
from segmentation.deadline import within
from segmentation.errors import SegmentationError
from segmentation.options import AddOptions, parse_options
from segmentation.progress import Progress
from segmentation.session import get_session, on_databricks

Job = Callable[[SparkSession, Config, Progress], None]


def run_job(job: Job, description: str, argv: Sequence[str], add_options: AddOptions | None = None) -> int:
    """Run a job and return its exit status; on Databricks, where no status is seen, errors are raised.

    `add_options` adds the options that only this job takes.
    """
    verbose = "--verbose" in argv
    try:
        path, overrides = parse_options(argv, description, add_options)
        config = load_config(path, overrides)
        with within(config.time_limit):
            spark = get_session(config.spark, config.source.time_zone)
            try:
                job(spark, config, Progress())
            finally:
                if not on_databricks():
                    spark.stop()
        return 0
    except Exception as error:
        if on_databricks():
            raise
        return _report(error, verbose)


def _report(error: Exception, verbose: bool) -> int:
    """One sentence on stderr, a traceback only where it was asked for."""
    if verbose:
        traceback.print_exc()
    if isinstance(error, SegmentationError):
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    first = (str(error).strip().splitlines() or [""])[0]
    print(f"error: {type(error).__name__}: {first} (--verbose shows where)", file=sys.stderr)
    return 1
