"""The end of a run that cannot end: Spark waits for ever for executors on a cluster that has none left."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(hours: float | None) -> Iterator[None]:
    """Let the block take so long, then end the process with a sentence and exit status 1; None: as long as it likes.

    The process ends at once: what it waits for would not let it end in order. To readers it is a run that died.
    """
    if hours is None:
        yield
        return
    timer = threading.Timer(3600 * hours, _give_up, [hours])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _give_up(hours: float) -> None:
    print(
        f"error: time_limit: found the run still at work after {hours:g} hours, expected it done; "
        "see whether the cluster has executors for it, or raise time_limit in the config",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    os._exit(1)
