"""Whether the report can be trusted: what came in and what became of it, what is unknown, what made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from segmentation import schemas
from segmentation.i18n.numbers import number
from segmentation.ingest.quality_rules import LINE_WITHOUT_ORDER
from segmentation.reporting.charts.bars import Bar, Panel, draw_bars
from segmentation.reporting.charts.flow import Flow, Part, draw_flows
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import ReportData, rows
from segmentation.reporting.sections.values import revenue_known
from segmentation.reporting.theme import ACCEPTED, DUPLICATE, FULL, QUARANTINED
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

FATES = (("accepted", ACCEPTED), ("duplicate", DUPLICATE), ("quarantined", QUARANTINED))
CAME, LATER = ("read", "accepted", "duplicate", "quarantined"), ("released", "outranked")
REASONS_SHOWN = 12
FEW = 5  # refused rows: of fewer, none stands out, and all can be named


@dataclass(frozen=True)
class LedgerLine:
    """One table's lines of the ledger: the last batch in rows and, for orders, in money, and the same of all batches
    so far where there were others ([] where there were none)."""

    table: str
    rows: Sequence[str]
    money: Sequence[str]
    all_rows: Sequence[str] = ()
    all_money: Sequence[str] = ()


def pictures(data: ReportData, voice: Voice) -> list[Picture]:
    """The ledger as a picture, and quarantined rows by reason."""
    return [picture for picture in (_ledger(data, voice), _reasons(data, voice)) if picture]


def entries(data: ReportData, voice: Voice) -> list[LedgerLine]:
    """The ledger's table; a table that was in earlier batches alone has no rows in the last one."""
    last = {str(row["table_name"]): row for row in rows(data.ledger)}
    ever = {str(row["table_name"]): row for row in rows(data.all_batches)} if batches(data) > 1 else {}
    return [
        LedgerLine(
            voice.labels.table(name), *_told(last.get(name), voice), *(_told(ever[name], voice) if name in ever else ())
        )
        for name in sorted({*last, *ever}, key=_place)
    ]


def batches(data: ReportData) -> int:
    """How many batches were taken in so far."""
    return int(max((number(row["batches"]) or 0.0 for row in rows(data.all_batches)), default=0.0))


def which_batch(data: ReportData, voice: Voice) -> str:
    """Which batches the section speaks of; "" where that is not known."""
    count = batches(data)
    if count < 1:
        return ""
    return voice.translate("ledger.only" if count == 1 else "ledger.last", count=voice.figures.count(count))


def later(data: ReportData, voice: Voice) -> str:
    """What became of rows after their batch; "" where nothing did."""
    if batches(data) < 2:
        return ""
    sums = [sum(number(row[f"rows_{name}"]) or 0.0 for row in rows(data.all_batches)) for name in LATER]
    if not any(sums):
        return ""
    return voice.translate("ledger.later", **dict(zip(LATER, map(voice.figures.count, sums), strict=True)))


def _told(row: Row | None, voice: Voice) -> tuple[list[str], list[str]]:
    """Rows and money that came in, and what became of them; of a table that is not there nothing came in."""
    if row is None:
        return [voice.figures.count(0) for _ in CAME], []
    counts = [voice.figures.count(row[f"rows_{name}"]) for name in CAME]
    money = [] if row["gmv_read"] is None else [voice.figures.money_full(row[f"gmv_{name}"]) for name in CAME]
    return counts, money


def accepted_share(data: ReportData) -> float | None:
    """Accepted rows over all that came in and was no duplicate, of orders where the ledger has them."""
    return _accepted_share(rows(data.ledger))


def accepted_share_of_all(data: ReportData) -> float | None:
    """Accepted rows over all that came in and was no duplicate, of all batches so far; None where there was one."""
    return _accepted_share(rows(data.all_batches)) if batches(data) > 1 else None


def _accepted_share(ledger: Sequence[Row]) -> float | None:
    orders = _orders(ledger) or ledger
    accepted = sum(number(row["rows_accepted"]) or 0.0 for row in orders)
    refused = sum(number(row["rows_quarantined"]) or 0.0 for row in orders)
    return accepted / (accepted + refused) if accepted + refused else None


def copies(data: ReportData, voice: Voice) -> list[str]:
    """How many order rows of the last batch were duplicates, and their money: nothing of rows of which several make an
    order, where most are one of its lines.
    """
    row = next(iter(_orders(rows(data.ledger))), None)
    if row is None or not number(row["rows_duplicate"]) or by_lines(data, voice):
        return []
    money = voice.figures.money_full(row["gmv_duplicate"])
    return [voice.translate("summary.copies", rows=voice.figures.count(row["rows_duplicate"]), money=money)]


