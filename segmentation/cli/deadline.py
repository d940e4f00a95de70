"""The end of a run that cannot end: Spark waits for ever for executors on a cluster that has none left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from segmentation.progress import Progress


@contextmanager
def time_limit(hours: float | None, progress: Progress) -> Iterator[None]:
    """Let the block take so long, then end the process with a sentence and exit status 1; None: as long as it likes."""
    if hours is None:
        yield
        return
    sentence = (
        f"time_limit: found the run still at work after {hours:g} hours, expected it done; "
        "see whether the cluster has executors for it, or raise time_limit in the config"
    )
    timer = threading.Timer(3600 * hours, progress.give_up, [sentence, 1])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
