"""The log: lines for people, JSON for machines."""

from __future__ import annotations

import io
import json
import logging
import math
import re
import threading
import time
import warnings
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from segmentation.cli.deadline import time_limit
from segmentation.i18n.wording import MARKETPLACE
from segmentation.logs import EVENTS, FIELDS, LEVELS, RAISED
from segmentation.progress import ON_TERMINAL, Progress

ROWS = [
    {"segment": 2, "segment_name": "Others", "size": 1, "share": 0.25, "gmv_share": None},
    {"segment": 1, "segment_name": "Regulars", "size": 3, "share": 0.75, "gmv_share": math.nan},
    {"segment": 0, "segment_name": "No Sales", "size": 0, "share": 0.0, "gmv_share": Decimal("0")},
]


def read(text: str) -> list[dict[str, Any]]:
    """The lines of a log in JSON, each held to what is declared."""
    events = []
    for line in text.splitlines():
        event = json.loads(line, parse_constant=pytest.fail)
        assert list(event) == [field for field in FIELDS if field in event]
        assert {"time", "level", "event", "message"} <= event.keys()
        assert event["event"] in EVENTS and event["level"] in LEVELS
        assert datetime.fromisoformat(event["time"]).utcoffset() is not None
        assert event["message"] == event["message"].strip() != ""
        events.append(event)
    return events


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(stream: io.StringIO) -> Progress:
    return Progress(stream, "json", "segment")


def test_people_read_one_line_per_step(stream: io.StringIO) -> None:
    progress = Progress(stream)
    progress.started()
    with progress.step("judge users", "ingest") as facts:
        facts.add("3 rows", rows=3)
        facts.add("", duplicate=0)
    progress.warning("  users: odd", rows=1)
    progress.error("found a, expected b", 2)
    progress.ended(2)
    step, *others = stream.getvalue().splitlines()
    assert re.fullmatch(r"  judge users {17,} \d\.\d s   3 rows", step)
    assert others == ["  users: odd", "error: found a, expected b"]


def test_machines_read_events(progress: Progress, stream: io.StringIO) -> None:
    progress.started()
    progress.run_id = "r1"
    with progress.step("features", "features") as facts:
        facts.add("as of 2024-01-01", as_of=date(2024, 1, 1))
    progress.line("\ntables  /lake", "tables: /lake", path="/lake")
    progress.bar("buyers", 1, 2)
    progress.done(3)
    progress.ended(0)
    events = read(stream.getvalue())
    assert [event["event"] for event in events] == ["run_started", "step_started", "step_ended", "message", "run_ended"]
    assert "run_id" not in events[0] and events[1]["run_id"] == "r1"
    assert (events[2]["stage"], events[2]["facts"]) == ("features", {"as_of": "2024-01-01"})
    assert re.fullmatch(r"features: \d\.\d s, as of 2024-01-01", events[2]["message"])
    assert (events[3]["message"], events[3]["path"]) == ("tables: /lake", "/lake")
    assert events[4]["exit_status"] == 0


def test_segments_are_objects_and_no_table(progress: Progress, stream: io.StringIO) -> None:
    progress.segments("buyers", "Two groups.", "natural", ROWS, [], MARKETPLACE.words("en"))
    sentence, first, second = read(stream.getvalue())
    assert sentence["facts"] == {"entity": "buyers", "verdict": "natural"}
    assert [first[key] for key in ("entity", "segment", "name", "size", "share")] == ["buyers", 1, "Regulars", 3, 0.75]
    assert "gmv_share" not in first and "gmv_share" not in second  # unknown


def test_an_error_says_where_the_run_was(progress: Progress, stream: io.StringIO) -> None:
    with pytest.raises(ValueError), progress.step("trade", "segment"):
        raise ValueError
    progress.error("ValueError\nin two lines", 1, "Traceback …\n")
    error = read(stream.getvalue())[-1]
    assert (error["level"], error["stage"], error["step"], error["exit_status"]) == ("error", "segment", "trade", 1)
    assert (error["message"], error["traceback"]) == ("ValueError in two lines", "Traceback …\n")


