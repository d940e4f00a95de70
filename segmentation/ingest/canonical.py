"""The source's SELECTs run, and what they yield brought to the canonical columns and labelled."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import reduce

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from segmentation.attributes import UNKNOWN_TEXTS
from segmentation.errors import InputError
from segmentation.ingest.deduplicate import label_versions, with_partners
from segmentation.ingest.derived_columns import with_derived_columns
from segmentation.ingest.existing import among_existing
from segmentation.ingest.labels import ACCEPTED, DUPLICATE, QUARANTINED
from segmentation.ingest.order_of_lines import orders_of_lines
from segmentation.ingest.parse import ROW, bare, record_of, sound, statuses, with_copies
from segmentation.ingest.quality_rules import NEGATIVE, Context, Standards, broken, names_of
from segmentation.ingest.strategy import generates, looks_around
from segmentation.schemas import MONEY, STATUSES, Table
from segmentation.source import Select, Source
from segmentation.sql import resolves, select_from, unquoted

# Without these a row is nothing: a SELECT must yield them, and all of them empty means that the export is broken.
VITAL = {
    "orders": ("order_id", "buyer_id", "ordered_at", "status", "gmv"),
    "order_lines": ("order_id",),
    "users": ("user_id",),
    "products": ("product_id",),
}


# What stands in an id or a category of which nothing is known is none: else one buyer would be all who are not named.
IDS = ("order_id", "seller_id", "buyer_id", "user_id", "product_id")
NO_IDS = ("", "none", "na", "<na>")  # besides; a category may be called none
CATEGORIES = (
    "seller_category",
    "payment_type",
    "payment_method",
    "product_type",
    "category",
    "subcategory_1",
    "subcategory_2",
)
# What gives something else each time, and what does so each day: of users what is of today may be of use, as their age.
BY_CHANCE = re.compile(
    r"\b(uuid|rand|random|randn|randstr|uniform|shuffle|monotonically_increasing_id|spark_partition_id)\s*\("
    r"|\btablesample\b",
    re.IGNORECASE,
)
BY_DAY = re.compile(
    r"\b(now|curdate)\s*\(|\bunix_timestamp\s*\(\s*\)"
    r"|\b(current_date|current_time|current_timestamp|localtimestamp)\b",
    re.IGNORECASE,
)
LIKE_NUMBER = r"^\d+\.0$|^\d(\.\d+)?E\+\d+$"  # an id that was a number on its way: 1.0, 6.28123E+12
WORTH = {"orders": "gmv", "order_lines": "subtotal"}  # the money that a row holds


def label_table(
    spark: SparkSession,
    name: str,
    source: Source,
    parsed: Mapping[str, DataFrame],
    accepted: Mapping[str, DataFrame],
    standards: Standards,
    held: DataFrame | None = None,
    apart: DataFrame | None = None,
) -> DataFrame:
    """Rows of one canonical table, each labelled once.

    One row per row that the source's SELECTs yield: the canonical columns but batch_id, `_label` (accepted,
    quarantined or duplicate), `_reasons` and `_warnings` (arrays), `_file`, `_batch`, `_raw_fingerprint`, `_record`
    (JSON; NULL where accepted) and `_identical`: the money of a row that is equal in full to another of its file, where
    neither has a number of its own; else NULL. Orders that are put together from lines have `_part` besides: what each
    line adds to the GMV of its order; rows of several SELECTs `_select`, the number of theirs. `parsed` holds the raw
    tables, `accepted` the canonical tables that were labelled before. Where `held` is what the table holds already, its
    rows of the same keys are labelled along, `_stored` true. `apart` are raw rows whose lines are none of their order's
    (see set_apart): duplicates.
    """
    table = source.table(name)
    parts: list[DataFrame] = []
    selected: list[frozenset[str]] = []
    for number, select in enumerate(source.tables[name]):
        raws, is_counted = parsed, name in WORTH and generates(select.select)
        if is_counted:
            raws = {**parsed, select.counted_on: _with_times(parsed[select.counted_on])}
        rows = run_select(spark, name, source, raws, accepted, number)
        given = frozenset(rows.columns)
        rows = as_canonical(rows, table, source, number)
        if name == "users":
            rows = with_derived_columns(rows, source)
        if name == "order_lines":
            _check_sellers(source, number, given)
            rows = _with_order(rows, accepted["orders"])
        context = Context(given, source.tax_rate, standards, is_line(source, select))
        rows = _with_reasons(rows, name, context, number, is_counted)
        if len(source.tables[name]) > 1:
            rows = rows.withColumn("_select", F.lit(number))
        parts.append(with_partners(rows, table) if name in WORTH and looks_around(select.select) else rows)
        selected.append(given)
    rows = reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), parts)
    if is_of_lines := name == "orders" and source.grain == "line":
        rows = orders_of_lines(rows, source.sales, standards.switched.get(NEGATIVE, "quarantine"))
    assigned = name == "order_lines" and not _all_or_none("line_no", selected)
    takers = None
    if name == "order_lines" and any("seller_id" not in given for given in selected):
        takers = first_sellers(accepted["orders"])
    rows = among_existing(rows, held, table, source.tables[name][0].version_rank, assigned, takers)
    if is_of_lines:
        rows = rows.withColumn("_again", F.col("_folded"))
    if apart is not None:
        rows = rows.join(apart, on="_raw_fingerprint", how="left").withColumn(
            "_again", F.col("_again") | F.coalesce("_is_apart", F.lit(False))
        )
    return label_versions(rows, table, assigned)


def is_line(source: Source, select: Select) -> bool:
    """Whether each row that a SELECT is counted on is a line of an order."""
    return source.grain == "line" and any(select.counted_on == each.counted_on for each in source.tables["orders"])


def set_apart(orders: DataFrame) -> DataFrame:
    """Of labelled orders that are put together from lines the lines that are in none, one row each:
    `_raw_fingerprint`, `_is_apart`.

    Of another status than their order, or of a lower rank.
    """
    is_elsewhere = F.max(F.col("_part").isNotNull() | (F.col("_label") == QUARANTINED))
    lines = orders.groupBy("_raw_fingerprint").agg(is_elsewhere.alias("_is_elsewhere"))
    return lines.where(~F.col("_is_elsewhere")).select("_raw_fingerprint", F.lit(True).alias("_is_apart"))


def label_raw(parsed: DataFrame) -> DataFrame:
    """Rows of a raw table that only others join: labelled by what was judged of the row itself."""
    refused = F.size(f"{ROW}.reasons") > 0
    label = F.when(F.col("_copy"), DUPLICATE).when(refused, QUARANTINED).otherwise(ACCEPTED)
    return with_copies(parsed).select(
        label.alias("_label"),
        F.col(f"{ROW}.reasons").alias("_reasons"),
        F.col(f"{ROW}.warnings").alias("_warnings"),
        F.col(f"{ROW}.file").alias("_file"),
        F.col(f"{ROW}.batch").alias("_batch"),
        F.lit(False).alias("_stored"),
        F.lit(None).cast("string").alias("_rank"),
        F.lit(None).cast("int").alias("_old_number"),
        F.lit(None).cast("string").alias("_old_seller"),
        F.lit(None).cast(MONEY).alias("_identical"),
        F.col(f"{ROW}.fingerprint").alias("_raw_fingerprint"),
        F.when(label == QUARANTINED, record_of()).alias("_record"),
    )


def run_select(
    spark: SparkSession,
    name: str,
    source: Source,
    parsed: Mapping[str, DataFrame],
    accepted: Mapping[str, DataFrame],
    number: int = 0,
) -> DataFrame:
    """What one SELECT of a table yields of parsed raw rows."""
    select = source.tables[name][number]
    views = {raw: sound(rows) for raw, rows in parsed.items() if raw != select.counted_on}
    views[select.counted_on] = parsed[select.counted_on]
    where = f"source: tables.{name}[{number}].select"
    _check_repeatable(source, name, number)
    try:
        rows = select_from(spark, select.select, {**accepted, **views})
        columns = rows.columns  # on Spark Connect a SELECT is only looked at when it is asked something
    except AnalysisException as error:
        raise InputError(f"{where}: {_said(error)}; expected one Spark SQL SELECT over {', '.join(parsed)}") from None
    if ROW not in columns:
        raise InputError(f"{where}: found no column _row, expected it among those selected from {select.counted_on}")
    for column in columns:
        if [other.casefold() for other in columns].count(column.casefold()) > 1:
            raise InputError(
                f"{where}: found the column {column!r} twice, expected it once; where it is computed, * brings it "
                f"along: take * EXCEPT ({column})"
            )
    return rows


def _check_repeatable(source: Source, name: str, number: int) -> None:
    """Stop where a row would become another one each time that it is read, so that it is never known again."""
    select = source.tables[name][number]
    columns = {column.lower() for raw in source.raw.values() for column in raw.columns}
    for key, text in (("select", select.select), ("version_rank", select.version_rank or "")):
        for pattern in (BY_CHANCE, BY_DAY) if name in WORTH else (BY_CHANCE,):
            found = next((each[0] for each in pattern.finditer(unquoted(text)) if each[0].lower() not in columns), None)
            if found:
                raise InputError(
                    f"source: tables.{name}[{number}].{key}: found {found.rstrip('() ')}, which gives something else "
                    "at each run, expected what is the same for the same raw row; take it from the row's own columns"
                )


def as_canonical(rows: DataFrame, table: Table, source: Source, number: int = 0) -> DataFrame:
    """The table's columns, cast, of what a SELECT yields; `_rank` of the version; `_row` handed through."""
    select, given = source.tables[table.name][number], set(rows.columns)
    _check_given(table, source, select, rows.columns)
    if "status" in given:
        known = {status: (status,) for status in STATUSES}
        rows = rows.withColumn("status", statuses(source.statuses or known, F.col("status")))
    if table.name == "users":
        role = F.lower(bare(F.col("role").cast("string"))) if "role" in given else F.lit("buyer")
        rows, given = rows.withColumn("role", role), given | {"role"}
    wanted = [column for column in table.columns if column.name != "batch_id"]
    lost = [
        F.when(F.col(column.name).isNotNull() & _as_type(column.name, column.type).isNull(), F.lit("bad_value"))
        for column in wanted
        if column.name in given
        and (column.type == "double" or rows.schema[column.name].dataType.simpleString() != column.type)
    ]
    columns = [_cast(column.name, column.type, column.name in given) for column in wanted]
    rank = F.expr(select.version_rank) if select.version_rank else F.lit(None).cast("string")
    rest: list[Column | str] = [*columns, names_of(lost).alias("_lost"), ROW]
    try:
        ranked = rows.select(*rest, rank.alias("_rank"))
        ranked.columns  # noqa: B018  # on Spark Connect a frame is only looked at when it is asked something
        return ranked
    except AnalysisException as error:
        where = f"source: tables.{table.name}[{number}]"
        if select.version_rank and resolves(rows, *rest):
            raise InputError(f"{where}.version_rank: {_said(error)}; expected SQL over its columns") from None
        kinds = ", ".join(f"{column.name} {column.type}" for column in wanted if column.name in given)
        raise InputError(f"{where}.select: {_said(error)}; expected {kinds}") from None


