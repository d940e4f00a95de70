"""The Spark session: found or made, never configured over what spark-submit was told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, is_remote

T = TypeVar("T")

AT_A_TIME = 4  # tasks that mostly wait: for Delta commits, or for the driver to plan

TIME_ZONE = "spark.sql.session.timeZone"  # the source's, wherever the job runs
# What the jobs rely on, wherever they run. Everything else (master, memory, jars) is spark-submit's affair.
NEEDED = {
    "spark.sql.ansi.enabled": "true",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    # A folder shop=007 is the shop 007: what the source declares says what is a number.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # Pandas writes times in nanoseconds, which Spark refuses but as numbers (raw/parquet.py).
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    # Outside UTC Delta 4.4 checks its list of files by a Spark job at each commit, on guard for times before 1883.
    "spark.databricks.delta.allFilesInCrc.verificationMode.forceOnNonUTC.enabled": "false",
    # To keep the list of files beside each commit too, Delta asks for that of the commit before by a query.
    "spark.databricks.delta.allFilesInCrc.enabled": "false",
    # For its error messages Spark looks at each column that is made which line of code makes it: a run makes thousands.
    "spark.sql.dataFrameQueryContext.enabled": "false",
}


def get_session(settings: Mapping[str, object], time_zone: str) -> SparkSession:
    """The session of this process, with SQL settings that spark-submit did not set and the source's time zone.

    A setting that the platform does not let a job change (serverless allows a handful) is left as it is.
    """
    spark = SparkSession.builder.appName("segmentation").getOrCreate()
    given = _given(spark)
    for key, value in {**settings, **NEEDED}.items():
        if key not in given:
            _set(spark, key, _text(value))
    _set(spark, TIME_ZONE, time_zone)
    return spark


def on_databricks() -> bool:
    """Whether this process belongs to Databricks, serverless or not: it sets the version of its runtime."""
    return bool(os.environ.get("DATABRICKS_RUNTIME_VERSION"))


@contextmanager
def cached(frame: DataFrame) -> Iterator[DataFrame]:
    """The frame, cached for the block where the platform has a cache, and computed anew each time where not."""
    try:
        cached = frame.persist()
    except PySparkException:
        yield frame
        return
    try:
        yield cached
    finally:
        cached.unpersist()


def checkpointed(
    frame: DataFrame, otherwise: Callable[[DataFrame], DataFrame] = lambda frame: frame, at_once: bool = True
) -> DataFrame:
    """The frame's rows, computed now and once, where the platform can hold them; else the frame itself, or `otherwise`.

    Not `at_once`: by the first query that asks for all of them, which spares a job and a pass over the rows.

    For rows whose plan is long or has WITH clauses: Spark finds a cached plan by its shape, and numbers
    the WITH clauses of a query through, so that two such plans in one query are not found in the cache.
    On a cluster each part is held by two executors, since what one held alone would be lost with it: no plan is left
    to compute it again.
    """
    is_local = str(frame.sparkSession.conf.get("spark.master", "local")).startswith("local")
    try:
        return frame.localCheckpoint(
            eager=at_once or is_remote(), storageLevel=None if is_local else StorageLevel.MEMORY_AND_DISK_2
        )
    except PySparkException:
        return otherwise(frame)


def pinned(frame: DataFrame) -> DataFrame | None:
    """The frame's rows, computed now and once, where the platform can hold them; else None."""
    held = checkpointed(frame)
    return None if held is frame else held


def side_by_side(tasks: Sequence[Callable[[], T]], at_a_time: int, with_mllib: bool = False) -> Iterable[T]:
    """What each task returns, in their order, as they end; the first error is raised when all have ended.

    On Spark Connect MLlib asks for the session of its thread, and only the main one has any: tasks with MLlib
    take turns there.
    """
    if with_mllib and is_remote():
        yield from (task() for task in tasks)
        return
    with ThreadPoolExecutor(max(1, at_a_time)) as pool:
        for running in [pool.submit(task) for task in tasks]:
            yield running.result()


def in_parallel(*tasks: Callable[[], T]) -> list[T]:
    """What each of a few short tasks returns, in their order: writes, and looks at files and tables, side by side."""
    return list(side_by_side(tasks, AT_A_TIME))


def in_parallel_by_name(tasks: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """What each of a few short tasks returns, by its name, in their order."""
    return dict(zip(tasks, in_parallel(*tasks.values()), strict=True))


def _given(spark: SparkSession) -> set[str]:
    """Settings that were made before this job made its own."""
    try:
        return set(spark.conf.getAll)
    except (PySparkException, AttributeError):
        return set()


def _set(spark: SparkSession, key: str, value: str) -> None:
    try:
        spark.conf.set(key, value)
    except PySparkException:
        if key == TIME_ZONE:  # days and recency move with it: never go on without
            raise


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
