"""Every rule that a row must pass, declared once: its name, its sentence, its severity, its condition.

Raw rules look at a row as it was exported; table rules at the canonical row that it became. A row that
breaks a quarantine rule is refused with all its reasons; a warning only counts, since real exports break
line arithmetic all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from pyspark.sql import Column
from pyspark.sql import functions as F

Severity = Literal["quarantine", "warn"]
REPLACEMENT = "\ufffd"  # what the UTF-8 decoder puts for bytes that it cannot read
EPOCH = 1970  # a time of zero is a day of it
YEARS = (1, 9998)  # of which Python has days, whatever the time zone
OLDEST = 120  # years; nobody has been older by much
ROUNDING = 1  # exports round to whole units of currency: arithmetic may be off by one

# Refused by the readers, before a row has canonical columns.
RAW_REASONS = {
    "malformed_line": "the line has another number of fields than there are columns, or ends too early",
    "undecodable_bytes": "the line holds bytes that are not UTF-8",
    "bad_number": "a number cannot be read",
    "absurd_value": "a number is larger than DECIMAL(18,2) holds",
    "bad_date": "a day or time cannot be read or does not exist",
    "bad_value": "a true or false cannot be read, or what the SELECT yields is not of the column's type",
}
# Told of accepted rows by the readers.
RAW_WARNINGS = {
    "like_thousands": "a number such as 125.000 was read as 125: say thousands: . or decimal_sign: . of its column",
    "like_number": "an id is written as a number, such as 1.0 or 6.28E+12: declare its column integer, or export it as "
    "text where the export lost its digits",
}
LINE_WITHOUT_ORDER = "line_without_order"  # waits in quarantine until its order comes
CONFLICTING_VERSIONS = "conflicting_versions"
NEGATIVE = "negative_value"
# Without these nothing can be done with a row: they cannot be switched.
FIXED = ("missing_key", "missing_value", "unknown_status", "unknown_role", LINE_WITHOUT_ORDER)
# What accepted orders and their lines say of each other; only counted.
SET_WARNINGS = {
    "order_without_lines": "the order has a value and no lines",
    "order_against_lines": "the order's value is not the sum of its lines",
}
# Told of accepted orders and lines that were put together, from lines or by joins.
ASSEMBLY_WARNINGS = {
    "mixed_statuses": "the lines of the order have several statuses, of which only some make the order",
    "several_buyers": "the lines of the order name several buyers",
    "several_partners": "a join found several rows that say different things, of which one was taken",
    "incomplete_orders": "a line of the order was refused, so that the order lacks it and its money",
}
# Of these the money is told too.
WITH_MONEY = ("incomplete_orders",)
# No rules of a row by itself: a config may switch them off, and never to quarantine.
ONLY_WARNINGS = {**SET_WARNINGS, **ASSEMBLY_WARNINGS, **RAW_WARNINGS}
# What a source says nothing of (identical_rows): told with the money that hangs on it.
COPIES = {"identical_rows": "the row is equal in full to another of its file, and has no number of its own"}
# What the lake kept before and the export tells apart by what the source says nothing of.
UNDECLARED = {
    "undeclared_columns": "the row is equal to one of an earlier batch but for columns that the source does not declare"
}
# Refused for what other rows say.
SET_REASONS = {
    CONFLICTING_VERSIONS: "another row of the same rank says otherwise about the same key",
}


@dataclass(frozen=True)
class QualityRule:
    """One rule: `breaks(context)` is a Column that is true where a row breaks it.

    A fixed one holds whatever a config makes of its name.
    """

    name: str
    sentence: str
    breaks: Callable[[Context], Column]
    severity: Severity = "quarantine"
    is_fixed: bool = False


@dataclass(frozen=True)
class Standards:
    """What source and config say of rules: the years of orders, and rules switched to another severity or off.

    Without a first year only years up to 1970 are refused, in which an epoch's zero falls; without a last one only
    days later than the day after `day`, on which the run began where the source's business is. Without either, none.
    """

    first_year: int | None = None
    last_year: int | None = None
    switched: Mapping[str, str] = field(default_factory=dict)
    day: date | None = None


@dataclass(frozen=True)
class Context:
    """What a rule may ask about the table at hand."""

    given: frozenset[str]  # canonical columns that the source's SELECT yields
    tax_rate: float | None = None
    standards: Standards = field(default_factory=Standards)
    is_line: bool = False  # of which orders are put together: below zero it is a discount, or a return

    def missing(self, *columns: str) -> Column:
        """True where one of the columns, so far as the source has them, is unknown."""
        return _any(F.col(column).isNull() for column in columns if column in self.given)


def _any(conditions: Iterable[Column]) -> Column:
    result = F.lit(False)
    for condition in conditions:
        result = result | condition
    return result


def _negative(context: Context, *columns: str) -> Column:
    return _any(F.coalesce(F.col(column) < 0, F.lit(False)) for column in columns if not context.is_line)


def _no_day_of_a_sale(context: Context) -> Column:
    standards, year = context.standards, F.year("ordered_at")
    first = EPOCH + 1 if standards.first_year is None else standards.first_year
    if standards.last_year is not None:
        is_late = year > standards.last_year
    elif standards.day is not None:  # clocks of other time zones are a day ahead at most
        is_late = F.to_date("ordered_at") > F.lit(standards.day + timedelta(days=1))
    else:
        is_late = F.lit(False)
    return (year < first) | is_late


def _no_day_at_all(context: Context) -> Column:
    return ~F.year("ordered_at").between(*YEARS)


def _tax_off(context: Context) -> Column:
    if context.tax_rate is None:
        return F.lit(False)
    return F.abs(F.col("subtotal") * F.lit(context.tax_rate) - F.col("tax")) > ROUNDING


BELOW_ZERO = "an amount is below zero"
NO_DAY_OF_A_SALE = "the order's day lies in the future, or its year is none of a sale"
TABLE_RULES: dict[str, tuple[QualityRule, ...]] = {
    "orders": (
        QualityRule(
            "missing_key",
            "the order, its seller or its buyer is unknown",
            lambda c: c.missing("order_id", "seller_id", "buyer_id"),
        ),
        QualityRule("missing_value", "the order's time or value is unknown", lambda c: c.missing("ordered_at", "gmv")),
        QualityRule("date_out_of_range", NO_DAY_OF_A_SALE, _no_day_of_a_sale),
        QualityRule("date_out_of_range", NO_DAY_OF_A_SALE, _no_day_at_all, is_fixed=True),
        QualityRule("unknown_status", "the source does not say what the status means", lambda c: c.missing("status")),
        QualityRule(NEGATIVE, BELOW_ZERO, lambda c: _negative(c, "gmv", "voucher_value", "shipping_fee")),
    ),
    "order_lines": (
        QualityRule("missing_key", "the line's order is unknown", lambda c: c.missing("order_id")),
        QualityRule(NEGATIVE, BELOW_ZERO, lambda c: _negative(c, "quantity", "unit_price", "subtotal", "tax")),
        QualityRule(
            LINE_WITHOUT_ORDER,
            "no accepted order has this line",
            lambda c: F.col("order_id").isNotNull() & ~F.col("_has_order"),
        ),
        QualityRule(
            "line_arithmetic",
            "the subtotal is not quantity × unit price",
            lambda c: F.abs(F.col("quantity") * F.col("unit_price") - F.col("subtotal")) > ROUNDING,
            "warn",
        ),
        QualityRule("tax_arithmetic", "the tax is not the subtotal × the source's tax rate", _tax_off, "warn"),
    ),
    "users": (
        QualityRule("missing_key", "the user is unknown", lambda c: c.missing("user_id")),
        QualityRule(
            "unknown_role",
            "the role is neither buyer nor seller",
            lambda c: ~F.coalesce(F.col("role").isin("buyer", "seller"), F.lit(False)),
        ),
        QualityRule(
            "absurd_age",
            f"the age is not from 0 to {OLDEST} years: it may be a year of birth, or stand for unknown (sentinels)",
            lambda c: ~F.col("age").between(0, OLDEST),
            "warn",
        ),
    ),
    "products": (
        QualityRule("missing_key", "the product is unknown", lambda c: c.missing("product_id")),
        QualityRule(NEGATIVE, BELOW_ZERO, lambda c: _negative(c, "unit_price")),
    ),
}


def broken(table: str, context: Context, severity: Severity) -> Column:
    """Names of the rules of one severity that a row breaks, as an array in declared order."""
    rules = _of_severity(table, context.standards, severity)
    return names_of([F.when(rule.breaks(context), F.lit(rule.name)) for rule in rules])


def that_warn(table: str, standards: Standards) -> list[str]:
    """Names of the rules of a table that only warn."""
    raw = [name for name in RAW_WARNINGS if standards.switched.get(name) != "off"]
    told = [
        name
        for name in ASSEMBLY_WARNINGS
        if table in ("orders", "order_lines") and standards.switched.get(name) != "off"
    ]
    return [*(rule.name for rule in _of_severity(table, standards, "warn")), *raw, *told]


def _of_severity(table: str, standards: Standards, severity: Severity) -> list[QualityRule]:
    def of(rule: QualityRule) -> str:
        return rule.severity if rule.is_fixed else standards.switched.get(rule.name, rule.severity)

    return [rule for rule in TABLE_RULES.get(table, ()) if of(rule) == severity]


def names_of(hits: Sequence[Column]) -> Column:
    """The names among the hits, each a name or NULL, as an array."""
    return F.array_compact(F.array(*hits)) if hits else F.array().cast("array<string>")


def sentences(table: str) -> dict[str, str]:
    """Every reason and warning that rows of a table may have, with its sentence."""
    declared = {rule.name: rule.sentence for rule in TABLE_RULES.get(table, ())}
    return {**RAW_REASONS, **SET_REASONS, **ONLY_WARNINGS, **COPIES, **UNDECLARED, **declared}


def most_often(table: str, reason: str, rows: int) -> str:
    """The commonest reason of a table's refused rows, in words.

    >>> most_often("users", "missing_key", 2)
    'most often missing_key, 2 rows: the user is unknown'
    """
    return f"most often {reason}, {rows:,} row{'s' if rows != 1 else ''}: {sentences(table).get(reason, reason)}"


def switchable() -> list[str]:
    """The rules that a config may switch."""
    declared = {rule.name for rules in TABLE_RULES.values() for rule in rules}
    return sorted({*declared, *ONLY_WARNINGS} - {*FIXED})
