"""Rows that a table holds already, beside the new ones that say something of the same keys."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.ingest.deduplicate import hash_of
from segmentation.ingest.labels import ACCEPTED
from segmentation.keys import aside, same_key
from segmentation.schemas import ORDER_LINES, Table

SET = ("order_id", "seller_id")  # the lines of an order and seller belong together


def among_existing(
    rows: DataFrame,
    held: DataFrame | None,
    table: Table,
    version_rank: str | None,
    assigned: bool,
    takers: DataFrame | None = None,
) -> DataFrame:
    """The new rows, and of what the table holds those of the same keys (lines: of the same orders), `_stored` true.

    `_replaced` and `_again` say what becomes of a set of lines; see with_sets. `assigned` says that lines have no
    number of their own. `takers` are the sellers who take lines that name none: where an order's first seller is
    another one now, its stored lines go with the new ones; `_old_seller` is whose they were.
    """
    new = rows.withColumns({"_stored": F.lit(False), "_old_seller": F.lit(None).cast("string")})
    if held is None:
        return new.withColumns({"_replaced": F.lit(False), "_again": F.lit(False)})
    match = SET if table.name == ORDER_LINES.name else table.key
    keys = new.where(F.size("_reasons") == 0).select(*aside(match, "_new_")).distinct()
    content = [name for name in table.names if name not in ("batch_id", *(["line_no"] if assigned else []))]
    owner = F.lit(None).cast("string")
    if takers is None:
        stored = held.join(keys, on=same_key(match, "_new_"), how="left_semi")
    else:
        stored, owner = _with_takers(held, keys, takers), F.col("_owner")
    stored = stored.select(
        *[name for name in table.names if name != "batch_id"],
        (F.expr(version_rank) if version_rank else F.lit(None)).cast(new.schema["_rank"].dataType).alias("_rank"),
        F.array().cast("array<string>").alias("_reasons"),
        F.array().cast("array<string>").alias("_warnings"),
        F.col("batch_id").alias("_batch"),
        hash_of([*table.key]).alias("_fingerprint"),
        owner.alias("_old_seller"),
        F.lit(True).alias("_stored"),
    )
    both = new.unionByName(stored, allowMissingColumns=True)
    if table.name != ORDER_LINES.name:
        return both.withColumns({"_replaced": F.lit(False), "_again": F.lit(False)})
    return with_sets(both, content)


def _with_takers(held: DataFrame, keys: DataFrame, takers: DataFrame) -> DataFrame:
    """Stored lines of the orders that new lines are of, or whose first seller changed, with the seller of today."""
    new = keys.select("_new_order_id").distinct().withColumn("_has_new", F.lit(True))
    spoken_of = takers.where("_spoken_of").select("_order", "_seller")
    touched = spoken_of.join(new, on=F.col("_order") == F.col("_new_order_id"), how="full").select(
        F.coalesce("_order", "_new_order_id").alias("_order"), "_seller", "_has_new"
    )
    owned = held.withColumnRenamed("seller_id", "_owner")
    lines = owned.join(touched, on=F.col("order_id") == F.col("_order"), how="inner")
    moved = F.col("_seller").isNotNull() & (F.col("_seller") != F.col("_owner"))
    return lines.where(moved | F.col("_has_new")).withColumn("seller_id", F.coalesce("_seller", "_owner"))


def moves(stored: Column) -> Column:
    """Whether a stored line has another number or seller now."""
    number = F.col("_old_number").eqNullSafe(F.col("line_no"))
    return stored & (~number | ~F.coalesce(F.col("_old_seller") == F.col("seller_id"), F.lit(True)))


def with_sets(lines: DataFrame, content: list[str]) -> DataFrame:
    """Lines with `_replaced`, true for stored ones that give way, and `_again`, for new ones that are there already.

    Lines of one order may come in parts, and they may come anew, corrected. What tells the two apart is the
    order's value: new lines join the stored ones unless they come nearer to it alone; then, and where a value is
    unknown, they replace them as a set.
    """
    is_new, sound = ~F.col("_stored"), F.size("_reasons") == 0
    alike = Window.partitionBy(*SET, "_content")
    copies = Window.partitionBy(*SET, "_fingerprint").orderBy("_batch", "_file")
    lines = lines.withColumn("_content", hash_of(content)).select(
        "*",
        (is_new & sound & F.max(F.col("_stored")).over(alike)).alias("_known"),
        (sound & (F.row_number().over(copies) == 1)).alias("_counts"),
    )
    order = Window.partitionBy(*SET)
    subtotal = F.when(F.col("_counts"), F.col("subtotal"))
    worth, alone = F.max("_worth").over(order), F.sum(F.when(is_new, subtotal)).over(order)
    together = F.sum(F.when(~F.col("_known"), subtotal)).over(order)
    brings = F.max(is_new & sound & ~F.col("_known")).over(order)
    nearer = F.coalesce(F.abs(alone - worth) < F.abs(together - worth), F.lit(True))
    lines = lines.withColumn("_set_anew", brings & nearer)
    return lines.withColumns(
        {"_replaced": F.col("_stored") & F.col("_set_anew"), "_again": F.col("_known") & ~F.col("_set_anew")}
    )


def changes(labelled: DataFrame, table: Table, batch: str) -> DataFrame:
    """What must change in a table for it to hold the accepted rows: its columns, and `_gone` for keys that go.

    Every row that changes carries the batch's name: by it what a batch touched is known, and undone.
    """
    is_new = ~F.col("_stored")
    if "line_no" in table.names:
        is_new = is_new | moves(F.col("_stored"))
    accepted = labelled.where(F.col("_label") == ACCEPTED)
    content = [name for name in table.names if name != "batch_id"]
    put = accepted.where(is_new).select(*content, F.lit(batch).alias("batch_id"), F.lit(False).alias("_gone"))
    old = {"line_no": F.col("_old_number"), "seller_id": F.coalesce("_old_seller", "seller_id")}
    key = [old[name].alias(name) if name in old and "line_no" in table.key else F.col(name) for name in table.key]
    before, after = labelled.where("_stored").select(*key), accepted.select(*aside(table.key, "_after_"))
    gone = before.join(after, on=same_key(table.key, "_after_"), how="left_anti").withColumn("_gone", F.lit(True))
    return put.unionByName(gone, allowMissingColumns=True)


def difference(held: DataFrame, rows: DataFrame, table: Table, batch: str) -> DataFrame:
    """What must change in a table that holds `held` for it to hold `rows` instead: as `changes`."""
    content = [name for name in table.names if name != "batch_id"]
    old = held.select(*aside(table.key, "_old_"), hash_of(content).alias("_old_content"))
    same = same_key(table.key, "_old_")
    new = rows.select(*[F.col(column.name).cast(column.type) for column in table.columns if column.name in content])
    both = new.withColumn("_content", hash_of(content)).join(old, on=same, how="left")
    put = both.where(~F.col("_content").eqNullSafe(F.col("_old_content"))).select(
        *content, F.lit(batch).alias("batch_id"), F.lit(False).alias("_gone")
    )
    gone = held.join(new.select(*aside(table.key, "_old_")), on=same, how="left_anti")
    return put.unionByName(gone.select(*table.key, F.lit(True).alias("_gone")), allowMissingColumns=True)
