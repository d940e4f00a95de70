"""What judged tables are said to hold: for people lines, for machines messages with their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from segmentation.errors import GateError
from segmentation.ingest.batch import LabelledTable
from segmentation.ingest.ledger import Entry, RowCount
from segmentation.ingest.parse import parse
from segmentation.ingest.quality_rules import most_often, sentences
from segmentation.ingest.refusals import Refusal, refusals, refused_alike
from segmentation.ingest.unreadable import unreadable
from segmentation.progress import Progress
from segmentation.raw import RawInput, read_raw
from segmentation.run import Run
from segmentation.source import Source

NAMED = 5  # files that are passed over


def tell_passed_over(progress: Progress, inputs: Mapping[str, RawInput]) -> None:
    """Files that may have been meant and are not read."""
    for raw in inputs.values():
        if found := raw.passed_over:
            number = f"{len(found):,} files are" if len(found) > 1 else "1 file is"
            more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
            text = (
                f"  {raw.name}: {number} passed over, by the case of their names or since they stand in a subfolder: "
                f"{', '.join(found[:NAMED])}{more}; rename or move what belongs to it"
            )
            progress.warning(text, table=raw.name, files=len(found))


def tell_empty(
    progress: Progress, source: Source, tables: Mapping[str, LabelledTable], inputs: Mapping[str, RawInput]
) -> None:
    """Files that came and hold no rows, as on a day without sales."""
    for name, table in tables.items():
        raws = [select.counted_on for select in source.tables[name]] if name in source.tables else [name]
        files = [file.name for raw in raws for file in inputs[raw].files]
        if files and not table.entry.read.rows:
            text = f"{name}: nothing new, {', '.join(files)} {'have' if len(files) > 1 else 'has'} a header and no rows"
            progress.line(f"  {text}", text, facts={"table": name, "rows": 0})


def tell_warning(
    progress: Progress, table: str, warning: str, rows: int, money: Decimal | None = None, currency: str = ""
) -> None:
    """Accepted rows that break a rule which only warns, and what they are worth together, where that is known."""
    in_all = "" if money is None else f" ({money:,} {currency} in all)"
    worth = {} if money is None else {"money": money}
    text = f"  {table}: {rows:,} accepted rows{in_all} where {sentences(table)[warning]}"
    progress.warning(text, table=table, warning=warning, rows=rows, **worth)


def tell_table(progress: Progress, line: Entry, refused: int, not_judged: int = 0) -> None:
    """A table's rows by what becomes of them."""
    counts = {"accepted": line.accepted.rows, "duplicate": line.duplicate.rows, "refused": refused}
    if not_judged:
        counts["not judged"] = not_judged
    said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    share = f" ({refused / line.read.rows:.1%})" if refused and line.read.rows else ""
    text = f"{line.table}: {line.read.rows:,} rows looked at: {said.replace(' refused', f' refused{share}')}"
    values = {name.replace(" ", "_"): count for name, count in counts.items()}
    progress.line(f"  {text}", text, facts={"table": line.table, "rows": line.read.rows, **values})


def tell_refusals(progress: Progress, found: Iterable[Refusal], judged: bool = True) -> None:
    """Each reason with the number of rows that have it, and one of these with its file."""
    for each in found:
        said = f"{each.reason}: {each.sentence}"
        if not judged:
            said = f"not judged: {said} among those looked at"
        where = f"in {each.file}: {each.example}" if each.file else each.example
        progress.line(
            f"  {each.rows:>9,}  {said}\n             {where}",
            f"{each.table}: {each.rows:,} {said}; {where}",
            facts={
                "table": each.table,
                "reason": each.reason,
                "rows": each.rows,
                "example": each.example,
                "file": each.file,
                "judged": judged,
            },
        )


def tell_copies(progress: Progress, table: str, identical: RowCount, source: Source) -> None:
    """Rows that are equal in full, without a number of their own: what they were taken for, and what says otherwise."""
    taken, other = ("rows of their own", "duplicate") if source.copies_are_real else ("copies", "real")
    number = f"{identical.rows:,} rows are" if identical.rows != 1 else "1 row is"
    text = (
        f"  {table}: {number} equal in full to another of the same file, without a number of its own "
        f"({identical.amount or 0:,} {source.currency} in all): taken for {taken}; "
        f"identical_rows: {other} in the source says otherwise"
    )
    progress.warning(text, table=table, warning="identical_rows", rows=identical.rows, money=identical.amount)


def tell_undeclared(progress: Progress, table: str, apart: RowCount, columns: Sequence[str], source: Source) -> None:
    """Rows that count beside earlier ones only for what nobody declared, and how that is mended."""
    number = f"{apart.rows:,} rows are" if apart.rows != 1 else "1 row is"
    money = f" ({apart.amount:,} {source.currency} in all)" if apart.amount is not None else ""
    named = f", now {', '.join(columns)}," if columns else ""
    text = (
        f"  {table}: {number} equal to rows of earlier batches in all that the source declares, and counted beside "
        f"them{money}: what it does not declare{named} tells them apart, or how numbers are written (12, 12.0); "
        "declare the column where that is right, else leave it out of the export, or write numbers as before, and "
        "begin a new lake"
    )
    progress.warning(text, table=table, warning="undeclared_columns", rows=apart.rows, money=apart.amount)


def tell_refused(
    run: Run, error: GateError, tables: Mapping[str, LabelledTable], inputs: Mapping[str, RawInput]
) -> GateError:
    """Say what of a batch is refused and why, by table; returns the error with the commonest reason."""
    found = refusals(refused_alike(tables.values(), run.run_id))
    lines = [table.entry for table in tables.values()]
    for line in lines:
        if line.quarantined.rows:
            tell_table(run.progress, line, line.quarantined.rows)
            tell_refusals(run.progress, found.get(line.table, ()))
    return with_reason(run, error, found, inputs)


def with_reason(
    run: Run, error: GateError, found: Mapping[str, Sequence[Refusal]], inputs: Mapping[str, RawInput]
) -> GateError:
    """The error about too many refused rows, with the reason that most of them have."""
    said = [str(error)]
    if found.get(error.table):
        first = found[error.table][0]
        said.append(most_often(first.table, first.reason, first.rows))
        if first.reason == "date_out_of_range":
            said.append(f"mend {run.config.years_are_in}")
    # A column that became something else may be why so much is refused.
    came = [raw for raw in inputs.values() if raw.files]
    retyped = [unreadable(parse(read_raw(run.spark, raw), raw.table), raw.table) for raw in came]
    return GateError("; ".join([*said, *filter(None, retyped)]), error.table)
