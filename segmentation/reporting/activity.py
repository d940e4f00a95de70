"""Whether anybody is new, and how many were there lately: counted where the entities are, one row comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.entities import has_sale

LATELY = 90  # days


@dataclass(frozen=True)
class Activity:
    """Of all with a sale: how many they are, how many had one within LATELY days, and the day on which the newest had
    the first, in the session's time zone.
    """

    everyone: int
    lately: int
    newest: date | None


def activity(features: DataFrame) -> Activity:
    """That of a feature table with orders, as of the day that its features speak of."""
    sold = features.where(has_sale())
    row = sold.agg(
        F.count("*").alias("everyone"),
        F.count_if(F.col("recency_days") < LATELY).alias("lately"),
        F.max(F.to_date("first_order_at")).alias("newest"),
    ).first()
    assert row is not None  # of an aggregate without groups
    return Activity(row["everyone"], row["lately"], row["newest"])
