"""Raw rows as the lake holds those that it may have to judge again, and back."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BinaryType,
    DataType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
)

from segmentation.raw.fingerprint import NESTED, of_record
from segmentation.raw.read import BATCH, BESIDE, CORRUPT, FILE, FINGERPRINT, RECORD, own_fingerprint
from segmentation.source import RawColumn, RawTable
from segmentation.sql import AS_JSON, quoted


def as_raw(records: DataFrame, table: RawTable, today: StructType | None = None) -> DataFrame:
    """Raw rows again, from `record`, `source_file`, `batch_id` and `fingerprint`.

    They have the declared columns, and what they were known by: other columns of their files are in their fingerprints
    and records still. What was no line of text has the values that its record has (variants), whatever type a column
    has `today`: whole numbers that were doubles are still there where it holds integers now.
    """
    now = {field.name: field.dataType for field in today.fields} if today else {}
    kinds = {name: _kind(table, column, now.get(name)) for name, column in table.columns.items()}
    columns = StructType([StructField(name, kind) for name, kind in {**kinds, CORRUPT: StringType()}.items()])
    # Spark empties the column that it is told is for corrupt records: a malformed line must stay one.
    elsewhere = {"columnNameOfCorruptRecord": f"{CORRUPT}_of_json"}
    parsed = records.select(
        F.from_json("record", columns, elsewhere).alias("_raw"),
        F.col("source_file").alias(FILE),
        F.col("batch_id").alias(BATCH),
        F.coalesce("fingerprint", of_record(F.col("record"))).alias(FINGERPRINT),
        F.col("record").alias(RECORD),
    )
    return parsed.select("_raw.*", FILE, BATCH, FINGERPRINT, RECORD)


def _kind(table: RawTable, column: RawColumn, today: DataType | None) -> DataType:
    """The type in which a record's value is read."""
    if table.is_text:
        return StringType()
    # As a text such a value is written otherwise in a record.
    is_written_otherwise = isinstance(today, (BinaryType, TimestampType, TimestampNTZType, *NESTED))
    return today if today and column.type == "string" and is_written_otherwise else VariantType()


def as_records(rows: DataFrame) -> DataFrame:
    """The other way round: raw rows as `record`, `source_file`, `batch_id` and `fingerprint`."""
    raw = [field for field in rows.schema.fields if field.name not in BESIDE]
    known = F.col(FINGERPRINT) if FINGERPRINT in rows.columns else own_fingerprint(rows)
    return rows.select(
        F.to_json(F.struct(*[F.col(quoted(field.name)) for field in raw]), AS_JSON).alias("record"),
        F.col(FILE).alias("source_file"),
        F.col(BATCH).alias("batch_id"),
        known.alias("fingerprint"),
    )
