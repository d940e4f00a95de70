"""A source: which raw files a marketplace exports, and how they become the canonical tables.

A new marketplace is one YAML of this shape and no code; conf/sources/ holds examples.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field, field_validator, model_validator

from segmentation.attributes import NAME, Attributes, Kind
from segmentation.entities import Members
from segmentation.i18n.figures import is_currency
from segmentation.i18n.wording import WORDINGS, BusinessKind, EntityName, Name, Side, Wording
from segmentation.plans import EntityPlan, FrozenModel, Share
from segmentation.schemas import CANONICAL, LATEST, SELLER_FEATURES, STATUSES, TABLES, Table

# All that Spark's CSV reader has.
ENCODINGS = ("UTF-8", "ISO-8859-1", "US-ASCII", "UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32")
LINES_OF_BYTES = ENCODINGS[:3]  # those in which a line ends with one byte
# Options of Spark's readers that say how rows are written down, by format. A catalog's tables have their own readers.
OPTIONS = {
    "csv": (
        "header",
        "sep",
        "quote",
        "escape",
        "encoding",
        "multiLine",
        "lineSep",
        "comment",
        "nullValue",
        "emptyValue",
        "ignoreLeadingWhiteSpace",
        "ignoreTrailingWhiteSpace",
        "charToEscapeQuoteEscaping",
        "unescapedQuoteHandling",
        "maxColumns",
        "maxCharsPerColumn",
        "mode",
    ),
    "fixed": ("header", "encoding", "mode"),
    "parquet": ("mergeSchema", "recursiveFileLookup", "datetimeRebaseMode", "int96RebaseMode"),
    "delta": ("versionAsOf", "timestampAsOf"),
}
BETWEEN_BLANKS = ("header", "sep", "encoding", "mode")  # those of csv that lines cut by runs of blanks have
OTHER_NAMES = {"delimiter": "sep", "charset": "encoding"}
LEAVE_OUT_ROWS = ("ignoreCorruptFiles", "ignoreMissingFiles", "modifiedAfter", "modifiedBefore", "pathGlobFilter")
# Spark takes option names in any case.
SPELLINGS = {name.lower(): name for names in (*OPTIONS.values(), LEAVE_OUT_ROWS) for name in names} | OTHER_NAMES
# Files of the time zone database that are no zone, or another one on each machine.
NO_ZONES = {"Factory", "localtime", "posixrules"}
# Letters of a pattern that Spark reads days and times by, and how often each may stand in a row.
LETTERS = {
    **dict.fromkeys("dhHkKmsV", 2),
    **dict.fromkeys("MLGOz", 4),
    **dict.fromkeys("XxZ", 5),
    "y": 6,
    "D": 3,
    "S": 9,
    "a": 1,
}
# All columns taken (SELECT *, s.*), and neither a product nor a count.
STAR = re.compile(r"(\bSELECT(\s+(DISTINCT|ALL))?|,)\s*\*|([A-Za-z_]\w*|`)\.\*", re.IGNORECASE)
QUOTED = re.compile(r"'(?:[^']|'')*'")


class RawColumn(FrozenModel):
    """A raw column: its type and, for days and times, the pattern that they are written in."""

    type: Kind = "string"
    format: str | None = None
    optional: bool = False
    thousands: Literal[".", ",", " ", "'"] | None = Field(None, description="the sign between a number's thousands")
    decimal_sign: Literal[".", ","] | None = Field(None, description="the sign before a number's fraction")
    at: tuple[int, int] | None = Field(None, description="first and last character of the line; of format fixed")

    @model_validator(mode="after")
    def _format_is_of_days(self) -> RawColumn:
        if self.format is None:
            return self
        if self.type not in ("date", "timestamp"):
            raise ValueError(f"format: found {self.format!r} of type {self.type}, expected it of a date or timestamp")
        if wrong := _wrong_in(self.format):
            example = "dd/MM/yyyy HH:mm:ss" if self.type == "timestamp" else "dd/MM/yyyy"
            raise ValueError(f"format: found {self.format!r}, {wrong}; expected a pattern such as {example}")
        return self

    @model_validator(mode="after")
    def _signs_are_of_numbers(self) -> RawColumn:
        signs = {"thousands": self.thousands, "decimal_sign": self.decimal_sign}
        given = {key: sign for key, sign in signs.items() if sign is not None}
        if given and not self.type.startswith(("integer", "decimal", "double")):
            key, sign = next(iter(given.items()))
            raise ValueError(f"{key}: found {sign!r} of type {self.type}, expected it of a number")
        if self.thousands == self.fraction:
            raise ValueError(f"thousands: found {self.thousands!r}, which is the decimal_sign too; expected another")
        return self

    @property
    def fraction(self) -> str:
        """The sign before a number's fraction: the point, unless that parts thousands."""
        return self.decimal_sign or ("," if self.thousands == "." else ".")

    @field_validator("at")
    @classmethod
    def _from_first_to_last(cls, at: tuple[int, int] | None) -> tuple[int, int] | None:
        if at and not 1 <= at[0] <= at[1]:
            raise ValueError(f"found {list(at)}, expected the first and the last position, counted from 1")
        return at


