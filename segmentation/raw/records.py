"""Raw rows as the lake holds those that it may have to judge again, and back."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from segmentation.raw.fingerprint import fingerprint, of_record
from segmentation.raw.read import BATCH, BESIDE, CORRUPT, FILE, FINGERPRINT, RECORD
from segmentation.sql import AS_JSON, quoted


def as_raw(records: DataFrame, schema: StructType) -> DataFrame:
    """Raw rows again, from `record`, `source_file`, `batch_id` and `fingerprint`.

    They have the columns of a raw frame (see read_raw), and what they were known by: columns of their files that
    this frame lacks are in their fingerprints and records still.
    """
    columns = StructType([field for field in schema.fields if field.name not in BESIDE])
    # Spark empties the column that it is told is for corrupt records: a malformed line must stay one.
    elsewhere = {"columnNameOfCorruptRecord": f"{CORRUPT}_of_json"}
    parsed = records.select(
        F.from_json("record", columns, elsewhere).alias("_raw"),
        F.col("source_file").alias(FILE),
        F.col("batch_id").alias(BATCH),
        F.coalesce("fingerprint", of_record(F.col("record"))).alias(FINGERPRINT),
        F.col("record").alias(RECORD),
    )
    return parsed.select("_raw.*", *BESIDE)


def as_records(rows: DataFrame) -> DataFrame:
    """The other way round: raw rows as `record`, `source_file`, `batch_id` and `fingerprint`."""
    raw = [field for field in rows.schema.fields if field.name not in BESIDE]
    known = F.col(FINGERPRINT) if FINGERPRINT in rows.columns else fingerprint(raw)
    return rows.select(
        F.to_json(F.struct(*[F.col(quoted(field.name)) for field in raw]), AS_JSON).alias("record"),
        F.col(FILE).alias("source_file"),
        F.col(BATCH).alias("batch_id"),
        known.alias("fingerprint"),
    )
