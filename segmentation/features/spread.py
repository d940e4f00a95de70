"""Over how many others, and over which, someone's GMV is spread: unique counts, tops and the largest share."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def spread(categories: DataFrame, by: str, over: Sequence[str], measures: Sequence[Column]) -> DataFrame:
    """One row per `by`, with measures of how the GMV of its sales is spread over each of the columns `over`.

    `categories` is what category_sales returns. The measures (number_of, top_of, largest_share_of) aggregate
    rows of one dimension, value and GMV each: added up before they are counted, since several
    COUNT(DISTINCT) in one aggregation would multiply the rows.
    """
    amounts = categories.select(by, "gmv", *over).unpivot([by, "gmv"], list(over), "dimension", "value")
    sums = amounts.groupBy(by, "dimension", "value").agg(F.sum("gmv").alias("gmv"))
    return sums.groupBy(by).agg(*measures)


def number_of(dimension: str) -> Column:
    """How many known values of the dimension there are."""
    return F.count(F.when(F.col("dimension") == dimension, F.col("value")))


def top_of(dimension: str) -> Column:
    """The known value with the most GMV, the first by name among equals; NULL where none is known."""
    is_known = (F.col("dimension") == dimension) & F.col("value").isNotNull()
    return F.min_by("value", F.when(is_known, F.struct(-F.col("gmv"), F.col("value"))))


def largest_share_of(dimension: str) -> Column:
    """The share of GMV that lies with the largest value; NULL without GMV."""
    gmv = F.when(F.col("dimension") == dimension, F.col("gmv"))
    # Added up as money: the same to the last bit in whatever order.
    return F.max(gmv).cast("double") / F.nullif(F.sum(gmv).cast("double"), F.lit(0.0))
