"""Orders that are put together from lines: of which of them, with which status, and where the others' money goes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from segmentation.ingest.canonical import label_table, set_apart
from segmentation.ingest.ledger import entry, tally
from segmentation.ingest.parse import parse
from segmentation.ingest.quality_rules import Standards, that_warn
from segmentation.raw import find_inputs, read_raw
from segmentation.source import Source

SOURCE: dict[str, Any] = {
    "name": "till",
    "grain": "line",
    "raw": {
        "sold": {
            "glob": "sold.csv",
            "columns": {"nr": "string", "who": "string", "state": "string", "item": "string", "worth": "decimal"},
        }
    },
    "tables": {
        "orders": {
            "counted_on": "sold",
            "select": "SELECT _row, nr AS order_id, who AS buyer_id, timestamp '2024-01-02' AS ordered_at, "
                      "state AS status, worth AS gmv FROM sold",
        },
        "order_lines": {
            "counted_on": "sold",
            "select": "SELECT _row, nr AS order_id, item AS product_name, worth AS subtotal FROM sold",
        },
    },
}  # fmt: skip
STANDARDS = Standards(2000, 2050)


def _labelled(spark: SparkSession, folder: Path, lines: list[str], **more: Any) -> tuple[DataFrame, DataFrame]:
    """Orders and their lines, labelled."""
    (folder / "sold.csv").write_text("\n".join(["nr,who,state,item,worth", *lines]) + "\n")
    source = Source.model_validate({**SOURCE, **more})
    raw = find_inputs(spark, source, str(folder))["sold"]
    judged = {"sold": parse(read_raw(spark, raw, "b", "sold" in source.real_copies), raw.table)}
    orders = label_table(spark, "orders", source, judged, {}, STANDARDS)
    accepted = {"orders": orders.where("_label = 'accepted'")}
    lines_of = label_table(spark, "order_lines", source, judged, accepted, STANDARDS, apart=set_apart(orders))
    return orders, lines_of


@pytest.mark.parametrize(
    ("lines", "sales", "status", "gmv"),
    [
        (["completed,100", "cancelled,900"], None, "completed", "100.00"),
        (["returned,10", "completed,900"], None, "completed", "900.00"),
        (["completed,5", "in_progress,7", "unpaid,9"], None, "in_progress", "12.00"),
        (["cancelled,3", "returned,4", "cancelled,5"], None, "returned", "4.00"),
        (["cancelled,3", "unpaid,4"], None, "unpaid", "4.00"),
        (["completed,3", "in_progress,4"], ["completed"], "completed", "3.00"),
        (["cancelled,3", "cancelled,4"], None, "cancelled", "7.00"),
    ],
)
def test_lines_of_several_statuses_make_a_sale_of_those_that_were_sold(
    spark: SparkSession, tmp_path: Path, lines: list[str], sales: list[str] | None, status: str, gmv: str
) -> None:
    rows = [f"o1,b1,{line.replace(',', f',item{at},')}" for at, line in enumerate(lines)]
    more = {"sales": sales} if sales else {}
    orders, of_orders = _labelled(spark, tmp_path, rows, **more)
    found = {row["_label"]: row for row in orders.collect()}
    assert (found["accepted"]["status"], str(found["accepted"]["gmv"])) == (status, gmv)
    assert found["accepted"]["_warnings"] == (
        ["mixed_statuses"] if len({each.split(",")[0] for each in lines}) > 1 else []
    )
    # What was not sold is no line of the order either, and all that was read is booked.
    kept = of_orders.where("_label = 'accepted'").collect()
    assert sum((row["subtotal"] for row in kept), Decimal(0)) == Decimal(gmv)
    line = entry("orders", tally(orders, "b").counts)
    worth = sum(Decimal(each.split(",")[1]) for each in lines)
    assert (line.read.rows, line.read.amount) == (len(lines), worth)
    assert (line.accepted.amount, line.quarantined.amount, line.duplicate.amount) == (
        Decimal(gmv),
        0,
        worth - Decimal(gmv),
    )
    of_lines = entry("order_lines", tally(of_orders, "b").counts)
    assert (of_lines.read.rows, of_lines.quarantined.rows) == (len(lines), 0)


def test_lines_that_name_several_buyers_are_told(spark: SparkSession, tmp_path: Path) -> None:
    rows = ["o1,b1,completed,a,1", "o1,b2,completed,b,2", "o2,b1,completed,a,1", "o2,b2,cancelled,b,1"]
    orders, _ = _labelled(spark, tmp_path, rows)
    found = {row["order_id"]: row["_warnings"] for row in orders.where("_label = 'accepted'").collect()}
    assert found == {"o1": ["several_buyers"], "o2": ["mixed_statuses"]}
    assert tally(orders, "b", rules=that_warn("orders", STANDARDS)).warned == {"several_buyers": 1, "mixed_statuses": 1}


def test_a_line_that_is_refused_twice_is_no_line_that_was_set_apart(spark: SparkSession, tmp_path: Path) -> None:
    rows = ["o1,b1,completed,a,1", "o1,b1,lost,b,2", "o1,b1,lost,b,2"]
    orders, _ = _labelled(spark, tmp_path, rows, identical_rows="duplicate")
    assert sorted(row["_label"] for row in orders.collect()) == ["accepted", "duplicate", "quarantined"]
    assert set_apart(orders).count() == 0


def test_a_line_below_zero_is_a_discount_of_its_order(spark: SparkSession, tmp_path: Path) -> None:
    rows = ["o1,b1,completed,lamp,100", "o1,b1,completed,mug,50", "o1,b1,completed,discount,-20"]
    back = ["o2,b1,completed,lamp,-100", "o2,b1,completed,mug,30"]  # more goes back than is bought
    orders, of_orders = _labelled(spark, tmp_path, [*rows, *back])
    found = {row["order_id"]: str(row["gmv"]) for row in orders.where("_label = 'accepted'").collect()}
    assert found == {"o1": "130.00"}
    refused = orders.where("_label = 'quarantined'").collect()
    assert sorted((row["order_id"], str(row["gmv"]), *row["_reasons"]) for row in refused) == [
        ("o2", "-100.00", "negative_value"), ("o2", "30.00", "negative_value"),
    ]  # fmt: skip
    line = entry("orders", tally(orders, "b").counts)
    assert (line.read.rows, line.accepted.rows, line.quarantined.rows, line.duplicate.rows) == (5, 1, 2, 2)
    assert (line.read.amount, line.accepted.amount, line.quarantined.amount, line.duplicate.amount) == (60, 130, -70, 0)
    kept = of_orders.where("_label = 'accepted'").collect()
    assert sorted(str(row["subtotal"]) for row in kept) == ["-20.00", "100.00", "50.00"]
    reasons = {tuple(row["_reasons"]) for row in of_orders.where("_label = 'quarantined'").collect()}
    assert reasons == {("line_without_order",)}


def test_an_order_that_lacks_a_refused_line_is_told_with_its_money(spark: SparkSession, tmp_path: Path) -> None:
    rows = ["o1,b1,completed,lamp,100", "o1,b1,completed,mug,abc", "o2,b1,completed,lamp,7", "o3,b1,completed,cup,x"]
    orders, _ = _labelled(spark, tmp_path, rows)
    found = {
        row["order_id"]: (str(row["gmv"]), row["_warnings"]) for row in orders.where("_label = 'accepted'").collect()
    }
    assert found == {"o1": ("100.00", ["incomplete_orders"]), "o2": ("7.00", [])}
    told = tally(orders, "b", rules=that_warn("orders", STANDARDS))
    assert (told.warned, told.worth) == ({"incomplete_orders": 1}, {"incomplete_orders": Decimal("100.00")})


def test_a_sum_that_no_amount_can_hold_refuses_its_lines(spark: SparkSession, tmp_path: Path) -> None:
    most = "9000000000000000.00"  # twice that has 17 digits before the point, where 16 are held
    rows = [f"o1,b1,completed,a,{most}", f"o1,b1,completed,b,{most}", "o2,b1,completed,a,1"]
    orders, _ = _labelled(spark, tmp_path, rows)
    found = sorted((row["order_id"], row["_label"], *row["_reasons"]) for row in orders.collect())
    assert found == [
        ("o1", "quarantined", "absurd_value"), ("o1", "quarantined", "absurd_value"), ("o2", "accepted"),
    ]  # fmt: skip
    line = entry("orders", tally(orders, "b").counts)
    assert (line.accepted.amount, line.quarantined.amount) == (1, Decimal("18000000000000000.00"))