def unreadable_by(table: str, error: PySparkException) -> InputError | None:
    """The sentence about a value at which a SELECT stopped while it ran; None where something else went wrong.

    Of Spark's errors those of class 22 are about values: a text that is no number, a division by zero.
    """
    found = re.search(r"\[[A-Z_.0-9]+\] (.*?) SQLSTATE: 22", " ".join(str(error).split()))
    if not found:
        return None
    return InputError(
        f"source: tables.{table}.select: {found[1]} Expected a SELECT that goes on at such a value: try_cast for CAST, "
        "try_divide for /, and so on, make it unknown, and its row is refused"
    )


def _said(error: AnalysisException) -> str:
    """What Spark says of a mistake, as one line."""
    return " ".join(str(error).split("SQLSTATE")[0].split())


def _all_or_none(column: str, selected: Sequence[frozenset[str]]) -> bool:
    """Whether the SELECTs of lines yield a column: all of them, or none, or an InputError."""
    yielding = [column in given for given in selected]
    if any(yielding) and not all(yielding):
        has, lacks = yielding.index(True), yielding.index(False)
        raise InputError(
            f"source: tables.order_lines[{lacks}].select: found no {column}, which tables.order_lines[{has}].select "
            "yields; expected it in all of them, or in none"
        )
    return all(yielding)


