"""A number by which a raw row is known again, whatever else its file has: the same for rows that are equal in full.

It speaks of the values that a row has and their columns' names, in the names' order: columns that stand elsewhere, and
those in which a row has nothing, do not change it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType, StructField, StructType

from segmentation.raw.values import plain
from segmentation.source import RawTable
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


def of_record(record: Column) -> Column:
    """The fingerprint of a row that is kept as JSON and whose columns were text: earlier releases kept no other."""
    return _of_values(F.map_entries(F.from_json(record, "map<string,string>")))


def of_declared(record: Column, table: RawTable) -> Column:
    """The fingerprint of a record's declared columns alone, and of numbers however they are written: 12.0 is 12."""
    kinds = {name: column.type for name, column in table.columns.items()}
    numbers = [
        name
        for name, kind in kinds.items()
        if kind.startswith(("integer", "decimal", "double")) or (kind == "string" and not table.is_text)
    ]
    values = F.filter(
        F.map_entries(F.from_json(record, "map<string,string>")), lambda entry: entry["key"].isin(*table.columns)
    )
    if numbers:
        values = F.transform(
            values,
            lambda entry: F.struct(
                entry["key"].alias("key"),
                F.when(entry["key"].isin(*numbers), plain(entry["value"])).otherwise(entry["value"]).alias("value"),
            ),
        )
    return _of_values(values)


def _of_values(values: Column) -> Column:
    """An array is hashed as its elements one after another are."""
    known = F.filter(F.array_sort(values), lambda entry: entry["value"].isNotNull())
    return F.xxhash64(F.flatten(F.transform(known, lambda entry: F.array(entry["key"], entry["value"]))))


def known_again(records: DataFrame) -> DataFrame:
    """Rows of a table that has `fingerprint` and `record`, each with its fingerprint."""
    return records.withColumn("fingerprint", F.coalesce("fingerprint", of_record(F.col("record"))))
