"""Raw rows judged by themselves, on files of a few lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError
from segmentation.ingest.parse import parse, read_as, sound, statuses, with_copies
from segmentation.ingest.unreadable import unreadable
from segmentation.raw import RawInput, as_raw, as_records, find_inputs, read_raw
from segmentation.raw.values import check_types
from segmentation.source import RawColumn, RawTable, Select, Source

TABLE = RawTable.model_validate(
    {
        "glob": "orders*.csv",
        "columns": {
            "id": "string",
            "at": {"type": "timestamp", "format": "yyyy-MM-dd HH:mm:ss"},
            "pieces": "integer",
            "value": "decimal",
            "paid": "boolean",
        },
    }
)
HEADER = "id,at,pieces,value,paid\n"


def _raw(spark: SparkSession, folder: Path) -> RawInput:
    orders = Select(counted_on="shop_orders", select="SELECT * FROM shop_orders")
    source = Source(name="shop", raw={"shop_orders": TABLE}, tables={"orders": (orders,)})
    return find_inputs(spark, source, str(folder))["shop_orders"]


def _judged(spark: SparkSession, folder: Path, *lines: str) -> DataFrame:
    (folder / "orders.csv").write_bytes((HEADER + "\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))
    return parse(read_raw(spark, _raw(spark, folder)), TABLE)


def _one(spark: SparkSession, folder: Path, line: str) -> tuple[object, ...]:
    row = _judged(spark, folder, line).first()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("line", "reasons"),
    [
        ("o1,2024-01-01 10:00:00,2,10.50,true", []),
        ("o1,NaN,NaN,,NaN", []),
        ("o1,2024-01-01 10:00:00,2.0,10,true", []),
        ("o1,2024-01-01 10:00:00,2.5,10,true", ["bad_number"]),
        ("o1,2024-01-01 10:00:00,2,12x,true", ["bad_number"]),
        ("o1,2024-01-01 10:00:00,2,1.2.3,true", ["bad_number"]),
        ("o1,2024-01-01 10:00:00,2,9999999999999999.99,true", []),
        ("o1,2024-01-01 10:00:00,2,10000000000000000,true", ["absurd_value"]),
        ("o1,2024-01-01 10:00:00,2,1e300,true", ["absurd_value"]),
        ("o1,2024-01-01 10:00:00,2,1e999,true", ["absurd_value"]),
        ("o1,2024-01-01 10:00:00,2,Infinity,true", ["bad_number"]),
        ("o1,2024-01-01 10:00:00,2,nan,true", ["bad_number"]),
        ("o1,2023-02-30 10:00:00,2,10,true", ["bad_date"]),
        ("o1,kemarin,2,10,true", ["bad_date"]),
        ("o1,2024-01-01,2,10,true", ["bad_date"]),
        ("o1,2024-01-01 10:00:00,2,10,perhaps", ["bad_value"]),
        ("o\udcff1,2024-01-01 10:00:00,2,10,true", ["undecodable_bytes"]),
        ("o\udcff1,kemarin,x,y,true", ["undecodable_bytes", "bad_date", "bad_number"]),
        ("o1,2024-01-01 10:00:00,2,10", ["malformed_line"]),
        ("o1,2024-01-01 10:00:00,2,10,true,more", ["malformed_line"]),
        ('o1,"2024-01-01 10:00:00,2,10,true', ["malformed_line"]),
    ],
)
def test_a_row_has_every_reason_that_it_gives(
    spark: SparkSession, tmp_path: Path, line: str, reasons: list[str]
) -> None:
    assert _one(spark, tmp_path, line)["_row"]["reasons"] == reasons  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ({"thousands": "."}, ["125.000", "1.250.000", "12,50", "1.250.000,5", "7", "-1.000", "1250000"],
         ["125000.00", "1250000.00", "12.50", "1250000.50", "7.00", "-1000.00", "1250000.00"]),
        ({"thousands": "."}, ["12.50", "1.25.000", "1,2,3", "125.0000", ".500", "1e3"], [None] * 6),
        ({"decimal_sign": ","}, ["12,50", "7"], ["12.50", "7.00"]),
        ({"decimal_sign": ","}, ["12.50"], [None]),
        ({"thousands": ","}, ["1,250,000.75", "125,000"], ["1250000.75", "125000.00"]),
        ({"thousands": " ", "decimal_sign": ","}, ["1 250 000,75", "1\u00a0250\u202f000"], ["1250000.75", "1250000.00"]),
        ({"type": "integer", "thousands": "."}, ["1.250"], ["1250"]),
        ({"type": "double", "decimal_sign": ","}, ["0,5"], ["0.5"]),
        ({"type": "double"}, ["-1.5", "1e3", ".5", "7."], ["-1.5", "1000.0", "0.5", "7.0"]),
        ({"type": "double"}, ["nan", "Infinity", "-inf", "1d", "1f", "1e999", "0x1p3"], [None] * 7),
        ({"type": "boolean"}, ["1.0", "0.0", "1.00", "1", "no", "2.0", "0.5"],
         ["true", "false", "true", "true", "false", None, None]),
    ],
)  # fmt: skip
def test_numbers_are_read_by_the_signs_of_their_column(
    spark: SparkSession, column: dict[str, str], written: list[str], read: list[str | None]
) -> None:
    declared = RawColumn.model_validate({"type": "decimal", **column})
    rows = spark.createDataFrame([(text,) for text in written], "text string")
    values = rows.select(read_as(F.col("text"), declared, is_text=True).cast("string").alias("value")).collect()
    assert [row["value"] for row in values] == read


@pytest.mark.parametrize(
    ("value", "told"), [("125.000", True), ("12.50", False), ("1250.500", False), ("0.125", False), ("1250", False)]
)
def test_an_amount_that_may_be_thousands_is_told_unless_the_column_says_what_its_point_is(
    spark: SparkSession, tmp_path: Path, value: str, told: bool
) -> None:
    line = f"o1,2024-01-01 10:00:00,2,{value},true"
    assert _one(spark, tmp_path, line)["_row"]["warnings"] == (["like_thousands"] if told else [])  # type: ignore[call-overload]
    said = {**TABLE.columns, "value": RawColumn(type="decimal", decimal_sign=".")}
    table = TABLE.model_copy(update={"columns": said})
    row = parse(read_raw(spark, _raw(spark, tmp_path)), table).first()
    assert row is not None and row["_row"]["warnings"] == []


@pytest.mark.parametrize("kind", ["integer", "decimal", "decimal(18,3)", "double"])
def test_a_number_of_any_type_that_may_be_thousands_is_told(spark: SparkSession, tmp_path: Path, kind: str) -> None:
    table = TABLE.model_copy(update={"columns": {**TABLE.columns, "pieces": RawColumn(type=kind)}})
    (tmp_path / "orders.csv").write_text(HEADER + "o1,2024-01-01 10:00:00,12.000,1,true\n")
    row = parse(read_raw(spark, _raw(spark, tmp_path)), table).first()
    assert row is not None and (int(row["pieces"]), row["_row"]["warnings"]) == (12, ["like_thousands"])


def test_a_status_is_known_whatever_stands_around_it(spark: SparkSession) -> None:
    meanings = {"completed": (" Paid\u200b",), "cancelled": ("void ",)}
    rows = spark.createDataFrame([("paid ",), ("\u00a0VOID",), ("open",)], "said string")
    found = [row["status"] for row in rows.select(statuses(meanings, F.col("said")).alias("status")).collect()]
    assert found == ["completed", "cancelled", None]


def test_texts_that_mean_unknown_are_named_beside_an_empty_one(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(HEADER + '"",2024-01-01 10:00:00,NULL,1,true\n')
    table = RawTable.model_validate({**TABLE.model_dump(), "nulls": ["NULL"]})
    row = parse(read_raw(spark, _raw(spark, tmp_path)), table).first()
    assert row is not None and (row["id"], row["pieces"], row["_row"]["reasons"]) == (None, None, [])


def test_values_are_typed_and_blanks_around_them_do_not_matter(spark: SparkSession, tmp_path: Path) -> None:
    row = _one(spark, tmp_path, " o1 ,2024-01-01 10:00:00, 2 , 10.5 ,true")
    shown = (row["id"], str(row["at"]), row["pieces"], str(row["value"]), row["paid"])  # type: ignore[call-overload]
    assert shown == ("o1", "2024-01-01 10:00:00", 2, "10.50", True)


def test_white_space_of_any_kind_around_a_value_does_not_matter(spark: SparkSession, tmp_path: Path) -> None:
    row = _one(spark, tmp_path, "\u200b\to1\u00a0\u3000,2024-01-01 10:00:00\u00a0,\t2,\ufeff10.5\u202f,true\t")
    shown = (row["id"], str(row["at"]), row["pieces"], str(row["value"]), row["paid"])  # type: ignore[call-overload]
    assert shown == ("o1", "2024-01-01 10:00:00", 2, "10.50", True)


def test_nothing_of_a_malformed_line_is_believed_and_all_of_it_is_kept(spark: SparkSession, tmp_path: Path) -> None:
    row = _one(spark, tmp_path, "o1,2024-01-01 10:00:00,2,10")
    assert (row["id"], row["value"]) == (None, None)  # type: ignore[call-overload]
    assert row["_row"]["raw"]["_corrupt_record"] == "o1,2024-01-01 10:00:00,2,10"  # type: ignore[call-overload]


def test_equal_rows_are_duplicates_but_for_one_across_files(spark: SparkSession, tmp_path: Path) -> None:
    same = "o1,2024-01-01 10:00:00,2,10,true"
    (tmp_path / "orders_2.csv").write_text(HEADER + same + "\n" + "o1,2024-01-01 10:00:00,2,11,true\n")
    judged = _judged(spark, tmp_path, same, same)
    assert sorted(row["_copy"] for row in with_copies(judged).collect()) == [False, False, True, True]
    assert sorted(str(row["value"]) for row in sound(judged).collect()) == ["10.00", "11.00"]


def test_rows_that_lack_a_value_can_be_duplicates_too(spark: SparkSession, tmp_path: Path) -> None:
    judged = _judged(spark, tmp_path, "o1,,,,", "o1,,,,")
    assert sorted(row["_copy"] for row in with_copies(judged).collect()) == [False, True]


def test_the_same_value_in_another_column_is_another_row(spark: SparkSession, tmp_path: Path) -> None:
    judged = _judged(spark, tmp_path, "o1,,7,,", "o1,,,7,")
    assert sorted(row["_copy"] for row in with_copies(judged).collect()) == [False, False]


def test_columns_are_found_by_name_and_others_only_kept(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "orders_a.csv").write_text(
        "\ufeffvalue,id,note,at,paid,pieces\n7,o2,hello,2024-01-01 10:00:00,true,1\n"
    )
    (tmp_path / "orders_b.csv").write_text(HEADER + "o1,2024-01-01 10:00:00,2,10,true\n")
    raw = _raw(spark, tmp_path)
    rows = {row["id"]: row for row in parse(read_raw(spark, raw), TABLE).collect()}
    assert raw.unexpected == ["note"]
    assert str(rows["o2"]["value"]) == "7.00"
    assert rows["o2"]["_row"]["raw"]["note"] == "hello"
    assert rows["o1"]["_row"]["raw"]["note"] is None
    assert {row["_row"]["reasons"] == [] for row in rows.values()} == {True}


def test_a_column_that_became_something_else_is_named(spark: SparkSession, tmp_path: Path) -> None:
    good = _judged(spark, tmp_path, "o1,2024-01-01 10:00:00,2,10,true", "o2,2024-01-01 10:00:00,2,x,true")
    assert unreadable(good, TABLE) is None
    lines = [f"o{n},2024-01-01 10:00:00,2,Rp {n},true" for n in range(3)]
    said = unreadable(_judged(spark, tmp_path, *lines, "o9,2024-01-01 10:00:00,2,NaN,true"), TABLE)
    assert said is not None and said.startswith(
        "orders.csv: 100% of column 'value' cannot be read as decimal, such as 'Rp 0'; say thousands or decimal_sign"
    )


def _typed(spark: SparkSession, select: str, declared: dict[str, object]) -> tuple[RawTable, DataFrame]:
    """A raw table of Parquet files, and its one row."""
    table = RawTable.model_validate({"format": "parquet", "glob": "*", "columns": declared})
    beside = "CAST(NULL AS STRING) AS _corrupt_record, 'f' AS _file, '1' AS _batch"
    return table, spark.sql("SELECT " + select + ", " + beside)


@pytest.mark.parametrize(
    ("stored", "declared", "read"),
    [
        ("12D", "integer", "12"),
        ("12D", "decimal", "12.00"),
        ("12D", "string", "12"),
        ("12345678D", "string", "12345678"),
        ("1234567.5D", "string", "1234567.5"),
        ("12.5D", "decimal", "12.50"),
        ("CAST(12.1 AS FLOAT)", "decimal", "12.10"),
        ("0.125D", "decimal", "0.13"),
        ("12", "decimal", "12.00"),
        ("12L", "double", "12.0"),
        ("CAST(12 AS DECIMAL(38,18))", "string", "12"),
        ("CAST(12.50 AS DECIMAL(18,2))", "integer", None),
        ("CAST(100 AS DECIMAL(18,2))", "integer", "100"),
        ("1", "boolean", "True"),
        ("0D", "boolean", "False"),
        ("5", "boolean", "True"),
        ("true", "boolean", "True"),
        ("true", "integer", "1"),
        ("false", "decimal", "0.00"),
        ("true", "string", "true"),
        ("'yes'", "boolean", "True"),
        ("'12.0'", "string", "12.0"),
        ("'1.0E7'", "string", "1.0E7"),
        ("' 12.0 '", "decimal", "12.00"),
        ("DATE'2024-01-03'", "date", "2024-01-03"),
        ("DATE'2024-01-03'", {"type": "date", "format": "dd/MM/yyyy"}, "2024-01-03"),
        ("DATE'2024-01-03'", "timestamp", "2024-01-03 00:00:00"),
        ("DATE'2024-01-03'", "string", "2024-01-03"),
        ("TIMESTAMP'2024-01-03 10:00:00.5'", "timestamp", "2024-01-03 10:00:00.500000"),
        ("TIMESTAMP'2024-01-03 10:00:00'", "date", "2024-01-03"),
        ("TIMESTAMP_NTZ'2024-01-03 10:00:00'", "timestamp", "2024-01-03 10:00:00"),
        ("'03/01/2024'", {"type": "date", "format": "dd/MM/yyyy"}, "2024-01-03"),
        ("20240103", {"type": "date", "format": "yyyyMMdd"}, "2024-01-03"),
        ("20240103D", {"type": "timestamp", "format": "yyyyMMdd"}, "2024-01-03 00:00:00"),
        ("1704276000", "timestamp", "2024-01-03 10:00:00"),
    ],
)
def test_a_value_is_the_same_on_the_day_it_came_and_from_the_lake(
    spark: SparkSession, stored: str, declared: object, read: str | None
) -> None:
    table, rows = _typed(spark, f"{stored} AS x", {"x": declared})
    found = [parse(each, table).first() for each in (rows, as_raw(as_records(rows), table))]
    assert [None if row["x"] is None else str(row["x"]) for row in found if row] == [read, read]
    assert len({row["_row"]["fingerprint"] for row in found if row}) == 1
    assert {tuple(row["_row"]["reasons"]) for row in found if row} == {() if read else ("bad_number",)}


@pytest.mark.parametrize("declared", ["string", "integer", "decimal", "double", "boolean", "timestamp"])
def test_a_double_that_is_no_number_is_unknown(spark: SparkSession, declared: str) -> None:
    table, rows = _typed(spark, "CAST('NaN' AS DOUBLE) AS x", {"x": declared})
    for row in (parse(rows, table).first(), parse(as_raw(as_records(rows), table), table).first()):
        assert row is not None and (row["x"], list(row["_row"]["reasons"])) == (None, [])


@pytest.mark.parametrize(
    ("stored", "declared", "said"),
    [
        ("DATE'2024-01-03'", "integer", "sold: found the column 'x' as date, expected integer"),
        ("DATE'2024-01-03'", "decimal", "as date, expected decimal"),
        ("TIMESTAMP'2024-01-03 10:00:00'", "integer", "as timestamp, expected integer"),
        ("X'3132'", "decimal", "as binary, expected decimal"),
        ("20240103", "date", "as int, expected date.*or a format"),
        ("true", "timestamp", "as boolean, expected timestamp"),
        ("array(1)", "integer", "as array<int>, expected integer"),
    ],
)
def test_a_type_that_cannot_be_read_as_the_declared_one_is_one_sentence(
    spark: SparkSession, stored: str, declared: str, said: str
) -> None:
    table, rows = _typed(spark, f"{stored} AS x", {"x": declared})
    with pytest.raises(InputError, match=said):
        check_types("sold", rows.schema, table)
