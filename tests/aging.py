"""Lakes made old: Delta goes by the times of its log's files, and VACUUM by those that the log says."""

from __future__ import annotations

import json
import os
from pathlib import Path

DAY = 24 * 60 * 60  # seconds
TIMES = (("commitInfo", "timestamp"), ("commitInfo", "inCommitTimestamp"), ("remove", "deletionTimestamp"))


def age(lake: Path, days: float) -> None:
    """Make all that was ever committed to a lake's tables that many days older than it is.

    Checkpoints keep when files were removed: VACUUM then spares some of these longer than it would.
    """
    for log in lake.glob("*/_delta_log"):
        for commit in log.glob("*.json"):
            _date_back(commit, round(days * DAY * 1000))
    for file in lake.rglob("*"):
        if file.is_file():
            status = file.stat()
            os.utime(file, (status.st_atime, status.st_mtime - days * DAY))


def _date_back(commit: Path, milliseconds: int) -> None:
    modified = commit.stat().st_mtime
    actions = [json.loads(line) for line in commit.read_text().splitlines()]
    for action in actions:
        for kind, name in TIMES:
            if action.get(kind, {}).get(name):
                action[kind][name] -= milliseconds
    commit.write_text("".join(json.dumps(action, separators=(",", ":"), ensure_ascii=False) + "\n" for action in actions))
    commit.with_name(f".{commit.name}.crc").unlink(missing_ok=True)  # Hadoop's checksum of the file as it was
    os.utime(commit, (modified, modified))
