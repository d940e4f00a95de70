"""What is seen of a run while it works: for people one line per stage with rows and seconds and a live bar on a
terminal, for machines one JSON object per line (logs.py declares and writes them).
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TextIO

from segmentation.logs import EVENTS, FIELDS, LogFormat, RunHandler, libraries_told_by

LAST_WORDS = 10.0  # seconds for the sentence of a run that gives up
PATIENCE = 30.0  # seconds after which who looks at a log is told that a step is still at work
ON_TERMINAL = "SEGMENTATION_ON_TERMINAL"  # .venv/bin/spark-submit says by it that it writes to one
UNKNOWN = "–"


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
    """A run's log, on stderr by default. Safe to call from several threads.

    Its logger is its own and not one of the process's: of two runs in a process none writes into the other's log.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        log_format: LogFormat = "text",
        job: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        to = stream or sys.stderr
        self.is_json = log_format == "json"
        self.run_id: str | None = None
        # spark-submit hands on what Python writes: to Python it is no terminal
        self._live = not self.is_json and (to.isatty() or (stream is None and bool(os.environ.get(ON_TERMINAL))))
        self._job, self._patience = job, patience
        self._started = time.monotonic()
        self._failed: dict[str, object] = {}
        self._handler = RunHandler(to, log_format)
        self._handler.addFilter(self._is_told)
        self._logger = logging.Logger("segmentation", logging.INFO)
        self._logger.addHandler(self._handler)

    @contextmanager
    def step(self, name: str, stage: str) -> Iterator[Facts]:
        """Announce a step; what the block adds to the yielded facts stands beside its seconds at the end."""
        started, facts = time.monotonic(), Facts()
        where: dict[str, object] = {"stage": stage, "step": name}
        self._log("step_started", f"{name} started", **where)
        self._bar(f"  {name} …")
        try:
            with self._watched(name, where, started):
                yield facts
        except BaseException:
            self._failed = self._failed or where
            raise
        seconds = time.monotonic() - started
        found = ", ".join(facts.texts)
        text = f"  {name:<28} {seconds:6.1f} s   {found}".rstrip()
        message = f"{name}: {seconds:.1f} s" + (f", {found}" if found else "")
        self._log("step_ended", message, text, **where, seconds=seconds, facts=facts.values or None)

    def line(self, text: str, message: str | None = None, **fields: object) -> None:
        """One line that stays; `message` and `fields` are its words without padding and its values, for machines."""
        self._log("message", message or text, text, **fields)

    def warning(self, text: str, **facts: object) -> None:
        """A line on something to look at; a step that failed before it stopped nothing."""
        self._failed = {}
        self._log("warning", text, text, logging.WARNING, facts=facts or None)

    def segments(
        self,
        entity: str,
        sentence: str,
        verdict: str,
        rows: Sequence[Mapping[str, Any]],
        features: Sequence[str],
        words: Mapping[str, str],
    ) -> None:
        """What a run found: for people a table, for machines an event for each segment with anybody in it.

        words: what the business calls things, by slot (i18n/wording.py).
        """
        table = f"\n{words[entity]}: {sentence}\n{profile_table(rows, features, words['gmv'])}"
        self._log("message", f"{entity}: {sentence}", table, facts={"entity": entity, "verdict": verdict})
        for row in sorted(rows, key=lambda row: row["segment"]):
            if row["size"]:
                self._log(
                    "segment",
                    f"{entity}: {row['segment']} {row['segment_name']}, {row['size']:,}",
                    entity=entity,
                    segment=row["segment"],
                    name=row["segment_name"],
                    size=row["size"],
                    share=row.get("share"),
                    gmv_share=row.get("gmv_share"),
                )

    def started(self) -> None:
        """The run begins: for machines, people see its first line."""
        self._log("run_started", f"{self._job} started")

    def done(self, seconds: float) -> None:
        """The last line for people."""
        if not self.is_json:
            self._log("message", "", f"done in {seconds:,.0f} s")

    def ended(self, exit_status: int) -> None:
        """The last line for machines."""
        seconds = time.monotonic() - self._started
        how = f"failed after {seconds:,.0f} s" if exit_status else f"done in {seconds:,.0f} s"
        level = logging.ERROR if exit_status else logging.INFO
        self._log("run_ended", how, None, level, seconds=seconds, exit_status=exit_status)

    def error(self, sentence: str, exit_status: int, traceback: str | None = None) -> None:
        """Why the run stops, and the traceback where it was asked for."""
        text = f"{traceback.rstrip()}\nerror: {sentence}" if traceback else f"error: {sentence}"
        fields = {**self._failed, "exit_status": exit_status, "traceback": traceback}
        self._log("error", sentence, text, logging.ERROR, **fields)

    def give_up(self, sentence: str, exit_status: int) -> None:
        """Say why, and end the process at once: what it waits for would not let it end in order.

        To readers of the lake it is a run that died.
        """

        def say() -> None:
            self.error(sentence, exit_status)
            self.ended(exit_status)

        said = threading.Thread(target=say, daemon=True)
        said.start()
        said.join(LAST_WORDS)  # where nobody reads what the job writes, saying it does not end
        os._exit(exit_status)

    def bar(self, name: str, done: int, total: int) -> None:
        """How far a long step is: redrawn in place on a terminal, silent elsewhere."""
        filled = 24 * done // max(total, 1)
        self._bar(f"  {name:<28} {'█' * filled}{'░' * (24 - filled)} {done}/{total}")

    def libraries(self, verbose: bool = False) -> AbstractContextManager[None]:
        """For a block, what libraries say stands in the log too, where that is JSON (logs.py)."""
        return libraries_told_by(self._handler if self.is_json else None, verbose)

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
                self._log("step_running", said, f"  {said}", **where, seconds=time.monotonic() - started)
                next_at *= 2

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def _bar(self, text: str) -> None:
        if self._live:
            self._logger.info(text, extra={"event": "message", "text": text, "is_bar": True})

    def _log(
        self, event: str, message: str, text: str | None = None, level: int = logging.INFO, /, **fields: object
    ) -> None:
        """text: the line for people; None where it says nothing to them."""
        # Here, since what a formatter raises logging prints and passes over
        assert event in EVENTS and fields.keys() <= FIELDS.keys(), (event, [*fields])
        self._logger.log(level, message, extra={"event": event, "text": text, "fields": fields})

    def _is_told(self, record: logging.LogRecord) -> bool:
        """Whether the record is one for this log, which then says whose it is: a library's only if it warns."""
        record.job, record.run_id = self._job, self.run_id
        own = vars(record)
        return (self.is_json or own.get("text") is not None) if "event" in own else record.levelno >= logging.WARNING


