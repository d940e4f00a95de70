"""What libraries say on stderr: as events where the log is JSON, and not once more what an exception says anyway."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from pyspark.logger import PySparkLogger

from segmentation.events import Level
from segmentation.progress import Progress

# PySpark and py4j print what they are about to raise.
RAISED = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
NEVER = logging.CRITICAL + 1


@contextmanager
def quiet(progress: Progress, verbose: bool) -> Iterator[None]:
    """For the block, what libraries log, warn of and lose in threads is told by `progress` where it writes JSON.

    What will be raised is not printed before that; with `verbose` it is, where the log is text.
    """
    before = []
    if progress.is_json or not verbose:
        # PySpark's own kind of logger, which it would otherwise make later
        for logger in (*map(PySparkLogger.getLogger, RAISED), logging.getLogger("py4j")):
            before.append((logger, logger.level))
            logger.setLevel(NEVER)
    try:
        if progress.is_json:
            with _told(progress):
                yield
        else:
            yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.WARNING)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        told = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else None
        try:
            message = record.getMessage()
        except Exception:  # what a library logs wrongly must not end a run
            message = str(record.msg)
        self._progress.library(message, level, record.name, told)


@contextmanager
def _told(progress: Progress) -> Iterator[None]:
    root = logging.getLogger()
    handler, others = _Handler(progress), root.handlers[:]
    hooks = threading.excepthook, sys.unraisablehook

    def warn(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
        progress.library(f"{category.__name__}: {message}", "warning", f"{filename}:{lineno}")

    def lost(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, where: object
    ) -> None:
        told = "".join(traceback.format_exception(kind, error, trace))
        progress.library(f"{kind.__name__}: {error}", "error", str(where), told)

    with warnings.catch_warnings():
        warnings.showwarning = warn  # type: ignore[assignment]
        threading.excepthook = lambda args: lost(
            args.exc_type, args.exc_value, args.exc_traceback, getattr(args.thread, "name", "thread")
        )
        sys.unraisablehook = lambda args: lost(args.exc_type, args.exc_value, args.exc_traceback, args.object)
        root.handlers[:] = [handler]
        try:
            yield
        finally:
            root.handlers[:] = others
            threading.excepthook, sys.unraisablehook = hooks
