"""A run's own log of what it is about to write: what the next run undoes, should this one die, and nothing else.

The log is a table of live rows: no version of any table has to be old enough or young enough to be read. Of tables
that are merged into it holds every row that a run replaces or removes; what a run put there carries its id. Tables that
each run writes anew are put back to the version before the commits that the dead run signed; where that is gone, they
are made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from functools import partial, reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from segmentation import schemas
from segmentation.keys import aside, same_key
from segmentation.lake.tables import Lake, as_rows
from segmentation.lake.versions import undo_commits
from segmentation.progress import Progress
from segmentation.run import RUN_ID
from segmentation.schemas import QUARANTINE, RUNS, UNDO_LOG, Table
from segmentation.session import in_parallel
from segmentation.source import Source
from segmentation.sql import AS_JSON


def announce(lake: Lake, run_id: str, tables: Iterable[str], replaced: Mapping[str, DataFrame] | None = None) -> None:
    """Log the tables that the run writes from here on, and the rows that it replaces there, in one commit.

    `replaced` holds, by name of the table, its rows that are going to be replaced, or removed where `_gone` is true.
    """
    names = sorted({*tables, *(replaced or {})})
    if not names:
        return
    # Asked for, so that the lake knows which of them it makes, and what properties they get.
    in_parallel(*[partial(lake.exists, name) for name in (*names, UNDO_LOG.name)])
    named = as_rows(lake.spark, UNDO_LOG, [(run_id, name, None, None) for name in names])
    rows = [
        frame.select(
            F.lit(run_id).alias("run_id"),
            F.lit(name).alias("table_name"),
            F.to_json(F.struct(*[column for column in frame.columns if column != "_gone"]), AS_JSON).alias("record"),
            F.col("_gone").alias("removed"),
        )
        for name, frame in (replaced or {}).items()
    ]
    lake.append(UNDO_LOG, reduce(DataFrame.unionByName, rows, named))


def replaced_rows(held: DataFrame, changes: DataFrame, table: Table) -> DataFrame:
    """Rows of a table that `changes` (see ingest.existing.changes) replace or remove: its columns, and `_gone`."""
    keys = changes.select(*aside(table.key, "_key_"), "_gone")
    return held.join(keys, on=same_key(table.key, "_key_"), how="inner").select(*held.columns, "_gone")


def rows_before(lake: Lake, table: Table, since: str) -> DataFrame:
    """The rows of a table that runs after `since` replaced or removed, as they were when that run had ended."""
    held = lake.read(table)
    logged = lake.read(UNDO_LOG).where((F.col("table_name") == table.name) & (F.col("run_id") > since))
    return _parsed(logged, held.schema).where(F.col("batch_id") <= since).select(*held.columns)


def is_complete(lake: Lake, since: str) -> bool:
    """Whether the log has all that runs after `since` replaced: every batch that came since is in it."""
    if not lake.exists(UNDO_LOG.name):
        return False
    logged = lake.read(UNDO_LOG).select(F.col("run_id").alias("_logged")).distinct()
    batches = lake.read(schemas.FILES).where(F.col("batch_id") > since).select("batch_id").distinct()
    return batches.join(logged, on=F.col("batch_id") == F.col("_logged"), how="left_anti").isEmpty()


def latest_id(lake: Lake) -> str:
    """The id of the latest run that the lake knows of, published or not; empty where there is none."""
    ids = [
        row["run_id"]
        for table in (RUNS, UNDO_LOG)
        if lake.exists(table.name)
        for row in lake.read(table).agg(F.max("run_id").alias("run_id")).collect()
        if row["run_id"]
    ]
    return max(ids, default="")


def unfinished(lake: Lake) -> dict[str, list[str]]:
    """Runs that wrote or were about to and are not published, the latest first, with their tables."""
    if not lake.exists(UNDO_LOG.name):
        return {}
    logged = lake.read(UNDO_LOG).select("run_id", "table_name").distinct()
    if lake.exists(RUNS.name):
        published = lake.read(RUNS).select(F.col("run_id").alias("_published"))
        logged = logged.join(published, on=F.col("run_id") == F.col("_published"), how="left_anti")
    found: dict[str, list[str]] = {}
    for row in sorted(logged.collect(), key=lambda row: (row["run_id"], row["table_name"]), reverse=True):
        found.setdefault(row["run_id"], []).append(row["table_name"])
    return found


def undo_unfinished(lake: Lake, source: Source, progress: Progress) -> None:
    """Undo what runs committed that failed or were killed, and nothing that anybody else did."""
    for run_id, names in unfinished(lake).items():
        restores = RUNS.name in names
        if _is_published(lake, run_id):  # as it is again, now that a restore is undone that took its row away
            continue
        there = [name for name in names if lake.exists(name)]
        spoiled = {name for name in there if not _undone(lake, source.table(name), run_id, restores)}
        lake.mark_spoiled(spoiled, run_id)
        if there:
            text = f"  run {run_id} did not end: what it wrote to {', '.join(sorted(there))} is undone"
            progress.warning(text, tables=sorted(there))
        if not spoiled:
            lake.delete(UNDO_LOG, run_id=run_id)
            continue
        # What a restore was stays known by the rows of `runs` that it logged.
        for name in {*names} - spoiled - {RUNS.name}:
            lake.delete(UNDO_LOG, run_id=run_id, table_name=name)


def forget_remade(lake: Lake) -> None:
    """Of tables that a dead run had spoiled and this one made anew nothing is left to be undone."""
    for name, run_id in lake.take_remade().items():
        lake.delete(UNDO_LOG, run_id=run_id, table_name=name)


def prune(lake: Lake, before: str) -> None:
    """Forget what runs up to `before` replaced, since the features speak of what they left.

    Of a dead run nothing is forgotten as long as a table has not been made anew that holds what it wrote.
    """
    if lake.exists(UNDO_LOG.name):
        lake.delete_up_to(UNDO_LOG, but=set(lake.spoiled.values()), run_id=before)


def _undone(lake: Lake, table: Table, run_id: str, restores: bool) -> bool:
    """Undo one run in one table; whether the table is what it was before. One that `restores` put all its tables back
    to other versions, and changed rows of `runs`.
    """
    if table is RUNS:
        logged = lake.read(UNDO_LOG).where((F.col("run_id") == run_id) & (F.col("table_name") == table.name))
        lake.merge(table, _parsed(logged, lake.read(table).schema).withColumn("_gone", F.lit(False)))
        return True
    column = table.written_by
    if column is None or restores:
        return undo_commits(lake, table.name, run_id, partial(_is_published, lake), restores)
    if table.name in schemas.CANONICAL or table is QUARANTINE:
        _put_back(lake, table, run_id)
    if table is QUARANTINE:  # a row may be refused only now that came in an earlier batch
        started = datetime.strptime(run_id, RUN_ID).replace(tzinfo=timezone.utc)
        lake.delete(table, quarantined_at=started)
    else:
        lake.delete(table, **{column: run_id})
    return True


def _is_published(lake: Lake, run_id: str) -> bool:
    return lake.exists(RUNS.name) and not lake.read(RUNS).where(F.col("run_id") == run_id).isEmpty()


def _put_back(lake: Lake, table: Table, run_id: str) -> None:
    """The rows that a run replaced and removed, as they were; those that somebody else took away since stay away."""
    held = lake.read(table)
    logged = lake.read(UNDO_LOG).where((F.col("run_id") == run_id) & (F.col("table_name") == table.name))
    before = _parsed(logged, held.schema)
    theirs = held.where(F.col("batch_id") == run_id).select(*aside(table.key, "_key_"))
    there = held.select(*aside(table.key, "_key_"))
    same = same_key(table.key, "_key_")
    replaced = before.where(~F.col("_gone")).join(theirs, on=same, how="left_semi")
    removed = before.where("_gone").join(there, on=same, how="left_anti")
    back = replaced.unionByName(removed).withColumn("_gone", F.lit(False))
    if not back.isEmpty():
        lake.merge(table, back)


def _parsed(logged: DataFrame, schema: StructType) -> DataFrame:
    """Rows of a table from their JSON in the log, with `_gone` for those that were removed."""
    rows = logged.where(F.col("record").isNotNull())
    return rows.select(F.from_json("record", schema, AS_JSON).alias("_row"), F.col("removed").alias("_gone")).select(
        "_row.*", "_gone"
    )
