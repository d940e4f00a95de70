"""What a source says of its users beside where they live: attributes, bands, groups, and values that mean unknown."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from segmentation import schemas
from segmentation.plans import FrozenModel
from segmentation.schemas import MONEY, Column

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TYPE = re.compile(r"string|boolean|integer|double|date|timestamp|decimal(\(\d+,\s*\d+\))?")
# What stands in a text of which nothing is known, whatever its case: unknown, unless a source's sentinels say otherwise
# of the column. NA and none are not among them: Namibia, and no pets, are known.
UNKNOWN_TEXTS = (
    "-",
    "--",
    "?",
    "n/a",
    "n.a.",
    "#n/a",
    "nan",
    "null",
    "unknown",
    "not known",
    "unspecified",
    "not specified",
    "not available",
    "undefined",
    "tidak diketahui",
    "belum diketahui",
    "tidak tersedia",
    "tidak ada data",
    "belum diisi",
    "tidak diisi",
)
TYPES = "string, boolean, integer, double, decimal, decimal(p,s), date or timestamp"
# Columns that tables have already; and those that points have, which are made of features.
TAKEN = {
    *(
        name
        for table in schemas.TABLES.values()
        if table.name.endswith(("users", "features", "segments"))
        for name in table.names
    ),
    "id",
    "point",
    "features",
    "outlier",
    "category",  # profiles hold the most frequent value of each text: top_category is that of what was bought
}
# Bands and groups stand beside the columns of orders, and are dimensions of the overview.
OF_ORDERS = {*schemas.ORDERS.names, "is_sale", "total", "month", "seller_province"}


def spark_type(kind: str) -> str:
    """The Spark SQL type of a source's type.

    >>> spark_type("integer"), spark_type("decimal"), spark_type("decimal(9,4)")
    ('bigint', 'decimal(18,2)', 'decimal(9,4)')
    """
    return {"integer": "bigint", "decimal": MONEY}.get(kind, kind)


def _several(value: object) -> object:
    """One may stand without its list."""
    return [value] if isinstance(value, str) else value


Several = Annotated[tuple[str, ...], BeforeValidator(_several), Field(min_length=1)]


class Band(FrozenModel):
    """A column of numbers cut at edges: a value belongs to the first band whose edge it does not exceed."""

    of: str = Field(description="age, or an attribute that is a number")
    edges: Annotated[tuple[float, ...], Field(min_length=1)] = Field(description="upper ends, all but the last band's")
    labels: tuple[str, ...] = Field(description="one more than edges")
    of_orders: str | None = Field(None, description="gmv: in overview each order falls into the band of its own value")

    @model_validator(mode="after")
    def _fits(self) -> Band:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError(f"edges: found {list(self.edges)}, expected numbers that rise")
        if len(self.labels) != len(self.edges) + 1:
            found, edges = len(self.labels), len(self.edges)
            raise ValueError(f"labels: found {found}, expected {edges + 1}, one more than the {edges} edges")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels: found {list(self.labels)}, expected different ones")
        if self.of_orders not in (None, "gmv"):
            raise ValueError(f"of_orders: found {self.of_orders!r}, expected gmv")
        return self


class Group(FrozenModel):
    """Columns of texts put together under labels: the first column with a value that is listed decides.

    Values are compared whatever their case; * stands for any text.
    """

    of: Several = Field(description="province, city, district, or an attribute that is a text; the first one first")
    values: Annotated[dict[str, Several], Field(min_length=1)] = Field(description="label → values")
    others: str | None = Field(None, description="label of all other known values; by default they keep their own")


def attribute_type(value: str) -> str:
    """The type of an attribute, or an error that says which there are."""
    if not TYPE.fullmatch(value):
        raise ValueError(f"found {value!r}, expected {TYPES}")
    if found := re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", value):
        digits, fraction = int(found[1]), int(found[2])
        if not 1 <= digits <= 38 or fraction > digits:
            raise ValueError(f"found {value!r}, expected decimal(p,s) with up to 38 digits, s of them after the point")
    return value


Kind = Annotated[str, BeforeValidator(lambda value: attribute_type(str(value)))]


class Attributes(FrozenModel):
    """The part of a source that adds columns to users, and so to features."""

    attributes: dict[str, Kind] = Field({}, description="columns that the users' SELECT yields besides the usual ones")
    sentinels: dict[str, tuple[str | int | float | bool, ...]] = Field(
        {},
        description="column of users → values that mean unknown, e.g. age: [0]; of a text instead of UNKNOWN_TEXTS",
    )
    bands: dict[str, Band] = {}
    groups: dict[str, Group] = {}
    value: str | None = Field(
        None, description="the attribute that says what a user is worth, where there are no orders"
    )

    @field_validator("sentinels", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: list(each) if isinstance(each, list | tuple) else [each] for name, each in value.items()}

    @model_validator(mode="after")
    def _names(self) -> Attributes:
        for key in ("attributes", "bands", "groups"):
            for name in getattr(self, key):
                if not NAME.fullmatch(name) or name.startswith("_"):
                    raise ValueError(f"{key}: found {name!r}, expected a name of letters, digits and _, a letter first")
                if name.lower() in TAKEN or (key != "attributes" and name.lower() in OF_ORDERS):
                    raise ValueError(f"{key}: found {name!r}, which tables of the lake have already; expected another")
        names = [name.lower() for name in (*self.attributes, *self.bands, *self.groups)]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"found {name!r} twice among attributes, bands and groups, expected it once")
            part, _, other = name.partition("_")
            if part in ("share", "lift") and other in names:  # profiles have top_plan, top_share_plan, top_lift_plan
                raise ValueError(f"found {name!r} beside {other!r}, whose {part} profiles have; expected another name")
        return self

    @model_validator(mode="after")
    def _of_what_there_is(self) -> Attributes:
        numbers = ["age", *(name for name in self.attributes if self.is_number(name))]
        texts = ["province", "city", "district", *(n for n, kind in self.attributes.items() if kind == "string")]
        for name, band in self.bands.items():
            _one_of(f"bands.{name}.of", band.of, numbers)
        for name, group in self.groups.items():
            for column in group.of:
                _one_of(f"groups.{name}.of", column, texts)
        for name in self.sentinels:
            _one_of("sentinels", name, ["age", *texts[:3], *self.attributes])
        if self.value is not None:
            _one_of("value", self.value, numbers[1:] or ["an attribute that is a number"])
        return self

    def is_number(self, name: str) -> bool:
        """Whether an attribute is a number."""
        return self.attributes.get(name, "").startswith(("integer", "double", "decimal"))

    @property
    def plain_texts(self) -> list[str]:
        """Columns of users that are texts and of which the source does not say what means unknown."""
        texts = ["province", "city", "district", *(name for name, kind in self.attributes.items() if kind == "string")]
        return [name for name in texts if name not in self.sentinels]

    @property
    def own_names(self) -> list[str]:
        """The names of all columns that the source adds."""
        return [column.name for column in self.own_columns]

    @property
    def dimensions(self) -> list[str]:
        """Bands and groups: what users are divided by."""
        return [*self.bands, *self.groups]

    @property
    def money(self) -> tuple[str, ...]:
        """Attributes that are amounts in the source's currency: those declared as plain decimal."""
        return tuple(name for name, kind in self.attributes.items() if kind == "decimal")

    @property
    def texts(self) -> list[str]:
        """Own columns that are categories: texts, yes or no, bands and groups."""
        categories = [name for name, kind in self.attributes.items() if kind in ("string", "boolean")]
        return [*categories, *self.dimensions]

    @property
    def divisions(self) -> dict[str, tuple[str, ...]]:
        """Bands and groups, each with its labels in the order in which they are declared."""
        bands = {name: band.labels for name, band in self.bands.items()}
        return {**bands, **{name: tuple(group.values) for name, group in self.groups.items()}}

    @property
    def declared(self) -> list[Column]:
        """The attributes as columns of users."""
        return [Column(name, spark_type(kind), "attribute of the source") for name, kind in self.attributes.items()]

    @property
    def own_columns(self) -> list[Column]:
        """All columns that the source adds to users and to features: attributes, bands, groups."""
        bands = [Column(name, "string", f"band of {band.of}") for name, band in self.bands.items()]
        groups = [Column(name, "string", f"group of {', '.join(group.of)}") for name, group in self.groups.items()]
        return [*self.declared, *bands, *groups]


def _one_of(key: str, found: str, known: list[str]) -> None:
    if found not in known:
        raise ValueError(f"{key}: found {found!r}, expected one of {', '.join(known)}")