def by_lines(data: ReportData, voice: Voice) -> str:
    """What became of raw rows of which several make an order: none of these is a duplicate because another line of its
    order is there. "" in other sources, or where no ledger was kept.
    """
    told = _refused_lines(data, voice)
    if not told:
        return ""
    orders = _orders(rows(data.ledger))
    refused = sum(number(row["rows_quarantined"]) or 0.0 for row in orders)
    if batches(data) > 1:
        ever = _orders(rows(data.all_batches))
        read, gone = (sum(number(row[f"rows_{name}"]) or 0.0 for row in ever) for name in ("read", "quarantined"))
        of_all = {"all_read": voice.figures.count(read), "all_refused": voice.figures.count(gone)}
        return voice.translate("by_lines.batches", **told, **of_all)
    made = sum(number(row["rows_accepted"]) or 0.0 for row in orders)
    form = "none" if not refused else "one" if refused == 1 else "some"
    return voice.translate(f"by_lines.{form}", **told, orders=voice.figures.count(made))


def _refused_lines(data: ReportData, voice: Voice) -> dict[str, str]:
    """read, refused and raw as texts; {} where rows are no lines of orders."""
    orders = _orders(rows(data.ledger))
    if data.business.grain != "line" or not orders:
        return {}
    sums = {name: sum(number(row[f"rows_{name}"]) or 0.0 for row in orders) for name in ("read", "quarantined")}
    read, refused = (voice.figures.count(sums[name]) for name in ("read", "quarantined"))
    return {"read": read, "refused": refused, "raw": voice.labels.table(data.business.raw_orders)}


def _orders(ledger: Sequence[Row]) -> list[Row]:
    return [row for row in ledger if row["table_name"] == "orders"]


def unknowns(dimensions: dict[str, list[Row]], voice: Voice, least: float = 0.0) -> list[str]:
    """What the source does not tell, as sentences: where more than `least` is unknown, of the sales their revenue, of
    GMV its dimensions."""
    found = []
    total = next(iter(dimensions.get("total", [])), None)
    if total is not None and total["revenue"] is None and (number(total["orders"]) or 0.0) > 0:
        found.append(voice.translate("trust.no_revenue"))
    elif total is not None and (part := revenue_known([total], voice, least)):
        found.append(part)
    for name in sorted(dimensions):
        if all(row["value"] is None for row in dimensions[name]):
            continue  # the source has no such thing
        for row in dimensions[name]:
            if name not in ("total", "month") and row["value"] is None and (number(row["gmv_share"]) or 0.0) > least:
                share = voice.figures.share(row["gmv_share"])
                found.append(voice.translate("trust.unknown", dimension=voice.labels.dimension(name), share=share))
    return found


def remarks(data: ReportData, voice: Voice) -> list[str]:
    """What is to be known of rows that the last batch accepted: how many broke a rule that only warns, and what rows
    that are equal in full were taken for.
    """
    return [_remark(row, data, voice) for row in rows(data.warnings)]


def _remark(row: Row, data: ReportData, voice: Voice) -> str:
    is_copies, real = row["warning"] == "identical_rows", data.business.counts_identical_rows
    told = voice.translate(
        f"trust.remark_{'real' if real else 'copies'}" if is_copies else "trust.remark",
        table=voice.labels.table(str(row["table_name"])),
        warning=voice.labels.reason(str(row["warning"])),
        rows=voice.figures.count(row["rows"]),
    )
    whole = sum(number(line["gmv_accepted"]) or 0.0 for line in _orders(rows(data.ledger)))
    money = number(row.get("gmv"))  # a lake of an earlier release does not say
    if not (is_copies and real and whole and money):
        return told
    return f"{told} {voice.translate('trust.remark_hold', share=voice.figures.share(money / whole))}"


def unknown_of_all(data: ReportData, voice: Voice) -> list[str]:
    """What is not known of a single one of them, as one sentence; revenue has its own, and where nobody sells there is
    nothing to be known of sellers.
    """
    profiles = [rows(entity.profiles) for entity in data.entities.values()]
    columns = dict.fromkeys(name for table in profiles for row in table for name in row if name.startswith("mean_"))
    known = {name for table in profiles for row in table for name, value in row.items() if value is not None}
    told = {"mean_total_revenue", *(() if data.business.has_sellers else ("mean_unique_sellers",))}
    names = [name.removeprefix("mean_") for name in columns if name not in known | told]
    labels = dict.fromkeys(voice.labels.feature(name) for name in names)
    return [voice.translate("trust.nobody", names=", ".join(labels))] if labels else []


