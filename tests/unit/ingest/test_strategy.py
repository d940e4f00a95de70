"""Which SELECTs look at each raw row by itself, by their words alone."""

from __future__ import annotations

import pytest

from segmentation.ingest.strategy import looks_around


@pytest.mark.parametrize(
    "select",
    [
        "SELECT _row, id AS order_id FROM sold",
        "select s._row, lower(s.id) as order_id, nullif(s.kind, '0') from `sold` as s where s.worth > 0 and (a or b);",
        "SELECT _row, concat(id, ', explode(x)') AS order_id, -- , join\n trim(BOTH ' ' FROM x) AS y FROM sold s",
        "SELECT _row, `stack(a, b)` AS order_id, extract(YEAR FROM day) AS y FROM main.shop.sold",
    ],
)
def test_one_table_and_nothing_else_is_row_by_row(select: str) -> None:
    # A word in a comment is taken for what it says: the careful way costs only time.
    assert looks_around(select) == ("join" in select)


@pytest.mark.parametrize(
    "select",
    [
        "SELECT o._row FROM sold o, items i WHERE i.id = o.id",
        "SELECT _row, explode_outer(split(items, ';')) AS item FROM sold",
        "SELECT _row, posexplode (a) FROM sold",
        "SELECT _row, INLINE_OUTER(a) FROM sold",
        "SELECT _row, stack(2, a, b) FROM sold",
        "SELECT _row, json_tuple(a, 'x') FROM sold",
        "SELECT s._row FROM sold s JOIN items i ON i.id = s.id",
        "SELECT _row, sum(x) OVER (PARTITION BY id) FROM sold",
        "SELECT _row FROM (SELECT * FROM sold)",
        "SELECT _row FROM sold UNPIVOT (v FOR n IN (a, b))",
        "SELECT _row FROM sold TABLESAMPLE (10 ROWS)",
        "SELECT _row FROM sold, LATERAL explode(items)",
        "FROM sold |> SELECT _row",
        "SELECT _row FROM sold WHERE id IN (SELECT id FROM items)",
    ],
)
def test_what_may_make_several_rows_of_one_is_not(select: str) -> None:
    assert looks_around(select)
