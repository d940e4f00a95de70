"""A batch as a whole: no raw row is lost between its files and the tables."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from segmentation.errors import GateError, InputError
from segmentation.ingest.batch import Batch, LabelledTable, labelled_batch
from segmentation.ingest.quality_rules import Standards
from segmentation.progress import Progress
from segmentation.raw import ListedFile, as_records, find_inputs, read_raw
from segmentation.source import Source
from segmentation.stages.ingest_log import tell_empty

COLUMNS = {"id": "string", "who": "string", "day": "date", "worth": "decimal"}
SELECT = (
    "SELECT _row, id AS order_id, who AS buyer_id, day AS ordered_at, 'completed' AS status, worth AS gmv FROM sold"
)
ROWS = [("o1", 5), ("o2", 0), ("o3", 7)]


def _rows_read(
    spark: SparkSession, folder: Path, select: str, table: dict[str, Any], taken: ListedFile | None = None
) -> int:
    """How many rows of the table were judged."""
    source = Source.model_validate(
        {
            "name": "shop",
            "raw": {"sold": {"columns": COLUMNS, **table}},
            "tables": {"orders": {"counted_on": "sold", "select": select}},
        }
    )
    inputs = find_inputs(spark, source, str(folder), {"sold": [taken]} if taken else {})
    batch = Batch("1", inputs)
    return labelled_batch(spark, source, batch, Standards(2000, 2050), Progress(io.StringIO()))[
        "orders"
    ].entry.read.rows


def _write(spark: SparkSession, folder: Path, name: str) -> dict[str, Any]:
    """The rows in a form, and how they are declared."""
    text = "\n".join(["id,who,day,worth", *[f"{key},b1,2024-01-01,{worth}" for key, worth in ROWS], ""])
    if name == "plain":
        (folder / "sold.csv").write_text(text)
        return {"glob": "sold.csv"}
    if name == "quoted over lines":
        (folder / "sold.csv").write_text(text.replace("b1", '"b\n1"'))
        return {"glob": "sold.csv", "options": {"multiLine": True}}
    if name == "of another encoding":
        (folder / "sold.csv").write_text(text, encoding="latin-1")
        return {"glob": "sold.csv", "options": {"encoding": "ISO-8859-1"}}
    columns = {
        "id": [key for key, _ in ROWS],
        "who": ["b1"] * 3,
        "day": ["2024-01-01"] * 3,
        "worth": [w for _, w in ROWS],
    }
    if name == "files of Parquet":
        pq.write_table(pa.table(columns), folder / "sold.parquet")
        return {"format": "parquet", "glob": "sold.parquet"}
    (folder / "sold").mkdir()
    if name == "a folder of Parquet":
        pq.write_table(pa.table(columns), folder / "sold" / "1.parquet")
        return {"format": "parquet", "path": "sold"}
    rows = spark.createDataFrame([(key, "b1", "2024-01-01", worth) for key, worth in ROWS], list(COLUMNS))
    rows.write.format("delta").mode("append").save(str(folder / "sold"))
    return {"format": "delta", "path": "sold"}


@pytest.mark.parametrize(
    "name",
    ["quoted over lines", "of another encoding", "files of Parquet", "a folder of Parquet", "a Delta table"],
)
def test_a_select_that_loses_rows_is_refused_whatever_the_files_are(
    spark: SparkSession, tmp_path: Path, name: str
) -> None:
    table = _write(spark, tmp_path, name)
    assert _rows_read(spark, tmp_path, SELECT, table) == 3
    with pytest.raises(GateError, match="3 rows came in and 2 were judged"):
        _rows_read(spark, tmp_path, f"{SELECT} WHERE worth > 0", table)


def test_a_file_without_rows_is_nothing_new_but_in_a_lakes_first_batch(spark: SparkSession, tmp_path: Path) -> None:
    source = Source.model_validate(
        {
            "name": "shop",
            "raw": {"sold": {"columns": COLUMNS, "glob": "sold.csv"}},
            "tables": {"orders": {"counted_on": "sold", "select": SELECT}},
        }
    )
    _write(spark, tmp_path, "plain")
    before = as_records(read_raw(spark, find_inputs(spark, source, str(tmp_path))["sold"], "1"))
    before = before.localCheckpoint()
    (tmp_path / "sold.csv").write_text("id,who,day,worth\n")
    inputs = find_inputs(spark, source, str(tmp_path))

    def judged(batch: Batch) -> LabelledTable:
        return labelled_batch(spark, source, batch, Standards(2000, 2050), Progress(io.StringIO()))["orders"]

    later = judged(Batch("2", inputs, {"sold": before}))
    assert (later.entry.read.rows, later.accepted.count()) == (0, 3)
    said = io.StringIO()
    tell_empty(Progress(said), source, {"orders": later}, inputs)
    assert said.getvalue() == "  orders: nothing new, sold.csv has a header and no rows\n"
    with pytest.raises(InputError, match="sold: found no rows, expected at least one"):
        judged(Batch("1", inputs))


def test_of_a_delta_table_only_the_rows_that_are_new_must_be_there(spark: SparkSession, tmp_path: Path) -> None:
    table = _write(spark, tmp_path, "a Delta table")
    source = Source.model_validate(
        {
            "name": "shop",
            "raw": {"sold": {"columns": COLUMNS, **table}},
            "tables": {"orders": {"counted_on": "sold", "select": SELECT}},
        }
    )
    taken = find_inputs(spark, source, str(tmp_path))["sold"].files[0].seen
    rows = [("o4", "b1", "2024-01-01", 0), ("o5", "b1", "2024-01-01", 1)]
    spark.createDataFrame(rows, list(COLUMNS)).write.format("delta").mode("append").save(str(tmp_path / "sold"))
    assert _rows_read(spark, tmp_path, SELECT, table, taken) == 2
    with pytest.raises(GateError, match="2 rows came in and 1 were judged"):
        _rows_read(spark, tmp_path, f"{SELECT} WHERE worth > 0", table, taken)


def test_a_select_that_loses_some_rows_and_multiplies_others_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    # Of four orders two have items, of two sellers each, so that as many rows are judged as came in.
    (tmp_path / "sold.csv").write_text("id,who,day\n" + "".join(f"o{n},b1,2024-01-0{n}\n" for n in range(1, 5)))
    (tmp_path / "items.csv").write_text("id,shop,worth\n" + "".join(f"o{n},s{s},5\n" for n in (1, 3) for s in (1, 2)))
    select = (
        "SELECT s._row, s.id AS order_id, i.shop AS seller_id, s.who AS buyer_id, s.day AS ordered_at, "
        "'completed' AS status, i.worth AS gmv FROM sold s JOIN items i ON i.id = s.id"
    )

    def judged(select: str) -> int:
        source = Source.model_validate(
            {
                "name": "shop",
                "raw": {
                    "sold": {"glob": "sold.csv", "columns": {"id": "string", "who": "string", "day": "date"}},
                    "items": {"glob": "items.csv", "columns": {"id": "string", "shop": "string", "worth": "decimal"}},
                },
                "tables": {"orders": {"counted_on": "sold", "select": select}},
            }
        )
        batch = Batch("1", find_inputs(spark, source, str(tmp_path)))
        found = labelled_batch(spark, source, batch, Standards(2000, 2050), Progress(io.StringIO()))
        return found["orders"].entry.read.rows

    with pytest.raises(
        GateError, match=r"orders: 2 rows of sold came in and became none .* such as id: o[24], who: b1"
    ):
        judged(select)
    assert judged(select.replace("JOIN", "LEFT JOIN")) == 6
