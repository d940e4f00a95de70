"""The lake, read back by a reader that is not Spark."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.errors import InputError, SegmentationError
from segmentation.lake import versions
from segmentation.lake.lock_row import claim, release
from segmentation.lake.tables import Lake, as_rows
from segmentation.lake.upkeep import compact, vacuum
from segmentation.lake.versions import keep_for, restore_version, undo_commits
from segmentation.schemas import Column, _table

TABLE = _table("things", "one row per id", "id", "id | string | the id\n worth | decimal(18,2) | its worth")


def test_another_reader_sees_what_was_written(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    rows = spark.createDataFrame([(1.5, "a", "x")], "worth double, id string, other string")
    lake.overwrite(TABLE, rows)
    lake.append(TABLE, rows)
    table = DeltaTable(str(tmp_path / "things"))
    assert [field.name for field in table.schema().fields] == ["id", "worth"]
    assert [(row["id"], str(row["worth"])) for row in table.to_pyarrow_table().to_pylist()] == [("a", "1.50")] * 2
    assert (table.version(), lake.version("things")) == (1, 1)
    assert table.protocol().min_reader_version == 1


def test_what_tables_and_columns_mean_stands_in_them_and_stays(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    assert lake.version("things") is None
    for write in (lake.overwrite, lake.append, lake.overwrite):
        write(TABLE, spark.createDataFrame([("a", 1)], "id string, worth int"))
        lake.merge(TABLE, spark.createDataFrame([("a", 2, False)], "id string, worth int, _gone boolean"))
        table = DeltaTable(str(tmp_path / "things"))
        assert table.metadata().description == "one row per id"
        assert [(each.name, each.metadata["comment"]) for each in table.schema().fields] == [
            ("id", "the id"), ("worth", "its worth"),
        ]  # fmt: skip
        assert table.metadata().configuration == {
            "delta.enableDeletionVectors": "false",
            "delta.deletedFileRetentionDuration": "interval 90 days", "delta.logRetentionDuration": "interval 90 days",
        }  # fmt: skip
    assert table.version() == 5  # each write is one commit, the first too


def test_columns_of_a_source_may_come_and_go(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    wider = TABLE.with_columns([Column("colour", "string", "its colour")], before="worth")
    lake.overwrite(wider, spark.createDataFrame([("a", "red", 1)], "id string, colour string, worth int"))
    assert lake.read(TABLE).columns == ["id", "colour", "worth"]
    lake.overwrite(TABLE, as_rows(spark, TABLE, []))
    assert lake.read(TABLE).columns == ["id", "worth"]


def test_an_earlier_version_can_be_read(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    for name in ("first", "second"):
        lake.overwrite(TABLE, spark.createDataFrame([(name, 1)], "id string, worth int"))
    assert [row["id"] for row in lake.read(TABLE, version=0).collect()] == ["first"]


def test_a_column_of_the_key_that_came_later_is_unknown_in_an_older_table(spark: SparkSession, tmp_path: Path) -> None:
    lake, older = Lake(spark, str(tmp_path)), replace(schemas.KPIS, columns=schemas.KPIS.columns[:4])
    lake.overwrite(
        older,
        spark.createDataFrame(
            [("buyers", 1, "Best", "2024-01")], "entity string, segment int, segment_name string, month string"
        ),
    )
    assert "tier" not in older.names and "tier" in schemas.KPIS.key
    (row,) = lake.read(schemas.KPIS).collect()
    assert (row["month"], row["tier"], row["offered"]) == ("2024-01", None, None)
    with pytest.raises(SegmentationError, match="the column 'tier' is missing"):
        lake.read(replace(schemas.KPIS, later=()))


def test_a_table_that_is_not_there_is_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path / "nosuch"))
    assert lake.version("things") is None
    with pytest.raises(InputError, match="things: found no such table"):
        lake.read(TABLE)


def test_a_lake_that_cannot_be_written_is_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"cannot be written .*set --lake") as error:
        Lake(spark, str(tmp_path / "file" / "lake")).overwrite(TABLE, as_rows(spark, TABLE, []))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("location", "in_catalog"),
    [("main.gold", True), ("/data/lake", False), ("./main.gold", False), ("s3a://bucket/x.y", False), ("lake", False)],
)
def test_two_names_with_a_dot_are_a_catalog(spark: SparkSession, location: str, in_catalog: bool) -> None:
    assert Lake(spark, location).in_catalog is in_catalog


def test_every_declared_table_can_be_made(spark: SparkSession) -> None:
    for table in schemas.TABLES.values():
        assert as_rows(spark, table, []).columns == table.names
        assert set(table.key) <= set(table.names)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place that nobody may write to")
def test_a_place_where_no_folder_can_be_made_is_one_sentence(spark: SparkSession) -> None:
    with pytest.raises(InputError, match=r"/proc/lake/runs: cannot be written .*set --lake"):
        Lake(spark, "/proc/lake").overwrite(schemas.RUNS, as_rows(spark, schemas.RUNS, []))


def test_a_relative_lake_has_versions(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = Lake(spark, "made/here")
    lake.overwrite(schemas.RUNS, as_rows(spark, schemas.RUNS, []))
    assert lake.version(schemas.RUNS.name) == 0
    assert (tmp_path / "made" / "here" / "runs" / "_delta_log").is_dir()


def test_rows_are_put_in_by_key_and_taken_out(spark: SparkSession, tmp_path: Path) -> None:
    lake, kinds = Lake(spark, str(tmp_path)), "id string, worth int"
    lake.overwrite(TABLE, spark.createDataFrame([("a", 1), ("b", 2), (None, 3)], kinds))
    changed = [("a", 10, False), ("b", None, True), (None, 30, False), ("d", 4, False), ("e", 5, True)]
    lake.merge(TABLE, spark.createDataFrame(changed, kinds + ", _gone boolean"))
    rows = DeltaTable(str(tmp_path / "things")).to_pyarrow_table().to_pylist()
    assert sorted((str(row["id"]), int(row["worth"])) for row in rows) == [("None", 30), ("a", 10), ("d", 4)]


def test_a_merge_leaves_files_out_of_its_bounds_alone(spark: SparkSession, tmp_path: Path) -> None:
    lake, kinds = Lake(spark, str(tmp_path)), "id string, worth int"
    for letter in "amz":
        lake.append(TABLE, spark.createDataFrame([(letter, 1), (letter + letter, 2)], kinds).coalesce(1))
    before = set(DeltaTable(str(tmp_path / "things")).file_uris())
    lake.merge(TABLE, spark.createDataFrame([("m", 5, False)], kinds + ", _gone boolean"), ("id", "m", "m"))
    after = set(DeltaTable(str(tmp_path / "things")).file_uris())
    assert len(before & after) == 2


def test_a_table_can_be_put_back(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    for name in ("first", "second"):
        lake.overwrite(TABLE, spark.createDataFrame([(name, 1)], "id string, worth int"))
    restore_version(lake, "things", 0)
    assert DeltaTable(str(tmp_path / "things")).to_pyarrow_table()["id"].to_pylist() == ["first"]


def _written_by(lake: Lake, run_id: str, *ids: str) -> None:
    lake.signed_by = run_id
    lake.overwrite(TABLE, lake.spark.createDataFrame([(each, 1) for each in ids], "id string, worth int").coalesce(1))


def _ids(folder: Path) -> list[str]:
    return sorted(DeltaTable(str(folder / "things")).to_pyarrow_table()["id"].to_pylist())


def test_of_two_dead_runs_the_later_one_is_undone_to_what_was_before_both(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    _written_by(lake, "run1", "first")
    _written_by(lake, "run2", "dead")
    lake.signed_by = "run3"
    assert undo_commits(lake, "things", "run2", lambda run_id: run_id == "run1")
    assert _ids(tmp_path) == ["first"]
    lake.signed_by = "run4"  # run3 died before it wrote anything of its own
    assert undo_commits(lake, "things", "run3", lambda run_id: run_id == "run1")
    assert _ids(tmp_path) == ["first"]
    _written_by(lake, "run4", "dead too")
    lake.signed_by = "run5"
    assert undo_commits(lake, "things", "run4", lambda run_id: run_id == "run1")
    assert _ids(tmp_path) == ["first"]


def test_upkeep_of_what_a_dead_run_wrote_makes_it_no_work_of_a_published_one(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake = Lake(spark, str(tmp_path))
    _written_by(lake, "run1", "first")
    _written_by(lake, "run2", "dead")
    lake.append(TABLE, spark.createDataFrame([("dead too", 1)], "id string, worth int"))
    kept = Lake(spark, str(tmp_path), keep=10, signed_by="run3")
    keep_for(kept, "things")
    compact(kept, "things")
    vacuum(kept, "things")
    history = {each["operation"] for each in DeltaTable(str(tmp_path / "things")).history()}
    assert {"SET TBLPROPERTIES", "OPTIMIZE", "VACUUM END"} <= history
    assert undo_commits(kept, "things", "run2", lambda run_id: run_id == "run3")
    assert _ids(tmp_path) == ["first"]
    _written_by(lake, "run4", "dead")
    _written_by(lake, "run5", "published")
    assert undo_commits(lake, "things", "run4", lambda run_id: run_id == "run5")
    assert _ids(tmp_path) == ["published"]


class JavaError(Exception):
    """As py4j hands on what Spark has no class of its own for."""

    __module__ = "py4j.protocol"


@pytest.mark.parametrize(
    "said", ["java.io.FileNotFoundException: part-0", "io.delta.ConcurrentAppendException: part-0"]
)
def test_what_cannot_be_put_back_is_told_from_what_others_are_at_work_on(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    lake = Lake(spark, str(tmp_path))
    _written_by(lake, "run1", "first")
    _written_by(lake, "run2", "dead")
    lake.signed_by = "run3"

    def restore_version(lake: Lake, name: str, version: int, signed_by: str) -> None:
        assert (lake.signed_by, signed_by) == ("run3", "run2")  # others may write by the same lake meanwhile
        raise JavaError(f"An error occurred while calling o1.sql.\n: {said}")

    monkeypatch.setattr(versions, "restore_version", restore_version)
    if "Concurrent" in said:
        with pytest.raises(JavaError):
            undo_commits(lake, "things", "run2", lambda run_id: False)
    else:
        assert not undo_commits(lake, "things", "run2", lambda run_id: False)
    assert lake.signed_by == "run3"


def test_where_there_are_no_locks_a_row_says_who_holds_the_lake(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    assert claim(lake, "one", silent=600) is None
    assert claim(lake, "two", silent=600) == "one"
    assert claim(lake, "one", silent=600) is None  # still alive
    time.sleep(0.1)
    assert claim(lake, "two", silent=0) is None  # silent for too long
    assert claim(lake, "one", silent=600) == "two"
    release(lake, "one")  # is not the holder
    assert claim(lake, "one", silent=600) == "two"
    release(lake, "two")
    assert claim(lake, "one", silent=600) is None


def test_what_was_written_to_be_remembered_is_not_read_back(spark: SparkSession, tmp_path: Path) -> None:
    lake, kinds = Lake(spark, str(tmp_path)), "worth int, id string"
    lake.overwrite(TABLE, spark.createDataFrame([(1, "a")], kinds), remember=True)
    assert lake.read(TABLE).schema.simpleString() == "struct<id:string,worth:decimal(18,2)>"
    assert [tuple(map(str, row)) for row in lake.read(TABLE).collect()] == [("a", "1.00")]
    for file in (tmp_path / "things").glob("*.parquet"):  # the rows are there without their files
        file.unlink()
    assert lake.read(TABLE).count() == 1


def test_what_is_remembered_is_forgotten_at_the_next_write(spark: SparkSession, tmp_path: Path) -> None:
    lake, kinds = Lake(spark, str(tmp_path)), "id string, worth int"
    lake.overwrite(TABLE, spark.createDataFrame([("a", 1)], kinds), remember=True)
    lake.append(TABLE, spark.createDataFrame([("b", 2)], kinds))
    assert sorted(row["id"] for row in lake.read(TABLE).collect()) == ["a", "b"]
    lake.overwrite(TABLE, spark.createDataFrame([("c", 3)], kinds), remember=True)
    lake.merge(TABLE, spark.createDataFrame([("c", 4, False)], "id string, worth int, _gone boolean"))
    assert [str(row["worth"]) for row in lake.read(TABLE).collect()] == ["4.00"]
    lake.overwrite(TABLE, spark.createDataFrame([("d", 5)], kinds), remember=True)
    lake.look_anew()
    assert [row["id"] for row in lake.read(TABLE).collect()] == ["d"]


def test_few_rows_are_remembered_where_they_are_all(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    assert not lake.exists("things")
    lake.append_rows(TABLE, [("a", Decimal(1))])
    assert [row["id"] for row in lake.read(TABLE).collect()] == ["a"]
    lake.append_rows(TABLE, [("b", Decimal(2))])  # of these two, one was not said
    assert sorted(row["id"] for row in lake.read(TABLE).collect()) == ["a", "b"]
    assert sorted(row["id"] for row in Lake(spark, str(tmp_path)).read(TABLE).collect()) == ["a", "b"]


DAYS = _table(
    "days",
    "one row per id and day",
    "id day",
    "id | string | the id\n day | date | the day\n worth | int | its worth",
    in_parts=True,
)


def test_rows_of_some_days_are_replaced_and_all_others_stay(spark: SparkSession, tmp_path: Path) -> None:
    lake, (first, second) = Lake(spark, str(tmp_path)), (date(2024, 1, 31), date(2024, 2, 29))

    def put(*rows: tuple[str, date, int], days: list[date], table: schemas.Table = DAYS) -> list[tuple[str, int]]:
        frame = spark.createDataFrame(list(rows), "id string, day date, worth int").withColumn("more", F.lit(7))
        lake.replace(table, frame, "day", days)
        held = DeltaTable(str(tmp_path / "days")).to_pyarrow_table().to_pylist()
        return sorted((row["id"], row["worth"]) for row in held)

    assert put(("a", first, 1), ("b", second, 2), days=[first, second]) == [("a", 1), ("b", 2)]
    assert put(("c", second, 3), days=[second]) == [("a", 1), ("c", 3)]
    assert put(days=[first]) == [("c", 3)]  # nobody was there, by today's orders
    wider = DAYS.with_columns([Column("more", "int", "of a later release")])
    assert put(("d", first, 4), days=[first], table=wider) == [("c", 3), ("d", 4)]
    assert [row["more"] for row in lake.read(wider).orderBy("id").collect()] == [None, 7]
    assert lake.version("days") == 3
    # What a dead run left, and what cannot be told from it, goes as a whole.
    lake.mark_spoiled(["days"], "run0")
    assert put(("e", first, 5), days=[first]) == [("e", 5)]
    assert (lake.spoiled, lake.take_remade(), lake.take_remade()) == ({}, {"days": "run0"}, {})


def test_what_is_written_in_parts_outlives_a_release_and_is_undone_by_version() -> None:
    assert DAYS.evolves and DAYS.written_by is None
    assert schemas.BUYER_HISTORY.in_parts and "run_id" in schemas.BUYER_HISTORY.names
