"""Whether two lakes hold the same: scripts/compare_lakes.py BEFORE AFTER

    .venv/bin/python scripts/compare_lakes.py build/lake/before build/lake/after

Compares every table row for row and to the last bit, in whatever order its rows and columns stand. What names a run or
the time at which it ran is left out (IGNORED), of a config where its lake and its report are. Prints a line per table;
exit status 1 where a table differs or is missing on one side, 2 where there is no lake.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

IGNORED = {
    "run_id",
    "batch_id",
    "fitted_by",
    "started_at",
    "finished_at",
    "quarantined_at",
    "done_at",
    "beat_at",
    "holder",
    "table_versions",
}
# The same within JSON: rows in the log of what was replaced, configs and decisions in `runs`.
IN_JSON = re.compile(r'"(?:run_id|batch_id|quarantined_at|lake|output|fitted_by|sentence)"\s*:\s*(?:"[^"]*"|null)')


def tables(lake: Path) -> list[str]:
    """The names of a lake's Delta tables."""
    return sorted(log.parent.name for log in lake.glob("*/_delta_log"))


def comparable(lake: Path, name: str) -> pa.Table:
    """A table without what differs from run to run, its columns by name."""
    rows = DeltaTable(str(lake / name)).to_pyarrow_table()
    kept = rows.select(sorted(column for column in rows.column_names if column not in IGNORED))
    for at, field in enumerate(kept.schema):
        if field.name in ("record", "config", "refit") and not pa.types.is_null(field.type):
            texts = [None if text is None else IN_JSON.sub("", text) for text in kept.column(at).to_pylist()]
            kept = kept.set_column(at, field.name, pa.array(texts, pa.string()))
    return kept


def difference(before: pa.Table, after: pa.Table) -> str | None:
    """What differs between two tables, in words; None where they hold the same rows as often."""
    if before.column_names != after.column_names:
        only = sorted({*before.column_names} ^ {*after.column_names})
        return f"columns of one side alone: {', '.join(only)}"
    kinds = [
        f"{left.name} {left.type} and {right.type}"
        for left, right in zip(before.schema, after.schema, strict=True)
        if str(left.type).removeprefix("large_") != str(right.type).removeprefix("large_")
    ]
    if kinds:
        return f"types: {', '.join(kinds)}"
    if not before.column_names:  # all of it names the run
        return None if before.num_rows == after.num_rows else f"{before.num_rows:,} rows and {after.num_rows:,}"
    with duckdb.connect() as db:
        db.register("before_rows", before)
        db.register("after_rows", after)
        gone = _count(db, "before_rows", "after_rows")
        come = _count(db, "after_rows", "before_rows")
    return f"{gone:,} rows only before, {come:,} only after" if gone or come else None


def _count(db: duckdb.DuckDBPyConnection, some: str, others: str) -> int:
    found = db.sql("SELECT count(*) FROM (FROM " + some + " EXCEPT ALL FROM " + others + ")").fetchone()
    return int(found[0]) if found else 0


def compare(before: Path, after: Path) -> bool:
    """Prints a line per table; whether all are equal."""
    there, now = tables(before), tables(after)
    same = there == now
    for name in sorted({*there, *now}):
        if name not in now or name not in there:
            print(f"{name:20} only {'before' if name in there else 'after'}")
            continue
        left, right = comparable(before, name), comparable(after, name)
        found = difference(left, right)
        same = same and found is None
        said = f"differs, {left.num_rows:,} rows; {found}" if found else f"equal, {left.num_rows:,} rows"
        print(f"{name:20} {said}")
    return same


def main() -> int:
    """Compares what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("before", type=Path, help="a lake's folder")
    parser.add_argument("after", type=Path, help="another's")
    given = parser.parse_args()
    for lake in (given.before, given.after):
        if not tables(lake):
            parser.error(f"{lake}: found no Delta table below it, expected a lake; name its folder")
    return 0 if compare(given.before, given.after) else 1


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # the readers' own threads now and then abort a Python that ends by itself, and the status is lost
