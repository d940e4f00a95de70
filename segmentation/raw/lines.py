"""Text files whose lines are cut by position or by runs of blanks, which Spark's CSV reader cannot do."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.source import RawTable

# With these the CSV reader hands over whole lines, without blank ones and a header: nothing parts or quotes them.
WHOLE_LINES: dict[str, str | bool] = {"sep": "\x01", "quote": ""}
# RFC 4180: a quote inside a quoted field is written twice. Spark's own default is a backslash.
CSV_DEFAULTS: dict[str, str | bool] = {"header": True, "quote": '"', "escape": '"', "encoding": "UTF-8"}
BLANKS = r"\s+"


def cut(line: Column, table: RawTable, columns: Sequence[str]) -> list[Column]:
    """The columns of a line, as text; NULL those that it is too short for."""
    if table.format == "fixed":
        places = {name: column.at or (1, 1) for name, column in table.columns.items()}
        return [F.substring(line, start, end - start + 1).alias(name) for name, (start, end) in places.items()]
    fields = _fields(line)
    return [F.get(fields, F.lit(at)).alias(name) for at, name in enumerate(columns)]


def is_malformed(line: Column, table: RawTable, columns: Sequence[str]) -> Column:
    """Whether a line has another number of fields than columns, or ends within one that it must have.

    Of a number half of whose digits are gone nothing is to be seen, so that it must be there to its end; a text may
    have lost blanks at its end.
    """
    if table.format != "fixed":
        return F.size(_fields(line)) != len(columns)
    ends = [
        column.at[0] if column.type == "string" else column.at[1]
        for column in table.columns.values()
        if column.at and not column.optional
    ]
    return F.char_length(line) < max(ends, default=0)


def with_columns_cut(lines: DataFrame, table: RawTable, columns: Sequence[str], corrupt: str, file: str) -> DataFrame:
    """One row per line: its columns as text, the whole line in `corrupt` where it is malformed, and its `file`.

    `lines` have `value`, `corrupt` (the whole line, where a sign in it parted it) and `file`.
    """
    line = F.coalesce(corrupt, "value")
    whole = lines.select(line.alias("_line"), file)
    malformed = F.when(is_malformed(F.col("_line"), table, columns), F.col("_line"))
    return whole.select(*cut(F.col("_line"), table, columns), malformed.alias(corrupt), file)


def _fields(line: Column) -> Column:
    return F.split(F.regexp_replace(line, r"^\s+|\s+$", ""), BLANKS)


def options_of(table: RawTable) -> dict[str, str | bool | int]:
    """What Spark's CSV reader is told."""
    if table.is_cut:
        return {"encoding": "UTF-8", **table.options, **WHOLE_LINES, "header": table.has_header}
    return {**CSV_DEFAULTS, **table.options}
