"""Names and SELECTs from configs."""

from __future__ import annotations

from pyspark.sql import SparkSession

from segmentation.sql import identifier, quoted, select_from


def test_a_name_cannot_leave_its_quotes() -> None:
    assert quoted("a`; DROP TABLE x", "b.c") == "`a``; DROP TABLE x`.`b.c`"


def test_a_dotted_name_is_quoted_part_by_part_and_never_twice() -> None:
    assert identifier("main.`odd-name`.a`b") == "`main`.`odd-name`.`a``b`"
    assert identifier("main.`a``b`.`orders.2024`") == "`main`.`a``b`.`orders.2024`"


def test_a_select_may_have_its_own_with_and_braces(spark: SparkSession) -> None:
    sold = spark.createDataFrame([("ab",), ("abab",)], "id string")
    rows = select_from(
        spark, "WITH x AS (SELECT * FROM sold) SELECT id FROM x WHERE id RLIKE '^(ab){2}$';", {"sold": sold}
    )
    assert [row["id"] for row in rows.collect()] == ["abab"]


def test_a_name_means_what_it_meant_when_the_select_was_read(spark: SparkSession) -> None:
    first = select_from(spark, "SELECT id FROM sold", {"sold": spark.createDataFrame([("old",)], "id string")})
    select_from(spark, "SELECT id FROM sold", {"sold": spark.createDataFrame([("new",)], "id string")}).collect()
    assert [row["id"] for row in first.collect()] == ["old"]
    assert not spark.catalog.listTables()
