"""A look at a part of the input: what it says, and that it writes nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.errors import GateError, InputError
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.support.shop import HEADERS, PRODUCTS, REPOSITORY, USERS, line, order


def _export(folder: Path, **tables: list[str]) -> None:
    rows = {"df_order": [order("o1")], "df_order_complete": [line("o1")], "df_users": USERS, "df_products": PRODUCTS}
    (folder / "in").mkdir(exist_ok=True)
    for name, content in {**rows, **tables}.items():
        (folder / "in" / f"{name}.csv").write_text("\n".join([HEADERS[name], *content]) + "\n")


def _checked(spark: SparkSession, folder: Path, log: str = "text", **overrides: Any) -> str:
    said = io.StringIO()
    config = load_config(
        str(REPOSITORY / "conf" / "local.yml"),
        {
            "input": str(folder / "in"), "lake": str(folder / "lake"), "output": str(folder / "out"), "check": True,
            **overrides,
        },
    )  # fmt: skip
    spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    try:
        segment(spark, config, Progress(said, "json" if log == "json" else "text"))
    except GateError as error:
        said.write(f"error: {error}\n")
    assert sorted(path.name for path in folder.iterdir() if not path.name.endswith(".yml")) == ["in"]
    return said.getvalue()


def test_each_table_and_reason_is_said_with_an_example(spark: SparkSession, tmp_path: Path) -> None:
    orders = [
        order("o1", 10),
        order("o2", 20, status="Dibatalkan Penjual", day="2024-02-03"),
        order("o2", 20),
        order("o1", 10),
    ]
    orders += [order(f"ok{n}", 1, day="2024-01-02") for n in range(30)]
    _export(tmp_path, df_order=[*orders, order("o3", "x"), "o4,cut"])
    said = _checked(spark, tmp_path)
    # o2 came in two versions: cancelled outranks completed
    assert "orders: 36 rows looked at: 32 accepted, 2 duplicate, 2 refused (5.6%)" in said
    assert "1  bad_number: a number cannot be read\n             in df_order.csv: order_id: o3, " in said
    assert "1  malformed_line: the line has another number of fields than there are columns, or ends too early" in said
    assert "\n             in df_order.csv: o4,cut\n" in said
    assert "users: 3 rows looked at: 3 accepted, 0 duplicate, 0 refused" in said
    assert "from 2024-01-01 to 2024-02-03; GMV of sales 40.00, of all orders 60.00 IDR" in said
    assert said.splitlines()[-1] == (
        "error: orders: 2 of 36 rows (5.6%) would be quarantined, expected at most 5.0%; mend the export, or raise "
        "quality.max_quarantine_share in the config; most often bad_number, 1 row: a number cannot be read"
    )


def test_what_would_pass_says_so_and_columns_of_no_use_are_named(spark: SparkSession, tmp_path: Path) -> None:
    _export(tmp_path)
    users = ["user_id,city,district,province,flag_user,note", "b1,Solo,,Bali,Buyer,hello", "s1,Solo,NaN,Bali,Seller,x"]
    (tmp_path / "in" / "df_users.csv").write_text("\n".join(users) + "\n")
    said = _checked(spark, tmp_path)
    assert "df_users: 1 file, whole; the source does not use note; empty in all rows looked at: district" in said
    assert said.splitlines()[-1] == "would pass: no table has more than 5.0% of its rows refused (these are all rows)"


def test_what_only_lacks_a_partner_beyond_the_part_is_not_judged(spark: SparkSession, tmp_path: Path) -> None:
    orders = [order(f"o{n}") for n in range(5)]
    lines = [line("o0"), line("o4"), line("nosuch"), line("o1", "x")]
    _export(tmp_path, df_order=orders, df_order_complete=lines)
    said = _checked(spark, tmp_path, rows=3)
    assert "orders: 3 rows looked at: 3 accepted" in said
    assert "order_lines: 3 rows looked at: 1 accepted, 0 duplicate, 0 refused, 2 not judged" in said
    assert "2  not judged: line_without_order: no accepted order has this line among those looked at" in said
    assert "df_order: 1 file, in part" in said
    assert "would pass" in said
    whole = _checked(spark, tmp_path, rows=5)
    assert "order_lines: 4 rows looked at: 2 accepted, 0 duplicate, 2 refused (50.0%)" in whole


JOINED = """
name: joined
raw:
  sold: {glob: sold.csv, columns: {id: string, day: date}}
  paid: {glob: paid.csv, columns: {id: string, amount: decimal}}
