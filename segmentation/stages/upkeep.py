"""Upkeep of the lake: small files put together, files beyond retention removed. What the tables hold stays the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from pyspark.sql import Column
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.errors import SegmentationError
from segmentation.lake.storage import first_sentence, is_of_spark
from segmentation.lake.tables import Lake, as_rows
from segmentation.lake.upkeep import compact, size, upkeep_settings, vacuum
from segmentation.lake.versions import keep_for
from segmentation.progress import Progress
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.session import in_parallel
from segmentation.stages.publication import last_run
from segmentation.stages.undo import prune

T = TypeVar("T")

EVERY = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30)}
MANY = 8  # files: fewer are read as soon as one
SLACK = timedelta(hours=1)  # a run that begins a little earlier than the one of the day before


def is_due(run: Run) -> bool:
    """Whether the last upkeep (or, before any, the first run) is as long ago as the config says.

    What was done at a time that is still to come, by a clock that was ahead, is of no account.
    """
    lake, config, now = run.lake, run.config, run.started_at.timestamp()
    if config.upkeep == "off" or not lake.exists(schemas.RUNS.name):
        return False

    def at(table: Table, column: str, which: Callable[[str], Column]) -> float | None:
        seconds = lake.read(table).select((F.unix_micros(column) / 1e6).alias("at")).where(F.col("at") <= now)
        row = seconds.agg(which("at").alias("at")).first()
        return None if row is None else row["at"]

    last = at(schemas.UPKEEP, "done_at", F.max) if lake.exists(schemas.UPKEEP.name) else None
    if last is None:
        last = at(schemas.RUNS, "started_at", F.min)
    return last is None or now - last >= (EVERY[config.upkeep] - SLACK).total_seconds()


def keep_up(run: Run) -> None:
    """Every table that is there: retention as the config has it, small files put together, old ones removed.

    Of those whose past nobody reads (the lake's row, what runs wrote aside) nothing is kept beyond Delta's default.

    Beside readers and other writers this is safe; a table that cannot be served now is served the next time.
    """
    lake, progress = run.lake, run.progress
    with progress.step("upkeep", "upkeep") as facts:
        last = last_run(lake, having="features")
        if last:
            _tried(partial(prune, lake, last.run_id), schemas.UNDO_LOG.name, progress)
        names = [name for name in (*schemas.TABLES, schemas.LOCK.name) if lake.exists(name)]
        names += lake.scratch()
        with upkeep_settings(lake):
            tasks = [partial(_tried, partial(_served, lake, name), name, progress) for name in names]
            served = [row for row in in_parallel(*tasks) if row]
        rows = [(run.run_id, *row, datetime.now(run.started_at.tzinfo)) for row in served]
        lake.append(schemas.UPKEEP, as_rows(run.spark, schemas.UPKEEP, rows))
        before, after = sum(row[1] for row in served), sum(row[2] for row in served)
        megabytes = sum(row[4] for row in served) / 1e6
        facts.add(f"{before:,} → {after:,} files, {megabytes:,.1f} MB", files_before=before, files_after=after)


def _served(lake: Lake, name: str) -> tuple[str, int, int, int, int]:
    """The table's name, and its files and bytes before and after."""
    if name in schemas.TABLES:
        keep_for(lake, name)
    files, bytes_before = size(lake, name)
    if files >= MANY:
        compact(lake, name)
    vacuum(lake, name)
    files_after, bytes_after = size(lake, name)
    return (name, files, files_after, bytes_before, bytes_after)


def _tried(task: Callable[[], T], name: str, progress: Progress) -> T | None:
    """What the task returns; None where the table refused it, to others at work there or for ever: it can wait."""
    try:
        return task()
    except Exception as error:
        if not isinstance(error, SegmentationError) and not is_of_spark(error):
            raise
        progress.warning(f"  upkeep of {name} is left for the next time: {first_sentence(error)}", table=name)
        return None
