"""Several rows about one key: the highest version is kept, whatever the order in which they came."""

from __future__ import annotations

import re

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from segmentation.ingest.labels import ACCEPTED, DUPLICATE, QUARANTINED
from segmentation.ingest.quality_rules import CONFLICTING_VERSIONS
from segmentation.raw.file_order import delivered_as, delivery
from segmentation.raw.fingerprint import of_record
from segmentation.schemas import LATEST, MONEY, Table
from segmentation.sql import AS_JSON

RAW = re.compile(r"_raw_\d+")  # the raw rows that each SELECT of the table was counted on


def label_versions(rows: DataFrame, table: Table, assign_numbers: bool) -> DataFrame:
    """The label of every row, and its record where it is refused.

    Of rows that are equal in full all but one are duplicates. Among the sound rows of a key the highest
    `_rank` is kept, ties by the row's content. A lower rank is a duplicate: outranked. The same rank with
    other content is refused as conflicting: in tables that know the latest (LATEST) only where both came in one
    delivery, since of two deliveries the later one is right. Lines without a number of their own have no versions:
    they are numbered by content within their order.

    Rows that the table holds already (`_stored`) are ranked with the others, and stay where a new one says the
    same; those marked `_replaced` are outranked whatever they say, and those marked `_again` say what a stored
    line says.

    All of it is seen from one sorted pass: the rows of a key stand together, copies side by side.
    """
    content = [name for name in table.names if name != "batch_id"]
    rows = rows.withColumn("_sound", (F.size("_reasons") == 0) & ~F.col("_replaced") & ~F.col("_again"))
    if assign_numbers:
        rows = _numbered(rows, [name for name in content if name != "line_no"])
    elif table.name in LATEST:
        rows = _latest(rows, table, content)
    else:
        rows = _ranked(rows, table, content)
    conflict = F.col("_conflict")
    is_duplicate = F.col("_copy") | F.col("_outranked") | F.col("_replaced") | F.col("_again")
    label = F.when(is_duplicate, DUPLICATE).when(~F.col("_sound") | conflict, QUARANTINED).otherwise(ACCEPTED)
    raw = [F.to_json(name, AS_JSON) for name in rows.columns if RAW.fullmatch(name)]
    held = F.to_json(F.struct(*content), AS_JSON)  # of a stored row only what the table holds is known
    record = F.coalesce("_known_record", *raw, held)
    return rows.withColumn("_label", label).select(
        *content,
        "_label",
        F.when(conflict, F.array(F.lit(CONFLICTING_VERSIONS))).otherwise(F.col("_reasons")).alias("_reasons"),
        "_warnings",
        "_file",
        "_batch",
        "_stored",
        "_rank",
        "_old_number",
        "_old_seller",
        F.when(F.size("_reasons") == 0, F.col("_identical")).cast(MONEY).alias("_identical"),
        F.coalesce("_raw_fingerprint", F.when(F.col("_label") == QUARANTINED, of_record(held))).alias(
            "_raw_fingerprint"
        ),
        F.when(F.col("_label") == QUARANTINED, record).alias("_record"),
        *[name for name in ("_part", "_torn", "_select") if name in rows.columns],
    )


def with_partners(rows: DataFrame, table: Table) -> DataFrame:
    """Rows of one SELECT with `_torn`, true where one raw row became several of one key and rank with other amounts.

    So it is where a join finds two partners. Where only other columns differ the row has the warning several_partners.
    What a function made of one raw row (`_times` says how often that came) are rows of their own, whatever they say:
    they are torn wherever they have one key.
    """
    key = [name for name in table.key if name != "line_no"]
    amounts = [column.name for column in table.columns if column.type.startswith("decimal")]
    content = [name for name in table.names if name not in (*table.key, "batch_id")]
    numbers = ["line_no"] if "line_no" in table.key else []
    one = Window.partitionBy("_fingerprint", *key, *numbers, "_rank")
    rows = rows.withColumns({"_amounts": hash_of(amounts), "_all": hash_of(content)})
    differs = {name: F.min(name).over(one) != F.max(name).over(one) for name in ("_amounts", "_all")}
    is_torn = differs["_amounts"]
    if "_times" in rows.columns:
        is_torn = is_torn | differs["_all"] | (F.count("*").over(one) > F.col("_times"))
    rows = rows.select(
        *[name for name in rows.columns if name not in ("_amounts", "_all", "_times")],
        (is_torn & (F.size("_reasons") == 0)).alias("_torn"),
        differs["_all"].alias("_differs"),
    )
    warning = F.array_append("_warnings", F.lit("several_partners"))
    return rows.withColumn("_warnings", F.when(F.col("_differs"), warning).otherwise(F.col("_warnings"))).drop(
        "_differs"
    )