def _check_sellers(source: Source, number: int, given: Collection[str]) -> None:
    """Stop where lines name sellers and orders have none, so that no line would find its order."""
    if "seller_id" in given and not source.yields("orders", "seller_id"):
        raise InputError(
            f"source: tables.order_lines[{number}].select: found seller_id, which tables.orders.select does not yield; "
            "expected it in both, or in neither"
        )


def _check_given(table: Table, source: Source, select: Select, given: Sequence[str]) -> None:
    """Every column that the SELECT yields is one of the table's, and those without which it is nothing are there."""
    rank = select.version_rank or ""
    takes = [name for name in table.names if name not in (*source.dimensions, "batch_id")]
    for name in given:
        if name not in takes and name != ROW and not re.search(rf"\b{re.escape(name)}\b", rank):
            near = get_close_matches(name, takes, n=1) or [", ".join(takes)]
            raise InputError(
                f"source: tables.{table.name}.select: found the column {name!r}, expected {near[0]}"
                + ("; what else users have is declared under attributes" if table.name == "users" else "")
            )
    for name in VITAL[table.name]:
        if name not in given:
            found = ", ".join(column for column in given if column != ROW)
            raise InputError(f"source: tables.{table.name}.select: found {found}; expected {name!r} among them")


def _cast(name: str, kind: str, given: bool) -> Column:
    if not given:
        return F.lit(None).cast(kind).alias(name)
    value = _as_type(name, kind)
    if name in (*IDS, *CATEGORIES):
        unknown = (*UNKNOWN_TEXTS, *NO_IDS) if name in IDS else UNKNOWN_TEXTS
        value = F.when(~F.lower(F.trim(value)).isin(*unknown), value)
    return value.alias(name)


