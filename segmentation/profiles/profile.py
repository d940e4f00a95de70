"""What each segment looks like: one row per segment, from features and segment labels."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, FloatType, NumericType

from segmentation.entities import Entity, has_sale
from segmentation.features.measures import ratio

PERCENTS = {"p10": 10, "median": 50, "p90": 90}
MAY_LACK = {
    "total_gmv": "double",
    "total_revenue": "double",
    "count_orders": "bigint",
    "first_order_at": "timestamp",
    "last_order_at": "timestamp",
    "province": "string",
    "top_category": "string",
}
COMMON = ("province", "top_category")  # texts that every entity may have
SPEAKS = 0.5  # share of a segment of whom a text must be known for its top value to be the segment's
EXACT = "decimal(38,12)"  # doubles are added up as decimals: the same mean whatever the order of rows


def numeric_features(features: DataFrame) -> list[str]:
    """The features that a profile can describe: every column of numbers, in order.

    >>> numeric_features(spark.createDataFrame([("b1", 3)], "buyer_id string, count_orders bigint"))
    ['count_orders']
    """
    return [field.name for field in features.schema.fields if isinstance(field.dataType, NumericType)]


def profile(
    features: DataFrame, segments: DataFrame, names: Sequence[str], entity: Entity, texts: Sequence[str] = ()
) -> DataFrame:
    """One row per segment, and one for segment 0 even where nobody is in it.

    Returns segment, size, share, gmv_share, revenue_share, repeat_rate, order_value, then mean_F, median_F, p10_F,
    p90_F, lift_F and known_F (of how many F is known) of each F in `names`, top_F, top_share_F and top_lift_F of each F
    in `texts`, then top_province, top_province_share, top_category and top_category_share. The most frequent place and
    category are told however few have them; their shares are of those of whom one is known, unknown as of any text.
    Percentiles are exact, between ranks as NumPy's.
    """
    people = _people(features, segments, entity)
    sums = people.groupBy("segment").agg(*_measures(people, names, entity))
    rows = sums.withColumns(_totals(names)).join(_percentiles(people, names), on="segment", how="left")
    of_texts = tops(people.where(F.col(entity.id).isNotNull()), list(dict.fromkeys([*COMMON, *texts])))
    rows = rows.join(of_texts, on="segment", how="left")
    tops_of = [f"{kind}_{name}" for name in texts for kind in ("top", "top_share", "top_lift")]
    order_value = ratio(F.col("gmv"), F.col("orders")).alias("order_value")
    return rows.select(
        "segment",
        "size",
        *_shares(),
        "repeat_rate",
        order_value,
        *_figures(names),
        *tops_of,
        F.col("most_province").alias("top_province"),
        F.col("top_share_province").alias("top_province_share"),
        F.col("most_top_category").alias("top_category"),
        F.col("top_share_top_category").alias("top_category_share"),
    )


def _people(features: DataFrame, segments: DataFrame, entity: Entity) -> DataFrame:
    """Features with their segment, and one empty row that keeps segment 0 in every profile."""
    labels = segments.select(entity.id, F.col("segment").cast("int").alias("segment"))
    lacking = [F.lit(None).cast(kind).alias(name) for name, kind in MAY_LACK.items() if name not in features.columns]
    nobody = features.sparkSession.range(0, 1, 1, 1).select(F.lit(0).alias("segment"))
    return (
        features.select("*", *lacking)
        .join(labels, on=entity.id, how="inner")
        .unionByName(nobody, allowMissingColumns=True)
    )


def _measures(people: DataFrame, names: Sequence[str], entity: Entity) -> list[Column]:
    """Per segment: how many, what they are worth, where most are, the sum and count of each feature."""
    exact = {name: _exact(people, name) for name in names}
    came_back = F.col("first_order_at") < F.col("last_order_at")  # one basket of two sellers is two sales at once
    return [
        F.count(entity.id).alias("size"),
        F.sum("total_gmv").alias("gmv"),
        F.sum("count_orders").alias("orders"),
        F.sum("total_revenue").alias("revenue"),
        F.avg(F.when(has_sale(), came_back.cast("double"))).alias("repeat_rate"),
        *(F.mode(name, deterministic=True).alias(f"most_{name}") for name in COMMON),
        *(F.sum(feature).alias(f"sum_{name}") for name, feature in exact.items()),
        *(F.count(feature).alias(f"count_{name}") for name, feature in exact.items()),
    ]


def _exact(people: DataFrame, name: str) -> Column:
    """The feature in a type that adds up without rounding; what is no number (NaN, infinity) is unknown."""
    fractional = isinstance(people.schema[name].dataType, DoubleType | FloatType)
    return F.col(name).try_cast(EXACT) if fractional else F.col(name)


def _totals(names: Sequence[str]) -> dict[str, Column]:
    """Over all segments: everybody, those with a sale, all GMV and revenue, the features of those with a sale."""
    all_rows = Window.partitionBy(F.col("segment") >= 0)
    sold = F.col("segment") > 0
    features = [f"{kind}_{name}" for name in names for kind in ("sum", "count")]
    return {
        **{f"all_{name}": F.sum(name).over(all_rows) for name in ("size", "gmv", "revenue")},
        **{f"sold_{name}": F.sum(F.when(sold, F.col(name))).over(all_rows) for name in ("size", *features)},
    }


def _shares() -> list[Column]:
    """Of those with a sale; segment 0 of everybody."""
    of_whom = F.when(F.col("segment") > 0, F.col("sold_size")).otherwise(F.col("all_size"))
    return [
        ratio(F.col("size"), of_whom).alias("share"),
        ratio(F.col("gmv"), F.col("all_gmv")).alias("gmv_share"),
        ratio(F.col("revenue"), F.col("all_revenue")).alias("revenue_share"),
    ]


def _figures(names: Sequence[str]) -> list[Column]:
    """mean_F, median_F, p10_F, p90_F, lift_F and known_F of each feature F, as schemas.profile_columns has them."""
    figures: list[Column] = []
    for name in names:
        mean = ratio(F.col(f"sum_{name}"), F.col(f"count_{name}"))
        mean_of_sold = ratio(F.col(f"sold_sum_{name}"), F.col(f"sold_count_{name}"))
        percentiles = [F.col(f"{kind}_{name}") for kind in ("median", "p10", "p90")]
        lift = ratio(mean, mean_of_sold).alias(f"lift_{name}")
        figures += [mean.alias(f"mean_{name}"), *percentiles, lift, F.col(f"count_{name}").alias(f"known_{name}")]
    return figures


def _percentiles(people: DataFrame, names: Sequence[str]) -> DataFrame:
    """p10_F, median_F and p90_F per segment.

    By rank in sorted rows, not by `percentile`, whose memory grows with the number of distinct values, nor by
    `percentile_approx`, whose answer may depend on how rows are spread.
    """
    if not names:
        return people.select("segment").distinct()
    ranked = Window.partitionBy("segment", "feature")
    values = people.unpivot("segment", [F.col(name).cast("double").alias(name) for name in names], "feature", "value")
    known = values.where(F.col("value").isNotNull() & ~F.isnan("value"))
    between = (
        known.withColumn("rank", F.row_number().over(ranked.orderBy("value")) - 1)
        .withColumn("last", F.count("value").over(ranked) - 1)
        .groupBy("segment", "feature")
        .agg(*(_between_ranks(percent).alias(kind) for kind, percent in PERCENTS.items()))
    )
    wide = [
        F.max(F.when(F.col("feature") == name, F.col(kind))).alias(f"{kind}_{name}")
        for name in names
        for kind in PERCENTS
    ]
    return between.groupBy("segment").agg(*wide)


def tops(people: DataFrame, texts: Sequence[str]) -> DataFrame:
    """Per segment the most frequent known value of each text F (the first by name among equals) as top_F, its share of
    those in the segment for whom the text is known as top_share_F, and that over the same share of all with a sale as
    top_lift_F: who did not fill in the form counts in neither. Unknown where the text is known of fewer than half of
    the segment: a few do not speak for it.
    """
    cells: list[Column | str] = [F.col(name).cast("string").alias(name) for name in texts]
    values = people.unpivot("segment", cells, "feature", "value")
    counted = values.groupBy("segment", "feature", "value").agg(F.count("*").alias("everyone"))
    counted = counted.withColumn("has", F.when(F.col("value").isNotNull(), F.col("everyone")))
    sold = F.col("segment") > 0
    of_segment, of_all = Window.partitionBy("segment", "feature"), Window.partitionBy("feature")
    shares = counted.select(
        "*",
        ratio(F.col("has"), F.sum("has").over(of_segment)).alias("share"),
        (ratio(F.sum("has").over(of_segment), F.sum("everyone").over(of_segment)) >= SPEAKS).alias("speaks"),
        ratio(
            F.sum(F.when(sold, F.col("has"))).over(Window.partitionBy("feature", "value")),
            F.sum(F.when(sold, F.col("has"))).over(of_all),
        ).alias("share_of_all"),
    )
    first = F.when(F.col("speaks") & F.col("has").isNotNull(), F.struct(-F.col("has"), F.col("value")))
    top = shares.groupBy("segment", "feature").agg(
        *(F.min_by(name, first).alias(name) for name in ("value", "share", "share_of_all"))
    )
    wide = [
        F.max(F.when(F.col("feature") == name, cell)).alias(f"{kind}_{name}")
        for name in texts
        for kind, cell in {
            "top": F.col("value"),
            "top_share": F.col("share"),
            "top_lift": ratio(F.col("share"), F.col("share_of_all")),
        }.items()
    ]
    return top.groupBy("segment").agg(*wide)


def _between_ranks(percent: int) -> Column:
    """The value at `percent` of the way from the first rank to the last, a straight line between two ranks."""
    position = F.col("last") * percent
    below = F.floor(position / 100)
    fraction = F.max(position % 100) / 100
    low = F.max(F.when(F.col("rank") == below, F.col("value")))
    high = F.max(F.when(F.col("rank") == F.ceil(position / 100), F.col("value")))
    return low + (high - low) * fraction
