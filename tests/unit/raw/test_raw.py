"""Raw files found and checked: what is missing is said in one sentence."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError
from segmentation.ingest.parse import parse
from segmentation.raw import ListedFile, RawInput, as_records, bounded, find_inputs, read_raw
from segmentation.source import RawTable, Source


def _source(feeds: str = "orders", **table: Any) -> Source:
    tables = {feeds: {"counted_on": "sold", "select": "SELECT * FROM sold"}}
    more = {"attributes": {"home": "string"}} if feeds == "users" else {}
    return Source.model_validate(
        {"name": "shop", "raw": {"sold": {"columns": {"id": "string"}, **table}}, "tables": tables, **more}
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
        ("id,ID\n1,2\n", "found the column 'ID' twice"),
    ],
)
def test_what_is_missing_is_one_sentence(spark: SparkSession, tmp_path: Path, content: str | None, said: str) -> None:
    (tmp_path / "other.txt").write_text("x")
    if content is not None:
        (tmp_path / "sold.csv").write_text(content)
    with pytest.raises(InputError, match=said) as error:
        find_inputs(spark, _source(glob="sold.csv"), str(tmp_path))
    assert "\n" not in str(error.value)


def test_what_nobody_declares_may_stand_twice_in_a_header(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "sold.csv").write_text("id,note,Note,note_2,note\n1,a,b,c,d\n")
    raw = find_inputs(spark, _source(glob="sold.csv"), str(tmp_path))["sold"]
    (row,) = read_raw(spark, raw).collect()
    told = {name: row[name] for name in raw.columns}
    assert told == {"id": "1", "note": "a", "Note_3": "b", "note_2": "c", "note_4": "d"}


def test_a_further_column_does_not_take_a_declared_name(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "sold.csv").write_text("id,note,note\n1,a,b\n")
    columns = {"id": "string", "note_2": {"optional": True}}
    raw = find_inputs(spark, _source(glob="sold.csv", columns=columns), str(tmp_path))["sold"]
    assert raw.columns == ["id", "note", "note_3"]


def test_files_that_may_have_been_meant_are_named(spark: SparkSession, tmp_path: Path) -> None:
    for name in ("sales_1.csv", "sales_2.CSV", "2024/sales_3.csv", "2024/Sales_4.csv", "SALES.csv", "2024/other.csv",
                 "old/sales_0.csv", "t/sales_5.csv"):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("id\n1\n")
    table = {"columns": {"id": "string"}, "glob": "sales_*.csv"}
    others = {"all": {**table, "glob": "SALES*"}, "t": {**table, "glob": None, "path": "t", "format": "delta"}}
    source = _source(**table)
    source = source.model_copy(
        update={"raw": {**source.raw, **{k: RawTable.model_validate(v) for k, v in others.items()}}}
    )
    (tmp_path / "t").rename(tmp_path / "t_")
    _delta(spark, tmp_path / "t", "1")
    (tmp_path / "t_" / "sales_5.csv").rename(tmp_path / "t" / "sales_5.csv")
    taken = {"sold": [ListedFile(f"{tmp_path}/sales_0.csv")]}  # put away since
    found = find_inputs(spark, source, str(tmp_path), taken)
    assert [file.name for file in found["sold"].files] == ["sales_1.csv"]
    assert found["sold"].passed_over == ("sales_2.CSV", "2024/Sales_4.csv", "2024/sales_3.csv")
    with pytest.raises(InputError, match=r"expected other\.csv \(there is 2024/other\.csv\)"):
        find_inputs(spark, _source(glob="other.csv"), str(tmp_path))


@pytest.mark.parametrize("digested", [True, False])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cut.csv.gz", r"cut\.csv\.gz: cannot be read \(.*end of (input )?stream\), expected lines of text"),
        (
            "plain.csv.gz",
            r"plain\.csv\.gz: cannot be read \(not a gzip file\), expected lines of text, plain or gzipped",
        ),
        (
            "nothing.parquet",
            r"nothing\.parquet: cannot be read \(.* is not a Parquet file.*\), expected a file of parquet",
        ),
        ("text.parquet", r"text\.parquet: cannot be read \(.* is not a Parquet file.*\), expected a file of parquet"),
        ("at 10:15:00.csv", r"at 10:15:00\.csv: found a colon in its name, .*; rename the file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    spark: SparkSession, tmp_path: Path, name: str, said: str, digested: bool
) -> None:
    packed = gzip.compress(b"id\n" + os.urandom(50_000).hex().encode() + b"\n")
    content = {"cut.csv.gz": packed[: len(packed) // 2], "nothing.parquet": b""}.get(name, b"id,x\n1,2\n" * 9)
    (tmp_path / name).write_bytes(content)
    source = _source(glob=name, format="parquet" if name.endswith("parquet") else "csv")
    with pytest.raises(InputError, match=said) as error:
        bounded(spark, find_inputs(spark, source, str(tmp_path), digested=digested)["sold"], 5)
    assert "\n" not in str(error.value)


def test_names_of_partitions_are_read_as_declared(spark: SparkSession, tmp_path: Path) -> None:
    for shop, year in (("007", 2024), ("08", 2025)):
        (tmp_path / "sold" / f"shop={shop}" / f"year={year}").mkdir(parents=True)
        _parquet(tmp_path / "sold" / f"shop={shop}" / f"year={year}" / "a.parquet", id=["a"])
    columns = {"id": "string", "shop": "string", "year": "integer"}
    source = _source(format="parquet", path="sold", columns=columns)
    raw = find_inputs(spark, source, str(tmp_path))["sold"]
    rows = parse(read_raw(spark, raw), source.raw["sold"]).collect()
    assert sorted((row["shop"], row["year"]) for row in rows) == [("007", 2024), ("08", 2025)]


NANOSECONDS = {
    "id": ["a", "b"],
    # As pandas has them: clocks on the wall, and instants.
    "at": pa.array([datetime(2024, 1, 3, 10, 15, 0, 123456), None], pa.timestamp("ns")),
    "paid": pa.array([datetime(2024, 1, 3, 3, 15, tzinfo=timezone.utc)] * 2, pa.timestamp("ns", tz="UTC")),
    "day": pa.array([datetime(1969, 7, 20), datetime(2024, 1, 3)], pa.timestamp("ns")),
    "seen": pa.array([datetime(2024, 1, 3, 10, 15), None], pa.timestamp("ns")),
    "n": [1_704_276_900_000_000_000, 2],
    "seconds": [1_704_276_900, None],
}
OF_NANOSECONDS = {
    "id": "string",
    "at": "timestamp",
    "paid": "timestamp",
    "day": "date",
    "seen": "string",
    "n": "integer",
    "seconds": "timestamp",
}


def _read_times(spark: SparkSession, folder: Path, **place: str) -> list[tuple[object, ...]]:
    spark.conf.set("spark.sql.session.timeZone", "Asia/Jakarta")  # 7 hours ahead of UTC
    source = _source(format="parquet", columns=OF_NANOSECONDS, **place)
    raw = find_inputs(spark, source, str(folder))["sold"]
    times = {name for name, kind in OF_NANOSECONDS.items() if kind == "timestamp"}
    rows = parse(read_raw(spark, raw), source.raw["sold"])
    assert rows.where(F.size("_row.reasons") > 0).count() == 0
    shown = rows.select(*[F.col(name).cast("string") if name in times else F.col(name) for name in OF_NANOSECONDS])
    return sorted(map(tuple, shown.collect()))


@pytest.mark.parametrize("place", [{"glob": "*.parquet"}, {"path": "sold"}])
def test_times_in_nanoseconds_are_read_as_pandas_means_them(
    spark: SparkSession, tmp_path: Path, place: dict[str, str]
) -> None:
    _parquet(tmp_path / ("sold/a.parquet" if "path" in place else "a.parquet"), **NANOSECONDS)
    assert _read_times(spark, tmp_path, **place) == [
        ("a", "2024-01-03 10:15:00.123456", "2024-01-03 10:15:00", date(1969, 7, 20), "2024-01-03 10:15:00",
         1_704_276_900_000_000_000, "2024-01-03 17:15:00"),
        ("b", None, "2024-01-03 10:15:00", date(2024, 1, 3), None, 2, None),
    ]  # fmt: skip


def test_nanoseconds_are_read_where_a_platform_refuses_the_setting(spark: SparkSession, tmp_path: Path) -> None:
    spark.conf.set("spark.sql.legacy.parquet.nanosAsLong", "false")
    _parquet(tmp_path / "a.parquet", **NANOSECONDS)
    rows = _read_times(spark, tmp_path, glob="a.parquet")
    assert [row[1] for row in rows] == ["2024-01-03 10:15:00.123456", None]


def test_where_no_footer_is_at_hand_large_numbers_are_local_times(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segmentation.raw.parquet._footer", lambda file: None)
    kept = {name: values for name, values in NANOSECONDS.items() if name in ("id", "at", "n", "seconds")}
    _parquet(tmp_path / "a.parquet", **kept)
    monkeypatch.setitem(OF_NANOSECONDS, "paid", {"type": "timestamp", "optional": True})
    for name in ("day", "seen"):
        monkeypatch.setitem(OF_NANOSECONDS, name, {"optional": True})
    rows = _read_times(spark, tmp_path, glob="a.parquet")
    assert [(row[1], row[5], row[6]) for row in rows] == [
        ("2024-01-03 10:15:00.123456", 1_704_276_900_000_000_000, "2024-01-03 17:15:00"),
        (None, 2, None),
    ]


def test_a_column_that_spark_cannot_read_is_left_out_unless_it_is_declared(spark: SparkSession, tmp_path: Path) -> None:
    kinds = pa.array(["x"]).dictionary_encode()
    _parquet(tmp_path / "a.parquet", id=["a"], hour=pa.array([time(10, 5)]), kind=kinds, at=NANOSECONDS["at"][:1])
    columns = {"id": "string", "kind": "string", "at": "timestamp"}
    source = _source(format="parquet", glob="a.parquet", columns=columns)
    raw = find_inputs(spark, source, str(tmp_path))["sold"]
    (row,) = parse(read_raw(spark, raw), source.raw["sold"]).collect()
    assert (row["id"], row["kind"], row["at"]) == ("a", "x", datetime(2024, 1, 3, 10, 15, 0, 123456))
    source = _source(format="parquet", glob="a.parquet", columns={**columns, "hour": "string"})
    with pytest.raises(InputError, match=r"a\.parquet: found the column 'hour' as time64\[us\], .* write it as text"):
        find_inputs(spark, source, str(tmp_path))


def test_a_column_that_may_be_missing_is_not_written_otherwise(spark: SparkSession, tmp_path: Path) -> None:
    source = _source(glob="sold.csv", columns={"id": "string", "note": {"optional": True}})
    (tmp_path / "sold.csv").write_text("id,notes\n1,2\n")
    assert _names(spark, source, tmp_path) == ["sold.csv"]
    (tmp_path / "sold.csv").write_text("id,Note\n1,2\n")
    with pytest.raises(InputError, match="the column 'note' of sold is missing, found 'Note' instead"):
        find_inputs(spark, source, str(tmp_path))


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
    def found(folder: str, **files: str) -> list[ListedFile]:
        (tmp_path / folder).mkdir()
        for name, rows in files.items():
            (tmp_path / folder / f"{name}.csv").write_text("id,x\n" + rows)
        raw = find_inputs(spark, _source(glob="*.csv"), str(tmp_path / folder), {"sold": taken})["sold"]
        return [file.seen for file in raw.files]

    taken: list[ListedFile] = []
    (first,) = found("first", sold="1,2\n3,4\n")
    taken = [first]
    assert found("renamed", other="1,2\n3,4\n") == []
    assert found("shuffled", sold="3,4\n1,2\n") == []
    assert len(found("more", sold="1,2\n3,4\n5,6\n")) == 1
    assert len(found("changed", sold="1,2\n3,5\n")) == 1
    assert len(found("twice", sold="1,2\n3,4\n3,4\n")) == 1
    assert found("absent") == []  # nothing today: there was something before


def test_what_was_said_before_is_new_where_other_things_were_said_since(spark: SparkSession, tmp_path: Path) -> None:
    # Somebody of Bali who moved to Jambi, and back, each told by a file of one line.
    homes = {"first": "b1,Bali\n", "second": "b1,Jambi\n", "third": "b1,Bali\n"}
    folders = {}
    for name, rows in homes.items():
        folders[name] = tmp_path / name
        folders[name].mkdir()
        (folders[name] / f"users_{name}.csv").write_text("id,x\n" + rows)
    (tmp_path / "all").mkdir()
    for name in ("first", "second"):  # copied, so that their time is another one
        (tmp_path / "all" / f"users_{name}.csv").write_text("id,x\n" + homes[name])
    source = _source(glob="users_*.csv", feeds="users")

    def found(folder: str, *taken: ListedFile) -> list[ListedFile]:
        raw = find_inputs(spark, source, str(tmp_path / folder), {"sold": list(taken)} if taken else {})["sold"]
        return [file.seen for file in raw.files]

    (first,), (second,) = found("first"), found("second")
    assert first.content == found("third")[0].content
    assert [seen.path.rsplit("/")[-1] for seen in found("third", first, second)] == ["users_third.csv"]
    assert found("third", second, first) == []  # nothing else was said since
    assert found("all", first, second) == []  # the same deliveries under other times
    orders = _source(glob="users_*.csv", feeds="orders")
    assert find_inputs(spark, orders, str(tmp_path / "third"), {"sold": [first, second]})["sold"].files == ()


BALI, JAMBI, RIAU = "id,x\nb1,Bali\n", "id,x\nb1,Jambi\n", "id,x\nb1,Riau\n"


def _dated(file: Path, text: str, day: int) -> Path:
    """A file written on a day."""
    file.write_text(text)
    os.utime(file, (1_700_000_000 + 86_400 * day,) * 2)
    return file


def _of_users(spark: SparkSession, folder: Path, *taken: ListedFile) -> list[ListedFile]:
    """Files of a folder that are to be taken in of what feeds users alone."""
    source = _source(glob="users*", feeds="users")
    raw = find_inputs(spark, source, str(folder), {"sold": list(taken)} if taken else {})["sold"]
    return [file.seen for file in raw.files]


def _unchanged(folder: Path) -> None:
    pass


def _renamed(folder: Path) -> None:
    (folder / "users_1.csv").rename(folder / "users_of_old.csv")


def _gzipped(folder: Path) -> None:
    file = folder / "users_1.csv"
    Path(f"{file}.gz").write_bytes(gzip.compress(file.read_bytes()))
    file.unlink()


def _touched(folder: Path) -> None:
    os.utime(folder / "users_1.csv", (1_800_000_000, 1_800_000_000))


def _told_again_beside(folder: Path) -> None:
    _dated(folder / "users_4.csv", BALI, 4)


def _told_again_where_the_first_is_gone(folder: Path) -> None:
    (folder / "users_1.csv").unlink()
    _dated(folder / "users_4.csv", BALI, 4)


@pytest.mark.parametrize(
    ("what", "new"),
    [
        (_unchanged, []),
        (_renamed, []),
        (_gzipped, []),
        (_touched, []),
        (_told_again_beside, ["users_4.csv"]),
        (_told_again_where_the_first_is_gone, ["users_4.csv"]),
    ],
)
def test_an_old_file_that_is_renamed_or_touched_says_nothing_anew(
    spark: SparkSession, tmp_path: Path, what: Callable[[Path], None], new: list[str]
) -> None:
    _dated(tmp_path / "users_1.csv", BALI, 1)
    _dated(tmp_path / "users_2.csv", RIAU, 2)
    taken = _of_users(spark, tmp_path)
    _dated(tmp_path / "users_2.csv", JAMBI, 3)  # overwritten: nobody lives in Riau any more
    taken += _of_users(spark, tmp_path, *taken)
    assert [seen.path.rsplit("/", 1)[-1] for seen in taken] == ["users_1.csv", "users_2.csv", "users_2.csv"]
    what(tmp_path)
    assert [seen.path.rsplit("/", 1)[-1] for seen in _of_users(spark, tmp_path, *taken)] == new


def test_a_file_that_is_put_back_with_its_time_is_read(spark: SparkSession, tmp_path: Path) -> None:
    _dated(tmp_path / "users.csv", BALI, 1)
    taken = _of_users(spark, tmp_path)
    _dated(tmp_path / "users.csv", JAMBI, 2)
    taken += _of_users(spark, tmp_path, *taken)
    _dated(tmp_path / "users.csv", BALI, 1)
    again = _of_users(spark, tmp_path, *taken)
    assert [seen.content for seen in again] == [taken[0].content]
    assert _of_users(spark, tmp_path, *taken, *again) == []


def test_a_table_of_users_may_be_again_what_it_was(spark: SparkSession, tmp_path: Path) -> None:
    def found(feeds: str, *taken: str) -> list[str]:
        source = _source(feeds, format="parquet", path="sold")
        seen = [ListedFile(f"{tmp_path}/sold", content=content) for content in taken]
        raw = find_inputs(spark, source, str(tmp_path), {"sold": seen})["sold"]
        return [file.seen.content for file in raw.files]

    def live(home: str) -> None:
        rows = spark.createDataFrame([("b1", home)], "id string, x string")
        rows.write.mode("overwrite").parquet(str(tmp_path / "sold"))

    live("Jambi")
    (jambi,) = found("users")
    live("Bali")
    (bali,) = found("users")
    assert found("users", jambi) == [bali]
    assert found("users", bali, jambi) == [bali]
    assert found("users", jambi, bali) == found("orders", bali, jambi) == []


def test_files_that_are_line_by_line_alike_count_as_the_first(spark: SparkSession, tmp_path: Path) -> None:
    for name in ("sölde 1.csv", "sölde\u00a02.csv", "sölde%3.csv"):
        (tmp_path / name).write_text("id,x\n1,2\n")
    raw = find_inputs(spark, _source(glob="sölde*.csv"), str(tmp_path))["sold"]
    assert {row["_file"] for row in read_raw(spark, raw).collect()} == {f"file:{tmp_path}/sölde%201.csv"}


def test_of_a_delta_table_what_is_new_since_its_last_version(spark: SparkSession, tmp_path: Path) -> None:
    table = tmp_path / "sold"
    spark.createDataFrame([("1", "2"), ("3", "4")], "id string, x string").write.format("delta").save(str(table))
    source = _source(format="delta", path="sold")
    first = find_inputs(spark, source, str(tmp_path))["sold"]
    assert first.files[0].seen.content.startswith("version 0 of ")
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
        assert first.files[0].seen.content.startswith("version 0 of ")
        rows.selectExpr("'3' AS id", "x").writeTo(name).append()
        second = find_inputs(spark, source, "", {"sold": [first.files[0].seen]})["sold"]
        assert [row["id"] for row in read_raw(spark, second).collect()] == ["3"]
    finally:
        spark.sql(f"DROP TABLE {name}")


def _delta(spark: SparkSession, place: Path, *ids: str, mode: str = "append") -> None:
    rows = spark.createDataFrame([(each, "x") for each in ids], "id string, x string").repartition(1)
    rows.write.format("delta").mode(mode).save(str(place))


def _new(spark: SparkSession, folder: Path, *taken: str) -> list[str]:
    """Ids that are to be taken in of the Delta table `sold`, after contents that were."""
    seen = [ListedFile(f"{folder}/sold", content=content) for content in taken]
    raw = find_inputs(spark, _source(format="delta", path="sold"), str(folder), {"sold": seen})["sold"]
    return sorted(row["id"] for row in read_raw(spark, raw).collect())


def test_commits_of_a_delta_table_without_new_rows_bring_nothing(spark: SparkSession, tmp_path: Path) -> None:
    table = tmp_path / "sold"
    named = "delta.`" + str(table) + "`"
    _delta(spark, table, "1")
    _delta(spark, table, "2")
    first = find_inputs(spark, _source(format="delta", path="sold"), str(tmp_path))["sold"].files[0].seen.content
    spark.sql("OPTIMIZE " + named)
    assert _new(spark, tmp_path, first) == []
    spark.sql("DELETE FROM " + named + " WHERE id = '1'")
    assert _new(spark, tmp_path, first) == []
    _delta(spark, table)  # an append of nothing
    assert _new(spark, tmp_path, first) == []
    _delta(spark, table, "3")
    assert _new(spark, tmp_path, first) == ["3"]
    latest = {path.rsplit("/", 1)[-1] for path in spark.read.format("delta").load(str(table)).inputFiles()}
    for file in table.glob("*.parquet"):  # of the versions before only what the latest has too is left
        if file.name not in latest:
            file.unlink()
    assert _new(spark, tmp_path, first) == ["2", "3"]


def test_a_further_copy_of_a_delta_table_s_row_is_new_where_copies_are_real(
    spark: SparkSession, tmp_path: Path
) -> None:
    source = _source(format="delta", path="sold")

    def rows(*taken: ListedFile) -> list[tuple[str, int]]:
        raw = find_inputs(spark, source, str(tmp_path), {"sold": list(taken)})["sold"]
        return [(row["id"], row["_known_fingerprint"]) for row in read_raw(spark, raw, "", True).collect()]

    _delta(spark, tmp_path / "sold", "tea", "tea")
    first = find_inputs(spark, source, str(tmp_path))["sold"].files[0].seen
    early = rows()
    _delta(spark, tmp_path / "sold", "tea", "rice")
    late = rows(first)
    assert sorted(name for name, _ in late) == ["rice", "tea"]
    assert len({*early, *late}) == 4 and {*early, *late} == {*rows()}


def test_a_delta_table_has_versions_below_a_relative_folder(spark: SparkSession, tmp_path: Path) -> None:
    _delta(spark, tmp_path / "sold", "1")
    folder = os.path.relpath(tmp_path)
    source = _source(format="delta", path="sold")
    first = find_inputs(spark, source, folder)["sold"].files[0].seen
    assert first.content.startswith("version 0 of ")
    _delta(spark, tmp_path / "sold", "2")
    second = find_inputs(spark, source, folder, {"sold": [first]})["sold"]
    assert [row["id"] for row in read_raw(spark, second).collect()] == ["2"]


def test_a_delta_table_written_anew_at_the_same_version_is_another(spark: SparkSession, tmp_path: Path) -> None:
    _delta(spark, tmp_path / "sold", "1")
    first = find_inputs(spark, _source(format="delta", path="sold"), str(tmp_path))["sold"].files[0].seen.content
    shutil.rmtree(tmp_path / "sold")
    _delta(spark, tmp_path / "sold", "1", "2")
    assert _new(spark, tmp_path, first) == ["1", "2"]
    assert _new(spark, tmp_path, "version 0") == []  # as an earlier lake knew it
    assert _new(spark, tmp_path, "version 0", first) == ["1", "2"]
    _delta(spark, tmp_path / "sold", "3")
    assert _new(spark, tmp_path, "version 0") == ["1", "2", "3"]  # of which table is not known


@pytest.mark.parametrize("odd", ["[1]", "*", "?", "{1,2}", "a\\b"])
def test_signs_of_patterns_in_names_of_files_and_folders_are_signs(
    spark: SparkSession, tmp_path: Path, odd: str
) -> None:
    folder = tmp_path / f"in {odd}"
    for place in (folder, tmp_path / "in 1", tmp_path / "in x"):
        place.mkdir()
        for name, row in ((f"sold{odd}.csv", "odd"), ("sold1.csv", "1"), ("sold2.csv", "2")):
            (place / name).write_text(f'id,x\n{row},"{place.name}"\n')
    raw = find_inputs(spark, _source(glob="sold*.csv"), str(folder))["sold"]
    rows = [(row["id"], row["x"]) for row in read_raw(spark, raw).collect()]
    assert sorted(rows) == sorted([("odd", folder.name), ("1", folder.name), ("2", folder.name)])
    assert len({file.seen.content for file in raw.files}) == 3
    assert [file.seen.lines for file in raw.files] == [1, 1, 1]


def test_the_same_in_names_of_tables(spark: SparkSession, tmp_path: Path) -> None:
    for place in ("in [1]", "in 1"):
        rows = spark.createDataFrame([(place, "x")], "id string, x string").repartition(1)
        rows.write.parquet(str(tmp_path / place / "sold [1]"))
        rows.write.format("delta").save(str(tmp_path / place / "sold {1}"))
    for table in ({"format": "parquet", "path": "sold [1]"}, {"format": "delta", "path": "sold {1}"}):
        raw = find_inputs(spark, _source(**table), str(tmp_path / "in [1]"))["sold"]
        assert [row["id"] for row in read_raw(spark, raw).collect()] == ["in [1]"]


def _judged(spark: SparkSession, folder: Path, text: str, **table: Any) -> list[tuple[object, ...]]:
    """Columns and reasons of the lines of a file."""
    (folder / "sold.txt").write_text(text)
    source = _source(glob="sold.txt", **table)
    raw = find_inputs(spark, source, str(folder))["sold"]
    rows = parse(read_raw(spark, raw), source.raw["sold"]).collect()
    assert [file.seen.lines for file in raw.files] == [len(rows)]
    names = list(source.raw["sold"].columns)
    return [(*[row[name] for name in names], *row["_row"]["reasons"]) for row in rows]


def test_columns_by_position(spark: SparkSession, tmp_path: Path) -> None:
    columns = {
        "id": {"at": [1, 3]}, "n": {"at": [4, 6], "type": "integer"}, "what": {"at": [8, 12]},
        "more": {"at": [13, 14], "optional": True},
    }  # fmt: skip
    text = 'a1  12 "é,\x01x\n b   3 tea  yz\n\nc1 x12 tea\nd1  12 \ne1  1\n'
    assert _judged(spark, tmp_path, text, format="fixed", columns=columns) == [
        ("a1", 12, '"é,\x01x', None), ("b", 3, "tea", "yz"), ("c1", None, "tea", None, "bad_number"),
        (None, None, None, None, "malformed_line"), (None, None, None, None, "malformed_line"),
    ]  # fmt: skip
    number_last = {"id": {"at": [1, 3]}, "n": {"at": [4, 6], "type": "integer"}}
    text = "id n\na1  12\nb1  1\n"
    found = _judged(spark, tmp_path, text, format="fixed", columns=number_last, options={"header": True})
    assert found == [("a1", 12), (None, None, "malformed_line")]


@pytest.mark.parametrize("spelled", ["encoding", "charset", "Encoding"])
def test_lines_that_are_cut_are_read_by_their_encoding(spark: SparkSession, tmp_path: Path, spelled: str) -> None:
    (tmp_path / "sold.txt").write_bytes("caf\u00e9 a\n".encode("latin-1"))
    options = {spelled: "ISO-8859-1", "header": False}
    columns = {"id": {"at": [1, 4]}, "x": {"at": [6, 6]}}
    fixed = _source(glob="sold.txt", format="fixed", columns=columns, options=options)
    between = _source(
        glob="sold.txt", columns={"id": "string", "x": "string"}, options={**options, "sep": "whitespace"}
    )
    for source in (fixed, between):
        raw = find_inputs(spark, source, str(tmp_path))["sold"]
        assert [(row["id"], row["x"]) for row in read_raw(spark, raw).collect()] == [("caf\u00e9", "a")]


def test_columns_between_blanks(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"id": "string", "n": "integer"}
    text = " a   1\n\tb\t2  \nc 3 4\nd\n"
    rows = [("a", 1), ("b", 2), (None, None, "malformed_line"), (None, None, "malformed_line")]
    options: dict[str, object] = {"sep": "whitespace", "header": False}
    assert _judged(spark, tmp_path, text, columns=columns, options=options) == rows
    text = "n  id\n1 a\n2 b\n"
    assert _judged(spark, tmp_path, text, columns=columns, options={"sep": "whitespace"}) == rows[:2]


def test_a_csv_without_a_header_has_the_declared_columns(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"id": "string", "n": "integer"}
    found = _judged(spark, tmp_path, '"a,1";1\nb;2\nc\n', columns=columns, options={"sep": ";", "header": False})
    assert found == [("a,1", 1), ("b", 2), (None, None, "malformed_line")]
    (tmp_path / "sold.txt").write_text("")
    with pytest.raises(InputError, match="found nothing in it, expected rows"):
        find_inputs(spark, _source(glob="sold.txt", options={"header": False}), str(tmp_path))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"format": "fixed", "columns": {"id": "string"}}, r"columns.id: found no at, expected at: \[first, last\]"),
        ({"columns": {"id": {"at": [1, 2]}}}, "columns.id: found at, expected none, as format is csv"),
        ({"format": "fixed", "columns": {"id": {"at": [3, 2]}}}, r"found \[3, 2\], expected the first and the last"),
    ],
)
def test_positions_are_said_where_they_are_meant(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        _source(glob="x", **table)


def _parquet(file: Path, **columns: object) -> None:
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), file)


def test_parquet_files_of_one_batch_are_read_by_the_columns_of_each(spark: SparkSession, tmp_path: Path) -> None:
    # 2023 knows no vouchers, and all of its amounts are whole.
    _parquet(tmp_path / "both" / "sold_2023.parquet", id=["a"], worth=[12])
    _parquet(tmp_path / "both" / "sold_2024.parquet", id=["b"], worth=[12.5], voucher=["X"])
    _parquet(tmp_path / "late" / "sold_2024.parquet", id=["b"], worth=[12.5], voucher=["X"])
    columns = {"id": "string", "worth": "decimal", "voucher": {"optional": True}}
    source = _source(format="parquet", glob="sold*", columns=columns)

    def read(raw: RawInput) -> list[tuple[str, str, str | None, int]]:
        rows = parse(read_raw(spark, raw), source.raw["sold"]).collect()
        return sorted((row["id"], str(row["worth"]), row["voucher"], row["_row"]["fingerprint"]) for row in rows)

    both = find_inputs(spark, source, str(tmp_path / "both"))["sold"]
    found = read(both)
    assert [row[:3] for row in found] == [("a", "12.00", None), ("b", "12.50", "X")]
    assert read(bounded(spark, both, 5)) == found
    # As where they come on days of their own.
    assert read(find_inputs(spark, source, str(tmp_path / "late"))["sold"]) == found[1:]
    records = as_records(read_raw(spark, both)).collect()
    assert {(row["record"], row["fingerprint"]) for row in records} == {
        ('{"id":"a","worth":12}', found[0][3]),
        ('{"id":"b","worth":12.5,"voucher":"X"}', found[1][3]),
    }


def test_a_folder_of_parquet_has_the_columns_of_all_of_its_files(spark: SparkSession, tmp_path: Path) -> None:
    _parquet(tmp_path / "sold" / "1.parquet", id=["a"])
    _parquet(tmp_path / "sold" / "2.parquet", id=["b"], voucher=["X"])
    columns = {"id": "string", "voucher": {"optional": True}}
    raw = find_inputs(spark, _source(format="parquet", path="sold", columns=columns), str(tmp_path))["sold"]
    assert sorted((row["id"], row["voucher"]) for row in read_raw(spark, raw).collect()) == [("a", None), ("b", "X")]
    _parquet(tmp_path / "sold" / "3.parquet", id=[1])
    with pytest.raises(InputError, match="sold: cannot be read .*expected a parquet for sold"):
        find_inputs(spark, _source(format="parquet", path="sold"), str(tmp_path))


def test_options_reach_the_readers_of_tables_too(spark: SparkSession, tmp_path: Path) -> None:
    for number in ("1", "2"):
        _delta(spark, tmp_path / "sold", number)
    source = _source(format="delta", path="sold", options={"versionAsOf": 0})
    raw = find_inputs(spark, source, str(tmp_path))["sold"]
    assert [row["id"] for row in read_raw(spark, raw).collect()] == ["1"]


def test_files_stand_beside_tables_in_parts(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "who.csv").write_text("id,x\n1,2\n")
    (tmp_path / "empty.csv").touch()
    for part in ("month=2024-01", "sold/month=2024-01", "sold/month=2024-02"):
        (tmp_path / part).mkdir(parents=True)
        _parquet(tmp_path / part / "part.parquet", id=["a"])
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "who.csv").write_text("id,x\n1,2\n")
    columns = {"id": "string"}
    source = Source.model_validate(
        {
            "name": "shop",
            "raw": {
                "who": {"glob": "*who.csv", "columns": columns},
                "sold": {"format": "parquet", "path": "sold", "columns": columns},
            },
            "tables": {"orders": {"counted_on": "sold", "select": "SELECT * FROM sold"}},
        }
    )
    for folder in (
        str(tmp_path),
        f"{tmp_path}/",
        f"file://{tmp_path}",
        os.path.relpath(tmp_path),
        f"{tmp_path}/sub/..",
    ):
        found = find_inputs(spark, source, folder)
        (who,) = found["who"].files
        assert (who.name, who.seen.size) == ("who.csv", 9) and who.seen.modified
        assert found["sold"].files


def test_a_file_beside_the_parts_of_a_table_is_read_again_when_it_changes(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "sold.csv").write_text("id,x\n1,2\n")
    _parquet(tmp_path / "month=1" / "part.parquet", id=["a"])
    source = _source(glob="sold.csv")
    (first,) = find_inputs(spark, source, str(tmp_path))["sold"].files
    (tmp_path / "sold.csv").write_text("id,x\n1,2\n3,4\n")
    assert len(find_inputs(spark, source, str(tmp_path), {"sold": [first.seen]})["sold"].files) == 1
    (tmp_path / "sold.csv").write_text("")
    with pytest.raises(InputError, match=r"sold\.csv: found nothing in it"):
        find_inputs(spark, _source(glob="sold.csv"), str(tmp_path))
