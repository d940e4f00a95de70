"""What is known of somebody at a quarter's end, and what came in the next quarter, in small counts that a driver holds.

docs/periodic.md defines predictors, targets and measures in words; out_of_time.py judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.features.measures import TOTALS
from segmentation.features.sales import is_sale

PREDICTORS = ("segments", "rfm", "last_gmv")
BLOCKS = 20  # parts of the entities that are left out in turn
TENTHS = [at / 10 for at in range(1, 10)]
HUNDREDTHS = [at / 100 for at in range(1, 100)]
KEY = ["as_of", "predictor", "group", "block"]


def quarterly_orders(orders: DataFrame, sales: Sequence[str], last: date, id: str) -> DataFrame:
    """One row per entity and quarter with an order, up to the end of the quarter after `last`: gmv, sold, returned."""
    until = F.add_months(F.lit(last).cast("date"), 3)
    mine = orders.where(F.col(id).isNotNull() & (_quarter("ordered_at") <= until))
    return (
        mine.withColumn("is_sale", is_sale(sales))
        .groupBy(id, _quarter("ordered_at").alias("quarter"))
        .agg(
            TOTALS["total_gmv"].of_orders().alias("gmv"),
            TOTALS["count_orders"].of_orders().alias("sold"),
            TOTALS["returned"].of_orders().alias("returned"),
        )
    )


def outlook(history: DataFrame, moved: DataFrame, days: Sequence[date], id: str) -> DataFrame:
    """One row per quarter's end of `days` and entity with a sale by then: id, as_of, block; what PREDICTORS go by
    (segment, recency_days, count_orders, total_gmv, last_gmv); and of the quarter after: gmv, is_active, has_returned.

    `days` are snapshots' days in history, `moved` are quarterly_orders up to the last of them. A block is a twentieth
    of the entities, the same on all days. is_active: with a sale; has_returned: with an order that was returned.
    """
    known = history.where(F.col("as_of").isin(list(days)) & (F.col("segment") > 0)).select(
        id,
        "as_of",
        "segment",
        "recency_days",
        "count_orders",
        "total_gmv",
        _quarter("as_of").alias("last"),
        F.add_months(_quarter("as_of"), 3).alias("next"),
    )
    before = moved.select(id, F.col("quarter").alias("last"), F.col("gmv").alias("last_gmv"))
    after = moved.withColumnRenamed("quarter", "next")
    told = known.join(before, on=[id, "last"], how="left").join(after, on=[id, "next"], how="left")
    return told.select(
        F.col(id).alias("id"),
        "as_of",
        F.pmod(F.xxhash64(id), F.lit(BLOCKS)).cast("int").alias("block"),
        "segment",
        "recency_days",
        "count_orders",
        F.col("total_gmv").cast("double").alias("total_gmv"),
        F.coalesce("last_gmv", F.lit(0)).cast("double").alias("last_gmv"),
        F.coalesce("gmv", F.lit(0)).cast("double").alias("gmv"),
        F.coalesce(F.col("sold") > 0, F.lit(False)).alias("is_active"),
        F.coalesce(F.col("returned") > 0, F.lit(False)).alias("has_returned"),
    )


def cells(outlook: DataFrame) -> DataFrame:
    """One row per quarter's end, predictor, group of it and block (KEY): entities, their active and returned ones, and
    the sum of `rank` and of its square.

    rank: of the next quarter's GMV among all of the day, in hundredths, those who are equal in the midst of their
    places; twice that, so that it is a whole number and sums are exact.
    """
    edges = outlook.groupBy("as_of").agg(
        *[F.percentile(name, TENTHS).alias(f"{name}_tenths") for name in ("recency_days", "count_orders", "total_gmv")],
        F.percentile(F.nullif("last_gmv", F.lit(0.0)), TENTHS).alias("last_gmv_tenths"),
        F.percentile("gmv", HUNDREDTHS).alias("gmv_hundredths"),
    )
    placed = outlook.join(F.broadcast(edges), on="as_of", how="inner").select(
        "as_of",
        "block",
        "is_active",
        "has_returned",
        F.col("segment").cast("int").alias("segments"),
        _rfm().alias("rfm"),
        F.when(F.col("last_gmv") > 0, _above("last_gmv") + 1).otherwise(0).alias("last_gmv"),
        (_above("gmv", "gmv_hundredths") + _from("gmv", "gmv_hundredths")).cast("bigint").alias("rank"),
    )
    kept: list[Column | str] = ["as_of", "block", "is_active", "has_returned", "rank"]
    return (
        placed.unpivot(kept, list(PREDICTORS), "predictor", "group")
        .groupBy(*KEY)
        .agg(
            F.count("*").alias("entities"),
            F.count_if("is_active").alias("active"),
            F.count_if("has_returned").alias("returned"),
            F.sum("rank").alias("rank"),
            F.sum(F.col("rank") * F.col("rank")).alias("squares"),
        )
    )


def _quarter(day: str) -> Column:
    return F.to_date(F.date_trunc("quarter", F.col(day)))


def _rfm() -> Column:
    """The sum of three decile scores, 1 to 10 each: the later the last sale, and the more sales and GMV, the higher."""
    recent = 10 - _above("recency_days")
    return recent + _above("count_orders") + 1 + _above("total_gmv") + 1


def _above(name: str, edges: str = "") -> Column:
    """How many of the edges lie below a value."""
    return F.size(F.filter(edges or f"{name}_tenths", lambda edge: edge < F.col(name)))


def _from(name: str, edges: str) -> Column:
    """How many of the edges a value reaches."""
    return F.size(F.filter(edges, lambda edge: edge <= F.col(name)))
