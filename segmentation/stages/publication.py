"""What readers see: a run's tables, all at once, by its row in `runs`."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import partial

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import RecordedConfig
from segmentation.errors import InputError
from segmentation.lake.failpoints import reach
from segmentation.lake.tables import Lake
from segmentation.lake.versions import check_whole, keep_for, restore_version
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.session import in_parallel
from segmentation.stages.undo import announce, forget_remade, undo_unfinished, unfinished

UNPUBLISHED = (schemas.RUNS.name, schemas.UNDO_LOG.name)  # that no reader asks a version of


def resume(run: Run) -> None:
    """Undo what a run left behind that failed or was killed, and have the tables keep what the config asks for."""
    lake, config = run.lake, run.config
    last = last_run(lake)
    if last and last.source != config.source.name:
        raise InputError(
            f"{lake.location}: found tables of the source {last.source!r}, expected those of "
            f"{config.source.name!r}; set --lake to a place of its own"
        )
    undo_unfinished(lake, run.source, run.progress)
    if last and last.config.keep != config.keep:
        for name in last.versions:
            if lake.exists(name):
                keep_for(lake, name)
    lake.begin_own_writes()


def publish(run: Run) -> None:
    """The run's row, written last: from now on its tables are the published ones."""
    lake = run.lake
    # Of all tables, also those that this run left alone: somebody's upkeep may have made a later version of them.
    names = [name for name in schemas.TABLES if name not in UNPUBLISHED]
    known = {name: version for name, version in lake.versions(names).items() if name not in lake.spoiled}
    reach("unpublished")
    lake.append_rows(schemas.RUNS, [run.row(known)])
    forget_remade(lake)
    reach("published")


@dataclass(frozen=True)
class PublishedRun:
    """The last published run: its tables' Delta versions, its day, its source and its config."""

    run_id: str
    versions: dict[str, int]
    as_of: date
    source: str
    config: RecordedConfig


def last_run(lake: Lake, having: str | None = None) -> PublishedRun | None:
    """What the last row of `runs` says (the last of a run that had a stage); None where there is none."""
    if not lake.exists(schemas.RUNS.name):
        return None
    runs = lake.read(schemas.RUNS).orderBy(F.col("run_id").desc())
    if having:
        stages = F.from_json(F.get_json_object("config", "$.stages"), "array<string>")
        runs = runs.where(F.array_contains(stages, having))
    row = runs.first()
    if row is None:
        return None
    config = RecordedConfig.from_json(row["config"])
    return PublishedRun(row["run_id"], dict(row["table_versions"]), row["as_of"], row["source"], config)


@dataclass(frozen=True)
class PublishedTables:
    """Tables as the last published run left them, whatever a run at work or a dead one has written since.

    Only of tables that such a run writes (`unpublished`) is an earlier version asked for, which may be gone.
    """

    lake: Lake
    versions: Mapping[str, int]
    unpublished: Set[str]

    def has(self, table: Table) -> bool:
        """Whether a published run left such a table."""
        return not self._is_new(table) and self.lake.exists(table.name)

    def read(self, table: Table) -> DataFrame:
        """The table's rows; a sentence where no published run left any."""
        if self._is_new(table):
            raise self.lake.absent(table.name)
        return self.lake.read(table, self.versions[table.name] if table.name in self.unpublished else None)

    def _is_new(self, table: Table) -> bool:
        """Whether only a run that is not published has written it."""
        return table.name in self.unpublished and table.name not in self.versions


def published_tables(lake: Lake) -> PublishedTables:
    """The tables of a lake that may be at work, or hold what a dead run left."""
    last = last_run(lake)
    unpublished = {name for names in unfinished(lake).values() for name in names}
    return PublishedTables(lake, last.versions if last else {}, unpublished)


def restore(run: Run, run_id: str) -> None:
    """Make a published run the present again: every table that it knew as it left it, later runs forgotten.

    What it is about to do is logged, the rows of `runs` that it changes too: where it dies half way, the next run
    undoes it. Tables that later runs were the first to make stay as they are.
    """
    lake = run.lake
    runs = lake.read(schemas.RUNS)
    row = runs.where(F.col("run_id") == run_id).first()
    if row is None:
        known = [each["run_id"] for each in runs.orderBy(F.desc("run_id")).select("run_id").limit(3).collect()]
        raise InputError(f"restore: found no run {run_id!r}, expected a published one such as {', '.join(known)}")
    versions = dict(row["table_versions"])
    present = lake.versions(list(versions))
    to_do = {name: version for name, version in versions.items() if present.get(name, version) != version}
    # All of them, before anything is changed
    in_parallel(*[partial(check_whole, lake, schemas.TABLES[name], version) for name, version in to_do.items()])
    with run.progress.step("restore", "restore") as facts:
        is_later = F.col("run_id") > run_id
        changed = runs.where(is_later | (F.col("run_id") == run_id)).withColumn("_gone", is_later)
        announce(lake, run.run_id, to_do, {schemas.RUNS.name: changed})
        for name, version in to_do.items():
            restore_version(lake, name, version)
        # By its own versions of long ago the run could soon be read no more.
        known = [F.lit(each) for pair in (versions | lake.versions(list(to_do))).items() for each in pair]
        lake.merge(schemas.RUNS, changed.withColumn("table_versions", F.create_map(*known)))
        reach("forgotten")
        # Of this run too nothing is left to be undone; of a dead one what it spoiled in tables that were not put back.
        still = {dead for name, dead in lake.spoiled.items() if name not in versions}
        lake.delete_after(schemas.UNDO_LOG, but=still, run_id=run_id)
        facts.add(f"{len(to_do)} tables as run {run_id} left them", tables=sorted(to_do))
