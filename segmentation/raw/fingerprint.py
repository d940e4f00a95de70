"""A number by which a raw row is known again, whatever else its file has: the same for rows that are equal in full.

It speaks of the values that a row has and their columns' names, in the names' order: columns that stand elsewhere, and
those in which a row has nothing, do not change it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType, StructField, StructType

from segmentation.sql import quoted

NESTED = (ArrayType, MapType, StructType)


def fingerprint(raw: Sequence[StructField]) -> Column:
    """The fingerprint of a raw row with these columns."""
    parts: list[Column] = []
    for field in sorted(raw, key=lambda field: field.name):
        value = F.col(quoted(field.name))
        text = F.to_json(F.struct(value)) if isinstance(field.dataType, NESTED) else value.cast("string")
        # The hash skips NULLs, and so it must the names of values that are unknown.
        parts += [F.when(value.isNotNull(), F.lit(field.name)), F.when(value.isNotNull(), text)]
    return F.xxhash64(*parts)


def of_record(record: Column, columns: Collection[str] | None = None) -> Column:
    """The same of a row's record, where its columns were text: a lake of earlier days has no other. Given columns: of
    these alone.

    An array is hashed as its elements one after another are.
    """
    values = F.map_entries(F.from_json(record, "map<string,string>"))
    if columns is not None:
        values = F.filter(values, lambda entry: entry["key"].isin(*columns))
    known = F.filter(F.array_sort(values), lambda entry: entry["value"].isNotNull())
    return F.xxhash64(F.flatten(F.transform(known, lambda entry: F.array(entry["key"], entry["value"]))))


def known_again(records: DataFrame) -> DataFrame:
    """Rows of a table that has `fingerprint` and `record`, each with its fingerprint."""
    return records.withColumn("fingerprint", F.coalesce("fingerprint", of_record(F.col("record"))))
