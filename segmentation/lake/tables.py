"""The lake: the only room that reads and writes its tables, each checked against its declared schema."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, timezone
from functools import partial, reduce
from pathlib import Path
from urllib.parse import unquote

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import TimestampType

from segmentation.errors import InputError, SegmentationError
from segmentation.keys import same_key
from segmentation.lake.storage import as_written, first_sentence, io_cause
from segmentation.schemas import Column, Table
from segmentation.session import checkpointed, in_parallel_by_name, pinned
from segmentation.sql import literal, quoted

SIGNATURE = "spark.databricks.delta.commitInfo.userMetadata"
KEPT = ("delta.deletedFileRetentionDuration", "delta.logRetentionDuration")
LEAST_LOG = 30  # days: Delta's own default, below which checkpoints and readers have not been tried
COMMIT = re.compile(r"/(?P<table>[^/]+)/_delta_log/(?P<version>[0-9]{20})\.json$")
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
CATALOG = re.compile(r"[^./:\s]+\.[^./:\s]+")
ROWS_PER_FILE = 100_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
RELATIONS = {"=": operator.eq, "<=": operator.le, ">": operator.gt}
SCRATCH = "scratch_"  # of tables that nobody reads but the run that wrote them
ABSENT = (
    "PATH_NOT_FOUND",
    "TABLE_OR_VIEW_NOT_FOUND",
    "SCHEMA_NOT_FOUND",
    "DELTA_TABLE_NOT_FOUND",
    "DELTA_PATH_DOES_NOT_EXIST",
    "DELTA_MISSING_DELTA_TABLE",
    "DELTA_TABLE_ONLY_OPERATION",
)
THERE_ALREADY = ("TABLE_OR_VIEW_ALREADY_EXISTS", "DELTA_TABLE_ALREADY_EXISTS", "LOCATION_ALREADY_EXISTS")


class Lake:
    """Delta tables below a path, or in `CATALOG.SCHEMA`.

    `keep` is for how many days replaced rows can be read and restored: a property of the tables that it makes.
    Commits carry the run's id, `signed_by`, where the lake is opened for one.
    """

    def __init__(self, spark: SparkSession, location: str, keep: int = 90, signed_by: str = "") -> None:
        self.spark = spark
        self.keep, self.signed_by = keep, signed_by
        self.in_catalog = bool(CATALOG.fullmatch(location))
        # Delta takes a path for a table's name only where it is absolute.
        is_relative = not self.in_catalog and ":" not in location and not location.startswith("/")
        self.location = str(Path(location).resolve()) if is_relative else location.rstrip("/") or "/"
        self.written: set[str] = set()  # tables that were written to since (see begin_own_writes)
        self.spoiled: dict[str, str] = {}  # tables that hold what a dead run wrote, for good, and which run
        self.remade: dict[str, str] = {}  # of these, those that this run made anew
        self._absent: set[str] = set()  # tables that were asked for and not there
        self._there: set[str] = set()  # tables that were, or that were made since
        self._seen: frozenset[str] | None = None  # all that a look at the lake found
        self._remembered: dict[str, DataFrame] = {}  # what this lake wrote, of tables that are read again
        # Spark takes a path with a colon in it for no pattern.
        self._is_listed = not self.in_catalog and ":" not in SCHEME.sub("", self.location)

    def place(self, name: str) -> str:
        """Where a table is, as a person would write it."""
        return f"{self.location}.{name}" if self.in_catalog else f"{self.location}/{name}"

    def version(self, name: str) -> int | None:
        """The table's latest Delta version; None where there is no such table."""
        try:
            history = self.spark.sql("DESCRIBE HISTORY " + self.identifier(name) + " LIMIT 1")
            row = history.select("version").first()
        except Exception as error:
            if isinstance(error, AnalysisException) and _is_absent(error):
                self._absent.add(name)
                return None
            raise self.unreachable(error) from None
        self._there.add(name)
        return None if row is None else int(row.version)

    def versions(self, names: Sequence[str]) -> dict[str, int]:
        """The latest Delta versions of those tables that are there."""
        if not self._is_listed:
            found = in_parallel_by_name({name: partial(self.version, name) for name in names})
            return {name: version for name, version in found.items() if version is not None}
        latest = self._listed()
        return {name: latest[name] for name in names if name in latest}

    def look_anew(self) -> None:
        """Forget which tables are there: before the lake was held, somebody else may have made some."""
        self._there, self._absent, self._seen = set(), set(), None
        self._remembered.clear()

    def begin_own_writes(self) -> None:
        """From here on what is `written` is the run's own: before, it undid what others left."""
        self.written.clear()

    def mark_spoiled(self, names: Iterable[str], run_id: str) -> None:
        """Tables hold for good what a dead run wrote: they are refused to readers until they are made anew."""
        self.spoiled |= dict.fromkeys(names, run_id)

    def take_remade(self) -> dict[str, str]:
        """Spoiled tables that were made anew since this was last asked, each with the run that had spoiled it."""
        remade, self.remade = self.remade, {}
        return remade

    def has(self, table: Table) -> bool:
        """Whether there is such a table, and it can be read."""
        return table.name not in self.spoiled and self.exists(table.name)

    def _listed(self) -> dict[str, int]:
        """The latest version of each table below a path, from a listing of the logs: Spark reads no file for it."""
        logs = as_written(self.location) + "/*/_delta_log"
        try:
            commits = self.spark.read.format("binaryFile").option("pathGlobFilter", "*.json").load(logs).inputFiles()
        except Exception as error:
            if isinstance(error, AnalysisException) and _is_absent(error):
                return {}
            raise self.unreachable(error) from None
        latest: dict[str, int] = {}
        for commit in filter(None, (COMMIT.search(unquote(path)) for path in commits)):
            latest[commit["table"]] = max(latest.get(commit["table"], 0), int(commit["version"]))
        return latest

    def unreachable(self, error: Exception) -> Exception:
        """The sentence for a file system that refuses; any other error as it is."""
        cause = io_cause(error)
        if cause is None:
            return error
        return InputError(
            f"{self.location}: cannot be reached ({cause}), expected a place that Spark can reach; set --lake"
        )

    def absent(self, name: str) -> InputError:
        """The sentence for a table that is not there."""
        return InputError(
            f"{self.place(name)}: found no such table, expected one from an earlier run; run the stage that writes it, "
            "or set --lake"
        )

    def read(self, table: Table, version: int | None = None) -> DataFrame:
        """A table with its declared columns (and those beyond them that a source adds).

        A column that an earlier release did not have is unknown; one of the key that all had must be there. What was
        written to be remembered is handed out as it was written: reading a Delta table costs queries of its own,
        however small it is.
        """
        if version is None and table.name in self._remembered:
            return self._remembered[table.name]
        if table.name in self.spoiled and version is None:
            raise InputError(
                f"{self.place(table.name)}: found what run {self.spoiled[table.name]} left that did not end, and what "
                "it overwrote is gone; expected the table made anew: run all stages, or an earlier run restored"
            )
        try:
            frame = self.frame(table.name, version)
            missing = [column for column in table.columns if column.name not in frame.columns]
        except AnalysisException as error:
            if _is_absent(error):
                raise self.absent(table.name) from None
            if "TIME_TRAVEL_BEYOND" in (error.getCondition() or "") or "VERSION_NOT_FOUND" in (
                error.getCondition() or ""
            ):
                raise InputError(
                    f"{self.place(table.name)}: version {version} is no more to be had (replaced rows are kept for "
                    f"{self.keep} days), expected a later one; raise keep in the config for runs to come"
                ) from None
            raise
        missing_at_all = [column.name for column in missing if column.name not in table.later]
        vital = [name for name in missing_at_all if name in table.key or not table.evolves]
        if vital:
            raise SegmentationError(
                f"{self.place(table.name)}: the column {vital[0]!r} is missing, expected it as declared"
            )
        return frame.select("*", *[F.lit(None).cast(column.type).alias(column.name) for column in missing])

    def exists(self, name: str) -> bool:
        """Whether there is such a table.

        Asked once for all below a path: while a lake is held, nobody else makes any.
        """
        if name in self._there:
            return True
        if not self._is_listed:
            return self.version(name) is not None
        seen = self._seen if self._seen is not None else frozenset(self._listed())
        self._seen = seen
        if name not in seen:
            self._absent.add(name)
        return name in seen

    def is_as_declared(self, table: Table) -> bool:
        """Whether a table that is there has all its declared columns."""
        return {*table.names} <= {*self.frame(table.name).columns}

    def overwrite(self, table: Table, frame: DataFrame, remember: bool = False, is_computed: bool = False) -> None:
        """Replace a table's rows (and its columns, where a source's own have changed).

        Rows to `remember` are computed once, unless they `is_computed` already (or are few), and handed out by `read`
        until the table is written again; where the platform holds no rows, the table is read.
        """
        rows = frame.select(*[_declared(column.name, column.type) for column in table.columns]) if remember else None
        if rows is not None and not is_computed:
            rows = pinned(rows)
        self._write(table, frame if rows is None else rows, "overwrite", "overwriteSchema")
        if table.name in self.spoiled:
            self.remade[table.name] = self.spoiled.pop(table.name)
        if rows is not None:
            self._remembered[table.name] = rows

    def replace(self, table: Table, frame: DataFrame, column: str, days: Sequence[date]) -> None:
        """Put rows in the place of those of the same days, in one commit; other days' rows stay.

        All rows of `frame` are of one of the days. Where a dead run spoiled the table, nothing of it stays.
        """
        if table.name in self.spoiled:
            self.overwrite(table, frame)
            return
        listed = ", ".join("DATE" + literal(day.isoformat()) for day in days)
        self._write(table, frame, "overwrite", "mergeSchema", replaceWhere=quoted(column) + " IN (" + listed + ")")

    def append(self, table: Table, frame: DataFrame) -> None:
        """Add rows to a table that accumulates."""
        self._write(table, frame, "append", "mergeSchema")

    def append_rows(self, table: Table, rows: Sequence[Sequence[object]]) -> None:
        """Add a few rows, in the order of the columns; remembered where they are all that the table holds."""
        frame, is_new = as_rows(self.spark, table, rows), table.name in self._absent
        self.append(table, frame)
        if is_new:
            self._remembered[table.name] = frame

    def merge(self, table: Table, changes: DataFrame, within: tuple[str, object, object] | None = None) -> None:
        """Put rows in by their key, over those of the same key; those with `_gone` go.

        `within` is a column and the least and greatest of its values in the rows of these keys: files that have
        none of them are not looked at.
        """
        new = [_declared(column.name, column.type).alias(f"_new_{column.name}") for column in table.columns]
        same = same_key(table.key, "_new_")
        if within:
            column, least, greatest = within
            same = same & F.col(column).between(F.lit(least), F.lit(greatest))
        values = {name: F.col(f"_new_{name}") for name in table.names}
        gone = F.col("_gone")
        rows = changes.select(*new, "_gone")
        if not self.is_as_declared(table):  # of an earlier release: only an append can add columns
            self.append(table, as_rows(self.spark, table, []))
        with self._writing(table.name), self._signed():
            rows.mergeInto(self.identifier(table.name), same).whenMatched(gone).delete().whenMatched().update(
                values
            ).whenNotMatched(~gone).insert(values).merge()

    def delete(self, table: Table, **values: object) -> None:
        """Remove the rows that have these values in the named columns, where there are any."""
        self._delete(table, "=", values)

    def delete_up_to(self, table: Table, but: Collection[object] = (), **values: object) -> None:
        """Remove the rows whose values in the named columns are these or lesser ones, and none of `but`."""
        self._delete(table, "<=", values, but)

    def delete_after(self, table: Table, but: Collection[object] = (), **values: object) -> None:
        """Remove the rows whose values in the named columns are greater, and none of `but`."""
        self._delete(table, ">", values, but)

    def _delete(self, table: Table, relation: str, values: Mapping[str, object], but: Collection[object] = ()) -> None:
        # By MERGE: a DELETE of Delta's takes no parameters.
        row = self.spark.range(1).select(*[F.lit(value).alias(f"_value_{name}") for name, value in values.items()])
        conditions = [RELATIONS[relation](F.col(name), F.col(f"_value_{name}")) for name in values]
        conditions += [~F.col(name).isin(list(but)) for name in values if but]
        which = reduce(SparkColumn.__and__, conditions)
        if not self.frame(table.name).join(row, on=which, how="inner").isEmpty():
            with self._writing(table.name), self._signed():
                row.mergeInto(self.identifier(table.name), which).whenMatched().delete().merge()

    def statement(self, command: str, name: str, rest: str = "", signed_by: str | None = None) -> None:
        with self._writing(name), self._signed(signed_by):
            self.spark.sql(command + " " + self.identifier(name) + rest)

    @contextmanager
    def setting(self, key: str, value: str) -> Iterator[None]:
        """A setting for the block, where the platform lets a job make it."""
        before = self.spark.conf.get(key, None)
        with suppress(PySparkException):
            self.spark.conf.set(key, value)
        try:
            yield
        finally:
            with suppress(PySparkException):
                self.spark.conf.unset(key) if before is None else self.spark.conf.set(key, before)

    @contextmanager
    def signing(self) -> Iterator[None]:
        """For a block commits of the session carry the run's id; those of others after it do not."""
        with self.setting(SIGNATURE, self.signed_by):
            yield

    @contextmanager
    def _signed(self, by: str | None = None) -> Iterator[None]:
        """Commits of the block carry the run's id, or another one's: of statements that take no option of their own."""
        signature = by or self.signed_by
        if not signature:
            yield
            return
        # Taken away only where the run ends (`signing`): statements of one run may overlap.
        with suppress(PySparkException):
            self.spark.conf.set(SIGNATURE, signature)
        yield

    def make(self, table: Table) -> None:
        """Make a table without rows, unless it is there."""
        self._write(table, as_rows(self.spark, table, []), "ignore", "mergeSchema")

    def scratch(self) -> list[str]:
        """Tables that runs wrote rows aside to, so far as a listing shows them."""
        return [name for name in self._listed() if name.startswith(SCRATCH)] if self._is_listed else []

    def computed(self, frame: DataFrame, name: str) -> DataFrame:
        """The frame's rows as they are now, whatever is written to the tables that they come from.

        Where the platform holds no rows for a job, they are written beside the tables, as `scratch_<name>`, over those
        of an earlier run.
        """
        return checkpointed(frame, otherwise=partial(self._set_aside, name=SCRATCH + name))

    def _set_aside(self, frame: DataFrame, name: str) -> DataFrame:
        writer = (
            frame.write.format("delta")
            .mode("overwrite")
            .options(overwriteSchema=True, **{"delta.enableDeletionVectors": False})
        )
        with self._writing(name):
            self._save(writer, name)
        return self.frame(name)

    def frame(self, name: str, version: int | None = None) -> DataFrame:
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.table(self.identifier(name)) if self.in_catalog else reader.load(self.place(name))

    def _save(self, writer: DataFrameWriter, name: str) -> None:
        writer.saveAsTable(self.identifier(name)) if self.in_catalog else writer.save(self.place(name))

    def _write(self, table: Table, frame: DataFrame, mode: str, evolve: str, **given: str) -> None:
        rows = frame.select(*[_commented(column) for column in table.columns])
        # delta-rs and other readers refuse deletion vectors: they stay off.
        plain: dict[str, bool | int | str] = {"delta.enableDeletionVectors": False}
        options: dict[str, bool | int | str] = {"userMetadata": self.signed_by} if self.signed_by else {}
        if table.sorted_by:  # files of neighbours, so that a merge can leave most of them alone
            rows = rows.sortWithinPartitions(table.sorted_by)
            options["maxRecordsPerFile"] = ROWS_PER_FILE
        with self._writing(table.name):
            if self.in_catalog:
                self._make_schema()
            if table.name in self._absent and mode != "ignore":  # only one who creates a table can say what it is
                self._absent.discard(table.name)
                plain |= retention(self.keep)
                if self._created(table, rows, {**plain, "comment": table.grain}, options):
                    return
            writer = rows.write.format("delta").mode(mode).options(**{evolve: True}, **plain, **options, **given)
            self._save(writer, table.name)

    def _created(
        self, table: Table, rows: DataFrame, properties: Mapping[str, object], options: Mapping[str, bool | int | str]
    ) -> bool:
        """Make a table that is not there; False where its folder holds files of a run that died before its first
        commit, which only a plain write passes over.
        """
        creation = rows.writeTo(self.identifier(table.name)).using("delta").options(**options)
        for key, value in properties.items():
            creation = creation.tableProperty(key, str(value).lower() if isinstance(value, bool) else str(value))
        try:
            creation.create()
        except AnalysisException as error:
            if (error.getCondition() or "").startswith(THERE_ALREADY):
                return False
            raise
        return True

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """Run the block's write: errors of the file system become one sentence; then note that the table is there and
        that what was remembered of it is not.
        """
        self._remembered.pop(name, None)
        try:
            yield
        except Exception as error:
            cause = io_cause(error)
            if cause is None:
                raise
            kind = SegmentationError if self.written else InputError
            raise kind(
                f"{self.place(name)}: cannot be written ({cause}), "
                "expected a place with room that this user may write to; set --lake"
            ) from None
        self._remembered.pop(name, None)
        self.written.add(name)
        self._there.add(name)

    def _make_schema(self) -> None:
        schema = quoted(*self.location.split("."))
        # Where it is there, who may write to it need not be allowed to make one.
        try:
            if not self.written and not self.spark.catalog.databaseExists(schema):
                self.spark.sql("CREATE SCHEMA IF NOT EXISTS " + schema)
        except PySparkException as error:  # no such catalog, no right to make a schema, a name that may not be
            raise InputError(
                f"{self.location}: the schema cannot be made ({first_sentence(error)}), expected CATALOG.SCHEMA of a "
                "catalog in which this user may write; set --lake"
            ) from None

    def identifier(self, name: str) -> str:
        return quoted(*self.location.split("."), name) if self.in_catalog else "delta." + quoted(self.place(name))


