"""What is seen of a run while it works: for people one line per stage with rows and seconds and a live bar on a
terminal, for machines one JSON object per line (events.py declares them).
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from segmentation.console import profile_table
from segmentation.events import EVENTS, FIELDS, Level, LogFormat

PATIENCE = 30.0  # seconds after which who looks at a log is told that a step is still at work
# What some readers take for the end of a line, though JSON may hold it.
LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


class Facts:
    """What a step found: as words for people, and as named values."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.values: dict[str, object] = {}

    def add(self, text: str = "", **values: object) -> None:
        """One more: what people read ("" for nothing), and what it is made of."""
        self.texts += [text] if text else []
        self.values |= values


class Progress:
    """Lines on stderr. Safe to call from several threads."""

    def __init__(
        self, stream: TextIO | None = None, log_format: LogFormat = "text", job: str | None = None,
        patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self._stream = stream or sys.stderr
        self.is_json = log_format == "json"
        self.run_id: str | None = None
        self._live = not self.is_json and (self._stream.isatty() or (stream is None and _submitted_from_terminal()))
        self._job, self._patience = job, patience
        self._lock = threading.RLock()  # a library's warning may come in the middle of a line
        self._started = time.monotonic()
        self._bar = ""
        self._failed: dict[str, object] = {}

    @contextmanager
    def step(self, name: str, stage: str) -> Iterator[Facts]:
        """Announce a step; what the block adds to the yielded facts stands beside its seconds at the end."""
        started, facts = time.monotonic(), Facts()
        where: dict[str, object] = {"stage": stage, "step": name}
        self._event("step_started", f"{name} started", **where)
        if self._live:
            self._write(f"  {name} …", bar=True)
        try:
            with self._watched(name, where, started):
                yield facts
        except BaseException:
            self._failed = self._failed or where
            raise
        seconds = time.monotonic() - started
        said = ", ".join(facts.texts)
        self._text(f"  {name:<28} {seconds:6.1f} s   {said}".rstrip())
        message = f"{name}: {seconds:.1f} s" + (f", {said}" if said else "")
        self._event("step_ended", message, **where, seconds=seconds, facts=facts.values or None)

    def line(self, text: str, message: str | None = None, **fields: object) -> None:
        """One line that stays; `message` and `fields` are its words without padding and its values, for machines."""
        self._text(text)
        self._event("message", message or text, **fields)

    def warning(self, text: str, **facts: object) -> None:
        """A line on something to look at; a step that failed before it stopped nothing."""
        self._failed = {}
        self._text(text)
        self._event("warning", text, "warning", facts=facts or None)

    def segments(self, entity: str, sentence: str, verdict: str, rows: Sequence[Mapping[str, Any]],
                 features: Sequence[str], words: Mapping[str, str]) -> None:  # fmt: skip
        """What a run found: for people a table, for machines an event for each segment with anybody in it.

        words: what the business calls things, by slot (i18n/wording.py).
        """
        self._text(f"\n{words[entity]}: {sentence}\n{profile_table(rows, features, words['gmv'])}")
        self._event("message", f"{entity}: {sentence}", facts={"entity": entity, "verdict": verdict})
        for row in sorted(rows, key=lambda row: row["segment"]):
            if row["size"]:
                self._event(
                    "segment", f"{entity}: {row['segment']} {row['segment_name']}, {row['size']:,}", entity=entity,
                    segment=row["segment"], name=row["segment_name"], size=row["size"], share=row.get("share"),
                    gmv_share=row.get("gmv_share"),
                )  # fmt: skip

    def started(self) -> None:
        """The run begins: for machines, people see its first line."""
        self._event("run_started", f"{self._job} started")

    def done(self, seconds: float) -> None:
        """The last line for people."""
        self._text(f"done in {seconds:,.0f} s")

    def ended(self, exit_status: int) -> None:
        """The last line for machines."""
        seconds = time.monotonic() - self._started
        level: Level = "error" if exit_status else "info"
        how = f"failed after {seconds:,.0f} s" if exit_status else f"done in {seconds:,.0f} s"
        self._event("run_ended", how, level, seconds=seconds, exit_status=exit_status)

    def error(self, sentence: str, exit_status: int, traceback: str | None = None) -> None:
        """Why the run stops, and the traceback where it was asked for."""
        if traceback:
            self._text(traceback.rstrip())
        self._text(f"error: {sentence}")
        self._event("error", sentence, "error", **self._failed, exit_status=exit_status, traceback=traceback)

    def library(self, message: str, level: Level, source: str, traceback: str | None = None) -> None:
        """What a library says of itself, for machines."""
        self._event("warning", message, level, facts={"source": source}, traceback=traceback)

    def bar(self, name: str, done: int, total: int) -> None:
        """How far a long step is: redrawn in place on a terminal, silent elsewhere."""
        if self._live:
            filled = 24 * done // max(total, 1)
            self._write(f"  {name:<28} {'█' * filled}{'░' * (24 - filled)} {done}/{total}", bar=True)

    @contextmanager
    def _watched(self, name: str, where: Mapping[str, object], started: float) -> Iterator[None]:
        """Who looks at a log sees which step is at work, and that it is: where no bar shows it."""
        if self._live:
            yield
            return
        ended = threading.Event()

        def watch() -> None:
            next_at = self._patience
            while not ended.wait(started + next_at - time.monotonic()):
                said = f"{name} … still at work, {next_at:.0f} s"
                self._text(f"  {said}")
                self._event("step_running", said, **where, seconds=time.monotonic() - started)
                next_at *= 2

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def _text(self, text: str) -> None:
        if not self.is_json:
            self._write(text, bar=False)

    def _event(self, event: str, message: str, level: Level = "info", /, **fields: object) -> None:
        if not self.is_json:
            return
        assert event in EVENTS
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        one_line = " ".join(line.strip() for line in message.splitlines() if line.strip())
        said = {
            "time": now, "level": level, "event": event, "message": one_line, "job": self._job, "run_id": self.run_id,
            **fields,
        }  # fmt: skip
        assert said.keys() <= FIELDS.keys()
        plain = {key: _plain(said.get(key)) for key in FIELDS}
        there = {key: value for key, value in plain.items() if value is not None}
        is_utf8 = (getattr(self._stream, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
        text = json.dumps(there, ensure_ascii=not is_utf8, allow_nan=False).translate(LINE_ENDS)
        # Half a surrogate pair (a file's name in no encoding) is no UTF-8: the same as JSON escapes it.
        self._write(text.encode("utf-8", "backslashreplace").decode("utf-8"), bar=False)

    def _write(self, text: str, bar: bool) -> None:
        with self._lock:
            wipe = "\r\x1b[2K" if self._bar else ""
            self._bar = text if bar else ""
            self._stream.write(wipe + text + ("" if bar else "\n"))
            self._stream.flush()


def _plain(value: object) -> object:
    """A value as JSON has it: no NaN, no more digits than are of use, days and anything else as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return round(float(value), 6) if math.isfinite(value) else None
    return str(value)


def _submitted_from_terminal() -> bool:
    """Whether spark-submit, which hands on all that Python writes, writes to a terminal itself (Linux only)."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return False
    try:
        return str(Path(f"/proc/{os.getppid()}/fd/1").readlink()).startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return False
