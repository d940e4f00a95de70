"""All that is known of a source's buyers and sellers on a day, by what the source has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame

from segmentation.entities import ENTITIES
from segmentation.features.buyers import buyer_features
from segmentation.features.sellers import seller_features
from segmentation.features.without_orders import features_without_orders
from segmentation.source import Source

OF_ORDERS = {"buyers": buyer_features, "sellers": seller_features}


def features_of(
    source: Source, orders: DataFrame, categories: DataFrame, users: DataFrame, as_of: date
) -> Mapping[str, DataFrame]:
    """The feature tables of each side that the source has, by entity; `categories` is what category_sales returns."""
    if source.has_orders:
        return {name: OF_ORDERS[name](orders, categories, users, source.sales, as_of) for name in source.sides}
    sides = {name: ENTITIES[name] for name in source.sides}
    return {name: features_without_orders(users, side.role, side.features, as_of) for name, side in sides.items()}