def profile_table(profiles: Sequence[Mapping[str, object]], features: Sequence[str], gmv: str = "GMV") -> str:
    """Rows of a profile table as lines of text: number, name, size, shares and the mean of each feature.

    >>> print(profile_table([{"segment": 1, "segment_name": "Regulars", "size": 1200, "share": 0.25,
    ...                       "gmv_share": None, "mean_count_orders": 12.5}], ["count_orders"]))
        segment    size  share  GMV  mean count orders
     1  Regulars  1,200  25.0%    –              12.50
    """
    rows = [["", "segment", "size", "share", gmv, *(f"mean {name.replace('_', ' ')}" for name in features)]]
    for profile in sorted(profiles, key=_last_without_sales):
        if not profile["size"]:  # everyone has a sale
            continue
        shares = [_percent(profile.get(name)) for name in ("share", "gmv_share")]
        means = [_number(profile.get(f"mean_{name}")) for name in features]
        rows.append([str(profile["segment"]), str(profile["segment_name"]), f"{profile['size']:,}", *shares, *means])
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _last_without_sales(profile: Mapping[str, object]) -> tuple[bool, object]:
    return profile["segment"] == 0, profile["segment"]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    number, name, *figures = zip(cells, widths, strict=True)
    shown = [number[0].rjust(number[1] + 1), name[0].ljust(name[1]), *(cell.rjust(width) for cell, width in figures)]
    return "  ".join(shown).rstrip()


def _percent(value: object) -> str:
    if value is None:
        return UNKNOWN
    share = float(str(value))
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def _number(value: object) -> str:
    if value is None:
        return UNKNOWN
    number = float(str(value))
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2f}"
