"""Who is segmented: the two sides of a marketplace, as data."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.schemas import Table


@dataclass(frozen=True)
class Entity:
    """One side of the marketplace and the tables that speak of it."""

    name: str  # buyers, sellers: as in options and config
    role: str  # buyer, seller: as in users.role
    features: Table
    segments: Table
    profiles: Table
    sweep: Table
    moves: Table
    attributes: Table
    history: Table
    movers: Table
    migrations: Table

    @property
    def id(self) -> str:
        """The column that identifies it."""
        return f"{self.role}_id"

    @property
    def of_segments(self) -> tuple[Table, ...]:
        """The tables that the search for segments writes."""
        return (self.segments, self.profiles, self.sweep, self.moves, self.attributes)

    @property
    def of_history(self) -> tuple[Table, ...]:
        """The tables that speak of the past."""
        return (self.history, self.movers, self.migrations)


BUYERS = Entity(
    "buyers",
    "buyer",
    schemas.BUYER_FEATURES,
    schemas.BUYER_SEGMENTS,
    schemas.BUYER_PROFILES,
    schemas.BUYER_SWEEP,
    schemas.BUYER_MOVES,
    schemas.BUYER_ATTRIBUTES,
    schemas.BUYER_HISTORY,
    schemas.BUYER_MOVERS,
    schemas.BUYER_MIGRATIONS,
)
SELLERS = Entity(
    "sellers",
    "seller",
    schemas.SELLER_FEATURES,
    schemas.SELLER_SEGMENTS,
    schemas.SELLER_PROFILES,
    schemas.SELLER_SWEEP,
    schemas.SELLER_MOVES,
    schemas.SELLER_ATTRIBUTES,
    schemas.SELLER_HISTORY,
    schemas.SELLER_MOVERS,
    schemas.SELLER_MIGRATIONS,
)

ENTITIES = {entity.name: entity for entity in (BUYERS, SELLERS)}


@dataclass(frozen=True)
class Members:
    """Who of an entity is segmented, and by the mean of which feature (`value`) segments are numbered.

    Those without a sale are in segment 0, unless `everyone` is segmented, as where there are no orders. Where value is
    None segments are numbered by size, and nobody is said to move up.
    """

    value: str | None = "total_gmv"
    everyone: bool = False

    def are_segmented(self) -> Column:
        """Of a row of features: whether it is in one of the segments from 1 on."""
        return F.lit(True) if self.everyone else has_sale()


WITH_A_SALE = Members()


def has_sale(side: str = "") -> Column:
    """Of a row of features (of a `side` such as before., where they are in a struct); NULL where it tells no orders."""
    return F.col(f"{side}count_orders") > 0
