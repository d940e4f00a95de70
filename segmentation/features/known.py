"""All that is known of a source's buyers and sellers on a day, by what the source has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

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
        known = {name: OF_ORDERS[name](orders, categories, users, source.sales, as_of) for name in source.segmentable}
        return {name: without_unpublished(features, source) for name, features in known.items()}
    sides = {name: ENTITIES[name] for name in source.segmentable}
    return {name: features_without_orders(users, side.role, side.features, as_of) for name, side in sides.items()}


def without_unpublished(features: DataFrame, source: Source) -> DataFrame:
    """Features, or figures of trade, with NULL in the columns of which the source can say nothing: no vouchers is not
    vouchers of 0.
    """
    unpublished: set[str] = set()
    if not source.yields("orders", "voucher_value"):
        unpublished |= {"voucher_value", "total_vouchers", "voucher_orders", "voucher_rate", "voucher_share"}
    if not source.yields("orders", "revenue"):
        unpublished |= {"total_revenue", "revenue"}
    if not source.yields("order_lines", "category"):
        unpublished.add("unique_categories")
    for status, rate in (("cancelled", "cancel_rate"), ("returned", "return_rate")):
        if not source.has_status(status):
            unpublished.add(rate)
    columns = [
        F.lit(None).cast(field.dataType).alias(field.name) if field.name in unpublished else F.col(field.name)
        for field in features.schema.fields
    ]
    return features.select(*columns) if unpublished else features
