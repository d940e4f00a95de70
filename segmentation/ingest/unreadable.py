"""A column that became something else: what to say where most of it cannot be read any more."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.ingest.parse import DAY, NUMBERS, ROW, TIME, bare
from segmentation.raw.inputs import file_name
from segmentation.raw.read import CORRUPT
from segmentation.source import RawColumn, RawTable
from segmentation.sql import quoted

MOST = 0.5  # share of a column's values


def unreadable(parsed: DataFrame, table: RawTable) -> str | None:
    """The sentence about the file's column of which most cannot be read as its type; None where there is none.

    `parsed` is what parse returns: one row per raw row.
    """
    there = parsed.schema[ROW].dataType["raw"].dataType.names  # type: ignore[index]
    columns = {name: column for name, column in table.columns.items() if column.type != "string" and name in there}
    if not columns:
        return None
    measures = []
    for at, name in enumerate(columns):
        text = bare(F.col(f"{ROW}.raw")[name].cast("string"))
        filled = text.isNotNull() & ~text.isin(*table.nulls)
        unread = filled & F.col(quoted(name)).isNull() & (F.col(f"{ROW}.raw.{CORRUPT}").isNull())
        measures += [
            F.count_if(filled).alias(f"filled_{at}"),
            F.count_if(unread).alias(f"unread_{at}"),
            F.min(F.when(unread, text)).alias(f"example_{at}"),
        ]
    worst: tuple[float, str] | None = None
    for row in parsed.groupBy(F.col(f"{ROW}.file").alias("file")).agg(*measures).collect():
        for at, (name, column) in enumerate(columns.items()):
            share = row[f"unread_{at}"] / row[f"filled_{at}"] if row[f"filled_{at}"] else 0.0
            if share > MOST and (worst is None or share > worst[0]):
                file = file_name(row["file"])
                said = f"{file}: {share:.0%} of column {name!r} cannot be read as {column.type}"
                worst = (share, f"{said}, such as {row[f'example_{at}'][:40]!r}{_mend(column)}")
    return worst[1] if worst else None


def _mend(column: RawColumn) -> str:
    """What the source can say of a column that is written otherwise."""
    if column.type in ("date", "timestamp"):
        return f"; mend the column's format, which is {column.format or (TIME if column.type == 'timestamp' else DAY)}"
    if column.type.startswith(NUMBERS):
        return (
            "; say thousands or decimal_sign of it, or declare it string and take out in the SELECT what is no number"
        )
    return ""