def retention(days: int) -> dict[str, str]:
    """The Delta properties of a table whose replaced rows are kept for so many days."""
    spans = (days, max(days, LEAST_LOG))
    return {name: f"interval {count} days" for name, count in zip(KEPT, spans, strict=True)}


def as_rows(spark: SparkSession, table: Table, rows: Sequence[Sequence[object]]) -> DataFrame:
    """A small frame with a table's columns, from rows in their order."""
    schema = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
    return spark.createDataFrame([tuple(row) for row in rows], schema).coalesce(1)


def _declared(name: str, kind: str) -> SparkColumn:
    return F.col(quoted(name)).cast(kind).alias(name)


def _commented(column: Column) -> SparkColumn:
    """A column as it is declared, with what it means for those who look at the table."""
    return F.col(quoted(column.name)).cast(column.type).alias(column.name, metadata={"comment": column.comment})


def _is_absent(error: AnalysisException) -> bool:
    condition = error.getCondition() or ""
    return condition.startswith(ABSENT)


def merge_bounds(table: Table, changed: DataFrame, replaced: DataFrame) -> tuple[str, object, object] | None:
    """What `Lake.merge` looks `within`: the column that a table is sorted by, and the least and greatest of its values
    in the rows that change, as they are and as they were; None where it is not sorted, or none is known.
    """
    column = table.sorted_by
    if column is None:
        return None
    values = changed.select(column).unionByName(replaced.select(column))
    is_time = isinstance(values.schema[column].dataType, TimestampType)
    # As numbers: a Python datetime without a zone would be one of two in the hour that a clock change doubles.
    value = F.unix_micros(column) if is_time else F.col(column)
    ends = values.agg(F.min(value).alias("least"), F.max(value).alias("greatest")).first()
    if ends is None or ends["least"] is None:
        return None
    least, greatest = (EPOCH + timedelta(microseconds=end) if is_time else end for end in ends)
    return column, least, greatest
