"""Why a column is empty in every row: the commonest reason, one of the rows that have it, and the key to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.ingest.examples import shown
from segmentation.ingest.labels import QUARANTINED
from segmentation.ingest.quality_rules import most_often
from segmentation.ingest.unreadable import unreadable
from segmentation.raw.inputs import file_name
from segmentation.source import RawTable

SHOWN = 5  # statuses


def why_empty(
    table: str,
    rows: DataFrame,
    raws: Iterable[tuple[str, DataFrame, RawTable]],
    statuses: Callable[[], Sequence[tuple[str, int]]],
) -> str:
    """What the refused ones among a table's labelled rows say of it; empty where none is refused.

    `raws` are the raw tables that the rows come from: name, parsed rows, declaration. `statuses` asks for the raw
    statuses and how many rows have each.
    """
    refused = rows.where(F.col("_label") == QUARANTINED)
    reasons = refused.select(F.explode("_reasons").alias("reason"), "_file", "_record").groupBy("reason")
    counts = reasons.agg(F.count("*").alias("rows"), F.min(F.struct("_file", "_record")).alias("first"))
    most = counts.orderBy(F.col("rows").desc(), "reason").first()
    if most is None:
        return ""
    reason, first = most["reason"], most["first"]
    said = [most_often(table, reason, most["rows"])]
    said.append(f"such as {shown(first['_record'] or '')} in {file_name(first['_file'])}")
    if reason == "malformed_line":
        named = ", ".join(f"raw.{name}" for name, _, _ in raws)
        said.append(f"mend the export, or options (sep, quote, header) of {named} in the source file")
    elif reason == "unknown_status":
        found = ", ".join(f"{status!r} ({count:,})" for status, count in statuses()[:SHOWN])
        said.append(f"found {found}: list what they mean under statuses in the source file")
    else:
        said += filter(None, [unreadable(parsed, declared) for _, parsed, declared in raws])
    return "; ".join(said)
