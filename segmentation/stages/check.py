"""--check: a look at the input before anything is done with it. It knows no lake, and writes nothing."""

from __future__ import annotations

from segmentation.errors import GateError
from segmentation.ingest.check import ROWS, RawCheck, Report, check
from segmentation.ingest.ledger import check_quarantine
from segmentation.progress import Progress
from segmentation.raw import find_inputs
from segmentation.run import Run
from segmentation.stages.ingest_log import (
    tell_copies,
    tell_passed_over,
    tell_refusals,
    tell_table,
    tell_warning,
    with_reason,
)


def check_input(run: Run) -> None:
    """Judge the first rows of each file and say what would come of them; a GateError where a run would stop."""
    spark, config, progress, source = run.spark, run.config, run.progress, run.source
    limit = config.rows or ROWS
    progress.line(f"{source.title or source.name} · check of up to {limit:,} rows a file; nothing is written")
    with progress.step("check", "ingest") as facts:
        inputs = find_inputs(spark, source, config.input, digested=False)
        tell_passed_over(progress, inputs)
        report = check(spark, source, inputs, config.standards(run.today), limit)
        looked_at = sum(line.read.rows for line in report.entries)
        facts.add(f"{looked_at:,} rows", rows=looked_at)
    for table in report.tables:
        tell_table(progress, table.entry, table.refused, table.not_judged)
        tell_refusals(progress, table.refusals)
        tell_refusals(progress, table.unsure, judged=False)
        for warning, rows in sorted(table.warned.items()):
            tell_warning(progress, table.name, warning, rows)
    for name, count in report.copies.items():
        tell_copies(progress, name, count, source)
    for raw in report.raws:
        _tell_raw(progress, raw)
    _tell_totals(progress, report, source.currency)
    share = config.max_quarantine_share
    try:
        check_quarantine(report.entries, share, said_in=config.share_is_in)
    except GateError as error:
        found = {table.name: table.refusals for table in report.tables}
        raise with_reason(run, error, found, report.part) from None
    part = "these are all rows" if report.is_whole else "of the rows looked at"
    progress.line(f"would pass: no table has more than {share:.1%} of its rows refused ({part})")


def _tell_raw(progress: Progress, raw: RawCheck) -> None:
    files = f"{raw.files} file{'s' if raw.files != 1 else ''}, {'whole' if raw.is_whole else 'in part'}"
    text = f"{raw.name}: {files}"
    if raw.unused:
        text += f"; the source does not use {', '.join(raw.unused)}"
    if raw.empty:
        text += f"; empty in all rows looked at: {', '.join(raw.empty)}"
    facts = {"table": raw.name, "files": raw.files, "whole": raw.is_whole, "unused": raw.unused, "empty": raw.empty}
    progress.line(f"  {text}", text, facts=facts)


def _tell_totals(progress: Progress, report: Report, currency: str) -> None:
    totals = report.totals
    if totals is None:
        return
    days = f"from {totals.first} to {totals.last}" if totals.first else "none"
    text = f"accepted orders: {days}; GMV of sales {totals.gmv_of_sales:,}, of all orders {totals.gmv:,} {currency}"
    progress.line(
        f"  {text}",
        text,
        facts={
            "first_day": totals.first,
            "last_day": totals.last,
            "gmv_of_sales": totals.gmv_of_sales,
            "gmv": totals.gmv,
            "whole": report.is_whole,
        },
    )
