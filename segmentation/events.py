"""What the log says as JSON, declared: its events and its fields, in the order in which a line has them.

A line has the fields that there is something to say in; time, level, event and message always.

docs/logs.md shows both to who reads the log; a test holds that it does.
"""

from __future__ import annotations

from typing import Literal, get_args

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

FIELDS: dict[str, str] = {
    "time": "when, ISO 8601 in UTC, to the millisecond",
    "level": "info, warning or error",
    "event": "one of the events above",
    "message": "the sentence that a person would read",
    "job": "segment or export",
    "run_id": "the run as in the table `runs`, from where it is known; export has none",
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
