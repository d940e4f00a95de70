"""Runs that write to a lake come one after another, each on what the one before it published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from segmentation.errors import InputError, SegmentationError
from segmentation.lake.lock import held
from segmentation.lake.lock_row import claim, release
from segmentation.run import Run
from segmentation.schemas import LOCK, UNDO_LOG
from segmentation.stages.publication import last_run
from segmentation.stages.undo import latest_id


@contextmanager
def hold_lake(run: Run) -> Iterator[tuple[Run, Callable[[], None]]]:
    """While this run, and no other, holds the lake.

    Yields the run, with an id above all earlier ones, and what raises where it holds the lake no more. What is refused
    after the run has written is no InputError, which says that nothing was.
    """
    lake = run.lake
    give_up = run.progress.give_up
    hold = held(lake.location, lake.in_catalog, run.run_id, partial(claim, lake), partial(release, lake), give_up)
    with hold as still_held, lake.signing():
        lake.look_anew()
        try:
            yield run.after(latest_id(lake)), still_held
        except InputError as error:
            if lake.written <= {LOCK.name, UNDO_LOG.name}:
                raise
            raise SegmentationError(str(error)) from error


def check_published(run: Run) -> None:
    """Refuse a lake that no run has published in."""
    if last_run(run.lake) is None:
        place = run.lake.location
        raise InputError(f"{place}: found no published run, expected one; run jobs/segment.py, or set --lake")