def _wrong_in(pattern: str) -> str | None:
    """What a pattern of days and times says that Spark cannot read, or would read as something else."""
    plain = QUOTED.sub("", pattern)
    if found := re.search(r"['{}#]", plain):
        return f"in which {found[0]} opens what nothing closes" if found[0] == "'" else f"which has the sign {found[0]}"
    if plain.count("[") != plain.count("]"):
        return "in which a bracket stands alone"
    for found in re.finditer(r"([A-Za-z])\1*", plain):
        if len(found[0]) > LETTERS.get(found[1], 0):
            hint = {"Y": " (years are yyyy)", "u": " (years are yyyy)"}.get(found[1], " (other text stands in '…')")
            return f"of which Spark does not read {found[0]}{hint}"
    hour, minute = re.search("[hHkK]", plain), re.search("m", plain)
    if minute and (hour is None or minute.start() < hour.start()):
        return "in which mm are minutes and come before any hour (months are MM)"
    if re.search("[hK]", plain) and "a" not in plain:
        return "in which hours go from 1 to 12 and nothing says which half of the day (hours to 23 are HH)"
    has_day = re.search("[ML].*d|d.*[ML]|D", plain)
    return None if has_day and "y" in plain else "which lacks a year (yyyy), a month (MM) or a day (dd)"


def _column(value: object) -> object:
    """`gmv: decimal` is short for `gmv: {type: decimal}`."""
    return {"type": value} if isinstance(value, str) else value


