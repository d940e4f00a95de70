"""Raw files and tables, read as they stand: one row per raw row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import BinaryType, DataType, StringType, StructField, StructType

from segmentation.attributes import spark_type
from segmentation.lake.storage import as_written
from segmentation.raw.failures import reading
from segmentation.raw.file_order import delivery
from segmentation.raw.fingerprint import fingerprint
from segmentation.raw.inputs import RawFile, RawInput
from segmentation.raw.lines import options_of, with_columns_cut
from segmentation.raw.tables import load, load_files, newer_than
from segmentation.session import checkpointed, in_parallel
from segmentation.source import RawTable
from segmentation.sql import AS_JSON, quoted

CORRUPT = "_corrupt_record"
FILE = "_file"
BATCH = "_batch"
# Of a row that is read again from the lake: what it was known by, and its record as it was first written.
FINGERPRINT = "_known_fingerprint"
RECORD = "_known_record"
# Of a row among others whose columns have other types: its fingerprint by its own.
OWN = "_own_fingerprint"
BESIDE = (FILE, BATCH, FINGERPRINT, RECORD, OWN)  # columns that are none of the raw row's own
COLLECTED = 10_000  # rows of a file that may be fetched to be handed back


def read_raw(spark: SparkSession, raw: RawInput, batch: str = "", copies_are_real: bool = False) -> DataFrame:
    """One row per raw row: every column as it stands (text for CSV), `_corrupt_record`, `_file` and `_batch`.

    Where rows that are equal in full within one file are as many rows, each has a fingerprint of its own.
    """
    if raw.rows is not None:
        rows = raw.rows
    elif not raw.files:
        rows = spark.createDataFrame([], _declared_schema(raw)).withColumn(FILE, F.lit(None).cast("string"))
    elif not raw.table.is_text:
        # Of a further copy of a row only its number among all of them tells that it is new.
        rows = _read_table(spark, raw, since=None if copies_are_real else raw.since)
    else:
        groups: dict[tuple[str, ...], list[str]] = {}
        for file in raw.files:
            groups.setdefault(file.columns, []).append(as_written(file.path))
        rows = _together([_read_csv(spark, raw.table, columns, paths) for columns, paths in groups.items()])
    if copies_are_real:
        rows = rows.withColumn(FINGERPRINT, _numbered(rows))
        if raw.since is not None:
            before = _read_table(spark, raw, version=raw.since)
            rows = rows.join(before.select(_numbered(before).alias(FINGERPRINT)), on=FINGERPRINT, how="left_anti")
    for later, first in raw.repeated:
        rows = rows.withColumn(FILE, F.when(F.col(FILE) == later, F.lit(first)).otherwise(F.col(FILE)))
    return rows.withColumn(BATCH, F.lit(batch))


def bounded(spark: SparkSession, raw: RawInput, limit: int) -> RawInput:
    """The raw table with the first rows of each of its files alone, at most so many; read now and once."""
    with reading(raw.place or raw.name, raw.table.expected):
        parts = in_parallel(*[partial(_first_rows, spark, replace(raw, files=(file,)), limit) for file in raw.files])
    rows = _together([part for part, _ in parts])
    files = [
        replace(file, seen=replace(file.seen, lines=min(number, limit)))
        for file, (_, number) in zip(raw.files, parts, strict=True)
    ]
    is_whole = all(number <= limit for _, number in parts)
    return replace(raw, files=tuple(files), rows=rows, is_whole=is_whole)


def _first_rows(spark: SparkSession, raw: RawInput, limit: int) -> tuple[DataFrame, int]:
    """The rows, and their number; one more where there are others."""
    rows = read_raw(spark, raw).drop(BATCH)
    if raw.table.is_text and limit <= COLLECTED:
        # Fetched rows are the file's first, of which Spark reads no more than it needs.
        first = rows.limit(limit + 1).collect()
        return spark.createDataFrame(first[:limit], rows.schema), len(first)
    part = checkpointed(rows.limit(limit + 1))
    number = part.count()
    return (part.limit(limit) if number > limit else part), number


def own_fingerprint(rows: DataFrame) -> Column:
    """What each raw row is known by, by what it holds alone."""
    if OWN in rows.columns:
        return F.col(OWN)
    return fingerprint([field for field in rows.schema.fields if field.name not in BESIDE])


def _together(frames: Sequence[DataFrame]) -> DataFrame:
    """The rows of several files, by the names of their columns; each lacks those of the others.

    A column that is of another type in another file has the values that records have (variants). Rows are known by
    their own types, as they are where their files come on days of their own.
    """
    types: dict[str, set[str]] = {}
    for field in (field for frame in frames for field in frame.schema.fields):
        types.setdefault(field.name, set()).add(field.dataType.simpleString())
    differ = [name for name, several in types.items() if len(several) > 1]
    if differ:
        frames = [
            frame.withColumn(OWN, own_fingerprint(frame)).withColumns(
                {name: _as_variant(frame, name) for name in differ if name in frame.columns}
            )
            for frame in frames
        ]
    return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), frames)


def _as_variant(rows: DataFrame, name: str) -> Column:
    value = F.col(quoted(name))
    if isinstance(rows.schema[name].dataType, BinaryType):
        value = value.cast("string")
    return F.from_json(F.to_json(F.struct(value.alias("value")), AS_JSON), "value variant")["value"]


def _numbered(rows: DataFrame) -> Column:
    own = own_fingerprint(rows)
    number = F.row_number().over(Window.partitionBy(delivery(F.col(FILE)), own).orderBy(own))
    return F.when(number == 1, own).otherwise(F.xxhash64(own, number))


def _declared_schema(raw: RawInput) -> StructType:
    """Raw columns where there is no file to tell them: those declared, and `_corrupt_record`; of CSV all are text."""
    is_text = raw.table.is_text
    kinds = {name: "string" if is_text else spark_type(column.type) for name, column in raw.table.columns.items()}
    fields = [(name, DataType.fromDDL(kind)) for name, kind in {**kinds, CORRUPT: "string"}.items()]
    return StructType([StructField(name, kind) for name, kind in fields])


def _read_csv(spark: SparkSession, table: RawTable, columns: tuple[str, ...], paths: list[str]) -> DataFrame:
    read = ["value"] if table.is_cut else columns
    schema = StructType([StructField(name, StringType()) for name in (*read, CORRUPT)])
    reader = spark.read.options(**options_of(table)).option("columnNameOfCorruptRecord", CORRUPT)
    rows = reader.schema(schema).csv(paths).withColumn(FILE, F.col("_metadata.file_path"))
    return with_columns_cut(rows, table, columns, CORRUPT, FILE) if table.is_cut else rows


def _read_table(spark: SparkSession, raw: RawInput, since: int | None = None, version: int | None = None) -> DataFrame:
    if raw.place:
        if since is None:
            rows = load(spark, raw.table, raw.place, version)
        else:
            rows = newer_than(spark, raw.table, raw.place, since)
        rows = rows.withColumn(FILE, F.lit(raw.place))
    else:
        groups: dict[str, list[RawFile]] = {}
        for file in raw.files:
            groups.setdefault(file.schema.json() if file.schema else "", []).append(file)
        frames = [
            load_files(spark, raw.table, [file.path for file in files], files[0].schema) for files in groups.values()
        ]
        rows = _together([frame.withColumn(FILE, F.col("_metadata.file_path")) for frame in frames])
    return rows.withColumn(CORRUPT, F.lit(None).cast("string"))
