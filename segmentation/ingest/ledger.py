"""Every row and every rupiah that came in, accounted for: read = accepted + quarantined + duplicate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.errors import GateError
from segmentation.ingest.labels import ACCEPTED, DUPLICATE, LABELS, QUARANTINED
from segmentation.ingest.quality_rules import WITH_MONEY
from segmentation.schemas import SUM

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class RowCount:
    """Rows, and their money in the source's currency: GMV of orders, subtotals of lines that are equal in full; None
    where none is counted.
    """

    rows: int = 0
    amount: Decimal | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: what came in for a table, and what became of it.

    released and outranked are rows of earlier batches: those that came into the table only now, and those that
    left it. Before + accepted + released - outranked is what the table holds.
    """

    table: str
    read: RowCount
    accepted: RowCount
    quarantined: RowCount
    duplicate: RowCount
    released: RowCount = RowCount()
    outranked: RowCount = RowCount()

    def refused_share(self, waiting: int = 0) -> float:
        """Refused rows as a fraction of those read, without those that only wait."""
        return (self.quarantined.rows - waiting) / self.read.rows if self.read.rows else 0.0

    def row(self, run_id: str) -> tuple[object, ...]:
        """The entry in the order of the ledger's columns."""
        counts = (self.read, self.accepted, self.quarantined, self.duplicate, self.released, self.outranked)
        return (run_id, self.table, *[count.rows for count in counts], *[count.amount for count in counts])


Counts = Mapping[tuple[str, str], RowCount]
NEW, EARLIER, STORED = "new", "earlier", "stored"


@dataclass(frozen=True)
class Tally:
    """What one aggregation says of labelled rows.

    counts: rows and money by origin and label. Of the rows of the batch: identical, those that are equal in full to
    another of their file, with their money; known, in how many each of the asked columns holds a value; warned, of the
    accepted ones those that break each rule which only warns (rules that nothing breaks are left out); worth, the money
    of those whose money is told (WITH_MONEY). last_day: that of the last accepted order of any origin. torn: rows of
    any origin that one raw row became, of one key and with different amounts.
    """

    counts: Counts
    identical: RowCount = RowCount()
    known: Mapping[str, int] = field(default_factory=dict)
    warned: Mapping[str, int] = field(default_factory=dict)
    worth: Mapping[str, Decimal] = field(default_factory=dict)
    last_day: date | None = None
    torn: int = 0


def tally(labelled: DataFrame, batch: str, vital: Collection[str] = (), rules: Collection[str] = ()) -> Tally:
    """Labelled rows counted, in one aggregation. An amount that could not be read counts 0.

    The money of lines that orders are put together from (`_part`) is that of their own batch, whenever the order came.

    `vital` are columns whose values are counted, `rules` those that only warn. Origins: `new`, rows of the batch;
    `earlier`, rows of earlier batches that were judged again; `stored`, rows that the table holds already.
    """
    has_gmv = "gmv" in labelled.columns
    has_parts = "_part" in labelled.columns
    is_part = F.col("_part").isNotNull() if has_parts else F.lit(False)
    gmv = F.coalesce(F.sum(F.when(~is_part, F.col("gmv"))), F.lit(0)) if has_gmv else F.lit(None)
    parts = F.coalesce(F.sum("_part"), F.lit(0)) if has_parts else F.lit(0)
    of_money = [rule for rule in rules if rule in WITH_MONEY] if has_parts else []
    worth = {rule: F.sum(F.when(F.array_contains("_warnings", rule), F.col("gmv"))) for rule in of_money}
    origin = F.when(F.col("_stored"), STORED).when(F.col("_batch") == batch, NEW).otherwise(EARLIER)
    # Of a refused order the day may be one that Python has none for.
    accepted_day = F.when(F.col("_label") == ACCEPTED, F.to_date("ordered_at"))
    sums = labelled.groupBy(origin.alias("origin"), "_label").agg(
        F.count("*").alias("rows"),
        gmv.cast(SUM).alias("gmv"),
        parts.cast(SUM).alias("parts"),
        F.count("_identical").alias("identical_rows"),
        F.coalesce(F.sum("_identical"), F.lit(0)).cast(SUM).alias("identical_money"),
        (F.count_if("_torn") if "_torn" in labelled.columns else F.lit(0)).alias("torn"),
        *[F.count(name).alias(f"known_{name}") for name in vital],
        *[F.count_if(F.array_contains("_warnings", rule)).alias(f"warned_{rule}") for rule in rules],
        *[money.cast(SUM).alias(f"worth_{rule}") for rule, money in worth.items()],
        (F.max(accepted_day) if "ordered_at" in labelled.columns else F.lit(None)).alias("last_day"),
    )
    rows = sums.collect()
    nothing = RowCount(0, ZERO if has_gmv else None)
    counts = {(row["origin"], row["_label"]): RowCount(row["rows"], row["gmv"]) for row in rows}
    for row in rows:  # accepted money, of the line that is the order and of those that are duplicates beside it
        of_orders = (row["origin"], ACCEPTED)
        counts[of_orders] = plus(counts.get(of_orders, nothing), RowCount(0, row["parts"] if has_parts else None))
    new = [row for row in rows if row["origin"] == NEW]
    accepted = [row for row in rows if row["_label"] == ACCEPTED]
    worths = {rule: row[f"worth_{rule}"] for row in accepted if row["origin"] == NEW for rule in of_money}
    warned = {rule: row[f"warned_{rule}"] for row in accepted if row["origin"] == NEW for rule in rules}
    return Tally(
        counts={
            (origin, label): counts.get((origin, label), nothing)
            for origin in (NEW, EARLIER, STORED)
            for label in LABELS
        },
        identical=plus(*[RowCount(row["identical_rows"], row["identical_money"]) for row in new]),
        known={name: sum(row[f"known_{name}"] for row in new) for name in vital},
        warned={rule: number for rule, number in warned.items() if number},
        worth={rule: money for rule, money in worths.items() if money is not None},
        last_day=max((row["last_day"] for row in accepted if row["last_day"]), default=None),
        torn=sum(row["torn"] for row in rows),
    )


