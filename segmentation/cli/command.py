"""What every job does around its one call: options, config, session, and errors as sentences."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from pyspark.sql import SparkSession

from segmentation.cli.deadline import time_limit
from segmentation.cli.options import AddOptions, early_log_options, parse_options
from segmentation.config import Config, load_config, log_options_in
from segmentation.errors import SegmentationError
from segmentation.lake.storage import IN_JAVA
from segmentation.logs import LogFormat
from segmentation.progress import Progress
from segmentation.session import get_session, on_databricks

Job = Callable[[SparkSession, Config, Progress], None]

# Its exceptions then say all that the JVM knows of them.
VERBOSE: dict[str, str | int | float | bool] = {"spark.sql.pyspark.jvmStacktrace.enabled": True}
JAVA_CLASS = re.compile(r"(?<!\S)(?:[a-z][\w$]*\.){2,}([A-Z][\w$]*)")


def run_job(job: Job, description: str, argv: Sequence[str], add_options: AddOptions | None = None) -> int:
    """Run a job and return its exit status; on Databricks, where no status is seen, errors are raised.

    `add_options` adds the options that only this job takes.
    """
    log_format, verbose = _log_options(argv)
    progress = Progress(log_format=log_format, job=getattr(job, "__name__", None))
    with progress.libraries(verbose):
        status = 0
        ending = ExitStack()
        try:
            path, overrides = parse_options(argv, description, add_options)
            config = load_config(path, overrides)
            verbose = config.verbose
            progress.started()
            ending.enter_context(time_limit(config.time_limit, progress))
            spark = get_session({**config.spark, **(VERBOSE if verbose else {})}, config.source.time_zone)
            if not on_databricks():
                ending.callback(spark.stop)
            job(spark, config, progress)
        except Exception as error:
            if on_databricks() and not progress.is_json:  # which says itself what is raised
                raise
            status = _report(error, verbose, progress)
            if on_databricks():
                progress.ended(status)
                raise
        finally:
            status = _close(ending, status, verbose, progress)
        progress.ended(status)
        return status


def _log_options(argv: Sequence[str]) -> tuple[LogFormat, bool]:
    """How to say even what is wrong with the options or the config, and whether with tracebacks: as the options ask
    for it, else the config.
    """
    asked, path = early_log_options(argv)
    asked = {**(log_options_in(path) if path else {}), **asked}
    return asked.get("log_format", "text"), asked.get("verbose", False)


def _close(ending: ExitStack, status: int, verbose: bool, progress: Progress) -> int:
    """Stop what was started. What fails then is told only where nothing failed before: it follows from that."""
    try:
        ending.close()
    except Exception as error:
        return status or _report(error, verbose, progress)
    return status


def _report(error: Exception, verbose: bool, progress: Progress) -> int:
    """One sentence, a traceback only where it was asked for; returns the exit status."""
    # Before Spark is stopped, which holds a part of what is told
    told = "".join(traceback.format_exception(_with_all_behind(error))) if verbose else None
    status = error.exit_status if isinstance(error, SegmentationError) else 1
    progress.error(str(error) if isinstance(error, SegmentationError) else _sentence(error), status, told)
    return status


def _with_all_behind(error: Exception) -> Exception:
    """The error, to be told with those that its sentence stands for, which are else left out of a traceback."""
    link: BaseException | None = error
    seen: set[int] = set()  # a library may have tied a knot
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        link.__suppress_context__ = False
        link = link.__cause__ or link.__context__
    return error


def _sentence(error: Exception) -> str:
    """An error that nobody foresaw, with what Java says its cause is.

    >>> _sentence(KeyError("orders"))
    "KeyError: 'orders' (--verbose shows where)"
    """
    name, said = type(error).__name__, str(error).strip()
    if IN_JAVA.match(said):  # py4j's own first line says nothing
        name, said = "", IN_JAVA.sub("", said, count=1)
    first, *more = said.splitlines() or [""]
    causes = [line.removeprefix("Caused by: ") for line in more if line.startswith("Caused by: ")]
    parts = [": ".join(part for part in (name, _short(first)) if part)]
    if causes and _short(causes[-1]) not in parts[0]:
        parts.append(f"caused by {_short(causes[-1])}")
    return "; ".join(parts) + " (--verbose shows where)"


def _short(said: str) -> str:
    """Java's classes by their names alone.

    >>> _short("java.io.IOException: No space left on device")
    'IOException: No space left on device'
    """
    return JAVA_CLASS.sub(r"\1", said)
