"""Values of Parquet, Delta and catalog tables, whatever type they have there: as the texts that a CSV file would have.

A table's types change from one day to the next: whole numbers are doubles as soon as one of them is missing. A value is
read by what is declared of it, from a text that is the same for all types that can hold it.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    NullType,
    NumericType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
)

from segmentation.errors import InputError
from segmentation.source import RawColumn, RawTable

TIMES = (DateType, TimestampType, TimestampNTZType)
WHOLE = 9e18  # a double below it has its whole part in a BIGINT


def check_types(name: str, schema: StructType, table: RawTable) -> None:
    """An InputError where a column's type cannot be read as the declared one."""
    for field in schema.fields:
        column = table.columns.get(field.name)
        if column is None or _reads(field.dataType, column):
            continue
        kind = field.dataType.simpleString()
        needs_format = isinstance(field.dataType, NumericType) and column.type == "date"
        expected = "date, or a format such as yyyyMMdd" if needs_format else column.type
        raise InputError(
            f"{name}: found the column {field.name!r} as {kind}, expected {expected}; "
            "mend the export, or the column's type in the source file"
        )


def _reads(kind: DataType, column: RawColumn) -> bool:
    if column.type == "string" or isinstance(kind, StringType | VariantType | NullType):
        return True
    is_time = column.type in ("date", "timestamp")
    if isinstance(kind, TIMES):
        return is_time
    if isinstance(kind, NumericType):
        return column.type != "date" or column.format is not None
    return isinstance(kind, BooleanType) and not is_time


def is_number(kind: DataType) -> bool:
    """Whether values of a type are numbers, or yes and no."""
    return isinstance(kind, NumericType | BooleanType)


def was_text(value: Column) -> Column:
    """Whether a value of a record was a text there."""
    return F.schema_of_variant(value) == "STRING"


def plain(value: Column) -> Column:
    """A number as text, alike for all types that can hold it; NULL where it is none (NaN).

    Yes and no are true and false.
    """
    text = value.cast("string")
    number = text.try_cast("double")
    is_whole = (number == F.floor(number)) & (F.abs(number) < WHOLE)
    # Java writes doubles from ten million on as 1.2345678E7.
    whole = F.when(is_whole, number.try_cast("bigint").cast("string")).otherwise(text)
    shorter = F.when(text.contains("."), F.regexp_replace(text, r"\.?0+$", "")).otherwise(text)
    return F.when(text.contains("E"), whole).when(text != "NaN", shorter)
