"""How much of all GMV hangs on few: measured where the entities are, so that three rows come back."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.entities import has_sale

TOPS = (0.01, 0.05, 0.2)


def concentration(features: DataFrame, tops: Sequence[float] = TOPS) -> pd.DataFrame:
    """Share of GMV of the top entities with a sale: top (a fraction of them, at least one), gmv_share, entities (how
    many these are), everyone (how many have a sale) and largest (the share of the largest of all).

    No rows where nobody sold or no GMV is known. Two passes over one column, and no sorting: the value of the
    last one that still belongs to a top is an exact percentile; those above it are added up, and ties with it
    count as many times as there are places left.
    """
    none = pd.DataFrame({"top": [], "gmv_share": [], "entities": [], "everyone": [], "largest": []})
    sold = features.where(has_sale() & F.col("total_gmv").isNotNull()).select(
        F.col("total_gmv").cast("double").alias("gmv")
    )
    whole = sold.agg(F.count("*").alias("entities"), F.sum("gmv").alias("gmv"), F.max("gmv").alias("largest")).first()
    if whole is None or not whole["entities"] or not whole["gmv"]:
        return none
    places = [max(1, ceil(whole["entities"] * top)) for top in tops]
    last = max(whole["entities"] - 1, 1)
    ranks = F.array(*[F.lit((whole["entities"] - place) / last) for place in places])
    edges = sold.agg(F.percentile("gmv", ranks).alias("edges"))
    above = [F.col("gmv") > F.col("edges")[at] for at in range(len(places))]
    sums = [F.sum(F.when(is_above, F.col("gmv"))).alias(f"sum_{at}") for at, is_above in enumerate(above)]
    counts = [F.count(F.when(is_above, 1)).alias(f"count_{at}") for at, is_above in enumerate(above)]
    found = sold.crossJoin(F.broadcast(edges)).agg(F.first("edges").alias("edges"), *sums, *counts).first()
    if found is None:
        return none
    held = [
        (found[f"sum_{at}"] or 0.0) + (place - found[f"count_{at}"]) * found["edges"][at]
        for at, place in enumerate(places)
    ]
    shares = [gmv / whole["gmv"] for gmv in held]
    return pd.DataFrame(
        {
            "top": list(tops),
            "gmv_share": shares,
            "entities": places,
            "everyone": whole["entities"],
            "largest": whole["largest"] / whole["gmv"],
        }
    )


def largest_in(features: DataFrame, column: str) -> dict[str, float]:
    """By known value of a column: the share of its GMV that one entity brings."""
    gmv = F.col("total_gmv").cast("double")
    sold = features.where(F.col(column).isNotNull() & (gmv > 0))
    found = sold.groupBy(F.col(column).alias("value")).agg((F.max(gmv) / F.sum(gmv)).alias("largest"))
    return {str(row["value"]): row["largest"] for row in found.collect()}
