"""Lakes made old: Delta goes by the times of its log's files, and VACUUM by those that the log says."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

DAY = 24 * 60 * 60  # seconds
TIMES = (("commitInfo", "timestamp"), ("commitInfo", "inCommitTimestamp"), ("remove", "deletionTimestamp"))


def age(lake: Path, days: float) -> None:
    """Make all that was ever committed to a lake's tables that many days older than it is."""
    for log in lake.glob("*/_delta_log"):
        for commit in log.glob("*.json"):
            _rewrite(commit, round(days * DAY * 1000))
        for checkpoint in log.glob("*.checkpoint*.parquet"):
            _rewrite(checkpoint, round(days * DAY * 1000))
    for file in lake.rglob("*"):
        if file.is_file():
            status = file.stat()
            os.utime(file, (status.st_atime, status.st_mtime - days * DAY))


def _rewrite(file: Path, milliseconds: int) -> None:
    modified = file.stat().st_mtime
    if file.suffix == ".json":
        _date_back_commit(file, milliseconds)
    else:
        _date_back_checkpoint(file, milliseconds)
    file.with_name(f".{file.name}.crc").unlink(missing_ok=True)  # Hadoop's checksum of the file as it was
    os.utime(file, (modified, modified))


def _date_back_commit(file: Path, milliseconds: int) -> None:
    actions = [json.loads(line) for line in file.read_text().splitlines()]
    for action in actions:
        for kind, name in TIMES:
            if action.get(kind, {}).get(name):
                action[kind][name] -= milliseconds
    file.write_text("".join(json.dumps(action, separators=(",", ":"), ensure_ascii=False) + "\n" for action in actions))


def _date_back_checkpoint(file: Path, milliseconds: int) -> None:
    """Checkpoints keep of commits only when files were removed."""
    table = pq.read_table(file)
    if "remove" not in table.column_names:
        return
    at = table.column_names.index("remove")
    removes = table.column(at).combine_chunks()
    fields = list(removes.type)
    values = [
        pc.subtract(removes.field(name.name), milliseconds)
        if name.name == "deletionTimestamp"
        else removes.field(name.name)
        for name in fields
    ]
    earlier = pa.StructArray.from_arrays(values, fields=fields, mask=removes.is_null())
    pq.write_table(table.set_column(at, table.schema.field(at), earlier), file)
