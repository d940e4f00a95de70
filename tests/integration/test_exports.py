"""Exports as a spreadsheet and a campaign tool read them."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation import schemas
from segmentation.config import load_config
from segmentation.entities import BUYERS
from segmentation.errors import InputError
from segmentation.exports import Form, cell, file_name, members, movers, write_movers, write_segments
from segmentation.lake.tables import Lake
from segmentation.pipeline import export
from segmentation.progress import Progress
from segmentation.stages.publication import published_tables
from tests.support.factories import make_table
from tests.support.lakes import REPOSITORY
from tests.unit.reporting.published import HOSTILE

COLUMNS = ["buyer_id", "segment_name", "total_gmv", "recommendation"]


def _row(segment: int, **cells: object) -> dict[str, object]:
    return {
        "segment": segment,
        "segment_name": "Regulars",
        "buyer_id": "b",
        "total_gmv": None,
        "recommendation": "",
        **cells,
    }


def _read(path: Path, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=separator))


def test_one_file_per_segment_with_a_byte_order_mark(tmp_path: Path) -> None:
    rows = [
        _row(1, buyer_id="b1", total_gmv=Decimal("12.50")),
        _row(1, buyer_id="b2"),
        _row(3, segment_name="Été & co"),
    ]

    written = write_segments(iter(rows), COLUMNS, "buyers", tmp_path, Form())

    assert [(one.path.name, one.rows) for one in written] == [("buyers_1_regulars.csv", 2), ("buyers_3_ete_co.csv", 1)]
    assert sorted(file.name for file in tmp_path.iterdir()) == [one.path.name for one in written]
    assert written[0].path.read_bytes().startswith(b"\xef\xbb\xbfbuyer_id,")
    assert _read(written[0].path) == [COLUMNS, ["b1", "Regulars", "12.50", ""], ["b2", "Regulars", "", ""]]


@pytest.mark.parametrize("text", ["=1+1", "+62 811", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_is_a_formula(text: str) -> None:
    assert cell(text, Form()) == "'" + text


@pytest.mark.parametrize(
    ("value", "shown", "with_comma"),
    [
        (Decimal("-1234567890123456.70"), "-1234567890123456.70", "-1234567890123456,70"),
        (-5, "-5", "-5"), (0.25, "0.25", "0,25"), (True, "true", "true"), (None, "", ""), (float("nan"), "", ""),
        ("1.5", "1.5", "1.5"),
    ],
)  # fmt: skip
def test_numbers_stay_numbers(value: object, shown: str, with_comma: str) -> None:
    assert (cell(value, Form()), cell(value, Form(";", ","))) == (shown, with_comma)


def test_hostile_texts_come_back_as_they_were(tmp_path: Path) -> None:
    texts = [*HOSTILE.values(), "a,b;c\td", 'say "hi"', "متجر"]
    rows = [_row(1, buyer_id=text, segment_name=texts[0]) for text in texts]

    for separator in ",;|\t":
        (file,) = write_segments(iter(rows), COLUMNS, "buyers", tmp_path, Form(separator, "."))
        _, *found = _read(file.path, separator)
        expected = ["'" + text if text.startswith("=") else text.replace("\0", "") for text in texts]
        assert [line[0] for line in found] == expected
        assert file.path.parent == tmp_path


@pytest.mark.parametrize("name", [*HOSTILE.values(), "../../etc/passwd", "CON", "", "x" * 9_000])
def test_file_names_are_plain(name: str) -> None:
    found = file_name("sellers", 1, name)

    assert found.startswith("sellers_1")
    assert found.removesuffix(".csv").replace("_", "").isalnum()
    assert found.isascii()
    assert len(found) < 90


def test_files_of_an_earlier_export_make_way_and_others_stay(tmp_path: Path) -> None:
    for name in ("buyers_4_gone.csv", "sellers_1_x.csv", "buyers_notes.csv"):
        (tmp_path / name).write_text("x")

    write_segments(iter([_row(1)]), COLUMNS, "buyers", tmp_path, Form())

    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "buyers_1_regulars.csv",
        "buyers_notes.csv",
        "sellers_1_x.csv",
    ]


def test_members_come_by_segment_and_value_with_what_to_do(spark: SparkSession) -> None:
    features = make_table(spark, schemas.BUYER_FEATURES, [
        {"buyer_id": "b1", "count_orders": 2, "total_gmv": 5, "last_order_at": datetime(2024, 1, 2, 3), "province": "Bali"},
        {"buyer_id": "b2", "count_orders": 3, "total_gmv": 7}, {"buyer_id": "b3", "count_orders": 1, "total_gmv": 9},
    ])  # fmt: skip
    segments = make_table(spark, schemas.BUYER_SEGMENTS, [
        {"buyer_id": "b1", "segment": 1, "segment_name": "A", "confidence": 0.123456, "previous_segment": 2,
         "segment_since": date(2024, 1, 31)},
        {"buyer_id": "b2", "segment": 1, "segment_name": "A"}, {"buyer_id": "b3", "segment": 2, "segment_name": "B"},
    ])  # fmt: skip
    profiles = make_table(spark, schemas.BUYER_PROFILES, [{"segment": 1, "recommendation": "Call"}])

    found = members(segments, features, profiles, BUYERS, ["unique_sellers", "count_orders"])

    assert found.columns == [
        "segment", "buyer_id", "segment_name", "confidence", "previous_segment", "segment_since", "count_orders", "total_gmv",
        "avg_order_value", "recency_days", "unique_sellers", "province", "city", "top_category", "last_order",
        "recommendation",
    ]  # fmt: skip
    rows = found.collect()
    assert [(row["segment"], row["buyer_id"], row["recommendation"]) for row in rows] == [
        (1, "b2", "Call"), (1, "b1", "Call"), (2, "b3", None),
    ]  # fmt: skip
    assert (rows[1]["confidence"], str(rows[1]["last_order"])) == (0.1235, "2024-01-02")
    assert (rows[1]["previous_segment"], str(rows[1]["segment_since"])) == (2, "2024-01-31")
    assert (rows[0]["previous_segment"], rows[0]["segment_since"]) == (None, None)


def test_members_come_with_the_sources_attributes(spark: SparkSession) -> None:
    features = spark.createDataFrame([("b1", "own", True, None, "=1+1"), ("b2", None, None, 31, "pets")],
        "buyer_id string, home string, coach boolean, age int, note string")  # fmt: skip
    segments = make_table(
        spark, schemas.BUYER_SEGMENTS, [{"buyer_id": f"b{n}", "segment": 1, "segment_name": "A"} for n in (1, 2)]
    )
    profiles = make_table(spark, schemas.BUYER_PROFILES, [{"segment": 1, "recommendation": "Call"}])

    found = members(segments, features, profiles, BUYERS, ["home"], ["home", "coach", "note", "gone", "age"])

    assert found.columns == [
        "segment", "buyer_id", "segment_name", "confidence", "previous_segment", "segment_since", "home", "coach",
        "note", "age", "recommendation",
    ]  # fmt: skip
    assert [tuple(row)[6:10] for row in found.collect()] == [("own", True, "=1+1", None), (None, None, "pets", 31)]


def _config(lake: Path, output: Path, **overrides: object):  # type: ignore[no-untyped-def]
    places = {"lake": str(lake), "output": str(output)}
    return load_config(str(REPOSITORY / "conf" / "local.yml"), {**places, **overrides})


@pytest.mark.slow
def test_everyone_is_in_the_export_of_a_lake(spark: SparkSession, lake: Path, tmp_path: Path) -> None:
    export(spark, _config(lake, tmp_path, separator=";", decimal=","), Progress(io.StringIO()))

    for role in ("buyer", "seller"):
        segments = DeltaTable(str(lake / f"{role}_segments")).to_pandas()
        features = DeltaTable(str(lake / f"{role}_features")).to_pandas()
        files = sorted((tmp_path / "exports").glob(f"{role}s_*.csv"))
        found = pd.concat([pd.read_csv(file, sep=";", decimal=",", dtype={f"{role}_id": str}) for file in files])
        assert len(files) == segments["segment"].nunique()
        assert sorted(found[f"{role}_id"]) == sorted(segments[f"{role}_id"])
        assert found["total_gmv"].sum() == pytest.approx(float(features["total_gmv"].sum()))
        assert found["recommendation"].notna().all()


def test_a_lake_without_segments_is_one_sentence(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="buyer_segments: found no such table"):
        export(spark, _config(tmp_path / "lake", tmp_path, entities=("buyers",)), Progress(io.StringIO()))


@pytest.mark.parametrize(
    ("options", "said"),
    [({"separator": "x"}, "expected one of , ; | or tab"), ({"decimal": ","}, "which is the separator too")],
)
def test_a_mistake_is_one_sentence(options: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        _config(tmp_path, tmp_path, **options)


def test_a_tab_has_a_name(tmp_path: Path) -> None:
    assert _config(tmp_path, tmp_path, separator="tab").separator == "\t"


def test_those_who_moved_last_one_file_per_path(spark: SparkSession, tmp_path: Path) -> None:
    march, april, may = "2024-03-31", "2024-04-30", "2024-05-31"
    last = {"as_of_from": april, "as_of_to": may}
    moved = make_table(spark, schemas.BUYER_MOVERS, [
        {**last, "id": "b1", "segment_from": 1, "segment_to": 2, "cause": "recency", "feature": "recency_days",
         "from_value": 10, "to_value": 40.5, "boundary": 33, "gmv_from": 7, "gmv_to": 7},
        {**last, "id": "b2", "segment_from": 1, "segment_to": 2, "cause": "behaviour", "gmv_from": 8, "gmv_to": 9},
        {**last, "id": "b3", "segment_to": 1, "cause": "behaviour", "gmv_to": 5},
        {**last, "id": "b4", "segment_from": 2, "cause": "correction", "gmv_from": 5},
        {"as_of_from": march, "as_of_to": april, "id": "b1", "segment_from": 2, "segment_to": 1, "cause": "behaviour"},
    ])  # fmt: skip
    paths = [(1, 2, "recency"), (1, 2, "behaviour"), (None, 1, "behaviour"), (2, None, "correction")]
    names = {1: "=Best", 2: "Others", None: None}
    counted = make_table(spark, schemas.BUYER_MIGRATIONS, [
        {**last, "segment_from": start, "segment_to": end, "cause": cause, "name_from": names[start], "name_to": names[end]}
        for start, end, cause in paths
    ])  # fmt: skip
    (tmp_path / "buyers_from_3_to_1.csv").touch()
    (tmp_path / "buyers_from_1.csv").touch()

    rows = movers(moved, counted, BUYERS)
    written = write_movers([row.asDict() for row in rows.collect()], rows.columns, "buyers", tmp_path, Form(";", ","))

    assert [(one.path.name, one.rows) for one in written] == [
        ("buyers_from_new_to_1.csv", 1), ("buyers_from_1_to_2.csv", 2), ("buyers_from_2_to_gone.csv", 1),
    ]  # fmt: skip
    # Files of an earlier export make way, and nobody else's.
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        [*(one.path.name for one in written), "buyers_from_1.csv"]
    )
    head, first, second = _read(written[1].path, ";")
    assert head[:5] == ["segment_from", "segment_to", "buyer_id", "as_of_from", "as_of_to"]
    assert first[2:] == ["b2", april, may, "'=Best", "Others", "behaviour", "", "", "", "", "8,00", "9,00"]
    assert second[2:] == [
        "b1",
        april,
        may,
        "'=Best",
        "Others",
        "recency",
        "recency_days",
        "10,0",
        "40,5",
        "33,0",
        "7,00",
        "7,00",
    ]


def test_where_nobody_moved_lately_no_earlier_movers_are_told(spark: SparkSession, tmp_path: Path) -> None:
    march, april, may = "2024-03-31", "2024-04-30", "2024-05-31"
    before = {"as_of_from": march, "as_of_to": april, "segment_from": 2, "segment_to": 1, "cause": "behaviour"}
    moved = make_table(spark, schemas.BUYER_MOVERS, [{**before, "id": "b1"}])
    stayed = {"as_of_from": april, "as_of_to": may, "segment_from": 1, "segment_to": 1, "entities": 1}
    counted = make_table(spark, schemas.BUYER_MIGRATIONS, [{**before, "entities": 1}, stayed])
    (tmp_path / "buyers_from_2_to_1.csv").touch()

    rows = movers(moved, counted, BUYERS)
    written = write_movers([row.asDict() for row in rows.collect()], rows.columns, "buyers", tmp_path, Form())

    assert (written, [*tmp_path.iterdir()]) == ([], [])


def _moved(spark: SparkSession, folder: Path) -> Lake:
    """A lake that tells who moved, of buyers alone."""
    lake = Lake(spark, str(folder / "lake"))
    path = {
        "as_of_from": "2024-03-31",
        "as_of_to": "2024-04-30",
        "segment_from": 2,
        "segment_to": 1,
        "cause": "behaviour",
    }
    lake.overwrite(schemas.BUYER_MOVERS, make_table(spark, schemas.BUYER_MOVERS, [{**path, "id": "b1"}]))
    lake.overwrite(schemas.BUYER_MIGRATIONS, make_table(spark, schemas.BUYER_MIGRATIONS, [{**path, "entities": 1}]))
    return lake


def test_where_one_side_was_looked_back_on_its_movers_are_exported(spark: SparkSession, tmp_path: Path) -> None:
    _moved(spark, tmp_path)
    export(spark, _config(tmp_path / "lake", tmp_path, migrations=True), Progress(io.StringIO()))
    assert [file.name for file in (tmp_path / "exports" / "migrations").iterdir()] == ["buyers_from_2_to_1.csv"]
    with pytest.raises(InputError, match=r"seller_movers: found no such table, expected one; run jobs/track\.py first"):
        export(
            spark, _config(tmp_path / "lake", tmp_path, migrations=True, entities=("sellers",)), Progress(io.StringIO())
        )


def test_what_a_dead_first_look_back_left_is_not_exported(spark: SparkSession, tmp_path: Path) -> None:
    lake = _moved(spark, tmp_path)
    published = {
        "run_id": "r1",
        "as_of": "2024-04-30",
        "source": "padi",
        "config": "{}",
        "table_versions": {"orders": 0},
    }
    lake.overwrite(schemas.RUNS, make_table(spark, schemas.RUNS, [published]))
    names = [schemas.BUYER_MOVERS.name, schemas.BUYER_MIGRATIONS.name]
    lake.append_rows(schemas.UNDO_LOG, [("r2", name, None, None) for name in names])
    with pytest.raises(InputError, match="buyer_movers: found no such table"):
        export(spark, _config(tmp_path / "lake", tmp_path, migrations=True), Progress(io.StringIO()))
    assert not (tmp_path / "exports").exists()
    with pytest.raises(InputError, match="buyer_movers: found no such table"):
        published_tables(lake).read(schemas.BUYER_MOVERS)
