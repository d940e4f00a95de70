"""Runs that write to a lake come one after another, each on what the one before it published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segmentation.errors import InputError
from segmentation.lake.lock import held
from segmentation.run import Run
from segmentation.stages.publication import last_run
from segmentation.stages.undo import latest_id


@contextmanager
def alone(run: Run) -> Iterator[tuple[Run, Callable[[], None]]]:
    """While this run, and no other, holds the lake.

    Yields the run, with an id above all earlier ones, and what raises where it holds the lake no more.
    """
    lake = run.lake
    give_up = run.progress.give_up
    hold = held(lake.location, lake.in_catalog, run.run_id, lake.claim, lake.release, give_up)
    with hold as still_held, lake.signing():
        lake.look_anew()
        yield run.after(latest_id(lake)), still_held


def check_published(run: Run) -> None:
    """Refuse a lake that no run has published in."""
    if last_run(run.lake) is None:
        place = run.lake.location
        raise InputError(f"{place}: found no published run, expected one; run jobs/segment.py, or set --lake")
