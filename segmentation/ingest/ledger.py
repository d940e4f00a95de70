"""Every row and every rupiah that came in, accounted for: read = accepted + quarantined + duplicate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.errors import GateError

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Count:
    """Rows, and their GMV where the table has any."""

    rows: int = 0
    gmv: Decimal | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: what came in for a table, and what became of it."""

    table: str
    read: Count
    accepted: Count
    quarantined: Count
    duplicate: Count

    @property
    def quarantine_share(self) -> float:
        """Refused rows as a fraction of those read."""
        return self.quarantined.rows / self.read.rows if self.read.rows else 0.0

    def row(self, run_id: str) -> tuple[object, ...]:
        """The entry in the order of the ledger's columns."""
        counts = (self.read, self.accepted, self.quarantined, self.duplicate)
        return (run_id, self.table, *[count.rows for count in counts], *[count.gmv for count in counts])


def count_labels(labelled: DataFrame) -> dict[str, Count]:
    """Rows and GMV by label; one aggregation. An amount that could not be read counts 0."""
    has_gmv = "gmv" in labelled.columns
    gmv = F.coalesce(F.sum("gmv"), F.lit(0)) if has_gmv else F.lit(None)
    rows = labelled.groupBy("_label").agg(F.count("*").alias("rows"), gmv.cast("decimal(28,2)").alias("gmv")).collect()
    nothing = Count(0, ZERO if has_gmv else None)
    counts = {row["_label"]: Count(row["rows"], row["gmv"]) for row in rows}
    return {label: counts.get(label, nothing) for label in ("accepted", "quarantined", "duplicate")}


def entry(table: str, counts: Mapping[str, Count]) -> Entry:
    """The ledger line of a labelled table."""
    parts = [counts[label] for label in ("accepted", "quarantined", "duplicate")]
    gmvs = [part.gmv for part in parts if part.gmv is not None]
    return Entry(table, Count(sum(part.rows for part in parts), sum(gmvs, ZERO) if gmvs else None), *parts)


def check_quarantine(entries: list[Entry], limit: float) -> None:
    """Stop before anything is published where too many rows were refused."""
    for line in entries:
        if line.quarantine_share > limit:
            raise GateError(
                f"{line.table}: {line.quarantined.rows:,} of {line.read.rows:,} rows "
                f"({line.quarantine_share:.1%}) would be quarantined, expected at most {limit:.1%}; "
                "mend the export, or raise quality.max_quarantine_share"
            )


def check_raw(table: str, labelled_rows: int, raw_rows: int) -> None:
    """Stop where a SELECT yields fewer rows than the raw file that it is counted on has."""
    if labelled_rows < raw_rows:
        raise GateError(
            f"{table}: {raw_rows:,} rows came in and {labelled_rows:,} were judged; expected a SELECT that only "
            "left-joins from the raw table that it is counted on"
        )


def check_committed(expected: Entry, accepted: Count, quarantined_rows: int) -> None:
    """Stop where the committed tables do not hold what was labelled."""
    found = (accepted.rows, accepted.gmv, quarantined_rows)
    if found != (expected.accepted.rows, expected.accepted.gmv, expected.quarantined.rows):
        raise GateError(
            f"{expected.table}: the tables hold {accepted.rows:,} accepted and {quarantined_rows:,} quarantined rows, "
            f"expected {expected.accepted.rows:,} and {expected.quarantined.rows:,}: the ledger does not add up"
        )
