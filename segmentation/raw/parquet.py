"""What the footers of Parquet files say and Spark's schema of them does not: times in nanoseconds, as pandas has them.

With spark.sql.legacy.parquet.nanosAsLong Spark reads these as whole numbers, and says nothing of what they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import DataType, LongType, StructField, StructType, TimestampType

from segmentation.errors import InputError
from segmentation.source import RawTable
from segmentation.sql import quoted

CLOCK = "nanoseconds"  # in a field's metadata: what they are counted by
UTC, LOCAL = "UTC", "local"
NANOSECOND = Decimal("0.000000001")
# A number from here on is no time in seconds (the year 3 billion); in nanoseconds it is one of 1973 or later.
SURELY_NANOSECONDS = 10**17


def with_clocks(schema: StructType, table: RawTable, rows: DataFrame, files: Callable[[], Iterable[str]]) -> StructType:
    """The schema, in which columns that hold nanoseconds since 1970 say whether these are instants or local times.

    Told by the footers of `files` that this machine has a path to; they are listed only where a column may be one. Of
    others, numbers too large for seconds that are declared a day or a time are taken for local times.
    """
    unknown = {field.name for field in schema.fields if isinstance(field.dataType, LongType)}
    clocks: dict[str, str] = {}
    for file in files() if unknown else ():
        footer = _footer(file)
        if footer is None:
            break
        clocks |= _clocks(footer)
        unknown -= {*footer.to_arrow_schema().names}
        if not unknown:
            break
    asked = [name for name in unknown if name in table.columns and table.columns[name].type in ("date", "timestamp")]
    if asked:
        largest = rows.agg(*[F.max(F.abs(F.col(quoted(name)))).alias(name) for name in asked]).first()
        found = largest.asDict() if largest else {}
        clocks |= {name: LOCAL for name in asked if (found[name] or 0) >= SURELY_NANOSECONDS}
    return StructType([_marked(field, clocks) for field in schema.fields])


def as_times(rows: DataFrame, schema: StructType) -> DataFrame:
    """Rows whose columns in nanoseconds, by a schema that says which, are times; to the microsecond."""
    clocks = {field.name: field.metadata[CLOCK] for field in schema.fields if CLOCK in field.metadata}
    return rows.withColumns({name: _time(F.col(quoted(name)), clock) for name, clock in clocks.items()})


def without_unreadable(file: str, table: RawTable) -> StructType | None:
    """The columns of a file whose types Spark can read, where this machine has a path to it; else None.

    An InputError where one of the others is declared.
    """
    footer = _footer(file)
    if footer is None:
        return None
    clocks, fields = _clocks(footer), []
    physical = {footer.column(at).path: footer.column(at).physical_type for at in range(len(footer))}
    for field in footer.to_arrow_schema():
        kind = _spark_type(field.type, physical.get(field.name), field.name in clocks)
        if kind is not None:
            fields.append(_marked(StructField(field.name, kind), clocks))
        elif field.name in table.columns:
            raise InputError(
                f"{file}: found the column {field.name!r} as {field.type}, which Spark does not read, expected a "
                f"{table.columns[field.name].type}; write it as text, or leave it out of the source file"
            )
    return StructType(fields)


def _footer(file: str) -> pq.ParquetSchema | None:
    plain = re.sub(r"^dbfs:/+(?!Volumes/)", "/dbfs/", file)
    path = Path(re.sub(r"^(file|dbfs):/+", "/", plain))
    try:
        return pq.ParquetFile(path).schema if path.is_file() else None
    except (OSError, pa.ArrowException):
        return None


def _clocks(footer: pq.ParquetSchema) -> Mapping[str, str]:
    clocks = {}
    for at in range(len(footer)):
        column = footer.column(at)
        kind = json.loads(column.logical_type.to_json())
        if kind.get("Type") == "Timestamp" and kind.get("timeUnit") == "nanoseconds":
            clocks[column.path] = UTC if kind["isAdjustedToUTC"] else LOCAL
    return clocks


def _spark_type(kind: pa.DataType, physical: str | None, is_in_nanoseconds: bool) -> DataType | None:
    if is_in_nanoseconds or pa.types.is_duration(kind):
        return LongType()
    if physical == "INT96":
        return TimestampType()
    if pa.types.is_time(kind) or pa.types.is_float16(kind):
        return None
    try:
        return from_arrow_type(kind.value_type if pa.types.is_dictionary(kind) else kind, prefer_timestamp_ntz=True)
    except PySparkException:
        return None


def _marked(field: StructField, clocks: Mapping[str, str]) -> StructField:
    if field.name not in clocks or not isinstance(field.dataType, LongType):
        return field
    return StructField(field.name, field.dataType, field.nullable, {**field.metadata, CLOCK: clocks[field.name]})


def _time(nanoseconds: Column, clock: str) -> Column:
    # A double would not hold the microseconds.
    seconds = (nanoseconds.cast("decimal(20,0)") * F.lit(NANOSECOND)).cast("decimal(18,6)")
    if clock == UTC:
        return seconds.cast("timestamp")
    nought = F.lit(0)
    return F.lit("1970-01-01").cast("timestamp_ntz") + F.make_dt_interval(nought, nought, nought, seconds)