tables:
  orders:
    counted_on: sold
    select: |
      SELECT s._row, s.id AS order_id, s.id AS buyer_id, s.day AS ordered_at, 'completed' AS status, p.amount AS gmv
      FROM sold s LEFT JOIN paid p ON p.id = s.id
"""


def test_of_tables_that_are_only_joined_more_is_read(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "joined.yml").write_text(JOINED)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sold.csv").write_text("id,day\no1,2024-01-01\no2,2024-01-02\no3,2024-01-03\n")
    paid = [f"p{n},1" for n in range(98)]
    (tmp_path / "in" / "paid.csv").write_text("\n".join(["id,amount", *paid, "o1,5", "o2,x", "o3,7"]) + "\n")
    # a hundred rows are looked at: o1 is among them, what o2 and o3 paid may come later
    said = _checked(spark, tmp_path, source=str(tmp_path / "joined.yml"), rows=1)
    assert "orders: 1 rows looked at: 1 accepted, 0 duplicate, 0 refused" in said
    assert "GMV of sales 5.00" in said
    (tmp_path / "in" / "paid.csv").write_text("\n".join(["id,amount", *(f"p{n},1" for n in range(150)), "o1,5"]) + "\n")
    # no order of the part found its payment: all payments are read before that is believed
    said = _checked(spark, tmp_path, source=str(tmp_path / "joined.yml"), rows=1)
    assert "paid: 151 rows looked at: 151 accepted" in said
    assert "GMV of sales 5.00" in said


def test_machines_get_the_same_as_values(spark: SparkSession, tmp_path: Path) -> None:
    _export(tmp_path, df_order=[order("o1"), order("o2", "x")])
    events = [json.loads(each) for each in _checked(spark, tmp_path, "json").splitlines() if each.startswith("{")]
    facts = [event["facts"] for event in events if "facts" in event]
    assert {
        "table": "orders", "rows": 2, "accepted": 1, "duplicate": 0, "refused": 1,
    } in facts  # fmt: skip
    (reason,) = [fact for fact in facts if "reason" in fact]
    assert (reason["table"], reason["reason"], reason["rows"], reason["file"]) == (
        "orders",
        "bad_number",
        1,
        "df_order.csv",
    )
    assert {"first_day": "2024-01-01", "last_day": "2024-01-01", "gmv_of_sales": 10, "gmv": 10, "whole": True} in facts


def test_a_mistake_is_a_sentence_as_in_a_run(spark: SparkSession, tmp_path: Path) -> None:
    _export(tmp_path, df_users=[])
    with pytest.raises(InputError, match="df_users: found no rows"):
        _checked(spark, tmp_path)
    with pytest.raises(InputError, match="rows: found 5 without check"):
        _checked(spark, tmp_path, check=None, rows=5)
    with pytest.raises(InputError, match="rows"):
        _checked(spark, tmp_path, rows=0)


def test_what_a_run_warns_of_is_told_beforehand(spark: SparkSession, tmp_path: Path) -> None:
    # 2 pieces at 10 are not 30, and a ninth of a line is not its tax.
    lines = ["o1,2,pcs,10,30,3.3,Food,0,0,Rice"]
    _export(tmp_path, df_order=[order("o1", 30)], df_order_complete=lines)
    (tmp_path / "in" / "2024").mkdir()
    for name in ("DF_order.csv", "2024/df_order_02.csv"):
        (tmp_path / "in" / name).write_text(HEADERS["df_order"] + "\n" + order("o2") + "\n")
    said = _checked(spark, tmp_path)
    assert "order_lines: 1 accepted rows where the subtotal is not quantity × unit price" in said
    assert (
        "df_order: 2 files are passed over, by the case of their names or since they stand in a subfolder: "
        "DF_order.csv, 2024/df_order_02.csv; rename or move what belongs to it"
    ) in said


LINES = """
name: lines
grain: line
raw:
  sold: {glob: sold.csv, columns: {id: string, who: string, day: date, amount: decimal}}
