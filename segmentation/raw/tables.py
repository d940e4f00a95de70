"""Raw tables that are no files: Delta tables, folders of Parquet, tables of a catalog; and what is new in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from urllib.parse import unquote

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from segmentation.errors import InputError
from segmentation.lake.storage import as_written, first_sentence, is_of_spark
from segmentation.raw.parquet import as_times, with_clocks, without_unreadable
from segmentation.source import RawTable
from segmentation.sql import identifier, quoted

# What a Delta table holds: its version, and which table it is, as another may have been written in its place.
# Earlier lakes know the version alone.
VERSION = re.compile(r"version (\d+)(?: of (\S+))?")
COMMITS_WITHOUT_NEW_ROWS = (
    "OPTIMIZE",
    "VACUUM START",
    "VACUUM END",
    "DELETE",
    "TRUNCATE",
    "SET TBLPROPERTIES",
    "UNSET TBLPROPERTIES",
    "ADD CONSTRAINT",
    "DROP CONSTRAINT",
    "CLUSTER BY",
)


def load(spark: SparkSession, table: RawTable, place: str, version: int | None = None) -> DataFrame:
    """The rows of a table as it is, or as it was at a version; of a folder of Parquet with the columns of all files."""
    reader = spark.read.options(**table.options)
    if version is not None:
        reader = reader.option("versionAsOf", version)
    if table.format == "table":
        return reader.table(identifier(place))
    if table.format == "delta":
        return reader.format("delta").load(place)
    rows = spark.read.options(**{"mergeSchema": True, **table.options}).format(table.format).load(as_written(place))
    return as_times(rows, with_clocks(rows.schema, table, rows, lambda: map(unquote, rows.inputFiles())))


def load_files(
    spark: SparkSession, table: RawTable, paths: Sequence[str], schema: StructType | None = None
) -> DataFrame:
    """The rows of files that are no text; of the columns of the first of them where no schema says which."""
    if schema is None:
        schema = schema_of(spark, table, paths[0])
    return as_times(_files(spark, table, paths, schema), schema)


def schema_of(spark: SparkSession, table: RawTable, path: str) -> StructType:
    """The columns of a file of Parquet that can be read; those in nanoseconds say what they are counted by."""
    try:
        rows = _files(spark, table, [path])
        schema = rows.schema  # on Spark Connect a file is only looked at when it is asked something
    except AnalysisException:
        readable = without_unreadable(path, table)
        if readable is None:
            raise
        return readable
    return with_clocks(schema, table, rows, lambda: [path])


def _files(spark: SparkSession, table: RawTable, paths: Sequence[str], schema: StructType | None = None) -> DataFrame:
    reader = spark.read.options(**table.options).format(table.format)
    return (reader.schema(schema) if schema else reader).load([as_written(path) for path in paths])


def columns_of(spark: SparkSession, name: str, table: RawTable, place: str) -> tuple[str, ...]:
    """The table's columns; an InputError where it cannot be read."""
    try:
        return tuple(load(spark, table, place).columns)
    except Exception as error:
        if not is_of_spark(error):
            raise
        raise InputError(
            f"{place}: cannot be read ({first_sentence(error)}), expected a {table.format} for {name}"
        ) from None


def version_of(spark: SparkSession, table: RawTable, place: str) -> str | None:
    """`version 3 of <id>` of a Delta table; None for others."""
    try:
        history = spark.sql("DESCRIBE HISTORY " + _named(table, place) + " LIMIT 1").select("version").first()
        detail = spark.sql("DESCRIBE DETAIL " + _named(table, place)).select("id").first()
    except PySparkException:  # no Delta table
        return None
    return f"version {history[0] if history else 0} of {detail[0] if detail else ''}"


def is_processed(content: str, before: Collection[str]) -> bool:
    """Whether what a table holds was taken in, by what was known of it before."""
    known = _known(before)
    # A version alone says nothing any more once there is one with its table.
    is_alone = all(of is None for _, of in known)
    return content in before or (is_alone and (_number(content), None) in known)


def version_before(content: str, before: Collection[str]) -> int | None:
    """The latest version that was taken in of the same table; None where none is known to be of it."""
    found = VERSION.fullmatch(content)
    numbers = [number for number, of in _known(before) if found and of and of == found[2]]
    return max(numbers) if numbers and max(numbers) < _number(content) else None


def newer_than(spark: SparkSession, table: RawTable, place: str, since: int) -> DataFrame:
    """Rows that the table did not have at a version of it."""
    rows = load(spark, table, place)
    return rows.exceptAll(load(spark, table, place, since).select(*rows.columns))


def has_newer(spark: SparkSession, table: RawTable, place: str, content: str, since: int) -> bool | None:
    """Whether the table has rows that it did not have at a version; None where that version is no longer to be had."""
    try:
        history = spark.sql("DESCRIBE HISTORY " + _named(table, place)).where(F.col("version") > since)
        operations = [row["operation"] for row in history.select("operation").collect()]
        if len(operations) >= _number(content) - since and all(each in COMMITS_WITHOUT_NEW_ROWS for each in operations):
            return False
        return bool(newer_than(spark, table, place, since).limit(1).collect())
    except Exception as error:
        # A data file that is gone is py4j's own error, whose class is not to be had on Connect.
        if not isinstance(error, PySparkException) and "py4j" not in type(error).__module__:
            raise
        return None


def _named(table: RawTable, place: str) -> str:
    return identifier(place) if table.format == "table" else quoted("delta", place)


def _known(before: Collection[str]) -> set[tuple[int, str | None]]:
    return {(int(found[1]), found[2]) for found in map(VERSION.fullmatch, before) if found}


def _number(content: str) -> int:
    found = VERSION.fullmatch(content)
    return int(found[1]) if found else -1
