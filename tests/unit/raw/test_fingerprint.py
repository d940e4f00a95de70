"""Raw rows known again: by what they hold, not by how it was written."""

from __future__ import annotations

from datetime import datetime, timezone

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.ingest.parse import parse
from segmentation.ingest.raw_rows import undeclared_apart
from segmentation.raw import as_raw, as_records
from segmentation.raw.fingerprint import fingerprint, known_again, of_record
from segmentation.source import RawTable

TABLE = RawTable.model_validate({"glob": "*.csv", "columns": {"id": "string", "value": "decimal"}})
BESIDE = "_file string, _batch string"


def test_other_columns_and_another_order_of_them_do_not_change_it(spark: SparkSession) -> None:
    rows = [
        spark.createDataFrame([("a", "1")], "id string, value string"),
        spark.createDataFrame([("1", "a")], "value string, id string"),
        spark.createDataFrame([(None, "1", "a")], "note string, value string, id string"),
        spark.createDataFrame([("1", "a")], "id string, value string"),
        spark.createDataFrame([("a", None, "1")], "id string, value string, note string"),
    ]
    found = [frame.select(fingerprint(frame.schema.fields).alias("f")).collect()[0]["f"] for frame in rows]
    assert found[0] == found[1] == found[2]
    assert len(set(found)) == 3


def test_a_record_of_texts_has_the_fingerprint_of_its_row(spark: SparkSession) -> None:
    rows = spark.createDataFrame(
        [("a", 'x "y"\t\u00e9', None), ("b", "", "1.0"), (None, None, None)], "id string, `z, z` string, M string"
    )
    both = rows.select(
        fingerprint(rows.schema.fields).alias("row"), of_record(F.to_json(F.struct(*rows.columns))).alias("record")
    ).collect()
    assert [row["row"] for row in both] == [row["record"] for row in both]


def test_rows_that_only_undeclared_columns_tell_apart_from_earlier_ones(spark: SparkSession) -> None:
    rows = [
        ("1", 1, '{"id":"a","value":"1"}'),
        ("1", 2, '{"id":"b","value":"1","note":"x"}'),
        ("2", 3, '{"id":"a","value":"1","note":"y"}'),  # with another column
        ("2", 4, '{"value":"1","id":"a"}'),  # a further copy
        ("2", 5, '{"id":"b","value":"1"}'),  # without the column
        ("2", 6, '{"id":"b","value":"2","note":"x"}'),  # another value
        ("2", 7, '{"id":"c","value":"1","note":"x"}'),  # another one, told twice
        ("2", 8, '{"id":"c","value":"1","note":"y"}'),
        ("2", 9, '{"id":"a","value":"1.0"}'),  # the same number
        ("2", 10, '{"id":"a","value":1}'),  # a further copy, which was no text
    ]
    kept = spark.createDataFrame(rows, "batch_id string, fingerprint bigint, record string")
    found = undeclared_apart(kept, "2", TABLE).collect()
    assert sorted(row["fingerprint"] for row in found) == [3, 5, 9]


def test_a_row_of_the_lake_keeps_its_fingerprint_and_record(spark: SparkSession) -> None:
    schema = f"id string, value string, note string, _corrupt_record string, {BESIDE}"
    rows = spark.createDataFrame(
        [("a", "1", "n", None, "f", "1"), ("a", "1", "m", None, "f", "1"), ("a", None, None, "a", "f", "1")], schema
    )
    records = as_records(rows)
    # The next day's file has no note, and another order; of one row the fingerprint is not known.
    day = spark.createDataFrame([], f"value string, id string, _corrupt_record string, {BESIDE}")
    old = records.withColumn("fingerprint", F.when(~F.col("record").contains('"m"'), F.col("fingerprint")))
    again = parse(as_raw(old, TABLE, day.schema), TABLE).select("id", "value", "_row.*").collect()
    before = parse(rows, TABLE).select("_row.*").collect()
    assert [row["fingerprint"] for row in again] == [row["fingerprint"] for row in before]
    assert len({row["fingerprint"] for row in again}) == 3
    assert [row["record"] for row in again] == [row["record"] for row in records.collect()]
    assert [list(row["reasons"]) for row in again] == [[], [], ["malformed_line"]]
    assert (again[2]["id"], again[2]["raw"]["_corrupt_record"]) == (None, "a")
    assert [row["fingerprint"] for row in known_again(old).collect()] == [row["fingerprint"] for row in again]


def test_a_row_of_the_lake_keeps_its_microseconds(spark: SparkSession) -> None:
    local = datetime(2024, 1, 2, 10, 0, 0, 123456)
    instant = local.replace(tzinfo=timezone.utc)
    schema = f"at timestamp, there timestamp_ntz, _corrupt_record string, {BESIDE}"
    rows = spark.createDataFrame([(instant, local, None, "f", "1")], schema)
    columns = {"at": "timestamp", "there": "timestamp"}
    table = RawTable.model_validate({"format": "parquet", "glob": "*", "columns": columns})

    def micros(records: DataFrame) -> list[int | None]:
        (row,) = parse(as_raw(records, table), table).selectExpr("unix_micros(at)", "unix_micros(there)").collect()
        return list(row)

    assert micros(as_records(rows)) == [1_704_189_600_123_456] * 2  # tests are in UTC
    # As earlier releases wrote it, to the millisecond.
    old = as_records(rows).withColumn("record", F.lit('{"at":"2024-01-02T17:00:00.123+07:00"}'))
    assert micros(old) == [1_704_189_600_123_000, None]
