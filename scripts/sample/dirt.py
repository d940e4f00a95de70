"""What real exports get wrong, put in on purpose and counted.

Two ways: *faults* are extra rows beside clean ones, so that the accepted totals stay exact, and
*warnings* change clean rows in ways that are accepted with a warning.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from sample.draw import Ints, Rng
from sample.rawcsv import RawTable

# Columns and the values that they may have.
Only = tuple[tuple[str, tuple[bytes, ...]], ...]
# From here on DECIMAL(18,2) cannot hold an amount.
ABSURD = 10**16

MALFORMED = "malformed_line"
CONFLICTING = "conflicting_versions"
WITHOUT_ORDER = "line_without_order"


@dataclass(frozen=True)
class Fault:
    """A kind of extra row: a clean row with some values replaced.

    `reasons` is what it is quarantined for; none: it counts as a duplicate. `edits` gives, per
    column, the new values, used in turn; `{}` stands for the old one, `{less}` for a somewhat
    smaller number, `{new}` for an id that nothing else has. `cuts` are for malformed lines: how many fields
    are left, or a text that is appended. `only` narrows the clean rows to start from, by the values that
    a column may have.
    """

    kind: str
    per_million: int
    reasons: tuple[str, ...] = ()
    edits: tuple[tuple[str, tuple[bytes, ...]], ...] = ()
    cuts: tuple[int | bytes, ...] = ()
    only: Only = ()
    # Every second row is an order of its own, whose lines then have no accepted order.
    fresh: bool = False


@dataclass(frozen=True)
class Extra:
    """One extra row: where it goes among the clean ones, and its bytes."""

    place: float
    raw: bytes
    # The id where the row is an order of its own, and the clean row that it was made from.
    fresh_id: bytes | None
    source: int


@dataclass
class Tally:
    """What ingest must count for one table, and, for orders, in money."""

    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    gmv_accepted: int = 0
    gmv_quarantined: int = 0
    gmv_duplicate: int = 0
    quarantined_by_reason: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    planted: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, reasons: Sequence[str], rows: int = 1, money: int = 0) -> None:
        """Extra rows of one kind, quarantined for `reasons` or, without any, duplicates."""
        self.planted[kind] = self.planted.get(kind, 0) + rows
        if not reasons:
            self.rows_duplicate += rows
            self.gmv_duplicate += money
            return
        self.rows_quarantined += rows
        self.gmv_quarantined += money
        for reason in reasons:
            self.quarantined_by_reason[reason] = self.quarantined_by_reason.get(reason, 0) + rows

    def add(self, other: "Tally") -> None:
        """Adds another block's counts."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(value, dict):
                for key, rows in value.items():
                    mine[key] = mine.get(key, 0) + rows
            else:
                setattr(self, name, mine + value)

    def as_json(self, with_money: bool) -> dict[str, object]:
        """For the manifest: read is what was accepted, quarantined and duplicate together."""
        found: dict[str, object] = {"rows_read": self.rows_accepted + self.rows_quarantined + self.rows_duplicate}
        found |= {name: getattr(self, name) for name in ("rows_accepted", "rows_quarantined", "rows_duplicate")}
        if with_money:
            found["gmv_read"] = self.gmv_accepted + self.gmv_quarantined + self.gmv_duplicate
            found |= {name: getattr(self, name) for name in ("gmv_accepted", "gmv_quarantined", "gmv_duplicate")}
        for name in ("quarantined_by_reason", "warnings", "planted"):
            found[name] = dict(sorted(getattr(self, name).items()))
        return found


class Deck:
    """Rows in random order, each dealt at most once, so that no two kinds of dirt meet by accident."""

    def __init__(self, rows: Ints, rng: Rng) -> None:
        self._rows = rng.permutation(rows)

    def left(self) -> Ints:
        """The rows not dealt yet."""
        return self._rows

    def deal(self, count: int, fits: Callable[[int], bool] = lambda _: True) -> list[int]:
        """`count` rows that fit."""
        dealt: list[int] = []
        for place, row in enumerate(self._rows):
            if len(dealt) == count:
                break
            if row >= 0 and fits(int(row)):
                dealt.append(int(row))
                self._rows[place] = -1
        self._rows = self._rows[self._rows >= 0]
        if len(dealt) < count:
            raise ValueError("too few clean rows to put all kinds of dirt beside; take a larger --scale")
        return dealt


def amount(raw: bytes) -> int:
    """What an amount counts in the ledger: nothing if it cannot be read or held."""
    try:
        value = int(raw)
    except ValueError:
        return 0
    return value if abs(value) < ABSURD else 0


def how_many(per_million: int, rows: int) -> int:
    """Rows of a kind in a table of this size: at least one."""
    return max(1, round(rows * per_million / 1_000_000))


def replaced(value: bytes, old: bytes, new_id: bytes) -> bytes:
    """The value with its placeholders filled in."""
    if value == b"{less}":
        number = int(old)
        # As many digits as before: smaller as a number and as a text.
        return b"%d" % (number - number % 10 ** (len(old) - 1) // 3 - 1)
    return value.replace(b"{new}", new_id).replace(b"{}", old)


def spoil(row: dict[str, bytes], fault: Fault, turn: int, new_id: bytes) -> bytes:
    """The row as the fault leaves it; `row` is changed with it."""
    for column, values in fault.edits:
        row[column] = replaced(values[turn % len(values)], row[column], new_id)
    raw = b",".join(row.values())
    if fault.cuts:
        cut = fault.cuts[turn % len(fault.cuts)]
        raw = raw + cut if isinstance(cut, bytes) else b",".join(list(row.values())[:cut])
    return raw


def add_faults(
    table: RawTable, faults: Sequence[Fault], deck: Deck, tally: Tally, new_ids: Callable[[], bytes], rng: Rng,
    money: str | None = None,
) -> list[Extra]:  # fmt: skip
    """The extra rows of all kinds, counted in `tally`; `money` is the column whose amounts the ledger adds up."""
    extras: list[Extra] = []
    refused: set[bytes] = set()
    for fault in faults:
        wanted = {column: table.values[table.columns.index(column)] for column, _ in fault.only}

        def fits(row: int, only: Only = fault.only, wanted: dict[str, pa.Array] = wanted) -> bool:
            return all(wanted[column][row].as_py() in values for column, values in only)

        def spoilt(source: int, turn: int, fault: Fault = fault) -> tuple[dict[str, bytes], bytes, bytes | None]:
            row = table.row(source)
            fresh_id = new_ids() if fault.fresh and turn % 2 == 0 else None
            if fresh_id:
                row["order_id"] = fresh_id
            return row, spoil(row, fault, turn // 2 if fault.fresh else turn, new_ids()), fresh_id

        for turn, source in enumerate(deck.deal(how_many(fault.per_million, table.count), fits)):
            row, raw, fresh_id = spoilt(source, turn)
            # Without its id a row may be equal to another: that would be a duplicate.
            while fault.reasons and raw in refused:
                (source,) = deck.deal(1, fits)
                row, raw, fresh_id = spoilt(source, turn)
            refused.add(raw)
            value = amount(row[money]) if money and not fault.cuts else 0
            tally.count(fault.kind, fault.reasons, money=value)
            # Soon after the clean row, and now and then before it: order must not matter.
            place = source + 0.5 + float(rng.integers(-3, 40))
            extras.append(Extra(place, raw, fresh_id, source))
    return extras