tables:
  orders:
    counted_on: sold
    select: |
      SELECT _row, id AS order_id, who AS buyer_id, day AS ordered_at, 'completed' AS status, amount AS gmv FROM sold
"""


def test_what_equal_rows_are_taken_for_is_told_beforehand(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "lines.yml").write_text(LINES)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sold.csv").write_text("id,who,day,amount\n" + "o1,b1,2024-01-01,5\n" * 2)
    said = _checked(spark, tmp_path, source=str(tmp_path / "lines.yml"))
    assert "orders: 1 row is equal in full to another of the same file" in said
    assert "(5.00 IDR in all): taken for rows of their own; identical_rows: duplicate in the source says" in said


def test_of_a_part_nothing_is_said_that_holds_of_the_whole_alone(spark: SparkSession, tmp_path: Path) -> None:
    orders = [order(f"o{n}", buyer="") for n in range(3)] + [order(f"p{n}") for n in range(97)]
    _export(tmp_path, df_order=orders, df_order_complete=[line("p0")])
    # The first rows name no buyer; only of the whole that may be said of the column.
    said = _checked(spark, tmp_path, rows=3)
    assert "orders: 3 rows looked at: 0 accepted, 0 duplicate, 3 refused (100.0%)" in said
    assert "would pass" in _checked(spark, tmp_path)
    _export(tmp_path, df_order=orders[:3], df_order_complete=[line("p0")])
    with pytest.raises(InputError, match="orders.buyer_id: found it empty or unreadable in every row"):
        _checked(spark, tmp_path, rows=3)


def test_archetypes_that_a_run_would_refuse_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "lines.yml").write_text(LINES + "archetypes: {buyers: nosuch.yml}\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sold.csv").write_text("id,who,day,amount\no1,b1,2024-01-01,5\n")
    with pytest.raises(InputError, match="nosuch.yml: found no such file"):
        _checked(spark, tmp_path, source=str(tmp_path / "lines.yml"))


def test_a_run_that_refuses_too_much_says_the_same_before_its_error(spark: SparkSession, tmp_path: Path) -> None:
    _export(tmp_path, df_order=[order("o1"), order("o2", "x"), order("o3", "y")])
    said = io.StringIO()
    places = {"input": str(tmp_path / "in"), "lake": str(tmp_path / "lake"), "output": str(tmp_path / "out")}
    config = load_config(str(REPOSITORY / "conf" / "local.yml"), places)
    with pytest.raises(GateError, match="most often bad_number, 2 rows: a number cannot be read; df_order.csv: 67%"):
        segment(spark, config, Progress(said))
    assert "orders: 3 rows looked at: 1 accepted, 0 duplicate, 2 refused (66.7%)" in said.getvalue()
    assert "2  bad_number: a number cannot be read\n             in df_order.csv: order_id: o2, " in said.getvalue()
    assert not (tmp_path / "lake" / "orders").exists()


def test_of_days_that_cannot_be_the_key_to_mend_is_named(spark: SparkSession, tmp_path: Path) -> None:
    _export(tmp_path, df_order=[order("o1"), order("o2", day="1999-12-31")])
    assert "mend the export, or first_year or last_year in the source file" in _checked(spark, tmp_path)
