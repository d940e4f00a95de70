"""A lake made old is old for Delta: what lies beyond retention cannot be had, and VACUUM removes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from tests.support.aging import age


@pytest.mark.full
def test_an_aged_table_reads_as_before_and_its_past_is_past(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "lake" / "numbers"
    for number in range(12):  # a checkpoint among them
        spark.range(number, number + 5).coalesce(1).write.format("delta").mode("overwrite").save(str(path))
    assert len(list(path.glob("*.parquet"))) == 12
    moved = (tmp_path / "lake").rename(tmp_path / "old")  # Spark knows nothing of this path
    age(moved, 8)
    table = str(moved / "numbers")
    assert sorted(row.id for row in spark.read.format("delta").load(table).collect()) == list(range(11, 16))
    with pytest.raises(PySparkException, match="time travel"):
        spark.read.format("delta").option("versionAsOf", 5).load(table).collect()
    spark.sql(f"VACUUM delta.`{table}`")
    assert len(list((moved / "numbers").glob("*.parquet"))) == 1
    assert sorted(DeltaTable(table).to_pyarrow_table().column("id").to_pylist()) == list(range(11, 16))
