"""Raw files and tables as a marketplace exports them: found, checked, and read as they stand.

Files are listed and read through Spark alone, so that any URI works that Spark can reach.
"""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import reduce
from urllib.parse import unquote

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from segmentation.errors import InputError
from segmentation.source import RawTable, Source

CORRUPT = "_corrupt_record"
FILE = "_file"
# RFC 4180: a quote inside a quoted field is written twice. Spark's own default is a backslash.
PLAIN = {"sep", "delimiter", "quote", "escape", "nullValue"}  # options with which a line is a row
CSV_DEFAULTS: dict[str, str | bool] = {"header": True, "quote": '"', "escape": '"', "encoding": "UTF-8"}


@dataclass(frozen=True)
class RawFile:
    """One file to take in, with the names in its header."""

    path: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person calls the file."""
        return unquote(self.path.rsplit("/", 1)[-1])


@dataclass(frozen=True)
class RawInput:
    """What there is of one raw table: its files, or the place of its table."""

    name: str
    table: RawTable
    files: tuple[RawFile, ...] = ()
    place: str = ""

    @property
    def columns(self) -> list[str]:
        """Every column that any of the files has, in order of appearance."""
        return list(dict.fromkeys(column for file in self.files for column in file.columns))

    @property
    def unexpected(self) -> list[str]:
        """Columns that the source does not declare: kept in records, used by nothing."""
        return [column for column in self.columns if column not in self.table.columns]


def find_inputs(spark: SparkSession, source: Source, folder: str) -> dict[str, RawInput]:
    """The raw files and tables of a source, by name; every declared column is there, or an InputError says which."""
    needs_files = any(not table.path for table in source.raw.values())
    listed = _list_files(spark, folder) if needs_files else []
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda item: _find(spark, item[0], item[1], folder, listed), source.raw.items()))
    for raw in found:
        _check_columns(raw)
    return {raw.name: raw for raw in found}


def read_raw(spark: SparkSession, raw: RawInput) -> DataFrame:
    """One row per raw row: every column as it stands (text for CSV), `_corrupt_record` and `_file`."""
    if raw.table.format != "csv":
        return _read_table(spark, raw)
    groups: dict[tuple[str, ...], list[str]] = {}
    for file in raw.files:
        groups.setdefault(file.columns, []).append(file.path)
    frames = [_read_csv(spark, raw.table, columns, paths) for columns, paths in groups.items()]
    return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), frames)


def _list_files(spark: SparkSession, folder: str) -> list[str]:
    try:
        # Asked for its files, Spark opens none, and names the empty ones too.
        files = spark.read.format("binaryFile").load(folder).inputFiles()
    except PySparkException as error:
        raise InputError(f"{folder}: cannot be listed ({_cause(error)}), expected a folder; set --input") from None
    return sorted(unquote(file) for file in files)


def _find(spark: SparkSession, name: str, table: RawTable, folder: str, listed: list[str]) -> RawInput:
    if table.path:
        place = table.path if table.format == "table" else f"{folder.rstrip('/')}/{table.path}"
        raw = RawInput(name, table, place=place)
        return RawInput(name, table, (RawFile(place, _table_columns(spark, raw)),), place)
    paths = [path for path in listed if _matches(table, path.rsplit("/", 1)[-1])]
    if not paths:
        expected = table.glob or f"a name that matches {table.pattern}"
        names = [path.rsplit("/", 1)[-1] for path in listed]
        near = get_close_matches(table.glob or name, names, n=3, cutoff=0.5)
        hint = f" (there is {', '.join(near)})" if near else ""
        raise InputError(
            f"{folder}: found no file for {name}, expected {expected}{hint}; set --input"
        )
    with ThreadPoolExecutor(4) as pool:
        headers = list(pool.map(lambda path: _header(spark, table, path), paths))
    return RawInput(name, table, tuple(RawFile(path, header) for path, header in zip(paths, headers, strict=True)))


def _matches(table: RawTable, name: str) -> bool:
    return bool(re.fullmatch(table.pattern, name)) if table.pattern else fnmatchcase(name, table.glob or "")


def _header(spark: SparkSession, table: RawTable, path: str) -> tuple[str, ...]:
    if table.format != "csv":
        return tuple(spark.read.format(table.format).load(path).columns)
    # Read as data, not as a header: Spark would rename columns that stand twice.
    options = {**CSV_DEFAULTS, **table.options, "header": False}
    # Only the file's first part: which row a limit takes of several parts is not said.
    first_part = spark.read.options(**options).csv(path).where(F.col("_metadata.file_block_start") == 0)
    row = first_part.limit(1).first()
    if row is None:
        raise InputError(f"{path}: found nothing in it, expected a header and rows; mend the export")
    names = [(value or "").removeprefix("\ufeff").strip() for value in row]
    times = Counter(name.casefold() for name in names)  # Spark tells columns apart whatever their case
    twice = [name for name in names if name and times[name.casefold()] > 1]
    if twice:
        raise InputError(f"{path}: found the column {twice[0]!r} twice in the header, expected it once")
    return tuple(name or f"_unnamed_{position}" for position, name in enumerate(names, 1))


def _check_columns(raw: RawInput) -> None:
    for file in raw.files:
        for column, declared in raw.table.columns.items():
            if column in file.columns or declared.optional:
                continue
            near = get_close_matches(column.lower(), [other.lower() for other in file.columns], n=3)
            found = [other for other in file.columns if other.lower() in near]
            hint = f"found {', '.join(map(repr, found))} instead" if found else f"found {', '.join(file.columns)}"
            raise InputError(
                f"{file.name}: the column {column!r} of {raw.name} is missing, {hint}; "
                "mend the export, or the column's name in the source file"
            )


def _read_csv(spark: SparkSession, table: RawTable, columns: tuple[str, ...], paths: list[str]) -> DataFrame:
    schema = StructType([StructField(name, StringType()) for name in (*columns, CORRUPT)])
    options = {**CSV_DEFAULTS, **table.options}
    rows = spark.read.options(**options).option("columnNameOfCorruptRecord", CORRUPT).schema(schema).csv(paths)
    return rows.withColumn(FILE, F.col("_metadata.file_path"))


def _read_table(spark: SparkSession, raw: RawInput) -> DataFrame:
    if raw.table.format == "table":
        rows = spark.read.table(raw.place).withColumn(FILE, F.lit(raw.place))
    elif raw.place:
        rows = spark.read.format(raw.table.format).load(raw.place).withColumn(FILE, F.lit(raw.place))
    else:
        paths = [file.path for file in raw.files]
        rows = spark.read.format(raw.table.format).load(paths).withColumn(FILE, F.col("_metadata.file_path"))
    return rows.withColumn(CORRUPT, F.lit(None).cast("string"))


def _table_columns(spark: SparkSession, raw: RawInput) -> tuple[str, ...]:
    reader = spark.read
    try:
        table = (
            reader.table(raw.place) if raw.table.format == "table" else reader.format(raw.table.format).load(raw.place)
        )
        return tuple(table.columns)
    except AnalysisException as error:
        raise InputError(
            f"{raw.place}: cannot be read ({_cause(error)}), expected a {raw.table.format} for {raw.name}"
        ) from None


def _cause(error: PySparkException) -> str:
    """The first sentence of what Spark says, without its class and its plan."""
    first = str(error).strip().splitlines()[0]
    return re.sub(r"^\[[A-Z_.]+\]\s*", "", first).split(" SQLSTATE")[0].rstrip(". ")


def count_lines(spark: SparkSession, raw: RawInput) -> int | None:
    """Rows in the files by another way than the one that reads them: lines that are not blank, less the headers.

    None where lines are not rows: other formats, or records that may span lines.
    """
    if raw.table.format != "csv" or not PLAIN.issuperset(raw.table.options):
        return None
    lines = spark.read.text([file.path for file in raw.files])
    return lines.where(F.col("value").rlike(r"[^\x00-\x20]")).count() - len(raw.files)  # blank as for Java's trim
