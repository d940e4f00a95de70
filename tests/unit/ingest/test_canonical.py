"""From raw rows to labelled canonical rows, through a source as a user would write it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from segmentation.errors import InputError
from segmentation.ingest.batch import Batch, labelled_batch
from segmentation.ingest.canonical import label_table
from segmentation.ingest.ledger import RowCount, Tally
from segmentation.ingest.parse import parse
from segmentation.ingest.quality_rules import Standards
from segmentation.progress import Progress
from segmentation.raw import find_inputs, read_raw
from segmentation.source import Source

SOURCE: dict[str, Any] = {
    "name": "shop",
    "raw": {
        "sold": {
            "glob": "sold.csv",
            "columns": {"no": "string", "shop": "string", "who": "string", "at": "timestamp", "state": "string",
                        "worth": "decimal"},
        },
        "items": {
            "glob": "items.csv",
            "columns": {"no": "string", "what": "string", "pieces": "decimal(18,3)", "each": "decimal",
                        "sum": "decimal"},
        },
    },
    "statuses": {"completed": ["Done"], "unpaid": ["Open"]},
    "tables": {
        "orders": {
            "counted_on": "sold",
            "select": "SELECT _row, no AS order_id, shop AS seller_id, who AS buyer_id, at AS ordered_at, "
                      "state AS status, worth AS gmv FROM sold",
            "version_rank": "CASE status WHEN 'unpaid' THEN 1 ELSE 2 END",
        },
        "order_lines": {
            "counted_on": "items",
            "select": "SELECT _row, no AS order_id, what AS product_name, pieces AS quantity, each AS unit_price, "
                      "sum AS subtotal FROM items",
        },
    },
}  # fmt: skip
STANDARDS = Standards(2000, 2050)


def _label(
    spark: SparkSession, folder: Path, table: str, source: dict[str, Any] = SOURCE,
    standards: Standards = STANDARDS,
) -> list[Any]:  # fmt: skip
    model = Source.model_validate(source)
    inputs = find_inputs(spark, model, str(folder))
    judged = {name: parse(read_raw(spark, raw), raw.table) for name, raw in inputs.items()}
    orders = label_table(spark, "orders", model, judged, {}, standards)
    if table == "orders":
        return orders.collect()
    accepted = {"orders": orders.where("_label = 'accepted'")}
    return label_table(spark, table, model, judged, accepted, standards).collect()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10"], items=["o1,rice,2,5,10"])
    return tmp_path


def _write(folder: Path, sold: list[str], items: list[str] | None = None) -> None:
    (folder / "sold.csv").write_text("\n".join(["no,shop,who,at,state,worth", *sold]) + "\n")
    (folder / "items.csv").write_text("\n".join(["no,what,pieces,each,sum", *(items or ["o1,rice,2,5,10"])]) + "\n")


@pytest.mark.parametrize(
    ("line", "reasons"),
    [
        ("o1,s1,b1,2024-01-01 10:00:00,Done,10", []),
        ("o1,s1,b1,2024-01-01 10:00:00, dONE ,10", []),
        (",s1,b1,2024-01-01 10:00:00,Done,10", ["missing_key"]),
        ("o1,s1,NaN,2024-01-01 10:00:00,Done,10", ["missing_key"]),
        ("o1,s1,b1,,Done,10", ["missing_value"]),
        ("o1,s1,b1,1999-12-31 23:59:59,Done,10", ["date_out_of_range"]),
        ("o1,s1,b1,2024-01-01 10:00:00,Maybe,10", ["unknown_status"]),
        ("o1,s1,b1,2024-01-01 10:00:00,,10", ["unknown_status"]),
        ("o1,s1,b1,2024-01-01 10:00:00,Done,-1", ["negative_value"]),
        ("o1,s1,,2024-01-01 10:00:00,Maybe,-1", ["missing_key", "unknown_status", "negative_value"]),
        ("o1,s1", ["malformed_line"]),
    ],
)
def test_orders_are_refused_with_all_their_reasons(
    spark: SparkSession, folder: Path, line: str, reasons: list[str]
) -> None:
    _write(folder, sold=[line])
    (row,) = _label(spark, folder, "orders")
    assert row["_reasons"] == reasons
    assert row["_label"] == ("quarantined" if reasons else "accepted")
    assert (row["_record"] is None) == (not reasons)


def test_texts_that_name_nobody_are_no_ids_and_no_categories(spark: SparkSession, folder: Path) -> None:
    said = ["NULL", "null", "None", "N/A", "-", "NaN", "nobody"]
    _write(folder, sold=[f"o{at},s1,{who},2024-01-01 10:00:00,Done,10" for at, who in enumerate(said)])
    orders = SOURCE["tables"]["orders"]
    tables = {"orders": {**orders, "select": orders["select"].replace("who AS", "who AS payment_type, who AS")}}
    rows = sorted(_label(spark, folder, "orders", {**SOURCE, "tables": tables}), key=lambda row: row["order_id"])
    assert [row["_reasons"] for row in rows] == [["missing_key"]] * 6 + [[]]
    assert [row["payment_type"] for row in rows] == [None, None, "None", None, None, None, "nobody"]


def test_the_highest_version_is_kept_and_the_outranked_is_a_duplicate(spark: SparkSession, folder: Path) -> None:
    done, open_ = "o1,s1,b1,2024-01-01 10:00:00,Done,10", "o1,s1,b1,2024-01-01 10:00:00,Open,99"
    for order in ([done, open_], [open_, done]):
        _write(folder, sold=order)
        labels = {row["status"]: row["_label"] for row in _label(spark, folder, "orders")}
        assert labels == {"completed": "accepted", "unpaid": "duplicate"}


def test_tied_versions_keep_the_highest_by_content_and_refuse_the_others(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10", "o1,s1,b1,2024-01-01 10:00:00,Done,11",
                         "o1,s2,b1,2024-01-01 10:00:00,Done,12"])  # fmt: skip
    rows = {str(row["gmv"]): row for row in _label(spark, folder, "orders")}
    assert {gmv: row["_label"] for gmv, row in rows.items()} == {
        "10.00": "quarantined", "11.00": "accepted", "12.00": "accepted",
    }  # fmt: skip
    assert rows["10.00"]["_reasons"] == ["conflicting_versions"]
    assert '"worth":"10"' in rows["10.00"]["_record"]


def test_a_refused_version_does_not_outrank_a_sound_one(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,-5", "o1,s1,b1,2024-01-01 10:00:00,Open,9"])
    labels = {str(row["gmv"]): row["_label"] for row in _label(spark, folder, "orders")}
    assert labels == {"-5.00": "quarantined", "9.00": "accepted"}


def test_exact_copies_of_a_refused_row_are_duplicates(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Maybe,1"] * 3)
    labels = sorted(row["_label"] for row in _label(spark, folder, "orders"))
    assert labels == ["duplicate", "duplicate", "quarantined"]


@pytest.mark.parametrize("said", [None, "real"])
def test_lines_that_are_equal_in_full_are_told_with_their_money(
    spark: SparkSession, folder: Path, said: str | None
) -> None:
    _write(
        folder,
        sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10"],
        items=["o1,rice,1,4,4", "o1,rice,1,4,4", "o1,rice,1,4,4", "o1,oil,1,6,6", "o9,tea,1,-1,-1", "o9,tea,1,-1,-1"],
    )
    model = Source.model_validate({**SOURCE, "identical_rows": said})
    inputs = find_inputs(spark, model, str(folder))
    judged = {
        name: parse(read_raw(spark, raw, "b", name in model.real_copies), raw.table) for name, raw in inputs.items()
    }
    orders = label_table(spark, "orders", model, judged, {}, STANDARDS).where("_label = 'accepted'")
    rows = label_table(spark, "order_lines", model, judged, {"orders": orders}, STANDARDS).collect()
    # Two of the three cups are equal to one before them; the refused lines are nobody's money.
    assert [str(row["_identical"]) for row in rows if row["_identical"] is not None] == ["4.00", "4.00"]
    labels = sorted(row["_label"] for row in rows if row["product_name"] == "rice")
    assert labels == (["accepted"] * 3 if said else ["accepted", "duplicate", "duplicate"])


@pytest.mark.parametrize("scheme", ["file:///", "file:/"])  # as Spark lists files, and as it names a row's file
def test_of_files_of_users_the_last_is_right_also_where_it_says_what_the_first_said(
    spark: SparkSession, tmp_path: Path, scheme: str
) -> None:
    for number, home in enumerate(("Bali", "Jambi", "Bali"), 1):
        (tmp_path / f"users_{number}.csv").write_text(f"id,home\nb1,{home}\n")
    model = Source.model_validate(
        {
            "name": "people", "attributes": {"home": "string"},
            "raw": {"people": {"glob": "users_*.csv", "columns": {"id": "string", "home": "string"}}},
            "tables": {"users": {"counted_on": "people", "select": "SELECT _row, id AS user_id, home FROM people"}},
        }
    )  # fmt: skip
    raw = find_inputs(spark, model, str(tmp_path))["people"]
    files = tuple(replace(file, path=file.path.replace("file:///", scheme)) for file in raw.files)
    rows = label_table(
        spark, "users", model, {"people": parse(read_raw(spark, replace(raw, files=files)), raw.table)}, {}, STANDARDS
    )
    found = {row["_file"].rsplit("/", 1)[-1]: (row["home"], row["_label"]) for row in rows.collect()}
    assert found == {
        "users_1.csv": ("Bali", "duplicate"), "users_2.csv": ("Jambi", "duplicate"), "users_3.csv": ("Bali", "accepted"),
    }  # fmt: skip


def test_ages_that_nobody_has_are_told_unless_they_mean_unknown(spark: SparkSession, tmp_path: Path) -> None:
    ages = {"b1": -5, "b2": 0, "b3": 120, "b4": 121, "b5": 1987, "b6": 999, "b7": ""}
    (tmp_path / "users.csv").write_text("\n".join(["id,age", *[f"{who},{age}" for who, age in ages.items()], ""]))
    model = Source.model_validate(
        {
            "name": "people",
            "sentinels": {"age": 999},
            "raw": {"people": {"glob": "users.csv", "columns": {"id": "string", "age": "integer"}}},
            "tables": {"users": {"counted_on": "people", "select": "SELECT _row, id AS user_id, age FROM people"}},
        }
    )
    raw = find_inputs(spark, model, str(tmp_path))["people"]
    rows = label_table(spark, "users", model, {"people": parse(read_raw(spark, raw), raw.table)}, {}, STANDARDS)
    told = {row["user_id"]: row["_warnings"] for row in rows.where("_label = 'accepted'").collect()}
    assert {who for who, warnings in told.items() if warnings == ["absurd_age"]} == {"b1", "b4", "b5"}
    assert len(told) == len(ages)


def test_lines_take_their_orders_seller_and_a_number_by_content(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10"], items=["o1,rice,1,4,4", "o1,oil,1,6,6"])
    rows = sorted(_label(spark, folder, "order_lines"), key=lambda row: row["line_no"])
    assert [(row["seller_id"], row["line_no"], row["product_name"]) for row in rows] == [
        ("s1", 1, "oil"), ("s1", 2, "rice"),
    ]  # fmt: skip


def test_a_line_without_an_accepted_order_is_refused(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10", "o2,s1,b1,2024-01-01 10:00:00,Maybe,10"],
           items=["o1,rice,1,4,4", "o2,rice,1,4,4", "o3,rice,1,4,4", ",rice,1,4,4"])  # fmt: skip
    reasons = sorted((row["order_id"] or "", row["_reasons"]) for row in _label(spark, folder, "order_lines"))
    assert reasons == [
        ("", ["missing_key"]), ("o1", []), ("o2", ["line_without_order"]), ("o3", ["line_without_order"]),
    ]  # fmt: skip


def test_line_arithmetic_only_warns(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10"], items=["o1,rice,2,5,11", "o1,oil,2,5,12"])
    rows = {row["product_name"]: row for row in _label(spark, folder, "order_lines")}
    assert (rows["rice"]["_label"], rows["rice"]["_warnings"]) == ("accepted", [])  # off by one unit of currency
    assert (rows["oil"]["_label"], rows["oil"]["_warnings"]) == ("accepted", ["line_arithmetic"])


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELECT _row, nosuch AS order_id FROM sold", "nosuch"),
        ("SELEC _row FROM sold", "SELEC"),
        ("SELECT no AS order_id FROM sold", "_row"),
    ],
)
def test_a_wrong_select_is_one_sentence(spark: SparkSession, folder: Path, select: str, said: str) -> None:
    tables = {**SOURCE["tables"], "orders": {**SOURCE["tables"]["orders"], "select": select}}
    with pytest.raises(InputError, match=said) as error:
        _label(spark, folder, "orders", {**SOURCE, "tables": tables})
    assert "tables.orders" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ("worth AS gmv", "worth AS gvm", "found the column 'gvm', expected gmv"),
        ("worth AS gmv", "worth AS shipping_fee", "expected 'gmv' among them"),
        ("state AS status, ", "", "expected 'status' among them"),
    ],
)
def test_a_select_that_yields_something_else_is_refused(
    spark: SparkSession, folder: Path, was: str, is_now: str, said: str
) -> None:
    orders = SOURCE["tables"]["orders"]
    source = {**SOURCE, "tables": {"orders": {**orders, "select": orders["select"].replace(was, is_now)}}}
    with pytest.raises(InputError, match=said):
        _label(spark, folder, "orders", source)


def test_what_a_select_yields_and_the_column_cannot_hold_is_refused(spark: SparkSession, folder: Path) -> None:
    orders = SOURCE["tables"]["orders"]
    select = orders["select"].replace("worth AS gmv", "worth AS gmv, 'ten' AS voucher_value")
    (row,) = _label(spark, folder, "orders", {**SOURCE, "tables": {"orders": {**orders, "select": select}}})
    assert (row["_label"], row["_reasons"], row["voucher_value"]) == ("quarantined", ["bad_value"], None)


@pytest.mark.parametrize(
    ("standards", "refused"),
    [
        (Standards(day=date(2024, 2, 28)), ["1970-01-01", "2024-03-01", "2049-01-01"]),
        (Standards(), ["1970-01-01"]),
        (Standards(1998, 2024), ["1970-01-01", "1971-01-01", "1997-01-01", "2049-01-01"]),
        (Standards(last_year=2050, day=date(2024, 2, 28)), ["1970-01-01"]),
    ],
)
def test_only_days_that_cannot_be_of_a_sale_are_refused_unless_years_are_named(
    spark: SparkSession, tmp_path: Path, standards: Standards, refused: list[str]
) -> None:
    days = ["1970-01-01", "1971-01-01", "1997-01-01", "2024-02-28", "2024-02-29", "2024-03-01", "2049-01-01"]
    _write(tmp_path, sold=[f"{day},s1,b1,{day} 23:59:59,Done,10" for day in days])
    rows = _label(spark, tmp_path, "orders", standards=standards)
    assert sorted(row.order_id for row in rows if row["_reasons"] == ["date_out_of_range"]) == refused


@pytest.mark.parametrize(
    "standards", [Standards(), Standards(2000, 30000), Standards(switched={"date_out_of_range": "off"})]
)
def test_a_year_that_python_has_no_days_of_is_refused_whatever_is_said_of_years(
    spark: SparkSession, tmp_path: Path, standards: Standards
) -> None:
    sold = {**SOURCE["raw"]["sold"]["columns"], "at": {"type": "timestamp", "format": "d/M/y"}}
    source = {**SOURCE, "raw": {**SOURCE["raw"], "sold": {"glob": "sold.csv", "columns": sold}}}
    _write(tmp_path, sold=["o1,s1,b1,3/1/20224,Done,10", "o2,s1,b1,31/12/9999,Done,10", "o3,s1,b1,3/1/2024,Done,10"])
    model = Source.model_validate(source)
    raws = find_inputs(spark, model, str(tmp_path))
    judged = {name: parse(read_raw(spark, raw), raw.table) for name, raw in raws.items()}
    rows = label_table(spark, "orders", model, judged, {}, standards).select("order_id", "_reasons").collect()
    found = {row["order_id"]: row["_reasons"] for row in rows}
    assert found == {"o1": ["date_out_of_range"], "o2": ["date_out_of_range"], "o3": []}


def test_a_role_is_known_whatever_its_case(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,kind,score\nu1,Buyer,1\nu2,SELLER ,2\nu3,owner,3\nu4,buyer,nan\n")
    model = Source.model_validate(
        {
            "name": "people", "attributes": {"points": "double"},
            "raw": {"people": {"glob": "*.csv", "columns": {"id": "string", "kind": "string", "score": "string"}}},
            "tables": {"users": {
                "counted_on": "people",
                "select": "SELECT _row, id AS user_id, kind AS role, CAST(score AS DOUBLE) AS points FROM people",
            }},
        }
    )  # fmt: skip
    raw = find_inputs(spark, model, str(tmp_path))["people"]
    rows = label_table(spark, "users", model, {"people": parse(read_raw(spark, raw), raw.table)}, {}, STANDARDS)
    assert {row["user_id"]: (row["role"], row["points"], row["_reasons"]) for row in rows.collect()} == {
        "u1": ("buyer", 1.0, []), "u2": ("seller", 2.0, []), "u3": ("owner", 3.0, ["unknown_role"]),
        "u4": ("buyer", None, ["bad_value"]),
    }  # fmt: skip


LINES = SOURCE["tables"]["order_lines"]


def _with_lines(*selects: str, **more: Any) -> dict[str, Any]:
    """The source with other SELECTs of lines, each of its own rows of items."""
    lines = [{**LINES, "select": select} for select in selects]
    return {**SOURCE, "tables": {**SOURCE["tables"], "order_lines": lines}, **more}


def test_of_several_selects_of_lines_each_is_taken_by_what_it_yields_itself(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s2,b1,2024-01-01 10:00:00,Done,10", "o1,s1,b1,2024-01-01 10:00:00,Done,10"],
           items=["o1,rice,1,4,4"])  # fmt: skip
    own = "SELECT _row, no AS order_id, 's2' AS seller_id, what AS product_name, sum AS subtotal FROM items"
    none = "SELECT _row, no AS order_id, concat(what, '!') AS product_name, sum AS subtotal FROM items"
    for selects in ((own, none), (none, own)):
        rows = _label(spark, folder, "order_lines", _with_lines(*selects))
        found = {row["product_name"]: (row["seller_id"], row["line_no"], row["_label"]) for row in rows}
        assert found == {"rice": ("s2", 1, "accepted"), "rice!": ("s1", 1, "accepted")}


def test_selects_of_which_some_number_their_lines_are_refused(spark: SparkSession, folder: Path) -> None:
    numbered = "SELECT _row, no AS order_id, 1 AS line_no, sum AS subtotal FROM items"
    for selects in ((numbered, LINES["select"]), (LINES["select"], numbered)):
        with pytest.raises(InputError, match=r"found no line_no, which tables\.order_lines\[\d\]\.select yields"):
            _label(spark, folder, "order_lines", _with_lines(*selects))


def test_a_line_that_names_no_seller_takes_its_orders_first_one_also_where_others_name_theirs(
    spark: SparkSession, folder: Path
) -> None:
    _write(folder, sold=["o1,s2,b1,2024-01-01 10:00:00,Done,10", "o1,s1,b1,2024-01-01 10:00:00,Done,20"],
           items=["o1,rice,1,4,4", "o1,oil,1,6,6", "o1,tea,1,7,7"])  # fmt: skip
    seller = "CASE what WHEN 'rice' THEN 's2' WHEN 'tea' THEN 's9' END"
    select = LINES["select"].replace("no AS order_id", f"no AS order_id, {seller} AS seller_id")
    rows = _label(spark, folder, "order_lines", _with_lines(select))
    assert {row["product_name"]: (row["seller_id"], row["_reasons"]) for row in rows} == {
        "rice": ("s2", []), "oil": ("s1", []), "tea": ("s9", ["line_without_order"]),
    }  # fmt: skip


def test_sellers_of_lines_that_orders_do_not_have_are_refused_with_the_cause(spark: SparkSession, folder: Path) -> None:
    source = _with_lines(LINES["select"].replace("no AS order_id", "no AS order_id, 's1' AS seller_id"))
    orders = source["tables"]["orders"]
    source["tables"]["orders"] = {**orders, "select": orders["select"].replace("shop AS seller_id, ", "")}
    with pytest.raises(InputError, match=r"found seller_id, which tables\.orders\.select does not yield"):
        _label(spark, folder, "order_lines", source)


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ("_row, no AS", "*, 'Done' AS state, no AS", r"found the column 'state' twice, .* EXCEPT \(state\)"),
        ("worth AS gmv", "array(worth) AS gmv", r"tables\.orders\[0\]\.select: .*expected .*gmv decimal\(18,2\)"),
    ],
)
def test_a_select_that_spark_cannot_use_is_named_as_such(
    spark: SparkSession, folder: Path, was: str, is_now: str, said: str
) -> None:
    orders = SOURCE["tables"]["orders"]
    select = {"counted_on": "sold", "select": orders["select"].replace(was, is_now)}
    with pytest.raises(InputError, match=said) as error:
        _label(spark, folder, "orders", {**SOURCE, "tables": {"orders": select}})
    assert "version_rank" not in str(error.value)


RATED = {
    **SOURCE,
    "raw": {**SOURCE["raw"], "rates": {"glob": "rates.csv", "columns": {"shop": "string", "rate": "decimal", "by": "string"}}},
    "tables": {
        "orders": {
            "counted_on": "sold",
            "select": "SELECT s._row, s.no AS order_id, s.shop AS seller_id, s.who AS buyer_id, s.at AS ordered_at, "
                      "s.state AS status, s.worth * r.rate AS gmv, r.by AS payment_type "
                      "FROM sold s LEFT JOIN rates r ON r.shop = s.shop",
        },
    },
}  # fmt: skip


def _judged(spark: SparkSession, folder: Path, rates: list[str]) -> Tally:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10", "o2,s2,b1,2024-01-01 10:00:00,Done,10",
                         "o2,s2,b1,2024-01-01 10:00:00,Done,10"])  # fmt: skip
    (folder / "rates.csv").write_text("\n".join(["shop,rate,by", *rates]) + "\n")
    source = Source.model_validate(RATED)
    inputs = find_inputs(spark, source, str(folder))
    found = labelled_batch(spark, source, Batch("b", inputs), STANDARDS, Progress(io.StringIO()))
    return found["orders"].tally


def test_a_row_that_finds_two_partners_of_other_amounts_stops_the_run(spark: SparkSession, folder: Path) -> None:
    with pytest.raises(InputError, match=r"a raw row of order 'o1' finds several rows of rates .* \(2 rows\)") as error:
        _judged(spark, folder, ["s1,1,a", "s1,3,a", "s2,2,a"])
    assert error.value.exit_status == 2


def test_a_row_that_finds_two_partners_of_one_amount_is_told(spark: SparkSession, folder: Path) -> None:
    found = _judged(spark, folder, ["s1,1,a", "s1,1,b", "s2,2,a"])
    assert found.warned == {"several_partners": 1}
    assert found.counts["new", "accepted"] == RowCount(2, Decimal("30.00"))


def test_a_value_at_which_a_select_stops_is_one_sentence(spark: SparkSession, folder: Path) -> None:
    _write(folder, sold=["o1,s1,b1,2024-01-01 10:00:00,Done,10", "o2,s1,ten,2024-01-01 10:00:00,Done,10"])
    orders = SOURCE["tables"]["orders"]
    select = orders["select"].replace("worth AS gmv", "CAST(who AS DECIMAL(18,2)) AS gmv")
    source = Source.model_validate({**SOURCE, "tables": {"orders": {**orders, "select": select}}})
    inputs = find_inputs(spark, source, str(folder))
    with pytest.raises(InputError, match=r"^source: tables\.orders\.select: .*'b1'.* try_cast for CAST") as error:
        labelled_batch(spark, source, Batch("b", inputs), STANDARDS, Progress(io.StringIO()))
    assert "\n" not in str(error.value) and error.value.exit_status == 2


def test_copies_of_a_row_that_joins_one_partner_are_copies(spark: SparkSession, folder: Path) -> None:
    found = _judged(spark, folder, ["s1,1,a", "s2,2,a", "s2,2,a"])
    assert found.warned == {}
    assert found.counts["new", "duplicate"] == RowCount(1, Decimal("20.00"))


LISTED = (
    "SELECT _row, no AS order_id, split(each_item, '=')[0] AS product_name, "
    "try_cast(split(each_item, '=')[1] AS DECIMAL(18,2)) AS subtotal FROM "
)


def _lines_of_lists(spark: SparkSession, folder: Path, select: str, lists: list[str], copies: int = 1) -> list[Any]:
    """Lines of orders o0, o1, … (of 30 each) whose items stand in one column, from as many equal files."""
    for number in range(copies):
        sold = [f"o{at},s1,b{at},2024-01-01 10:00:00,Done,30,{items}" for at, items in enumerate(lists)]
        (folder / f"sold_{number}.csv").write_text("\n".join(["no,shop,who,at,state,worth,items", *sold, ""]))
    raw = SOURCE["raw"]["sold"]
    sold_of = {"glob": "sold_*.csv", "columns": {**raw["columns"], "items": "string"}}
    tables = {"orders": SOURCE["tables"]["orders"], "order_lines": {"counted_on": "sold", "select": select}}
    source = Source.model_validate({**SOURCE, "raw": {"sold": sold_of}, "tables": tables})
    inputs = find_inputs(spark, source, str(folder))
    found = labelled_batch(spark, source, Batch("b", inputs), STANDARDS, Progress(io.StringIO()))
    return found["order_lines"].rows.select("order_id", "line_no", "subtotal", "_label").collect()


@pytest.mark.parametrize(
    ("made", "items"),
    [
        ("(SELECT *, explode_outer(split(items, ';')) AS each_item FROM sold)", "A=10;B=20"),
        ("(SELECT *, explode(split(items, ';')) AS each_item FROM sold)", "A=15;B=15"),
        ("(SELECT *, inline(transform(split(items, ';'), x -> struct(x AS each_item))) FROM sold)", "A=15;A=15"),
        ("sold LATERAL VIEW posexplode(split(items, ';')) AS at, each_item", "A=10;B=20"),
    ],
)
def test_what_one_row_lists_are_no_copies_of_each_other(
    spark: SparkSession, tmp_path: Path, made: str, items: str
) -> None:
    with pytest.raises(InputError, match=r"a raw row of order 'o0' becomes several rows .*number the lines"):
        _lines_of_lists(spark, tmp_path, LISTED + made, [items])


def test_what_one_row_lists_and_numbers_are_lines_and_a_row_that_comes_twice_is_none_more(
    spark: SparkSession, tmp_path: Path
) -> None:
    numbered = LISTED.replace("no AS order_id", "no AS order_id, at AS line_no")
    made = "(SELECT * EXCEPT (at), posexplode(split(items, ';')) AS (at, each_item) FROM sold)"
    rows = _lines_of_lists(spark, tmp_path, numbered + made, ["A=10;A=10;B=10", "A=30"], copies=2)
    accepted = sorted(
        (row["order_id"], row["line_no"], str(row["subtotal"])) for row in rows if row["_label"] == "accepted"
    )
    assert accepted == [("o0", 0, "10.00"), ("o0", 1, "10.00"), ("o0", 2, "10.00"), ("o1", 0, "30.00")]
    assert sorted(row["_label"] for row in rows) == ["accepted"] * 4 + ["duplicate"] * 4


def test_tables_that_a_comma_joins_are_joined(spark: SparkSession, folder: Path) -> None:
    select = "SELECT i._row, i.no AS order_id, i.sum * o.worth AS subtotal FROM items i, sold o WHERE o.no = i.no"
    orders = ["o1,s1,b1,2024-01-01 10:00:00,Done,10", "o1,s2,b1,2024-01-01 10:00:00,Done,20"]
    _write(folder, sold=orders, items=["o1,rice,1,4,4"])
    source = Source.model_validate(_with_lines(select))
    batch = Batch("b", find_inputs(spark, source, str(folder)))
    with pytest.raises(InputError, match="a raw row of order 'o1' finds several rows of sold that give other amounts"):
        labelled_batch(spark, source, batch, STANDARDS, Progress(io.StringIO()))


@pytest.mark.parametrize(
    ("table", "was", "is_now", "said"),
    [
        (
            "orders",
            "no AS order_id",
            "uuid() AS order_id",
            r"orders\[0\]\.select: found uuid, which gives something else",
        ),
        ("orders", "worth AS gmv", "worth + 0 * Rand (7) AS gmv", "found Rand"),
        ("orders", "at AS ordered_at", "current_timestamp AS ordered_at", "found current_timestamp"),
        (
            "order_lines",
            "no AS order_id",
            "no AS order_id, monotonically_increasing_id() AS line_no",
            "found monotonic",
        ),
    ],
)
def test_a_select_that_says_something_else_each_time_is_refused(
    spark: SparkSession, folder: Path, table: str, was: str, is_now: str, said: str
) -> None:
    changed = {**SOURCE["tables"][table], "select": SOURCE["tables"][table]["select"].replace(was, is_now)}
    with pytest.raises(InputError, match=said):
        _label(spark, folder, table, {**SOURCE, "tables": {**SOURCE["tables"], table: changed}})


def test_ids_that_became_numbers_on_their_way_are_told(spark: SparkSession, folder: Path) -> None:
    said = ["1.0", "6.28123E+12", "5E+3", "1", "1.50", "v1.0", "1E+", "12.00"]
    _write(folder, sold=[f"o{at},s1,{who},2024-01-01 10:00:00,Done,10" for at, who in enumerate(said)])
    rows = _label(spark, folder, "orders")
    assert {row["buyer_id"] for row in rows if row["_warnings"] == ["like_number"]} == {"1.0", "6.28123E+12", "5E+3"}
    assert {row["buyer_id"] for row in rows if not row["_warnings"]} == {"1", "1.50", "v1.0", "1E+", "12.00"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("o{n},s1,b1,01/02/2024 10:00,Done,10",
         r"orders\.ordered_at: .*most often bad_date, 3 rows: .*such as no: o0, .* in sold\.csv; sold\.csv: 100% of column "
         r"'at' cannot be read as timestamp, such as '01/02/2024 10:00'; mend the column's format, which is yyyy-MM-dd"),
        ("o{n},s1,b1,2024-01-01 10:00:00,Done,$ 5",
         r"orders\.gmv: .*most often bad_number, 3 rows: .*such as '\$ 5'; say thousands or decimal_sign"),
        ("o{n},s1,b1,2024-01-01 10:00:00,Lunas,10",
         r"orders\.status: .*most often unknown_status, 3 rows: .*found 'Lunas' \(3\): list .* under statuses"),
        ("o{n},s1,b1,2024-01-01 10:00:00,Done,10,",
         r"orders\.order_id: .*most often malformed_line, 3 rows: .*such as o0,s1,b1,2024-01-01 10:00:00,Done,10, in "
         r"sold\.csv; mend the export, or options \(sep, quote, header\) of raw\.sold"),
        (",s1,b1,2024-01-01 10:00:00,Done,{n}",
         r"orders\.order_id: .*most often missing_key, 3 rows: the order, its seller or its buyer is unknown; such as"),
    ],
)  # fmt: skip
def test_a_column_that_is_empty_in_every_row_is_told_with_a_value_and_the_key_to_mend(
    spark: SparkSession, folder: Path, row: str, said: str
) -> None:
    _write(folder, sold=[row.format(n=number) for number in range(3)])
    source = Source.model_validate({**SOURCE, "tables": {"orders": SOURCE["tables"]["orders"]}})
    batch = Batch("b", find_inputs(spark, source, str(folder)))
    with pytest.raises(InputError, match=said) as error:
        labelled_batch(spark, source, batch, STANDARDS, Progress(io.StringIO()))
    assert "\n" not in str(error.value)
