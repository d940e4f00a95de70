"""Raw rows judged by themselves: malformed, undecodable, unreadable; and told apart from their copies."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from segmentation.attributes import spark_type
from segmentation.ingest.quality_rules import REPLACEMENT, names_of
from segmentation.raw.fingerprint import fingerprint
from segmentation.raw.read import BATCH, BESIDE, CORRUPT, FILE, FINGERPRINT, RECORD
from segmentation.source import RawColumn, RawTable
from segmentation.sql import quoted

ROW = "_row"
DAY = "yyyy-MM-dd"
TIME = "yyyy-MM-dd HH:mm:ss"
# All that is white or has no width: exports put it around ids, and nobody sees it.
WHITE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
# What may be 125 or 125,000: told where the column says nothing of its signs.
LIKE_THOUSANDS = r"^[-+]?[1-9]\d{0,2}\.\d{3}$"
BLANKS = " \u00a0\u202f"  # between thousands
MONEYS = ("decimal", "decimal(18,2)")
ABSURD = 1e15  # a double that large no longer holds cents: such a number is absurd, not misspelt


def parse(rows: DataFrame, table: RawTable) -> DataFrame:
    """One row per raw row: the declared columns, typed, and `_row`.

    `_row` is a struct of raw (the row as it stands), record (of a row from the lake, as JSON; else NULL), file,
    batch, fingerprint (the same for rows that are equal in full; a row from the lake keeps its own), again (whether it
    is equal in full to another of its file, where both are real), reasons and warnings (arrays). A value that
    cannot be read is NULL and gives its row a reason; of a malformed line no value is believed.
    """
    raw = [field for field in rows.schema.fields if field.name not in BESIDE]
    is_text = {field.name: isinstance(field.dataType, StringType) for field in raw}
    declared = {name: column for name, column in table.columns.items() if name in is_text}
    absent = {name: column for name, column in table.columns.items() if name not in is_text}

    own = fingerprint(raw)
    # One select a step: Spark works a value out once where the next step uses it twice.
    rows = rows.select(
        F.struct(*[F.col(quoted(name)).alias(name) for name in is_text]).alias("_raw"),
        F.col(FILE),
        F.col(BATCH),
        (F.col(RECORD) if RECORD in rows.columns else F.lit(None).cast("string")).alias("_record"),
        (F.coalesce(FINGERPRINT, own) if FINGERPRINT in rows.columns else own).alias("_fingerprint"),
        # Of real copies all but the first are known by another number than what they hold.
        (_is_new(rows) & (F.col(FINGERPRINT) != own) if FINGERPRINT in rows.columns else F.lit(False)).alias("_again"),
        *[
            (_text(name, table.nulls) if is_text[name] else F.col(quoted(name))).alias(f"_text_{name}")
            for name in declared
        ],
    )
    doubtful = [
        F.col(quoted(f"_text_{name}")).rlike(LIKE_THOUSANDS)
        for name, column in declared.items()
        if is_text[name] and column.type in MONEYS and column.thousands is None and column.decimal_sign is None
    ]
    typed = [
        read_as(F.col(quoted(f"_text_{name}")), column, is_text[name]).alias(f"_value_{name}")
        for name, column in declared.items()
    ]
    rows = rows.select("*", F.col("_raw")[CORRUPT].isNotNull().alias("_malformed"), *typed)
    unread = [
        F.when(text.isNotNull() & value.isNull(), _why(text, column))
        for name, column in declared.items()
        if column.type != "string"
        for text, value in [(F.col(quoted(f"_text_{name}")), F.col(quoted(f"_value_{name}")))]
    ]
    undecodable = F.concat_ws("", *[F.col("_raw")[name] for name in is_text if is_text[name]]).contains(REPLACEMENT)
    reasons = F.array_distinct(F.array_compact(F.array(F.when(undecodable, F.lit("undecodable_bytes")), *unread)))
    row = F.struct(
        F.col("_raw").alias("raw"),
        F.col("_record").alias("record"),
        F.col(FILE).alias("file"),
        F.col(BATCH).alias("batch"),
        F.col("_fingerprint").alias("fingerprint"),
        F.coalesce("_again", F.lit(False)).alias("again"),
        F.when(F.col("_malformed"), F.array(F.lit("malformed_line"))).otherwise(reasons).alias("reasons"),
        names_of([F.when(is_doubtful, F.lit("like_thousands")) for is_doubtful in doubtful]).alias("warnings"),
    )
    values = [F.when(~F.col("_malformed"), F.col(quoted(f"_value_{name}"))).alias(name) for name in declared]
    unknown = [F.lit(None).cast(spark_type(column.type)).alias(name) for name, column in absent.items()]
    return rows.select(*values, *unknown, row.alias(ROW))


def _is_new(rows: DataFrame) -> Column:
    """Whether a raw row came with this batch, and not from the lake."""
    return F.col(RECORD).isNull() if RECORD in rows.columns else F.lit(True)


def sound(judged: DataFrame) -> DataFrame:
    """The judged rows that others may join: those not refused, without `_row`, one of each that are equal in full."""
    return with_copies(judged).where((F.size(f"{ROW}.reasons") == 0) & ~F.col("_copy")).drop(ROW, "_copy")


def with_copies(judged: DataFrame) -> DataFrame:
    """The judged rows with `_copy`, true for every row but one among rows that are equal in full."""
    alike = Window.partitionBy(f"{ROW}.fingerprint").orderBy(f"{ROW}.batch", f"{ROW}.file")
    return judged.withColumn("_copy", F.row_number().over(alike) > 1)


def read_as(value: Column, column: RawColumn, is_text: bool) -> Column:
    """The value as the declared type; NULL where it cannot be read."""
    kind = column.type
    if kind == "string":
        return value if is_text else value.cast("string")
    if is_text and (column.thousands or column.decimal_sign):
        value = plain_number(value, column)
    if is_text and kind in ("timestamp", "date"):
        time = F.try_to_timestamp(value, F.lit(column.format or (TIME if kind == "timestamp" else DAY)))
        return time if kind == "timestamp" else time.cast("date")
    if kind == "integer":  # exports write whole numbers as 2.0 as soon as one of the column is missing
        number = value.try_cast("decimal(38,6)")
        return F.when(number == F.floor(number), number.try_cast("bigint"))
    return value.try_cast(spark_type(column.type))


def plain_number(text: Column, column: RawColumn) -> Column:
    """A number as Spark reads it, of one with the column's signs; NULL where the signs stand elsewhere."""
    signs = BLANKS if column.thousands == " " else column.thousands or ""
    parted = f"[{re.escape(signs)}]" if signs else ""
    whole = rf"(\d+|\d{{1,3}}({parted}\d{{3}})+)" if parted else r"\d+"
    is_written = text.rlike(rf"^[-+]?{whole}({re.escape(column.fraction)}\d+)?$")
    return F.when(is_written, F.translate(text, column.fraction + signs, "."))


def _why(value: Column, column: RawColumn) -> Column:
    """Why a value could not be read."""
    if column.type in ("timestamp", "date"):
        return F.lit("bad_date")
    if column.type == "boolean":
        return F.lit("bad_value")
    return F.when(F.abs(value.try_cast("double")) >= ABSURD, F.lit("absurd_value")).otherwise(F.lit("bad_number"))


def _text(name: str, nulls: tuple[str, ...]) -> Column:
    """A text without white space around it; NULL where it says that the value is unknown."""
    trimmed = bare(F.col(quoted(name)))
    return F.when(~trimmed.isin(*nulls), trimmed)


def bare(text: Column) -> Column:
    """A text without what cannot be seen around it."""
    return F.btrim(text, F.lit(WHITE))


def statuses(meanings: Mapping[str, tuple[str, ...]], raw: Column) -> Column:
    """The canonical status that a raw one means, whatever its case; NULL where the source does not say."""
    status = F.lower(bare(raw))
    result = F.lit(None).cast("string")
    for meaning, spellings in meanings.items():
        result = F.when(status.isin(*[spelling.lower() for spelling in spellings]), F.lit(meaning)).otherwise(result)
    return result