def _lines(data: ReportData) -> list[Row]:
    """The ledger's lines: tables in their declared order, then raw files that feed them through joins."""
    return sorted(rows(data.ledger), key=lambda row: _place(str(row["table_name"])))


def _place(table: str) -> tuple[int, str]:
    names = list(schemas.CANONICAL)
    return names.index(table) if table in names else len(names), table


def _ledger(data: ReportData, voice: Voice) -> Picture | None:
    grain = data.business.grain
    flows = [_flow(row, grain, voice) for row in _lines(data) if number(row["rows_read"])]
    if not flows:
        return None
    legend = [(voice.translate(f"trust.{name}"), colour) for name, colour in FATES]
    share = accepted_share(data)
    title = voice.translate("trust.ledger")
    if of_lines := _refused_lines(data, voice):
        title = voice.translate("by_lines.title_last" if batches(data) > 1 else "by_lines.title", **of_lines)
    elif share is not None:
        of = "ledger.title" if batches(data) > 1 else "trust.ledger_title"
        title = voice.translate(of, share=voice.figures.share(share))
    alt = "; ".join(f"{flow.name}: {flow.read} = " + " + ".join(part.text for part in flow.parts) for flow in flows)
    notes = ["trust.ledger_note", *(["trust.lines"] if data.business.grain == "line" else [])]
    return Picture(
        "trust_ledger",
        title,
        alt,
        partial(draw_flows, flows, legend),
        kicker=voice.translate("trust.ledger"),
        note=" ".join(map(voice.translate, notes)),
        width=FULL,
    )


def _flow(row: Row, grain: str, voice: Voice) -> Flow:
    read = number(row["rows_read"]) or 1.0
    own = {"duplicate": "further"} if grain == "line" and row["table_name"] == "orders" else {}
    parts = [
        Part(
            (number(row[f"rows_{name}"]) or 0.0) / read,
            f"{voice.translate(f'trust.{own.get(name, name)}')} {voice.figures.count(row[f'rows_{name}'])}",
            colour,
        )
        for name, colour in FATES
    ]
    read_text = voice.translate("trust.read", rows=voice.figures.count(row["rows_read"]))
    return Flow(voice.labels.table(row["table_name"]), read_text, parts)


def _reasons(data: ReportData, voice: Voice) -> Picture | None:
    """Refused rows by table and reason, most first."""
    found = sorted(rows(data.quarantine), key=lambda row: (-(number(row["rows"]) or 0.0), str(row["reason"])))
    shown = found[:REASONS_SHOWN]
    if not shown:
        return None
    # Of all refused rows: one that several rules refused is in several bars.
    refused = sum(number(row["rows_quarantined"]) or 0.0 for row in _lines(data))
    whole = max(refused, *(number(row["rows"]) or 0.0 for row in found))
    bars = [
        Bar(
            f"{voice.labels.reason(str(row['reason']))} · {voice.labels.table(str(row['table_name']))}",
            (number(row["rows"]) or 0.0) / whole,
            voice.figures.count(row["rows"]),
            voice.figures.share((number(row["rows"]) or 0.0) / whole),
            QUARANTINED,
        )
        for row in shown
    ]
    rest = sum(number(row["rows"]) or 0.0 for row in found[REASONS_SHOWN:])
    if rest:  # rows may be in several of these: how many in all is not known
        name = voice.translate("trust.other_reasons")
        bars.append(Bar(name, min(1.0, rest / whole), voice.figures.count(rest), "", DUPLICATE))
    alt = ", ".join(f"{bar.label} {bar.figure}" for bar in bars)
    # A line whose order was refused was refused for that, which is no reason of its own.
    own = [at for at, row in enumerate(shown) if row["reason"] != LINE_WITHOUT_ORDER] or [0]
    is_tie = len(own) > 1 and shown[own[0]]["rows"] == shown[own[1]]["rows"]
    most = bars[own[0]]
    title = voice.translate(f"trust.reasons_{'tie' if is_tie else 'title'}", reason=most.label, rows=most.figure)
    if refused < FEW:
        title = voice.translate("trust.reasons_few", reasons="; ".join(f"{bar.label} ({bar.figure})" for bar in bars))
    notes = ["trust.reasons_note", *(["trust.reasons_lines"] if data.business.grain == "line" else [])]
    return Picture(
        "trust_reasons",
        title,
        alt,
        partial(draw_bars, [Panel(voice.translate("trust.rows"), bars)]),
        kicker=voice.translate("trust.reasons"),
        note=" ".join(map(voice.translate, notes)),
        width=FULL,
    )
