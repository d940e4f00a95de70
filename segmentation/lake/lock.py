"""One run at a time on a lake: who holds it, and how others are told.

A lake in a folder is held by a lock on the file `<lake>.lock`, which the system lets go of when the process ends,
however it ends: there is nothing to clean up. Over NFS that holds for all machines whose mounts pass locks on.
Elsewhere (object stores, catalogs, mounts without locks, and all of Databricks, whose paths are the workspace's and
not a machine's) a row of the Delta table `lake_lock` is taken by MERGE, of
which Delta lets one of two succeed: that holds wherever Delta's own commits do. Its holder says every minute that
it is alive; a row that is silent for ten is free. A holder whose row another run took, since it was asleep or cut
off for so long, ends at once: the other has undone what it wrote.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from segmentation.errors import InputError, LakeHeldError
from segmentation.session import on_databricks

BEAT = 60.0  # seconds
SILENT = 600.0  # seconds
WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)  # what mounts say that have none

Claim = Callable[[str, float], str | None]


@contextmanager
def held(
    location: str,
    in_catalog: bool,
    run_id: str,
    claim: Claim,
    release: Callable[[str], None],
    give_up: Callable[[str, int], None],
) -> Iterator[Callable[[], None]]:
    """Hold the lake for the block; LakeHeldError names the run that holds it.

    `claim(holder, silent)` takes the lake's row, or says again that the holder is alive, and returns who has it
    instead; `release(holder)` gives it back. Where a beat finds that another run has it, `give_up` ends this one with a
    sentence and an exit status. What is yielded makes sure, before anything is published, that the lake is still held:
    the beats may have been silent too.
    """

    def take() -> None:
        other = claim(holder, SILENT)
        if other:
            raise LakeHeldError(_said(location, other))

    holder = f"run {run_id}, process {os.getpid()} on {socket.gethostname()}"
    folder = None if in_catalog or on_databricks() else _local(location)
    lock = _taken(folder, location) if folder else None
    if lock:
        named = Path(f"{folder}.lock.json")
        named.write_text(json.dumps({"holder": holder}), encoding="utf-8")
        try:
            yield lambda: None  # the system's lock is not lost
        finally:
            named.unlink(missing_ok=True)
            lock.release()
        return
    take()
    ended = threading.Event()

    def lost(other: str) -> None:
        give_up(
            f"{location}: found it taken by {other} after this run was silent for {SILENT / 60:.0f} minutes, "
            "expected it still held; run the job again once that run has ended",
            LakeHeldError.exit_status,
        )

    beats = threading.Thread(target=_beat, args=(ended, claim, holder, lost), daemon=True)
    beats.start()
    try:
        yield take
    finally:
        ended.set()
        beats.join()
        with suppress(Exception):  # free after a while all the same, and the run has its own error, or none
            release(holder)


def _local(location: str) -> str | None:
    """The folder of a lake on this machine's file system, by whatever links it is reached; None for any other."""
    path = re.sub(r"^file:(//)?(?=/)", "", location)
    return os.path.realpath(path) if path.startswith("/") else None


def _taken(folder: str, location: str) -> BaseFileLock | None:
    """The lock of a folder, taken; None where the file system has none."""
    lock = FileLock(f"{folder}.lock", fallback_to_soft=False)  # to a file that goes stale
    try:
        Path(folder).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise LakeHeldError(_said(location, _holder_of(folder))) from None
    except OSError as error:
        if error.errno in WITHOUT_LOCKS:
            return None
        raise InputError(
            f"{location}: cannot be written ({error.strerror}), "
            "expected a place with room that this user may write to; set --lake"
        ) from None
    return lock


def _holder_of(folder: str) -> str:
    try:
        return str(json.loads(Path(f"{folder}.lock.json").read_text(encoding="utf-8"))["holder"])
    except (OSError, ValueError, KeyError):
        return "another run"


def _said(location: str, other: str) -> str:
    return f"{location}: found it held by {other}, expected it free; wait until that run has ended, or set --lake"


def _beat(ended: threading.Event, claim: Claim, holder: str, lost: Callable[[str], None]) -> None:
    while not ended.wait(BEAT):
        try:
            other = claim(holder, SILENT)
        except Exception:  # a place that does not answer for once: the next beat is still in time
            continue
        if other:
            lost(other)
            return