def _ranked(rows: DataFrame, table: Table, content: list[str]) -> DataFrame:
    rows = rows.withColumn("_content", hash_of(content))
    highest_first = [F.col(name).desc_nulls_last() for name in ("_rank", *content)]
    earliest_first = [F.col("_stored").desc(), *map(F.col, ("_fingerprint", "_batch", "_file"))]
    key = Window.partitionBy(*table.key, _refused_alone()).orderBy(*highest_first, *earliest_first)
    so_far = key.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    rows = rows.select(
        "*",
        _copy(rows, key).alias("_copy"),
        F.row_number().over(key).alias("_number"),
        F.first("_rank").over(so_far).alias("_top_rank"),
        F.first("_content").over(so_far).alias("_top_content"),
    )
    beaten = F.col("_sound") & (F.col("_number") > 1) & ~F.col("_copy")
    tied = F.col("_rank").eqNullSafe(F.col("_top_rank")) & (F.col("_content") != F.col("_top_content"))
    old = F.col("line_no") if "line_no" in content else F.lit(None).cast("int")
    return rows.withColumns({"_conflict": beaten & tied, "_outranked": beaten & ~tied, "_old_number": old})


def _latest(rows: DataFrame, table: Table, content: list[str]) -> DataFrame:
    """Of the highest rank what the latest delivery says. What it says again stays as it was first said."""
    sound = F.col("_sound")
    rows = rows.withColumns({"_content": hash_of(content), "_delivery": delivery(F.col("_file"))})
    later = (~F.col("_stored"), F.col("_batch"), delivered_as(F.col("_file")), F.col("_delivery"))
    latest_first = [F.when(sound, value).desc() for value in later]
    key = Window.partitionBy(*table.key, _refused_alone()).orderBy(
        F.col("_rank").desc_nulls_last(),
        *latest_first,
        *[F.col(name).desc_nulls_last() for name in content],
        *map(F.col, ("_fingerprint", "_batch", "_file")),
    )
    so_far = key.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    came_with = F.struct("_stored", "_batch", "_delivery")
    rows = rows.select(
        "*",
        _copy(rows, key).alias("_copied"),
        F.row_number().over(key).alias("_number"),
        F.col("_rank").eqNullSafe(F.first("_rank").over(so_far)).alias("_same_rank"),
        (F.col("_content") == F.first("_content").over(so_far)).alias("_says_so"),
        came_with.eqNullSafe(F.first(came_with).over(so_far)).alias("_same_delivery"),
    )
    rows = rows.withColumn("_against", sound & F.col("_same_rank") & F.col("_same_delivery") & ~F.col("_says_so"))
    agrees = F.col("_same_rank") & F.col("_says_so")
    since = F.when(agrees & F.min(agrees | F.col("_against")).over(so_far), F.col("_number"))
    rows = rows.withColumn("_since", since)
    first = F.max("_since").over(Window.partitionBy(*table.key, _refused_alone()))
    rows = rows.withColumn("_first", first)
    is_copy = F.col("_copied") & (~sound | F.col("_against"))
    beaten = sound & (F.col("_number") != F.col("_first")) & ~F.col("_against")
    old = F.lit(None).cast("int")
    return rows.withColumns(
        {"_copy": is_copy, "_conflict": F.col("_against") & ~is_copy, "_outranked": beaten, "_old_number": old}
    )


def _numbered(rows: DataFrame, content: list[str]) -> DataFrame:
    by_content = [F.col(name).asc_nulls_last() for name in content]
    one_order = Window.partitionBy("order_id", "seller_id", _refused_alone())
    came_with = [F.col("_batch"), delivery(F.col("_file"))]
    # What one raw row became where a join found it two partners stands side by side by its fingerprint alone, and is
    # no row that its file has twice; where none can, copies do in the order of the numbers too, which is one sort less.
    by_row = [*by_content, F.col("_fingerprint")]
    if "_torn" in rows.columns:
        rows = rows.withColumn("_content", hash_of(content))
        by_row, came_with = [F.col("_fingerprint"), *by_content], [*came_with, F.col("_content")]
    copies = one_order.orderBy(*by_row, "_batch", "_file")
    # Copies tie, so that their line counts once.
    rows = rows.withColumn("_copy", _copy(rows, copies))
    same_file = F.col("_copy") & (F.lag(F.struct(*came_with)).over(copies) == F.struct(*came_with))
    money = F.when(same_file, F.coalesce("subtotal", F.lit(0))).otherwise(F.col("_identical"))
    rows = rows.withColumn("_identical", money)
    rows = rows.withColumn("_number", F.dense_rank().over(one_order.orderBy(*by_content, "_fingerprint")))
    none = F.lit(False)
    return rows.withColumns(
        {"_old_number": F.col("line_no"), "line_no": F.col("_number"), "_conflict": none, "_outranked": none}
    )


def _copy(rows: DataFrame, window: WindowSpec) -> Column:
    """Whether a row is another's copy, or a further one that its raw row became. (Refused rows must say the same.)"""
    previous = F.lag("_fingerprint").over(window)
    is_copy = F.coalesce(previous == F.col("_fingerprint"), F.lit(False))
    if "_torn" not in rows.columns:
        return is_copy
    return is_copy & (F.col("_sound") | F.coalesce(F.lag("_content").over(window) == F.col("_content"), F.lit(False)))


def _refused_alone() -> Column:
    """Refused rows stand only among their copies: they are no versions of anything, and many have no key."""
    return F.when(~F.col("_sound"), F.col("_fingerprint"))


def hash_of(names: list[str]) -> Column:
    """A number that rows share only where they agree in all columns; the hash itself skips NULLs."""
    return F.xxhash64(*names, *[F.col(name).isNull() for name in names])
