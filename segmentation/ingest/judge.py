"""Raw rows judged by themselves: malformed, undecodable, unreadable, or there twice."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from segmentation.ingest.rules import REPLACEMENT
from segmentation.raw import CORRUPT, FILE
from segmentation.schemas import MONEY
from segmentation.source import RawColumn, RawTable
from segmentation.sql import quoted

ROW = "_row"
DAY = "yyyy-MM-dd"
TIME = "yyyy-MM-dd HH:mm:ss"
ABSURD = 1e15  # a double that large no longer holds cents: such a number is absurd, not misspelt


def judge(rows: DataFrame, table: RawTable) -> DataFrame:
    """One row per raw row: the declared columns, typed, and `_row`.

    `_row` is a struct of raw (the row as it stands), file, reasons (array) and duplicate. A value that cannot
    be read is NULL and gives its row a reason; of a malformed line no value is believed. Rows that are equal
    in full are duplicates but for one, whichever file they came in.
    """
    raw = [name for name in rows.columns if name != FILE]
    is_text = {field.name: isinstance(field.dataType, StringType) for field in rows.schema.fields}
    declared = {name: column for name, column in table.columns.items() if name in is_text}
    absent = {name: column for name, column in table.columns.items() if name not in is_text}

    # One select a step: Spark works a value out once where the next step uses it twice.
    rows = rows.select(
        F.struct(*[F.col(quoted(name)).alias(name) for name in raw]).alias("raw"),
        F.col(FILE),
        F.col(CORRUPT).isNotNull().alias("malformed"),
        F.concat_ws("", *[quoted(name) for name in raw if is_text[name]]).contains(REPLACEMENT).alias("undecodable"),
        _is_copy(raw).alias("duplicate"),
        *[(_text(name, table.nulls) if is_text[name] else F.col(quoted(name))).alias(name) for name in declared],
    )
    aside = ["raw", FILE, "malformed", "undecodable", "duplicate"]
    rows = rows.select(
        *[F.col(name).alias(f"_{name}") for name in aside],
        *[F.col(quoted(name)).alias(f"_text_{name}") for name in declared],
        *[read_as(F.col(quoted(name)), column, is_text[name]).alias(name) for name, column in declared.items()],
    )
    unread = [
        F.when(text.isNotNull() & F.col(quoted(name)).isNull(), _why(text, column))
        for name, column in declared.items()
        if column.type != "string"
        for text in [F.col(quoted(f"_text_{name}"))]
    ]
    undecodable = F.when(F.col("_undecodable"), F.lit("undecodable_bytes"))
    reasons = F.array_distinct(F.array_compact(F.array(undecodable, *unread)))
    row = F.struct(
        F.col("_raw").alias("raw"),
        F.col(f"_{FILE}").alias("file"),
        F.when(F.col("_malformed"), F.array(F.lit("malformed_line"))).otherwise(reasons).alias("reasons"),
        F.col("_duplicate").alias("duplicate"),
    )
    values = [F.when(~F.col("_malformed"), F.col(quoted(name))).alias(name) for name in declared]
    unknown = [F.lit(None).cast(_spark_type(column)).alias(name) for name, column in absent.items()]
    return rows.select(*values, *unknown, row.alias(ROW))


def sound(judged: DataFrame) -> DataFrame:
    """The judged rows that others may join: neither refused nor duplicate, without `_row`."""
    return judged.where((F.size(f"{ROW}.reasons") == 0) & ~F.col(f"{ROW}.duplicate")).drop(ROW)


def read_as(value: Column, column: RawColumn, is_text: bool) -> Column:
    """The value as the declared type; NULL where it cannot be read."""
    kind = column.type
    if kind == "string":
        return value if is_text else value.cast("string")
    if is_text and kind in ("timestamp", "date"):
        time = F.try_to_timestamp(value, F.lit(column.format or (TIME if kind == "timestamp" else DAY)))
        return time if kind == "timestamp" else time.cast("date")
    if kind == "integer":  # exports write whole numbers as 2.0 as soon as one of the column is missing
        number = value.try_cast("decimal(38,6)")
        return F.when(number == F.floor(number), number.try_cast("bigint"))
    return value.try_cast(_spark_type(column))


def _spark_type(column: RawColumn) -> str:
    return {"integer": "bigint", "decimal": MONEY}.get(column.type, column.type)


def _why(value: Column, column: RawColumn) -> Column:
    """Why a value could not be read."""
    if column.type in ("timestamp", "date"):
        return F.lit("bad_date")
    if column.type == "boolean":
        return F.lit("bad_value")
    return F.when(F.abs(value.try_cast("double")) >= ABSURD, F.lit("absurd_value")).otherwise(F.lit("bad_number"))


def _text(name: str, nulls: tuple[str, ...]) -> Column:
    """A text without blanks around it; NULL where it says that the value is unknown."""
    trimmed = F.trim(F.col(quoted(name)))
    return F.when(~trimmed.isin(*nulls), trimmed)


def _is_copy(raw: list[str]) -> Column:
    """True for every row but one among rows that are equal in full."""
    columns = [F.col(quoted(name)) for name in raw]
    # The hash goes first so that sorting compares numbers; the columns behind it make equality exact.
    return F.row_number().over(Window.partitionBy(F.xxhash64(*columns), *columns).orderBy(FILE)) > 1


def statuses(meanings: Mapping[str, tuple[str, ...]], raw: Column) -> Column:
    """The canonical status that a raw one means, whatever its case; NULL where the source does not say."""
    status = F.lower(F.trim(raw))
    result = F.lit(None).cast("string")
    for meaning, spellings in meanings.items():
        result = F.when(status.isin(*[spelling.lower() for spelling in spellings]), F.lit(meaning)).otherwise(result)
    return result
