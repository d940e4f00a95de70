"""How customers, offers and sales divide over the source's own bands and groups: a table each, and what it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from segmentation.i18n.numbers import number
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

LEAST = 0.01  # of all buyers: of smaller parts no rate is told
IN_SHORT = 3  # bands and groups that the first screen speaks of
HALF = 0.5  # of all buyers: beyond it a part is most of them
APART = 1.15  # one rate is told beside another from this many times on
COLUMNS = ("buyers", "buyer_share", "orders", "gmv", "gmv_share", "conversion_rate")


@dataclass(frozen=True)
class Division:
    """One band or group: its name, what stands out, and its table."""

    key: str
    name: str
    insights: Sequence[str]
    columns: Sequence[str]
    lines: Sequence[tuple[str, Sequence[str]]]
    note: str = ""


def divisions(
    dimensions: Mapping[str, Sequence[Row]],
    declared: Mapping[str, Sequence[str]],
    voice: Voice,
    of_orders: Collection[str] = (),
) -> list[Division]:
    """Those of the source's own dimensions that have a known value; values in the order in which they are declared.

    of_orders: those in which an order lies by its own value and a buyer by theirs, so that the two are not the same
    people's.
    """
    return [
        _division(name, _in_order(dimensions[name], order), name in of_orders, voice)
        for name, order in declared.items()
        if any(row["value"] is not None for row in dimensions.get(name, []))
    ]


def in_short(found: Sequence[Division]) -> list[str]:
    """What stands out most in each, for the first screen."""
    return [f"{one.name}: {one.insights[0]}" for one in found[:IN_SHORT] if one.insights]


def _in_order(rows_of: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """As declared, then others by the number of buyers, what is unknown last."""
    places = {value: at for at, value in enumerate(order)}

    def place(row: Row) -> tuple[bool, int, float, str]:
        value = row["value"]
        return value is None, places.get(value, len(places)), -(number(row["buyers"]) or 0.0), str(value)

    return sorted(rows_of, key=place)


def _division(name: str, rows_of: Sequence[Row], is_of_orders: bool, voice: Voice) -> Division:
    insights = (_most, _conversion, _unknown) if is_of_orders else (_most, _worth, _conversion, _unknown)
    columns = [column for column in COLUMNS if any(number(row.get(column)) for row in rows_of)]
    return Division(
        key=name,
        name=voice.labels.dimension(name),
        insights=[said for insight in insights if (said := insight(rows_of, voice))],
        columns=[voice.translate(f"divisions.columns.{column}") for column in columns],
        lines=[
            (voice.labels.value(row["value"]), [_cell(row, column, voice) for column in columns]) for row in rows_of
        ],
        note=voice.translate("divisions.of_orders") if is_of_orders and "gmv" in columns else "",
    )


def _cell(row: Row, column: str, voice: Voice) -> str:
    return "–" if number(row.get(column)) is None else voice.figures.cell(column, row[column])


def _known(rows_of: Sequence[Row], column: str) -> list[Row]:
    """Known values of which enough are there to speak of, the highest in the column first."""
    known = [row for row in rows_of if row["value"] is not None and number(row.get(column)) is not None]
    enough = [row for row in known if (number(row.get("buyer_share")) or 0.0) >= LEAST]
    return sorted(enough, key=lambda row: -(number(row[column]) or 0.0))


def _most(rows_of: Sequence[Row], voice: Voice) -> str:
    known = _known(rows_of, "buyer_share")
    if not known:
        return ""
    share = voice.figures.share(known[0]["buyer_share"])
    first = [row for row in known if voice.figures.share(row["buyer_share"]) == share]
    form = "alike" if len(first) > 1 else "most" if (number(first[0]["buyer_share"]) or 0.0) > HALF else "largest"
    said = voice.translate(f"divisions.{form}", value=", ".join(_value(row, voice) for row in first), share=share)
    others = known[len(first) :][:3]
    if not others:
        return said
    rest = ", ".join(f"{_value(row, voice)} ({voice.figures.share(row['buyer_share'])})" for row in others)
    return f"{said} {voice.translate('divisions.then' if len(others) > 1 else 'divisions.then_one', values=rest)}"


def _worth(rows_of: Sequence[Row], voice: Voice) -> str:
    """The value whose part of GMV is largest for its part of the customers."""
    known = [row for row in _known(rows_of, "gmv_share") if number(row.get("buyer_share"))]
    if len(known) < 2:
        return ""
    best = max(known, key=lambda row: (number(row["gmv_share"]) or 0.0) / (number(row["buyer_share"]) or 1.0))
    if (number(best["gmv_share"]) or 0.0) < APART * (number(best["buyer_share"]) or 1.0):
        return ""
    shares = {name: voice.figures.share(best[name]) for name in ("gmv_share", "buyer_share")}
    return voice.translate("divisions.worth", value=_value(best, voice), **shares)


def _conversion(rows_of: Sequence[Row], voice: Voice) -> str:
    known = _known(rows_of, "conversion_rate")
    if len(known) < 2:
        return ""
    best, worst = known[0], known[-1]
    rate, least = (voice.figures.share(row["conversion_rate"]) for row in (best, worst))
    if rate == least or (number(best["conversion_rate"]) or 0.0) < APART * (number(worst["conversion_rate"]) or 0.0):
        return ""
    return voice.translate(
        "divisions.conversion",
        best=_value(best, voice),
        rate=rate,
        worst=_value(worst, voice),
        least=least,
    )


def _unknown(rows_of: Sequence[Row], voice: Voice) -> str:
    unknown = [row for row in rows_of if row["value"] is None and number(row.get("buyers"))]
    if not unknown:
        return ""
    total = sum(number(row.get("buyers")) or 0.0 for row in rows_of)
    return voice.translate(
        "divisions.unknown",
        count=voice.figures.count(unknown[0]["buyers"]),
        total=voice.figures.count(total),
        share=voice.figures.share(unknown[0]["buyer_share"]),
    )


def _value(row: Row, voice: Voice) -> str:
    return voice.labels.value(row["value"], 60)
