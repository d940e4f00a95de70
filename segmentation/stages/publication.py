"""What readers see: a run's tables, all at once, by its row in `runs`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.config import Config
from segmentation.errors import InputError
from segmentation.failpoints import reach
from segmentation.progress import Progress
from segmentation.record import Record
from segmentation.schemas import Table
from segmentation.session import together
from segmentation.tables import Lake, as_rows


def resume(spark: SparkSession, config: Config, lake: Lake, progress: Progress) -> None:
    """Undo what a run left behind that failed or was killed: every table as the last published run left it.

    Where no run was ever published, tables that add up over runs are emptied; the others are written anew.
    """
    published = _last_published(lake, config)
    names = [name for name in schemas.TABLES if name != schemas.RUNS.name]
    expected = published or {}
    found = {name: version for name, version in _versions(lake, names).items() if version is not None}
    left = sorted(
        name
        for name, version in found.items()
        if version != expected.get(name) and (published is not None or schemas.TABLES[name].accumulates)
    )
    if not left:
        return
    for name in left:
        if published and name in published:
            lake.restore(name, published[name])
        else:
            lake.overwrite(schemas.TABLES[name], as_rows(spark, schemas.TABLES[name], []))
    progress.warning(f"  an earlier run did not end: {', '.join(left)} put back to the last published run", tables=left)


def publish(spark: SparkSession, lake: Lake, record: Record) -> None:
    """The run's row, written last: from now on its tables are the published ones."""
    last = last_run(lake)
    written = [name for name in schemas.TABLES if name in lake.written and name != schemas.RUNS.name]
    known = dict(last.versions) if last else {}
    known |= {name: version for name, version in _versions(lake, written).items() if version is not None}
    reach("unpublished")
    lake.append(schemas.RUNS, as_rows(spark, schemas.RUNS, [record.row(known)]))
    reach("published")


def _versions(lake: Lake, names: list[str]) -> dict[str, int | None]:
    return dict(zip(names, together(*[partial(lake.version, name) for name in names]), strict=True))


@dataclass(frozen=True)
class Published:
    """The last published run: its tables' Delta versions, its day, its source and its config as JSON."""

    run_id: str
    versions: dict[str, int]
    as_of: date
    source: str
    config: str


def last_run(lake: Lake, having: str | None = None) -> Published | None:
    """What the last row of `runs` says (the last of a run that had a stage); None where there is none."""
    if not lake.exists(schemas.RUNS):
        return None
    runs = lake.read(schemas.RUNS).orderBy(F.col("run_id").desc())
    if having:
        stages = F.from_json(F.get_json_object("config", "$.stages"), "array<string>")
        runs = runs.where(F.array_contains(stages, having))
    row = runs.first()
    if row is None:
        return None
    return Published(row["run_id"], dict(row["table_versions"]), row["as_of"], row["source"], row["config"])


def reader(lake: Lake) -> Callable[[Table], DataFrame]:
    """Reads tables as the last published run left them, whatever a run at work or a dead one has written since."""
    last = last_run(lake)
    versions = last.versions if last else {}
    return lambda table: lake.read(table, versions.get(table.name))


def _last_published(lake: Lake, config: Config) -> dict[str, int] | None:
    """Name → Delta version of the last published run; None where there is none."""
    last = last_run(lake)
    if last and last.source != config.source.name:
        raise InputError(
            f"{lake.location}: found tables of the source {last.source!r}, expected those of "
            f"{config.source.name!r}; set --lake to a place of its own"
        )
    return last.versions if last else None