def test_any_text_is_one_line_in_utf_8() -> None:
    for encoding in ("utf-8", "ascii"):
        raw = io.BytesIO()
        progress = Progress(io.TextIOWrapper(raw, encoding=encoding, write_through=True), "json")
        progress.line("toko\u2028é\x85\udc80", path="a\nb\u2029é\udc80")
        (event,) = read(raw.getvalue().decode("utf-8"))
        assert event["path"] == "a\nb\u2029é\udc80"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_what_is_not_declared_is_a_defect(stream: io.StringIO, log_format: Any) -> None:
    with pytest.raises(AssertionError, match="nosuch"):
        Progress(stream, log_format).line("x", nosuch=1)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_long_step_says_that_it_is_at_work(stream: io.StringIO, log_format: Any) -> None:
    progress = Progress(stream, log_format, patience=0.05)
    with progress.step("features", "features"):
        until = time.monotonic() + 10
        while stream.getvalue().count("still at work") < 2 and time.monotonic() < until:
            time.sleep(0.01)
    said = stream.getvalue()
    assert said.count("still at work") >= 2
    if log_format == "json":
        assert {event["event"] for event in read(said)} == {"step_started", "step_running", "step_ended"}
    else:
        assert said.startswith("  features … still at work, ")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_the_next_line_takes_the_place_of() -> None:
    terminal = _Terminal()
    progress = Progress(terminal)
    progress.line("first")
    progress.bar("buyers", 1, 2)
    progress.bar("buyers", 2, 2)
    progress.line("last")
    begun, half, whole = "first\n", "█" * 12 + "░" * 12, "█" * 24
    wipe, name = "\r\x1b[2K", f"  {'buyers':<28} "
    assert terminal.getvalue() == f"{begun}{name}{half} 1/2{wipe}{name}{whole} 2/2{wipe}last\n"


@pytest.mark.parametrize(("told", "is_shown"), [("1", True), ("", False), (None, False)])
def test_spark_submit_says_whether_it_writes_to_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, told: str | None, is_shown: bool
) -> None:
    monkeypatch.delenv(ON_TERMINAL, raising=False)
    if told is not None:
        monkeypatch.setenv(ON_TERMINAL, told)
    Progress().bar("buyers", 1, 2)
    Progress(log_format="json").bar("buyers", 1, 2)
    assert ("1/2" in capsys.readouterr().err) is is_shown


def test_libraries_are_left_alone_where_people_read_and_afterwards(stream: io.StringIO) -> None:
    root, hooks = logging.getLogger(), (threading.excepthook, warnings.showwarning)
    before, level = root.handlers, logging.getLogger("py4j").level
    with Progress(stream).libraries():
        assert root.handlers is before and (threading.excepthook, warnings.showwarning) == hooks
        assert not logging.getLogger("py4j").isEnabledFor(logging.CRITICAL)
    with Progress(stream).libraries(verbose=True):
        assert logging.getLogger("py4j").level == level
    with Progress(stream, "json").libraries():
        assert root.handlers is not before
    assert root.handlers is before and (threading.excepthook, warnings.showwarning) == hooks
    assert logging.getLogger("py4j").level == level
    assert stream.getvalue() == ""


def test_libraries_are_heard_where_they_warn(progress: Progress, stream: io.StringIO) -> None:
    logger = logging.getLogger("chatty")
    logger.setLevel(logging.DEBUG)
    with progress.libraries():
        logger.info("by the way")
        logger.critical("at last")
    (event,) = read(stream.getvalue())
    assert (event["message"], event["level"], event["event"], event["job"]) == (
        "at last",
        "error",
        "warning",
        "segment",
    )


def test_what_libraries_say_is_told_as_events(progress: Progress, stream: io.StringIO) -> None:
    with progress.libraries(verbose=True):
        warnings.warn("old\nways", FutureWarning, stacklevel=1)
        logging.getLogger("urllib3").warning("slow %s", "host")
        logging.getLogger("urllib3").warning("%d hosts", "many")
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        logging.getLogger(RAISED[0]).error("raised anyway")
        logging.getLogger("py4j").error("raised anyway")
    old, slow, wrong, lost = read(stream.getvalue())
    assert (old["message"], old["level"]) == ("FutureWarning: old ways", "warning")
    assert (slow["message"], slow["facts"]) == ("slow host", {"source": "urllib3"})
    assert wrong["message"] == "%d hosts"
    assert (lost["message"], lost["level"]) == ("ZeroDivisionError: division by zero", "error")
    assert "1 / 0" in lost["traceback"]


def test_a_run_that_cannot_end_says_so_in_the_form_of_the_log(
    progress: Progress, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = threading.Event()
    monkeypatch.setattr("os._exit", lambda status: left.set())
    with time_limit(0.01 / 3600, progress):
        assert left.wait(10)
    error, ended = read(stream.getvalue())
    assert error["message"].startswith("time_limit: found the run still at work")
    assert (error["exit_status"], ended["event"], ended["exit_status"]) == (1, "run_ended", 1)
