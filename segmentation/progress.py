"""What a person sees while a run works: one line per stage with rows and seconds, a live bar on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Progress:
    """Lines on stderr. Safe to call from several threads."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty() or (stream is None and _submitted_from_terminal())
        self._lock = threading.Lock()
        self._bar = ""

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Announce a step; what the block appends to the yielded list stands beside its seconds at the end."""
        started = time.monotonic()
        facts: list[str] = []
        if self._live:
            self._write(f"  {name} …", bar=True)
        yield facts
        self.line(f"  {name:<28} {time.monotonic() - started:6.1f} s   {', '.join(facts)}".rstrip())

    def line(self, text: str) -> None:
        """One line that stays."""
        self._write(text, bar=False)

    def bar(self, name: str, done: int, total: int) -> None:
        """How far a long step is: redrawn in place on a terminal, silent elsewhere."""
        if self._live:
            filled = 24 * done // max(total, 1)
            self._write(f"  {name:<28} {'█' * filled}{'░' * (24 - filled)} {done}/{total}", bar=True)

    def _write(self, text: str, bar: bool) -> None:
        with self._lock:
            wipe = "\r\x1b[2K" if self._bar else ""
            self._bar = text if bar else ""
            self._stream.write(wipe + text + ("" if bar else "\n"))
            self._stream.flush()


def _submitted_from_terminal() -> bool:
    """Whether spark-submit, which hands on all that Python writes, writes to a terminal itself (Linux only)."""
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        return False
    try:
        return str(Path(f"/proc/{os.getppid()}/fd/1").readlink()).startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return False