def entry(table: str, counts: Counts, before: RowCount | None = None) -> Entry:
    """The ledger line of a labelled table.

    `before` is what the table held, where it was made anew of all batches: of rows that came in or left only
    the difference is known then.
    """
    parts = [counts[NEW, label] for label in LABELS]
    released = counts[EARLIER, ACCEPTED]
    outranked = plus(counts[STORED, QUARANTINED], counts[STORED, DUPLICATE])
    if before is not None:
        more = released.rows >= before.rows
        nothing = minus(before, before)
        released, outranked = (minus(released, before), nothing) if more else (nothing, minus(before, released))
    accepted, quarantined, duplicate = parts
    return Entry(table, plus(*parts), accepted, quarantined, duplicate, released, outranked)


def rows_after(counts: Counts, before: RowCount | None = None) -> RowCount:
    """What a table holds when the labels have been acted on; it held `before`, or is made anew of all labelled rows."""
    added = plus(counts[NEW, ACCEPTED], counts[EARLIER, ACCEPTED])
    if before is None:
        return added
    return minus(plus(before, added), plus(counts[STORED, QUARANTINED], counts[STORED, DUPLICATE]))


def plus(*counts: RowCount) -> RowCount:
    """Counts together."""
    amounts = [count.amount for count in counts if count.amount is not None]
    return RowCount(sum(count.rows for count in counts), sum(amounts, ZERO) if amounts else None)


def minus(whole: RowCount, part: RowCount) -> RowCount:
    """A count without a part of it."""
    amount = None if whole.amount is None else whole.amount - (part.amount or ZERO)
    return RowCount(whole.rows - part.rows, amount)


def check_quarantine(
    entries: list[Entry],
    limit: float,
    waiting: Mapping[str, int] | None = None,
    said_in: str = "quality.max_quarantine_share",
) -> None:
    """Stop before anything is published where too many rows were refused.

    `waiting` are rows that came before what they belong to, by name of the table: they are not broken. `said_in` is the
    key that the limit stands in.
    """
    for line in entries:
        waits = (waiting or {}).get(line.table, 0)
        share = line.refused_share(waits)
        if share > limit:
            raise GateError(
                f"{line.table}: {line.quarantined.rows - waits:,} of {line.read.rows:,} rows "
                f"({share:.1%}) would be quarantined, expected at most {limit:.1%}; "
                f"mend the export, or raise {said_in}",
                line.table,
            )


def check_raw(table: str, labelled_rows: int, raw_rows: int) -> None:
    """Stop where a SELECT yields fewer rows than the raw file that it is counted on has."""
    if labelled_rows < raw_rows:
        raise GateError(
            f"{table}: {raw_rows:,} rows came in and {labelled_rows:,} were judged; expected a SELECT that only "
            "left-joins from the raw table that it is counted on"
        )


def check_lost(table: str, raw: str, lost: int, example: str) -> None:
    """Stop where raw rows are in none that a SELECT yields, however many it makes of the others."""
    if lost:
        rows = f"{lost:,} row{'s' if lost != 1 else ''} of {raw}"
        raise GateError(
            f"{table}: {rows} came in and became none that was judged, such as {example}; expected a SELECT that only "
            "left-joins from the raw table that it is counted on, and leaves no row out"
        )


def check_committed(line: Entry, expected: RowCount, found: RowCount, refused: int) -> None:
    """Stop where the committed tables do not hold what was labelled."""
    if (found, refused) != (expected, line.quarantined.rows):
        raise GateError(
            f"{line.table}: the tables hold {found.rows:,} accepted rows and {refused:,} refused ones of this batch, "
            f"expected {expected.rows:,} and {line.quarantined.rows:,}: the ledger does not add up"
        )
