"""Raw rows judged by themselves: malformed, undecodable, unreadable; and told apart from their copies."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType, VariantType

from segmentation.attributes import spark_type
from segmentation.ingest.quality_rules import REPLACEMENT, names_of
from segmentation.raw.read import BATCH, BESIDE, CORRUPT, FILE, FINGERPRINT, RECORD, own_fingerprint
from segmentation.raw.values import is_number, plain, was_text
from segmentation.source import RawColumn, RawTable
from segmentation.sql import AS_JSON, quoted

ROW = "_row"
DAY = "yyyy-MM-dd"
TIME = "yyyy-MM-dd HH:mm:ss"
# A day or a time as a record has those of tables.
IN_RECORD = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}(\d{3})?(Z|[+-]\d\d:\d\d)?)?$"
# All that is white or has no width: exports put it around ids, and nobody sees it.
WHITE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
# What may be 125 or 125,000: told where the column says nothing of its signs.
LIKE_THOUSANDS = r"^[-+]?[1-9]\d{0,2}\.\d{3}$"
BLANKS = " \u00a0\u202f"  # between thousands
NUMBERS = ("integer", "decimal", "double")  # types of numbers, whatever their precision
# A number in figures: what else a double may be made of (nan, Infinity, 1d) is none.
IN_FIGURES = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"
ABSURD = 1e15  # a double that large no longer holds cents: such a number is absurd, not misspelt


def record_of() -> Column:
    """What is kept and shown of a raw row (see ROW): the record that it came with from the lake, else its columns."""
    return F.coalesce(f"{ROW}.record", F.to_json(f"{ROW}.raw", AS_JSON))


def parse(rows: DataFrame, table: RawTable) -> DataFrame:
    """One row per raw row: the declared columns, typed, and `_row`.

    `_row` is a struct of raw (the row as it stands), record (of a row from the lake, as JSON; else NULL), file,
    batch, fingerprint (the same for rows that are equal in full; a row from the lake keeps its own), again (whether it
    is equal in full to another of its file, where both are real), reasons and warnings (arrays). A value that
    cannot be read is NULL and gives its row a reason; of a malformed line no value is believed.
    """
    raw = [field for field in rows.schema.fields if field.name not in BESIDE]
    kinds = {field.name: field.dataType for field in raw}
    is_text = {name: isinstance(kind, StringType) for name, kind in kinds.items()}
    declared = {name: column for name, column in table.columns.items() if name in kinds}
    absent = {name: column for name, column in table.columns.items() if name not in kinds}

    own = own_fingerprint(rows)
    is_known, is_of_lake = FINGERPRINT in rows.columns, RECORD in rows.columns
    # One select a step: Spark works a value out once where the next step uses it twice.
    rows = rows.select(
        F.struct(*[F.col(quoted(name)).alias(name) for name in kinds]).alias("_raw"),
        F.col(FILE),
        F.col(BATCH),
        (F.col(RECORD) if is_of_lake else F.lit(None).cast("string")).alias("_record"),
        (F.col(FINGERPRINT) if is_known else own).alias("_fingerprint"),
        # Of real copies all but the first are known by another number than what they hold.
        (F.col(FINGERPRINT) != own if is_known and not is_of_lake else F.lit(False)).alias("_again"),
        *[_stated(F.col(quoted(name)), kinds[name], table.nulls).alias(f"_text_{name}") for name in declared],
    )
    doubtful = [
        F.col(quoted(f"_text_{name}")).rlike(LIKE_THOUSANDS)
        for name, column in declared.items()
        if is_text[name]
        and column.type.startswith(NUMBERS)
        and column.thousands is None
        and column.decimal_sign is None
    ]
    typed = [
        _read(F.col("_raw")[name], F.col(quoted(f"_text_{name}")), column, kinds[name], table).alias(f"_value_{name}")
        for name, column in declared.items()
    ]
    rows = rows.select("*", F.col("_raw")[CORRUPT].isNotNull().alias("_malformed"), *typed)
    unread = [
        F.when(text.isNotNull() & value.isNull(), _why(text, column))
        for name, column in declared.items()
        if column.type != "string"
        for text, value in [(F.col(quoted(f"_text_{name}")), F.col(quoted(f"_value_{name}")))]
    ]
    texts = [F.col("_raw")[name] for name, is_one in is_text.items() if is_one]
    written = F.col("_record") if is_of_lake else F.concat_ws("", *texts)
    undecodable = written.contains(REPLACEMENT)
    reasons = F.array_distinct(F.array_compact(F.array(F.when(undecodable, F.lit("undecodable_bytes")), *unread)))
    row = F.struct(
        F.col("_raw").alias("raw"),
        F.col("_record").alias("record"),
        F.col(FILE).alias("file"),
        F.col(BATCH).alias("batch"),
        F.col("_fingerprint").alias("fingerprint"),
        F.col("_again").alias("again"),
        F.when(F.col("_malformed"), F.array(F.lit("malformed_line"))).otherwise(reasons).alias("reasons"),
        names_of([F.when(is_doubtful, F.lit("like_thousands")) for is_doubtful in doubtful]).alias("warnings"),
    )
    values = [F.when(~F.col("_malformed"), F.col(quoted(f"_value_{name}"))).alias(name) for name in declared]
    unknown = [F.lit(None).cast(spark_type(column.type)).alias(name) for name, column in absent.items()]
    return rows.select(*values, *unknown, row.alias(ROW))


def sound(parsed: DataFrame) -> DataFrame:
    """The parsed rows that others may join: those not refused, without `_row`, one of each that are equal in full."""
    return with_copies(parsed).where((F.size(f"{ROW}.reasons") == 0) & ~F.col("_copy")).drop(ROW, "_copy")


def with_copies(parsed: DataFrame) -> DataFrame:
    """The parsed rows with `_copy`, true for every row but one among rows that are equal in full."""
    alike = Window.partitionBy(f"{ROW}.fingerprint").orderBy(f"{ROW}.batch", f"{ROW}.file")
    return parsed.withColumn("_copy", F.row_number().over(alike) > 1)


def _stated(value: Column, kind: DataType, nulls: tuple[str, ...]) -> Column:
    """What a raw value says, as text; NULL where it is unknown. Days, times and what is nested stay as they are."""
    if isinstance(kind, StringType):
        return _text(value, nulls)
    if isinstance(kind, VariantType):  # of a record
        return F.when(was_text(value), _text(value.cast("string"), nulls)).otherwise(plain(value))
    return plain(value) if is_number(kind) else value


def _read(raw: Column, stated: Column, column: RawColumn, kind: DataType, table: RawTable) -> Column:
    """What a raw value says as the declared type, whatever its own is; NULL where it cannot be read."""
    if is_number(kind):
        return _read_number(stated, column)
    if isinstance(kind, VariantType):
        return F.when(was_text(raw), _read_text(stated, column)).otherwise(_read_number(stated, column))
    is_text = isinstance(kind, StringType)
    return _read_text(stated, column) if is_text and not table.is_text else read_as(stated, column, is_text)


def _read_text(text: Column, column: RawColumn) -> Column:
    """A text of a table, or of its record, where days and times are texts too."""
    value = read_as(text, column, is_text=True)
    if column.type not in ("timestamp", "date"):
        return value
    return F.coalesce(value, F.when(text.rlike(IN_RECORD), text.try_cast("timestamp")).cast(column.type))


def _read_number(text: Column, column: RawColumn) -> Column:
    """A number of a table; true and false are one and nought. Without a format times are seconds since 1970."""
    if column.type == "string":
        return text
    if column.type in ("timestamp", "date"):
        if column.format:
            return read_as(text, column, is_text=True)
        return text.try_cast("decimal(38,6)").try_cast("timestamp").cast(column.type)
    number = F.when(text == "true", "1").when(text == "false", "0").otherwise(text)
    if column.type == "boolean":
        return number.try_cast("double") != 0
    return read_as(number, RawColumn(type=column.type), is_text=True)


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
    if is_text and kind == "double":
        number = F.when(value.rlike(IN_FIGURES), value.try_cast("double"))
        return F.when(F.abs(number) < float("inf"), number)
    if is_text and kind == "boolean":  # exports write yes and no as 1.0 and 0.0 as soon as one of the column is missing
        return F.coalesce(value.try_cast("boolean"), F.when(value.rlike(r"^[01]\.0+$"), value.startswith("1")))
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
    is_absurd = value.rlike(IN_FIGURES) & (F.abs(value.try_cast("double")) >= ABSURD)
    return F.when(is_absurd, F.lit("absurd_value")).otherwise(F.lit("bad_number"))


def _text(value: Column, nulls: tuple[str, ...]) -> Column:
    """A text without white space around it; NULL where it says that the value is unknown."""
    trimmed = bare(value)
    return F.when(~trimmed.isin(*nulls), trimmed)


def bare(text: Column) -> Column:
    """A text without what cannot be seen around it."""
    return F.btrim(text, F.lit(WHITE))


def statuses(meanings: Mapping[str, tuple[str, ...]], raw: Column) -> Column:
    """The canonical status that a raw one means, whatever its case; NULL where the source does not say."""
    status = F.lower(bare(raw))
    result = F.lit(None).cast("string")
    for meaning, spellings in meanings.items():
        known = [spelling.strip(WHITE).lower() for spelling in spellings]
        result = F.when(status.isin(*known), F.lit(meaning)).otherwise(result)
    return result