def _as_type(name: str, kind: str) -> Column:
    """A column's values as a type; NULL where they are none of it, as what is no number or infinite is no double."""
    value = F.col(name).try_cast(kind)
    return F.when(F.abs(value) < float("inf"), value) if kind == "double" else value


def first_sellers(orders: DataFrame) -> DataFrame:
    """Who takes the lines of each order that name no seller: the first by id, so that none counts twice.

    One row per order: `_order`, `_seller`, and `_spoken_of`, whether the batch says anything of it.
    """
    spoken_of = F.max("_spoken_of") if "_spoken_of" in orders.columns else F.lit(False)
    return orders.groupBy(F.col("order_id").alias("_order")).agg(
        F.min("seller_id").alias("_seller"), spoken_of.alias("_spoken_of")
    )


def _with_order(lines: DataFrame, orders: DataFrame) -> DataFrame:
    """Lines with `_has_order` and its value, `_worth`; those that name no seller with the first of their order."""
    entry = F.struct(F.coalesce("seller_id", F.lit("")), "gmv")
    known = orders.groupBy(F.col("order_id").alias("_order")).agg(
        F.min("seller_id").alias("_seller"), F.map_from_entries(F.collect_list(entry)).alias("_gmvs")
    )
    joined = lines.join(known, on=F.col("order_id") == F.col("_order"), how="left")
    joined = joined.withColumn("seller_id", F.coalesce("seller_id", "_seller"))
    seller = F.coalesce("seller_id", F.lit(""))
    has_order = F.coalesce(F.map_contains_key("_gmvs", seller), F.lit(False))
    return joined.withColumns({"_has_order": has_order, "_worth": F.try_element_at("_gmvs", seller)}).drop(
        "_order", "_seller", "_gmvs"
    )


def _with_times(parsed: DataFrame) -> DataFrame:
    """Raw rows with `_row.times`: how many there are that are equal in full."""
    times = F.count("*").over(Window.partitionBy(f"{ROW}.fingerprint"))
    return parsed.withColumn(ROW, F.col(ROW).withField("times", times))


def _identical(name: str, context: Context) -> Column:
    """The money of a row that is equal in full to another of its file, where it has no number of its own."""
    if name not in WORTH or "line_no" in context.given:
        return F.lit(None).cast(MONEY)
    return F.when(F.col(f"{ROW}.again"), F.coalesce(WORTH[name], F.lit(0)))


def _like_number(rows: DataFrame) -> Column:
    """The warning that an id is written as a number, as spreadsheets and data frames write them, in an array."""
    ids = [F.col(name) for name in IDS if name in rows.columns]
    # Looked at in full only where it ends so: most do not.
    spoilt = [(each.endswith(".0") | each.contains("E+")) & each.rlike(LIKE_NUMBER) for each in ids]
    return names_of([F.when(reduce(Column.__or__, [F.coalesce(each, F.lit(False)) for each in spoilt]), "like_number")])


def _with_reasons(rows: DataFrame, name: str, context: Context, number: int, is_counted: bool) -> DataFrame:
    """Rows with all that labels go by; `_times` where raw rows were counted (_with_times)."""
    found = F.col(f"{ROW}.reasons")
    # A value that could not be read is not missing as well, and of a malformed line nothing is known at all.
    broke = F.array_distinct(F.concat(found, F.col("_lost"), broken(name, context, "quarantine")))
    reasons = (
        F.when(F.array_contains(found, "malformed_line"), found)
        .when(F.size(found) + F.size("_lost") > 0, F.array_remove(broke, "missing_value"))
        .otherwise(broke)
    )
    return rows.select(
        *[column for column in rows.columns if column not in (ROW, "_has_order", "_lost")],
        reasons.alias("_reasons"),
        F.concat(f"{ROW}.warnings", _like_number(rows), broken(name, context, "warn")).alias("_warnings"),
        F.col(f"{ROW}.file").alias("_file"),
        F.col(f"{ROW}.batch").alias("_batch"),
        F.xxhash64(F.lit(number), f"{ROW}.fingerprint").alias("_fingerprint"),
        F.col(f"{ROW}.fingerprint").alias("_raw_fingerprint"),
        F.col(f"{ROW}.record").alias("_known_record"),
        F.col(f"{ROW}.raw").alias(f"_raw_{number}"),
        _identical(name, context).alias("_identical"),
        *([F.col(f"{ROW}.times").alias("_times")] if is_counted else []),
    )
