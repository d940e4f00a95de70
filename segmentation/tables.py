"""The lake: the only room that reads and writes its tables, each checked against its declared schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError, SegmentationError
from segmentation.schemas import Table
from segmentation.sql import quoted

CATALOG = re.compile(r"[^./:\s]+\.[^./:\s]+")
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
        self._wrote = False

    def place(self, name: str) -> str:
        """Where a table is, as a person would write it."""
        return f"{self.location}.{name}" if self.in_catalog else f"{self.location}/{name}"

    def version(self, name: str) -> int | None:
        """The table's latest Delta version; None where there is no such table."""
        try:
            history = self._spark.sql("DESCRIBE HISTORY " + self._identifier(name) + " LIMIT 1")
            row = history.select("version").first()
        except AnalysisException as error:
            if _is_absent(error):
                return None
            raise
        return None if row is None else int(row.version)

    def read(self, table: Table, version: int | None = None) -> DataFrame:
        """A table with its declared columns in their order (and those beyond them that a source adds)."""
        reader = self._spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        try:
            frame = (
                reader.table(self._identifier(table.name)) if self.in_catalog else reader.load(self.place(table.name))
            )
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

    def overwrite(self, table: Table, frame: DataFrame) -> None:
        """Replace a table's rows (and its columns, where a source's own have changed)."""
        self._write(table, frame, "overwrite", "overwriteSchema")

    def append(self, table: Table, frame: DataFrame) -> None:
        """Add rows to a table that accumulates."""
        self._write(table, frame, "append", "mergeSchema")

    def _write(self, table: Table, frame: DataFrame, mode: str, evolve: str) -> None:
        rows = frame.select(*[_declared(column.name, column.type) for column in table.columns])
        # delta-rs and other readers refuse deletion vectors: they stay off.
        options = {evolve: True, "delta.enableDeletionVectors": False}
        writer = rows.write.format("delta").mode(mode).options(**options)
        try:
            if self.in_catalog:
                self._make_schema()
                writer.saveAsTable(self._identifier(table.name))
            else:
                writer.save(self.place(table.name))
        except Exception as error:  # py4j's own error class is not to be had on Connect
            cause = _io_cause(error)
            if cause is None:
                raise
            kind = SegmentationError if self._wrote else InputError
            raise kind(
                f"{self.place(table.name)}: cannot be written ({cause}), "
                "expected a place with room that this user may write to; set --lake"
            ) from None
        self._wrote = True

    def _make_schema(self) -> None:
        if not self._wrote:
            self._spark.sql("CREATE SCHEMA IF NOT EXISTS " + quoted(*self.location.split(".")))

    def _identifier(self, name: str) -> str:
        return quoted(*self.location.split("."), name) if self.in_catalog else "delta." + quoted(self.place(name))


def as_rows(spark: SparkSession, table: Table, rows: Sequence[Sequence[object]]) -> DataFrame:
    """A small frame with a table's columns, from rows in their order."""
    schema = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
    return spark.createDataFrame([tuple(row) for row in rows], schema).coalesce(1)


def _declared(name: str, kind: str):  # type: ignore[no-untyped-def]
    return F.col(quoted(name)).cast(kind).alias(name)


def _is_absent(error: AnalysisException) -> bool:
    condition = error.getCondition() or ""
    return condition.startswith(ABSENT)


def _io_cause(error: Exception) -> str | None:
    """What the file system said, where it was the file system that refused; None for any other error."""
    text = str(error)
    if not isinstance(error, PySparkException) and "py4j" not in type(error).__module__:
        return None
    for pattern in (
        r"No space left on device", r"Permission denied", r"Read-only file system", r"Not a directory",
        r"Mkdirs failed to create \S+", r"Cannot create \S+/_delta_log",
        r"Parent path is not a directory: \S+", r"No FileSystem for scheme \S+",
        r"ParentNotDirectoryException[^\n]*", r"AccessDenied\w*", r"cannot create directory[^\n]*",
        r"FileAlreadyExistsException[^\n]*",
    ):  # fmt: skip
        found = re.search(pattern, text, flags=re.IGNORECASE)
        if found:
            return found.group(0)
    return None