class RawTable(FrozenModel):
    """Files of one kind, or a table: where they are, how they are read, and the columns the SELECTs use."""

    format: Literal["csv", "fixed", "parquet", "delta", "table"] = "csv"
    glob: str | None = Field(None, description="file names, with * ? [..]")
    pattern: str | None = Field(None, description="file names, as a regular expression")
    path: str | None = Field(None, description="one Delta or Parquet folder below the input, or a catalog table")
    options: dict[str, str | bool | int] = {}
    nulls: tuple[str, ...] = Field(("", "NaN"), description="texts that mean unknown, beside an empty one")
    columns: Annotated[dict[str, Annotated[RawColumn, BeforeValidator(_column)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_place(self) -> RawTable:
        given = [key for key in ("glob", "pattern", "path") if getattr(self, key)]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"found {found}, expected exactly one of glob, pattern or path")
        if self.format in ("delta", "table") and not self.path:
            raise ValueError(f"found {given[0]}, expected path, as format is {self.format}")
        if self.pattern:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern is no regular expression: {error}") from None
        return self

    @field_validator("nulls")
    @classmethod
    def _with_an_empty_one(cls, nulls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(("", *nulls)))

    @field_validator("options")
    @classmethod
    def _by_one_name(cls, options: dict[str, str | bool | int]) -> dict[str, str | bool | int]:
        """Options by the names that Spark's manual has for them."""
        given: dict[str, str | bool | int] = {}
        for written, value in options.items():
            name = SPELLINGS.get(written.lower(), written)
            if name in given:
                raise ValueError(f"{written}: found it beside {name}, expected one of them")
            given[name] = value
        return given

    @model_validator(mode="after")
    def _read_in_full(self) -> RawTable:
        known = BETWEEN_BLANKS if self.format == "csv" and self.is_cut else OPTIONS.get(self.format)
        for name in self.options:
            if name in LEAVE_OUT_ROWS:
                raise ValueError(f"options.{name}: found it, expected none: it leaves out rows, and each is to be read")
            if known is not None and name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
                of = "lines cut at blanks" if known is BETWEEN_BLANKS else f"format {self.format}"
                raise ValueError(f"options.{name}: found what {of} does not have, {hint}")
        mode = str(self.options.get("mode", "PERMISSIVE"))
        if self.is_text and mode.upper() != "PERMISSIVE":
            raise ValueError(
                f"options.mode: found {mode!r}, expected none: each row is read, and refused by its reasons"
            )
        return self

    @model_validator(mode="after")
    def _can_be_decoded(self) -> RawTable:
        encoding = str(self.options.get("encoding", "UTF-8"))
        known = LINES_OF_BYTES if self.is_cut else ENCODINGS
        if encoding.upper() not in known:
            near = "; ISO-8859-1 comes nearest" if re.search("125|latin|8859", encoding, re.IGNORECASE) else ""
            raise ValueError(f"options.encoding: found {encoding!r}, expected one of {', '.join(known)}{near}")
        has_long_lines = str(self.options.get("multiLine")).lower() == "true"
        if encoding.upper() not in LINES_OF_BYTES and not has_long_lines:
            raise ValueError(
                f"options.encoding: found {encoding} alone, whose lines Spark cannot part; add multiLine: true"
            )
        return self

    @model_validator(mode="after")
    def _at_positions(self) -> RawTable:
        for name, column in self.columns.items():
            if (column.at is not None) != (self.format == "fixed"):
                found, expected = ("at", "none") if column.at else ("no at", "at: [first, last]")
                raise ValueError(f"columns.{name}: found {found}, expected {expected}, as format is {self.format}")
        if self.format == "fixed" and self.path:
            raise ValueError(f"found path, expected glob or pattern, as format is {self.format}")
        return self

    @property
    def is_text(self) -> bool:
        """Whether it is files of lines, whose columns are all text."""
        return self.format in ("csv", "fixed")

    @property
    def expected(self) -> str:
        """What a file or table of it must be."""
        if self.is_text:
            return "lines of text, plain or gzipped"
        return f"a {self.format}" if self.path else f"a file of {self.format}"

    @property
    def has_header(self) -> bool:
        """Whether the first line of a file of lines names the columns; else they stand in the declared order."""
        return str(self.options.get("header", self.format == "csv")).lower() == "true"

    @property
    def is_cut(self) -> bool:
        """Whether lines are cut by position or by runs of blanks, rather than by a sign."""
        return self.format == "fixed" or self.options.get("sep") == "whitespace"


class Select(FrozenModel):
    """How rows of one raw table become rows of a canonical one.

    `counted_on` names the raw table whose rows are accounted for; the SELECT starts FROM it, only left-joins
    others, and hands its `_row` through.
    """

    counted_on: str
    select: str
    version_rank: str | None = Field(None, description="SQL over the SELECT's columns; the highest version is kept")

    def reads(self, raw: str) -> bool:
        """Whether the SELECT names a raw table."""
        return raw == self.counted_on or re.search(rf"\b{re.escape(raw)}\b", self.select) is not None


def _selects(value: object) -> object:
    """One SELECT may stand without its list."""
    return [value] if isinstance(value, dict) else value


Selects = Annotated[tuple[Select, ...], BeforeValidator(_selects), Field(min_length=1)]


class Source(Attributes):
    """A marketplace's exports and what they mean."""

    name: str
    title: str = ""
    time_zone: str = "UTC"
    currency: str = "IDR"
    tax_rate: float | None = Field(None, description="of a line's subtotal; a line with another tax is counted")
    raw: Annotated[dict[str, RawTable], Field(min_length=1)]
    tables: Annotated[dict[str, Selects], Field(min_length=1)]
    statuses: dict[str, tuple[str, ...]] = Field({}, description="canonical status → the raw ones that mean it")
    kind: BusinessKind | None = Field(
        None, description="what sort of business it is, and so how it is spoken of; without sellers a shop"
    )
    sides: dict[EntityName, Side] = Field({}, description="what buyers and sellers are called, one and many")
    names: dict[str, Name] = Field({}, description="what the report calls attributes, bands, groups and their values")
    grain: Literal["line", "order", "customer"] = Field("order", description="what one raw row is")
    identical_rows: Literal["real", "duplicate"] | None = Field(
        None, description="what rows are that are equal in full within one file; real where they are lines"
    )
    sales: Annotated[tuple[str, ...], Field(min_length=1)] = ("completed", "in_progress")
    first_year: int | None = Field(None, description="of orders; default: 1971")
    last_year: int | None = Field(None, description="of orders; default: up to the day after the run")
    max_quarantine_share: Share | None = Field(None, description="over the config's: of exports that have many")
    entities: dict[EntityName, EntityPlan] = {}
    archetypes: dict[EntityName | Literal["marketplace"], str] = Field({}, description="files beside this one")

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones() - NO_ZONES:
            raise ValueError(f"found {value!r}, expected a time zone such as Asia/Jakarta")
        return value

    @field_validator("currency")
    @classmethod
    def _code(cls, value: str) -> str:
        if not is_currency(value):
            raise ValueError(f"found {value!r}, expected a code of ISO 4217 such as IDR or USD")
        return value

    @field_validator("tax_rate")
    @classmethod
    def _part_of_a_subtotal(cls, value: float | None) -> float | None:
        if value is not None and not 0 <= value <= 1:
            raise ValueError(f"found {value:g}, expected a fraction of the subtotal, from 0 to 1, such as 0.11")
        return value

    @model_validator(mode="after")
    def _years_in_order(self) -> Source:
        if self.first_year is not None and self.last_year is not None and self.first_year > self.last_year:
            raise ValueError(f"first_year: found {self.first_year}, expected none after last_year, {self.last_year}")
        return self

    @field_validator("raw")
    @classmethod
    def _raw_names(cls, raw: dict[str, RawTable]) -> dict[str, RawTable]:
        for name in raw:
            if not NAME.fullmatch(name):
                raise ValueError(f"found {name!r}, expected a name of letters, digits and _")
            if name in CANONICAL:
                raise ValueError(f"found {name!r}, expected a name that is not one of {', '.join(CANONICAL)}")
        return raw

    @field_validator("tables")
    @classmethod
    def _table_names(cls, tables: dict[str, Selects]) -> dict[str, Selects]:
        for name in tables:
            if name not in CANONICAL:
                raise ValueError(f"found {name!r}, expected one of {', '.join(CANONICAL)}")
        return tables

    @field_validator("statuses", "sales")
    @classmethod
    def _status_names(cls, statuses):  # type: ignore[no-untyped-def]
        for status in statuses:
            if status not in STATUSES:
                raise ValueError(f"found {status!r}, expected one of {', '.join(STATUSES)}")
        return statuses

    @field_validator("statuses")
    @classmethod
    def _one_meaning(cls, statuses: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        meanings: dict[str, str] = {}
        for status, spellings in statuses.items():
            for spelling in spellings:
                other = meanings.setdefault(spelling.strip().lower(), status)
                if other != status:
                    raise ValueError(f"found {spelling!r} under {other} and {status}, expected it under one of them")
        return statuses

    @field_validator("sales")
    @classmethod
    def _unpaid_is_no_sale(cls, sales: tuple[str, ...]) -> tuple[str, ...]:
        if "unpaid" in sales:
            raise ValueError("found 'unpaid', which is never a sale; expected other statuses")
        return sales

    @model_validator(mode="after")
    def _some_orders_are_sales(self) -> Source:
        if self.has_orders and not any(self.has_status(status) for status in self.sales):
            can = ", ".join(status for status in STATUSES if self.has_status(status) and status != "unpaid")
            raise ValueError(
                f"sales: found {', '.join(self.sales)}, which no status of an order means; expected one of statuses"
                + (f", such as {can}" if can else "")
            )
        return self

    @model_validator(mode="after")
    def _lines_have_orders(self) -> Source:
        if "order_lines" in self.tables and "orders" not in self.tables:
            raise ValueError("tables: found order_lines alone, expected orders with them")
        return self

    @model_validator(mode="after")
    def _has_orders_or_users(self) -> Source:
        if "orders" not in self.tables and "users" not in self.tables:
            raise ValueError("tables: found neither orders nor users, expected one of them at least")
        if self.own_columns and "users" not in self.tables:
            raise ValueError(f"tables: found no users, expected them: {self.own_columns[0].name} is of users")
        if not self.has_orders and not self.attributes and not self.yields("users", "age"):
            raise ValueError("attributes: found none, expected some: without orders nothing else is known of users")
        return self

    @model_validator(mode="after")
    def _lines_make_orders(self) -> Source:
        wants_orders = self.grain == "line" or ("grain" in self.model_fields_set and self.grain == "order")
        if wants_orders and not self.has_orders:
            raise ValueError(f"tables: found no orders, expected them where grain is {self.grain}")
        return self

    @model_validator(mode="after")
    def _counted_on_raw(self) -> Source:
        for table, selects in self.tables.items():
            for select in selects:
                if select.counted_on not in self.raw:
                    found, known = select.counted_on, ", ".join(self.raw)
                    raise ValueError(f"tables.{table}.counted_on: found {found!r}, expected one of {known}")
        return self

    @property
    def joined_only(self) -> list[str]:
        """Raw tables that feed canonical ones only through joins: they have ledger rows of their own."""
        counted = {select.counted_on for selects in self.tables.values() for select in selects}
        return [name for name in self.raw if name not in counted]

    def partners(self, table: str) -> list[str]:
        """Raw tables that the SELECTs of a table join to the one that they are counted on."""
        selects = self.tables[table]
        return [name for name in self.raw if any(name != each.counted_on and each.reads(name) for each in selects)]

    @property
    def latest_is_right(self) -> frozenset[str]:
        """Raw tables that feed nothing but tables of which the latest delivery is right (LATEST)."""
        named = {
            name: {table for table, selects in self.tables.items() if any(select.reads(name) for select in selects)}
            for name in self.raw
        }
        return frozenset(name for name, tables in named.items() if tables and tables <= {*LATEST})

    @property
    def real_copies(self) -> frozenset[str]:
        """Raw tables of which rows that are equal in full within one file are as many rows."""
        if not self.copies_are_real:
            return frozenset()
        names = ("order_lines", "orders") if self.grain == "line" else ("order_lines",)
        return frozenset(select.counted_on for name in names for select in self.tables.get(name, ()))

    @property
    def copies_are_real(self) -> bool:
        """Whether lines that are equal in full within one file are as many lines."""
        return self.identical_rows == "real" or (self.grain == "line" and self.identical_rows is None)

    @property
    def has_orders(self) -> bool:
        """Whether there are orders; without any, features are what users say of themselves."""
        return "orders" in self.tables

    @property
    def segmentable(self) -> tuple[EntityName, ...]:
        """Who can be segmented: buyers, and sellers where the SELECT of orders (or of users) speaks of any."""
        sells = self.yields("orders", "seller_id") if self.has_orders else self._tells_roles()
        return ("buyers", "sellers") if sells else ("buyers",)

    @property
    def kind_of_business(self) -> BusinessKind:
        """As declared; else a marketplace where others sell, and a shop where nobody else does."""
        return self.kind or ("marketplace" if "sellers" in self.segmentable else "shop")

    @property
    def words(self) -> Wording:
        """What those who buy and sell, and the money between them, are called."""
        return WORDINGS[self.kind_of_business].of(self.sides, self.names)

    def yields(self, table: str, column: str) -> bool:
        """Whether the SELECTs of a table can yield a column: it is named there, or they take all of a raw table."""
        for select in self.tables.get(table, ()):
            named = re.search(rf"\b{re.escape(column)}\b", select.select, flags=re.IGNORECASE)
            read = [raw for name, raw in self.raw.items() if select.reads(name)]
            takes_all = STAR.search(select.select) and any(column in raw.columns for raw in read)
            if named or takes_all:
                return True
        return False

    def has_status(self, status: str) -> bool:
        """Whether an order can come to have a canonical status."""
        if self.statuses:
            return bool(self.statuses.get(status))
        selects = [select.select for select in self.tables.get("orders", ())]
        # Without a list of them raw statuses are the canonical ones, unless the SELECT gives all orders the same.
        same = re.compile(r"'\w+'\s+(AS\s+)?status\b", re.IGNORECASE)
        return any(re.search(rf"'{status}'", each, re.IGNORECASE) or not same.search(each) for each in selects)

    @property
    def worth(self) -> str | None:
        """The feature by which segments are numbered; None: by size."""
        return "total_gmv" if self.has_orders else self.value

    @property
    def members(self) -> Members:
        """Who of either entity is segmented."""
        return Members(self.worth, everyone=not self.has_orders)

    def measured(self, numbers: Sequence[str]) -> list[str]:
        """Of features that are numbers those that the source can know: without orders age and attributes alone."""
        return [name for name in numbers if self.has_orders or name == "age" or name in self.attributes]

    def table(self, name: str) -> Table:
        """A table of the lake, a canonical one with the columns that the source adds to it."""
        table = TABLES[name]
        return table.with_columns(self.own_columns, before="batch_id") if name == "users" else table

    @property
    def measured_tables(self) -> tuple[Table, Table, Table]:
        """The tables that features are made of: orders, lines, users."""
        return self.table("orders"), self.table("order_lines"), self.table("users")

    def features(self, table: Table) -> Table:
        """A table of features with the columns that the source adds to it."""
        own = self.own_columns
        if table is SELLER_FEATURES and not self._tells_roles():
            own = []
        return table.with_columns(own, before="as_of")

    def _tells_roles(self) -> bool:
        """Whether users may be sellers: their SELECT says so, or takes the role from a raw column."""
        roles = [select.select for select in self.tables.get("users", ()) if re.search(r"\brole\b", select.select)]
        return any(not re.search(r"'buyer'\s+(AS\s+)?role\b", select, flags=re.IGNORECASE) for select in roles)
