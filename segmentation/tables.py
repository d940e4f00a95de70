"""The lake: the only room that reads and writes its tables, each checked against its declared schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, MergeIntoWriter, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError, SegmentationError
from segmentation.keys import same_key
from segmentation.schemas import LOCK, Column, Table
from segmentation.sql import quoted
from segmentation.storage import first_sentence, io_cause

CATALOG = re.compile(r"[^./:\s]+\.[^./:\s]+")
ROWS_PER_FILE = 100_000
ABSENT = (
    "PATH_NOT_FOUND", "TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "DELTA_TABLE_NOT_FOUND",
    "DELTA_PATH_DOES_NOT_EXIST", "DELTA_MISSING_DELTA_TABLE", "DELTA_TABLE_ONLY_OPERATION",
)  # fmt: skip


class Lake:
    """Delta tables below a path, or in `CATALOG.SCHEMA`."""

    def __init__(self, spark: SparkSession, location: str) -> None:
        self._spark = spark
        self.in_catalog = bool(CATALOG.fullmatch(location))
        # Delta takes a path for a table's name only where it is absolute.
        is_relative = not self.in_catalog and ":" not in location and not location.startswith("/")
        self.location = str(Path(location).resolve()) if is_relative else location.rstrip("/") or "/"
        self.written: set[str] = set()
        self._absent: set[str] = set()  # tables that were asked for and not there

    def place(self, name: str) -> str:
        """Where a table is, as a person would write it."""
        return f"{self.location}.{name}" if self.in_catalog else f"{self.location}/{name}"

    def version(self, name: str) -> int | None:
        """The table's latest Delta version; None where there is no such table."""
        try:
            history = self._spark.sql("DESCRIBE HISTORY " + self._identifier(name) + " LIMIT 1")
            row = history.select("version").first()
        except Exception as error:
            if isinstance(error, AnalysisException) and _is_absent(error):
                self._absent.add(name)
                return None
            cause = io_cause(error)
            if cause is None:
                raise
            raise InputError(
                f"{self.location}: cannot be reached ({cause}), expected a place that Spark can reach; set --lake"
            ) from None
        return None if row is None else int(row.version)

    def read(self, table: Table, version: int | None = None) -> DataFrame:
        """A table with its declared columns in their order (and those beyond them that a source adds)."""
        try:
            frame = self._frame(table, version)
            missing = [name for name in table.names if name not in frame.columns]
        except AnalysisException as error:
            if _is_absent(error):
                raise InputError(
                    f"{self.place(table.name)}: found no such table, expected one from an earlier run; "
                    "run the stage that writes it, or set --lake"
                ) from None
            raise
        if missing:
            raise SegmentationError(
                f"{self.place(table.name)}: the column {missing[0]!r} is missing, expected it as declared"
            )
        return frame

    def exists(self, table: Table) -> bool:
        """Whether there is such a table."""
        return self.version(table.name) is not None

    def is_as_declared(self, table: Table) -> bool:
        """Whether a table that is there has all its declared columns."""
        return {*table.names} <= {*self._frame(table).columns}

    def overwrite(self, table: Table, frame: DataFrame) -> None:
        """Replace a table's rows (and its columns, where a source's own have changed)."""
        self._write(table, frame, "overwrite", "overwriteSchema")

    def append(self, table: Table, frame: DataFrame) -> None:
        """Add rows to a table that accumulates."""
        self._write(table, frame, "append", "mergeSchema")

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
        with self._told(table):
            rows.mergeInto(self._identifier(table.name), same).whenMatched(gone).delete().whenMatched().update(
                values
            ).whenNotMatched(~gone).insert(values).merge()

    def restore(self, name: str, version: int) -> None:
        """Make the table what it was at a version of it."""
        self._spark.sql("RESTORE TABLE " + self._identifier(name) + " TO VERSION AS OF " + str(int(version)))
        self.written.add(name)

    def claim(self, holder: str, silent: float) -> str | None:
        """Take the lake's row for a holder, or say again that it is alive; returns who has it instead.

        Of two that try at once Delta lets one succeed. Who was silent for that many seconds holds it no more.
        """
        if not self.exists(LOCK):
            self._write(LOCK, as_rows(self._spark, LOCK, []), "ignore", "mergeSchema")
        is_silent = F.col("beat_at") < F.current_timestamp() - F.make_interval(secs=F.lit(silent))
        is_free = F.col("holder").isNull() | (F.col("holder") == holder) | is_silent
        mine = {"name": F.col("_name"), "holder": F.lit(holder), "beat_at": F.current_timestamp()}
        try:
            self._lock_row().whenMatched(is_free).update(mine).whenNotMatched().insert(mine).merge()
        except Exception as error:
            if "Concurrent" not in str(error):
                raise
        row = self._frame(LOCK).first()
        return None if row is None or row["holder"] == holder else str(row["holder"] or "another run")

    def release(self, holder: str) -> None:
        """Give the lake's row back."""
        free = {"holder": F.lit(None).cast("string")}
        self._lock_row().whenMatched(F.col("holder") == holder).update(free).merge()

    def _lock_row(self) -> MergeIntoWriter:
        row = self._spark.range(1).select(F.lit("lake").alias("_name"))
        return row.mergeInto(self._identifier(LOCK.name), F.col("name") == F.col("_name"))

    def _frame(self, table: Table, version: int | None = None) -> DataFrame:
        reader = self._spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.table(self._identifier(table.name)) if self.in_catalog else reader.load(self.place(table.name))

    def _write(self, table: Table, frame: DataFrame, mode: str, evolve: str) -> None:
        rows = frame.select(*[_commented(column) for column in table.columns])
        # delta-rs and other readers refuse deletion vectors: they stay off.
        plain: dict[str, bool | int] = {"delta.enableDeletionVectors": False}
        options: dict[str, bool | int] = {}
        if table.sorted_by:  # files of neighbours, so that a merge can leave most of them alone
            rows = rows.sortWithinPartitions(table.sorted_by)
            options["maxRecordsPerFile"] = ROWS_PER_FILE
        with self._told(table):
            if self.in_catalog:
                self._make_schema()
            if table.name in self._absent and mode != "ignore":  # only one who creates a table can say what it is
                creation = rows.writeTo(self._identifier(table.name)).using("delta").options(**options)
                creation.tableProperty("comment", table.grain).tableProperty(
                    "delta.enableDeletionVectors", "false"
                ).create()
                self._absent.discard(table.name)
                return
            writer = rows.write.format("delta").mode(mode).options(**{evolve: True}, **plain, **options)
            if self.in_catalog:
                writer.saveAsTable(self._identifier(table.name))
            else:
                writer.save(self.place(table.name))

    @contextmanager
    def _told(self, table: Table) -> Iterator[None]:
        """A file system that refuses is one sentence."""
        try:
            yield
        except Exception as error:
            cause = io_cause(error)
            if cause is None:
                raise
            kind = SegmentationError if self.written else InputError
            raise kind(
                f"{self.place(table.name)}: cannot be written ({cause}), "
                "expected a place with room that this user may write to; set --lake"
            ) from None
        self.written.add(table.name)

    def _make_schema(self) -> None:
        schema = quoted(*self.location.split("."))
        # Where it is there, who may write to it need not be allowed to make one.
        try:
            if not self.written and not self._spark.catalog.databaseExists(schema):
                self._spark.sql("CREATE SCHEMA IF NOT EXISTS " + schema)
        except PySparkException as error:  # no such catalog, no right to make a schema, a name that may not be
            raise InputError(
                f"{self.location}: the schema cannot be made ({first_sentence(error)}), expected CATALOG.SCHEMA of a "
                "catalog in which this user may write; set --lake"
            ) from None

    def _identifier(self, name: str) -> str:
        return quoted(*self.location.split("."), name) if self.in_catalog else "delta." + quoted(self.place(name))


def as_rows(spark: SparkSession, table: Table, rows: Sequence[Sequence[object]]) -> DataFrame:
    """A small frame with a table's columns, from rows in their order."""
    schema = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
    return spark.createDataFrame([tuple(row) for row in rows], schema).coalesce(1)


def _declared(name: str, kind: str):  # type: ignore[no-untyped-def]
    return F.col(quoted(name)).cast(kind).alias(name)


def _commented(column: Column) -> SparkColumn:
    """A column as it is declared, with what it means for those who look at the table."""
    return F.col(quoted(column.name)).cast(column.type).alias(column.name, metadata={"comment": column.comment})


def _is_absent(error: AnalysisException) -> bool:
    condition = error.getCondition() or ""
    return condition.startswith(ABSENT)
