"""The end of a run that cannot end: Spark waits for ever for executors on a cluster that has none left."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from segmentation.progress import Progress

PATIENCE = 10.0  # seconds for the sentence


@contextmanager
def within(hours: float | None, progress: Progress) -> Iterator[None]:
    """Let the block take so long, then end the process with a sentence and exit status 1; None: as long as it likes.

    The process ends at once: what it waits for would not let it end in order. To readers it is a run that died.
    """
    if hours is None:
        yield
        return
    timer = threading.Timer(3600 * hours, _give_up, [hours, progress])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _give_up(hours: float, progress: Progress) -> None:
    said = threading.Thread(target=_say, args=(hours, progress), daemon=True)
    said.start()
    said.join(PATIENCE)  # where nobody reads what the job writes, saying it does not end
    os._exit(1)


def _say(hours: float, progress: Progress) -> None:
    progress.error(
        f"time_limit: found the run still at work after {hours:g} hours, expected it done; "
        "see whether the cluster has executors for it, or raise time_limit in the config",
        exit_status=1,
    )
    progress.ended(1)
