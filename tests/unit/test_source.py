"""What a source has, told from what it says."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.config import plan_of_attributes
from segmentation.schemas import BUYER_FEATURES, SELLER_FEATURES
from segmentation.source import RawColumn, RawTable, Source

RAW = {"sold": {"glob": "*", "columns": {"id": "string", "seller_id": "string", "kind": "string"}}}


def _source(tables: dict[str, str], **more: Any) -> Source:
    selects = {name: {"counted_on": "sold", "select": select} for name, select in tables.items()}
    return Source.model_validate({"name": "shop", "raw": RAW, "tables": selects, **more})


@pytest.mark.parametrize(
    ("tables", "sides"),
    [
        ({"orders": "SELECT _row, id AS order_id, shop AS seller_id FROM sold"}, ("buyers", "sellers")),
        ({"orders": "SELECT _row, id AS order_id FROM sold"}, ("buyers",)),
        ({"orders": "SELECT * FROM sold"}, ("buyers", "sellers")),
        ({"orders": "SELECT _row, id, count(*) OVER () AS n FROM sold", "users": "SELECT kind AS role FROM sold"},
         ("buyers",)),
        ({"users": "SELECT _row, id AS user_id, age FROM sold"}, ("buyers",)),
        ({"users": "SELECT _row, id AS user_id, age, 'buyer' AS role FROM sold"}, ("buyers",)),
        ({"users": "SELECT _row, id AS user_id, age, lower(kind) AS role FROM sold"}, ("buyers", "sellers")),
    ],
)  # fmt: skip
def test_who_there_is_to_segment(tables: dict[str, str], sides: tuple[str, ...]) -> None:
    assert _source(tables).segmentable == sides


def test_own_columns_are_of_users_and_of_the_features_of_those_who_may_have_them() -> None:
    own = {
        "attributes": {"plan": "string", "visits": "integer"},
        "groups": {"area": {"of": "city", "values": {"a": "b"}}},
    }
    buyers = {"orders": "SELECT shop AS seller_id FROM sold", "users": "SELECT id, 'buyer' AS role FROM sold"}
    both = {**buyers, "users": "SELECT id, kind AS role FROM sold"}
    columns = [(column.name, column.type) for column in _source(buyers, **own).table("users").columns]
    assert columns[-4:-1] == [("plan", "string"), ("visits", "bigint"), ("area", "string")]
    assert _source(buyers, **own).features(BUYER_FEATURES).names[-4:] == ["plan", "visits", "area", "as_of"]
    assert _source(buyers, **own).features(SELLER_FEATURES) == SELLER_FEATURES
    assert _source(both, **own).features(SELLER_FEATURES).names[-4:] == ["plan", "visits", "area", "as_of"]


def test_without_orders_every_attribute_that_can_tell_is_a_feature() -> None:
    source = _source(
        {"users": "SELECT id AS user_id, age FROM sold"},
        attributes={"town": "string", "fee": "decimal", "member": "boolean", "joined": "date"},
        groups={
            "area": {"of": "town", "values": {"north": ["a", "b"]}},
            "region": {"of": "city", "values": {"x": "y"}},
        },
    )
    plan = plan_of_attributes(source)
    assert list(plan.features) == ["age", "area", "fee", "member"]
    assert {feature.transform for feature in plan.features.values()} == {"auto"}


@pytest.mark.parametrize(
    ("tables", "more", "said"),
    [
        ({"products": "SELECT id AS product_id FROM sold"}, {}, "found neither orders nor users"),
        ({"orders": "SELECT id FROM sold"}, {"attributes": {"fee": "decimal"}}, "found no users, expected them: fee"),
        ({"users": "SELECT id AS user_id FROM sold"}, {}, "attributes: found none, expected some"),
        ({}, {}, "tables\n.*at least 1"),
    ],
)
def test_what_cannot_be_segmented_is_refused(tables: dict[str, str], more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _source(tables, **more)


def _raw(**table: Any) -> RawTable:
    return RawTable.model_validate({"glob": "*", "columns": {"id": "string"}, **table})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("dd/mm/yyyy", "mm are minutes and come before any hour"),
        ("dd/mm/yyyy HH:MM", "mm are minutes and come before any hour"),
        ("%d/%m/%Y", "does not read Y"),
        ("dd/MM/YYYY", r"does not read YYYY \(years are yyyy\); expected a pattern such as dd/MM/yyyy "),
        ("dd/MM/uuuu", "does not read uuuu"),
        ("foo", "does not read f"),
        ("ddd/MM/yyyy", "does not read ddd"),
        ("yyyy-MM-ddTHH:mm:ss", r"does not read T \(other text stands in '…'\)"),
        ("dd/MM", "lacks a year"),
        ("yyyy", "lacks a year"),
        ("dd/MM/yyyy hh:mm", "which half of the day"),
        ("dd/MM/yyyy [HH:mm", "a bracket stands alone"),
        ("dd/MM/yyyy 'um HH:mm", "opens what nothing closes"),
    ],
)
def test_a_pattern_that_does_not_read_days_is_refused_before_anything_is_read(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RawColumn.model_validate({"type": "date", "format": written})


@pytest.mark.parametrize(
    "written",
    ["dd/MM/yyyy", "M/d/yyyy H:mm", "yyyyMMdd", "d MMM yy", "yyyy-DDD", "yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]XXX",
     "dd/MM/yyyy hh:mm a", "dd 'de' MMMM yyyy", "HH:mm dd-MM-yyyy", "yyyy-MM-dd HH:mm VV"],
)  # fmt: skip
def test_a_pattern_that_reads_days_is_taken(written: str) -> None:
    assert RawColumn.model_validate({"type": "timestamp", "format": written}).format == written


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"type": "string", "format": "dd/MM/yyyy"}, "found 'dd/MM/yyyy' of type string"),
        ({"type": "string", "thousands": "."}, "thousands: found '.' of type string, expected it of a number"),
        ({"type": "date", "decimal_sign": ","}, "decimal_sign: found ',' of type date"),
        ({"type": "decimal", "thousands": ",", "decimal_sign": ","}, "found ',', which is the decimal_sign too"),
        ({"type": "decimal(50,2)"}, "up to 38 digits"),
        ({"type": "decimal(4,5)"}, "up to 38 digits"),
    ],
)
def test_a_type_that_nothing_can_hold_is_refused(column: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RawColumn.model_validate(column)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"encoding": "windows-1252"}, "found 'windows-1252', expected one of UTF-8, .*; ISO-8859-1 comes nearest"),
        ({"charset": "utf8"}, "found 'utf8', expected one of UTF-8, ISO-8859-1, US-ASCII, UTF-16, .*UTF-32 "),
        ({"encoding": "UTF-16"}, "add multiLine: true"),
        ({"Encoding": "utf-16le", "multiLine": False}, "add multiLine: true"),
        ({"mode": "DROPMALFORMED"}, "found 'DROPMALFORMED', expected none"),
        ({"MODE": "failfast"}, "found 'failfast', expected none"),
        ({"ignoreCorruptFiles": True}, "options.ignoreCorruptFiles: found it, expected none: it leaves out rows"),
        ({"ignoremissingfiles": True}, "options.ignoreMissingFiles: found it, expected none"),
        ({"modifiedAfter": "2024-01-01"}, "options.modifiedAfter: found it, expected none"),
        ({"seperator": ";"}, "options.seperator: found what format csv does not have, expected one of header, sep,"),
        ({"multiline_": True}, "did you mean multiLine?"),
        ({"dateFormat": "dd/MM/yyyy"}, "options.dateFormat: found what format csv does not have"),
        ({"sep": ";", "Delimiter": ","}, "Delimiter: found it beside sep, expected one of them"),
        ({"sep": "whitespace", "comment": "#"}, "options.comment: found what lines cut at blanks does not have"),
        ({"sep": "whitespace", "encoding": "UTF-16"}, r"expected one of UTF-8, ISO-8859-1, US-ASCII \["),
    ],
)
def test_an_option_with_which_rows_would_be_lost_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _raw(options=options)


@pytest.mark.parametrize("option", [{"multiLine": True}, {"sep": ";"}, {"quote": "'"}])
def test_an_option_that_lines_cut_by_position_do_not_have_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"options.{next(iter(option))}: found what format fixed does not have"):
        _raw(format="fixed", columns={"id": {"at": [1, 2]}}, options=option)


def test_an_option_of_another_format_is_refused() -> None:
    assert _raw(format="parquet", options={"mergeschema": False}).options == {"mergeSchema": False}
    with pytest.raises(ValueError, match="options.sep: found what format parquet does not have"):
        _raw(format="parquet", options={"sep": ";"})
    # A catalog's tables may be read by whatever reader: only what leaves out rows is known to be wrong.
    table = {"format": "table", "glob": None, "path": "sold"}
    assert _raw(**table, options={"split-size": 7}).options == {"split-size": 7}
    with pytest.raises(ValueError, match="options.ignoreMissingFiles: found it"):
        _raw(**table, options={"ignoreMissingFiles": True})


def test_options_are_known_by_other_names_and_in_any_case() -> None:
    table = _raw(options={"Header": False, "CharSet": "ISO-8859-1", "DELIMITER": "whitespace"})
    assert table.options == {"header": False, "encoding": "ISO-8859-1", "sep": "whitespace"}
    assert (table.has_header, table.is_cut) == (False, True)


def test_options_with_which_every_row_is_read_are_taken() -> None:
    for options in ({"encoding": "iso-8859-1"}, {"encoding": "UTF-16", "multiLine": True}, {"mode": "permissive"}):
        assert _raw(options=options).options == options


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sales": []}, "sales\n.* at least 1"),
        ({"statuses": {"completed": ["Done"], "cancelled": ["Void", " done "]}}, "found ' done ' under completed and"),
    ],
)
def test_statuses_that_say_nothing_or_two_things_are_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _source({"orders": "SELECT * FROM sold"}, **more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sales": ["in_progress"], "statuses": {"completed": ["paid"], "cancelled": ["void"]}},
         "sales: found in_progress, which no status of an order means; .* such as completed, cancelled"),
        ({"statuses": {"unpaid": ["open"]}}, r"sales: found completed, in_progress, which .*; expected one of statuses \["),
        ({"tax_rate": 11}, "found 11, expected a fraction of the subtotal, from 0 to 1, such as 0.11"),
        ({"tax_rate": -1}, "found -1, expected a fraction"),
        ({"currency": ""}, "found '', expected a code of ISO 4217 such as IDR or USD"),
        ({"currency": "Rupiah"}, "found 'Rupiah', expected a code"),
        ({"time_zone": "Asia"}, "found 'Asia', expected a time zone"),
        ({"time_zone": "Factory"}, "found 'Factory', expected a time zone"),
        ({"time_zone": "localtime"}, "found 'localtime', expected a time zone"),
        ({"time_zone": "posixrules"}, "found 'posixrules', expected a time zone"),
        ({"time_zone": "right/Asia/Jakarta"}, "found 'right/Asia/Jakarta', expected a time zone"),
        ({"time_zone": "../etc"}, "found '../etc', expected a time zone"),
    ],
)  # fmt: skip
def test_what_no_business_can_have_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _source({"orders": "SELECT _row, id AS order_id, kind AS status FROM sold"}, **more)


def test_what_a_business_can_have_is_taken() -> None:
    orders = {"orders": "SELECT _row, id AS order_id, kind AS status FROM sold"}
    for more in ({"tax_rate": 0}, {"currency": "JPY"}, {"time_zone": "Etc/GMT+3"}, {"statuses": {"completed": ["x"]}}):
        _source(orders, **more)
    # Without statuses the SELECT says which there is.
    with pytest.raises(ValueError, match="sales: found in_progress, which no status"):
        _source({"orders": "SELECT _row, id, 'completed' AS status FROM sold"}, sales=["in_progress"])


@pytest.mark.parametrize(
    ("select", "takes_all"),
    [
        ("SELECT * FROM sold", True),
        ("select distinct * from sold", True),
        ("SELECT _row, * FROM sold", True),
        ("SELECT s.* FROM sold s", True),
        ("SELECT `s`.*, 1 AS one FROM sold s", True),
        ("SELECT id, count(*) OVER () AS n FROM sold", False),
        ("SELECT qty * price AS gmv FROM sold", False),
        ("SELECT qty*price AS gmv, 2.*price AS twice FROM sold", False),
        ("SELECT qty, (qty)*2 AS more FROM sold", False),
        ("SELECT * FROM bought", False),
    ],
)
def test_all_columns_are_taken_by_a_star_and_not_by_a_product(select: str, takes_all: bool) -> None:
    raw = {**RAW, "bought": {"glob": "*", "columns": {"id": "string"}}}
    on = "bought" if "bought" in select else "sold"
    source = Source.model_validate(
        {"name": "shop", "raw": raw, "tables": {"orders": {"counted_on": on, "select": select}}}
    )
    assert source.yields("orders", "seller_id") is takes_all
    assert source.kind_of_business == ("marketplace" if takes_all else "shop")


def test_a_status_that_all_orders_have_is_the_only_one_with_or_without_as() -> None:
    for written in ("'completed' AS status", "'completed' status", "'completed'  as  status"):
        source = _source({"orders": f"SELECT _row, id AS order_id, {written} FROM sold"})
        assert (source.has_status("completed"), source.has_status("cancelled")) == (True, False)
    assert _source({"orders": "SELECT _row, id AS order_id, kind AS status FROM sold"}).has_status("cancelled")
