"""The log of a run, by Python's logging: lines for people, JSON objects for machines, and what each of these may hold.

A record of the run carries its event, its fields and the line that people read (progress.py makes it); a record of a
library has none of these, and is told to machines alone. docs/logs.md shows events and fields to who reads the log; a
test holds that it does. docs/decisions/0015-logging.md says what is not logging's own, and why.
"""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Literal, TextIO, get_args

from pyspark.logger import PySparkLogger

LogFormat = Literal["text", "json"]
Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)

EVENTS: dict[str, str] = {
    "run_started": "options and config are read; Spark comes next",
    "step_started": "a step of a stage begins",
    "step_running": "it is still at work, said after 30 seconds and each time it has taken twice as long",
    "step_ended": "it is done",
    "message": "anything else that is good to know",
    "warning": "something to look at, which stops nothing; also what libraries warn of",
    "segment": "one segment of the result",
    "error": "why the run stopped: one sentence",
    "run_ended": "the last line, with the exit status",
}

# In the order in which a line has them, where there is something to say in them; the first four always.
FIELDS: dict[str, str] = {
    "time": "when, ISO 8601 in UTC, to the millisecond",
    "level": "info, warning or error",
    "event": "one of the events above",
    "message": "the sentence that a person would read",
    "job": "segment, score, track, export or upkeep",
    "run_id": "the run, from where it is known; it is in the table `runs` where it publishes",
    "stage": "ingest, features, segment, report, track, upkeep or restore",
    "step": "the step of the stage, such as `judge orders`",
    "seconds": "how long the step or the run has taken",
    "facts": "named values of a step, a message or a warning, such as `rows`, `quarantined`, `as_of`, `verdict`",
    "entity": "of a segment: buyers or sellers",
    "segment": "its number",
    "name": "its name",
    "size": "how many are in it",
    "share": "their share of all",
    "gmv_share": "their share of GMV, where it is published",
    "path": "a place that the message names",
    "exit_status": "of an error and of a run that ended",
    "traceback": "of an error, with `--verbose`; of what a library lost",
}

# What some readers take for the end of a line, though JSON may hold it.
LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
# PySpark and py4j log what they are about to raise.
RAISED = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
NEVER = logging.CRITICAL + 1
# file:line: Category: message, and below it the line of code
WARNING = re.compile(r"(?P<source>.+?:\d+): (?P<message>\w+: .*?)(\n  .*)?\n?", re.DOTALL)


class TextFormatter(logging.Formatter):
    """The line that people read."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's `text`."""
        return str(vars(record)["text"])


class JsonFormatter(logging.Formatter):
    """One JSON object on one line, with the fields that there is something to say in."""

    def __init__(self, is_utf8: bool = True) -> None:
        super().__init__()
        self._is_utf8 = is_utf8

    def format(self, record: logging.LogRecord) -> str:
        """Of the run's own records what they carry, of others' what a library has to say."""
        carried = vars(record)
        own = "event" in carried
        fields = {"message": record.getMessage(), **carried["fields"]} if own else _of_a_library(record)
        if record.exc_info and record.exc_info[0]:
            fields["traceback"] = self.formatException(record.exc_info)
        fields |= {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": LEVELS[(record.levelno >= logging.WARNING) + (record.levelno >= logging.ERROR)],
            "event": carried.get("event", "warning"),
            "job": carried.get("job"),
            "run_id": carried.get("run_id"),
            "message": " ".join(line.strip() for line in str(fields["message"]).splitlines() if line.strip()),
        }
        plain = {key: _plain(fields.get(key)) for key in FIELDS}
        said = {key: value for key, value in plain.items() if value is not None}
        text = json.dumps(said, ensure_ascii=not self._is_utf8, allow_nan=False, default=str).translate(LINE_ENDS)
        # Half a surrogate pair (a file's name in no encoding) is no UTF-8: the same as JSON escapes it.
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


class RunHandler(logging.StreamHandler):
    """Writes a run's records; the last line may be a bar, which the next one takes the place of."""

    def __init__(self, stream: TextIO, log_format: LogFormat) -> None:
        super().__init__(stream)
        is_utf8 = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
        self.setFormatter(JsonFormatter(is_utf8) if log_format == "json" else TextFormatter())
        self._shows_bar = False

    def format(self, record: logging.LogRecord) -> str:
        """The record as written, over the bar that stands there; emit calls it with the lock held."""
        wipe = "\r\x1b[2K" if self._shows_bar else ""
        self._shows_bar = vars(record).get("is_bar", False)
        self.terminator = "" if self._shows_bar else "\n"
        return wipe + super().format(record)


@contextmanager
def libraries_told_by(handler: logging.Handler | None, verbose: bool = False) -> Iterator[None]:
    """For the block, `handler` writes what libraries log, warn of and lose in threads; None: whoever did before.

    What PySpark and py4j log before they raise it is dropped, since the exception says it; not so with None and
    `verbose`.
    """
    with ExitStack() as ending:
        if handler or not verbose:
            # PySpark's own kind of logger, which it would otherwise make later
            for logger in (*map(PySparkLogger.getLogger, RAISED), logging.getLogger("py4j")):
                ending.callback(logger.setLevel, logger.level)
                logger.setLevel(NEVER)
        if handler:
            root = logging.getLogger()
            _set(ending, root, "handlers", [handler])
            _set(ending, threading, "excepthook", _log_lost)
            _set(ending, sys, "unraisablehook", _log_lost)
            ending.callback(logging.captureWarnings, False)
            logging.captureWarnings(True)
        yield


def _set(ending: ExitStack, whose: object, name: str, value: object) -> None:
    """Until the stack ends."""
    ending.callback(setattr, whose, name, getattr(whose, name))
    setattr(whose, name, value)


def _log_lost(lost: Any) -> None:
    """What nobody could catch: in a thread (threading.ExceptHookArgs), or in the collector (sys.UnraisableHookArgs)."""
    where = getattr(lost, "thread", None) or getattr(lost, "object", None)
    logging.getLogger("lost").error(
        "%s: %s",
        lost.exc_type.__name__,
        lost.exc_value,
        extra={"source": str(getattr(where, "name", where))},
        exc_info=(lost.exc_type, lost.exc_value or lost.exc_type(), lost.exc_traceback),
    )


def _of_a_library(record: logging.LogRecord) -> dict[str, Any]:
    """Its message and its source, of a warning as Python writes it too."""
    try:
        message = record.getMessage()
    except Exception:  # what a library logs wrongly must not end a run
        message = str(record.msg)
    source = str(vars(record).get("source", record.name))
    if record.name == "py.warnings" and (warning := WARNING.fullmatch(message)):
        source, message = warning["source"], warning["message"]
    return {"message": message, "facts": {"source": source}}


def _plain(value: object) -> object:
    """A value as JSON has it: no NaN, and no more digits than are of use."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float | Decimal):
        return round(float(value), 6) if math.isfinite(value) else None
    return value
