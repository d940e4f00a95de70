"""Raw files found and checked: what is missing is said in one sentence."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from segmentation.errors import InputError
from segmentation.raw import Seen, find_inputs, read_raw
from segmentation.source import Source


def _source(**table: Any) -> Source:
    return Source.model_validate(
        {"name": "shop", "raw": {"sold": {"columns": {"id": "string"}, **table}}, "tables": {}}
    )


def _names(spark: SparkSession, source: Source, folder: Path) -> list[str]:
    return [file.name for file in find_inputs(spark, source, str(folder))["sold"].files]


def test_a_pattern_takes_numbered_files_and_no_others(spark: SparkSession, tmp_path: Path) -> None:
    for name in ("df_order.csv", "df_order_01.csv", "df_order_complete.csv", "df_order_1b.csv", "xdf_order.csv"):
        (tmp_path / name).write_text("id\n1\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "df_order_02.csv").write_text("id\n1\n")
    assert _names(spark, _source(pattern=r"df_order(_\d+)?\.csv"), tmp_path) == ["df_order.csv", "df_order_01.csv"]


def test_gzipped_files_with_a_byte_order_mark_are_read(spark: SparkSession, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "sold.csv.gz", "wb") as file:
        file.write('\ufeff"id",x\r\n"a ""b"", c",1\r\n\r\n'.encode())
    raw = find_inputs(spark, _source(glob="sold.csv*"), str(tmp_path))["sold"]
    assert [row["id"] for row in read_raw(spark, raw).collect()] == ['a "b", c']
    assert [file.seen.lines for file in raw.files] == [1]


def test_parquet_and_delta_are_read_as_tables(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.createDataFrame([("a", 1), ("b", None)], "id string, n int")
    rows.write.parquet(str(tmp_path / "p" / "sold.parquet"))
    rows.write.format("delta").save(str(tmp_path / "sold"))
    for table in ({"format": "parquet", "path": "p/sold.parquet"}, {"format": "delta", "path": "sold"}):
        raw = find_inputs(spark, _source(**table), str(tmp_path))["sold"]
        assert sorted(row["id"] for row in read_raw(spark, raw).collect()) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"found no file for sold, expected sold\.csv"),
        ("", r"sold\.csv: found nothing in it, expected a header and rows"),
        ("\n", r"sold\.csv: found nothing in it, expected a header and rows"),
        ("Id,x\n1,2\n", "the column 'id' of sold is missing, found 'Id' instead"),
        ("x,y\n1,2\n", "the column 'id' of sold is missing, found x, y"),
        ("id,id\n1,2\n", "found the column 'id' twice"),
        ("id,ID\n1,2\n", "found the column 'id' twice"),
    ],
)
def test_what_is_missing_is_one_sentence(spark: SparkSession, tmp_path: Path, content: str | None, said: str) -> None:
    (tmp_path / "other.txt").write_text("x")
    if content is not None:
        (tmp_path / "sold.csv").write_text(content)
    with pytest.raises(InputError, match=said) as error:
        find_inputs(spark, _source(glob="sold.csv"), str(tmp_path))
    assert "\n" not in str(error.value)


def test_a_missing_folder_is_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nosuch.*set --input"):
        find_inputs(spark, _source(glob="sold.csv"), str(tmp_path / "nosuch"))


def test_an_empty_file_among_others_is_not_passed_over(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "sold 1.csv").write_text("id,x\n1,2\n")
    (tmp_path / "sold 2%20.csv").write_text("id,x\n3,4\n")
    raw = find_inputs(spark, _source(glob="sold*.csv"), str(tmp_path))["sold"]
    assert sorted(row["id"] for row in read_raw(spark, raw).collect()) == ["1", "3"]
    (tmp_path / "sold 3.csv").touch()
    with pytest.raises(InputError, match="sold 3.csv: found nothing in it"):
        find_inputs(spark, _source(glob="sold*.csv"), str(tmp_path))


@pytest.mark.parametrize(("end", "rows"), [("", 2), ("\t\n", 2), (" \n\n", 2), ("\x1a", 2)])
def test_blank_lines_are_no_rows(spark: SparkSession, tmp_path: Path, end: str, rows: int) -> None:
    (tmp_path / "sold.csv").write_text("id,x\n1,2\n3,4\n" + end)
    raw = find_inputs(spark, _source(glob="sold.csv"), str(tmp_path))["sold"]
    assert raw.files[0].seen.lines == read_raw(spark, raw).count() == rows


def test_a_file_is_known_again_by_what_it_holds(spark: SparkSession, tmp_path: Path) -> None:
    def found(folder: str, **files: str) -> list[Seen]:
        (tmp_path / folder).mkdir()
        for name, rows in files.items():
            (tmp_path / folder / f"{name}.csv").write_text("id,x\n" + rows)
        raw = find_inputs(spark, _source(glob="*.csv"), str(tmp_path / folder), {"sold": taken})["sold"]
        return [file.seen for file in raw.files]

    taken: list[Seen] = []
    (first,) = found("first", sold="1,2\n3,4\n")
    taken = [first]
    assert found("renamed", other="1,2\n3,4\n") == []
    assert found("shuffled", sold="3,4\n1,2\n") == []
    assert len(found("more", sold="1,2\n3,4\n5,6\n")) == 1
    assert len(found("changed", sold="1,2\n3,5\n")) == 1
    assert len(found("twice", sold="1,2\n3,4\n3,4\n")) == 1
    assert found("absent") == []  # nothing today: there was something before


def test_of_a_delta_table_what_is_new_since_its_last_version(spark: SparkSession, tmp_path: Path) -> None:
    table = tmp_path / "sold"
    spark.createDataFrame([("1", "2"), ("3", "4")], "id string, x string").write.format("delta").save(str(table))
    source = _source(format="delta", path="sold")
    first = find_inputs(spark, source, str(tmp_path))["sold"]
    assert first.files[0].seen.content == "version 0"
    taken = {"sold": [first.files[0].seen]}
    assert find_inputs(spark, source, str(tmp_path), taken)["sold"].files == ()
    spark.createDataFrame([("5", "6")], "id string, x string").write.format("delta").mode("append").save(str(table))
    second = find_inputs(spark, source, str(tmp_path), taken)["sold"]
    assert [row["id"] for row in read_raw(spark, second).collect()] == ["5"]


@pytest.mark.parametrize("written", ["spark_catalog.default.2024", "spark_catalog.default.`2024`"])
def test_of_a_table_in_a_catalog_too_however_it_is_named(spark: SparkSession, written: str) -> None:
    name = "spark_catalog.default.`2024`"
    rows = spark.createDataFrame([("1", "2")], "id string, x string").repartition(1)
    rows.writeTo(name).using("delta").create()
    try:
        source = _source(format="table", path=written)
        first = find_inputs(spark, source, "")["sold"]
        assert first.files[0].seen.content == "version 0"
        rows.selectExpr("'3' AS id", "x").writeTo(name).append()
        second = find_inputs(spark, source, "", {"sold": [first.files[0].seen]})["sold"]
        assert [row["id"] for row in read_raw(spark, second).collect()] == ["3"]
    finally:
        spark.sql(f"DROP TABLE {name}")
