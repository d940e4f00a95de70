"""Key figures of each month, by the segments of that month's snapshot. docs/periodic.md defines them in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from segmentation.entities import has_sale
from segmentation.features.measures import ratio
from segmentation.features.sales import sales_until
from segmentation.schemas import SUM

MONTH = "yyyy-MM"
OF_TIERS = {"tier": "string", "offered": "bigint", "paid": "bigint", "conversion_rate": "double"}  # see tiers.by_tier
STATES = ("new", "active", "current", "resurrected", "dormant", "lapsed")


def months_of(days: Sequence[date]) -> dict[str, date]:
    """Of each month that the days lie in the last of them: the snapshot that speaks of the month.

    >>> {month: str(day) for month, day in months_of([date(2024, 1, 31), date(2024, 2, 3)]).items()}
    {'2024-01': '2024-01-31', '2024-02': '2024-02-03'}
    """
    return {f"{day:%Y-%m}": day for day in sorted(days)}


def monthly_sales(orders: DataFrame, sales: Sequence[str], until: date, id: str) -> DataFrame:
    """One row per entity and month with a sale up to the day `until`: orders, gmv, revenue, used_up, use_known.

    used_up: how many of the sales were, of the use_known of which that is known.
    """
    mine = sales_until(orders, sales, until).where(F.col(id).isNotNull())
    return mine.groupBy(id, F.date_format("ordered_at", MONTH).alias("month")).agg(
        F.count("*").alias("orders"),
        F.sum("gmv").alias("gmv"),
        F.sum("revenue").alias("revenue"),
        F.count_if("fulfilled").alias("used_up"),
        F.count("fulfilled").alias("use_known"),
    )


def kpis(
    history: DataFrame,
    sold: DataFrame,
    days: Sequence[date],
    id: str,
    has_revenue: bool = True,
    has_cities: bool = True,
) -> DataFrame:
    """The rows of the table kpis that speak of no tier, but for `entity`, `run_id` and what with_change adds, of one
    entity and the months of `days` (in order).

    One row per month and segment that anybody was in on the month's snapshot in `history`, and one of everybody.
    `sold` are monthly_sales up to the last of the days. has_revenue, has_cities: whether the source tells any.
    """
    members = history.where(F.col("as_of").isin(list(months_of(days).values())))
    was_active = sold.select(id, F.col("month").alias("before"), F.lit(True).alias("was_active"))
    known = (
        members.select(
            id,
            "as_of",
            "segment",
            "segment_name",
            "fitted_by",
            "count_orders",
            # A basket of two sellers is two sales at once.
            (F.col("first_order_at") < F.col("last_order_at")).alias("came_back"),
            F.date_format("as_of", MONTH).alias("month"),
            F.date_format(F.add_months("as_of", -1), MONTH).alias("before"),
            F.date_format("first_order_at", MONTH).alias("began"),
            _place().alias("place"),
        )
        .join(sold, on=[id, "month"], how="left")
        .join(was_active, on=[id, "before"], how="left")
        .join(_opened(members), on="place", how="left")
    )
    return _figures(_counted(known.withColumns(_states())), has_revenue, has_cities)


def _place() -> Column:
    """A city, apart from one of the same name in another province; NULL where it is unknown."""
    return F.when(F.col("city").isNotNull(), F.concat_ws("\t", F.coalesce("province", F.lit("")), "city"))


def _opened(members: DataFrame) -> DataFrame:
    """One row per known city of anybody with a sale: the month of the first sale made there."""
    first = members.groupBy(_place().alias("place")).agg(F.min("first_order_at").alias("first"))
    return first.where(F.col("place").isNotNull()).select("place", F.date_format("first", MONTH).alias("opened"))


def _states() -> dict[str, Column]:
    """What somebody was in a month, each true or false."""
    active, was_active = F.col("orders").isNotNull(), F.col("was_active").isNotNull()
    new = F.coalesce(F.col("began") == F.col("month"), F.lit(False))
    dormant = has_sale() & ~active
    return {
        "new": new,
        "active": active,
        "current": active & was_active,
        "resurrected": active & ~was_active & ~new,
        "dormant": dormant,
        "lapsed": dormant & was_active,
        "was_active": was_active,
        "repeated": active & F.col("came_back"),
        "new_place": F.when(active & (F.col("opened") == F.col("month")), F.col("place")),
    }


def _counted(known: DataFrame) -> DataFrame:
    """Sums and counts by month and segment, and by month."""
    return known.groupingSets([["month", "as_of"], ["month", "as_of", "segment"]], "month", "as_of", "segment").agg(
        F.max("segment_name").alias("segment_name"),
        F.max("fitted_by").alias("fitted_by"),
        *[F.count_if(name).alias(f"{name}_entities") for name in STATES],
        F.count_if("was_active").alias("were_active"),
        F.count_if("repeated").alias("repeated"),
        F.coalesce(F.sum("orders"), F.lit(0)).alias("orders"),
        F.coalesce(F.sum("gmv"), F.lit(0)).cast(SUM).alias("gmv"),
        F.sum("revenue").cast(SUM).alias("revenue"),
        F.count_distinct("new_place").alias("new_cities"),
        F.count(F.when(F.col("active"), F.col("place"))).alias("placed"),
        ratio(F.sum("used_up"), F.sum("use_known")).alias("completion_rate"),
    )


def _figures(counted: DataFrame, has_revenue: bool, has_cities: bool) -> DataFrame:
    active = F.nullif(F.col("active_entities"), F.lit(0))
    # Where nobody was active it is nothing, of what the source tells at all.
    revenue = F.when(F.col("orders") == 0, F.lit(0 if has_revenue else None)).otherwise(F.col("revenue")).cast(SUM)
    is_placed = (F.col("placed") > 0) | (active.isNull() & F.lit(has_cities))
    incoming = F.col("new_entities") + F.col("resurrected_entities")
    stayed = F.col("current_entities")
    return counted.select(
        "segment",
        F.when(F.col("segment").isNotNull(), F.col("segment_name")).alias("segment_name"),
        "month",
        *[f"{name}_entities" for name in STATES],
        "orders",
        "gmv",
        revenue.alias("revenue"),
        F.round(revenue / active, 2).cast(SUM).alias("arpu"),
        ratio(F.col("repeated"), active).alias("repeat_rate"),
        ratio(stayed, F.col("were_active")).alias("retention_rate"),
        ratio(incoming, F.col("lapsed_entities")).alias("pulse"),
        F.when(is_placed, F.col("new_cities")).alias("new_cities"),
        "completion_rate",
        "as_of",
        "fitted_by",
        *[F.lit(None).cast(kind).alias(name) for name, kind in OF_TIERS.items()],
    )


def with_change(figures: DataFrame) -> DataFrame:
    """Rows of kpis with the change of GMV since the month before, in three parts that add up to it; NULL where the
    month before is not among them as a whole, or its segments are of another model, and in rows of a tier.

    GMV is active × sales per active × GMV per sale. A factor's part is the mean, over all orders in which the three
    may be changed one after another, of what changing it then does (Shapley 1953): none comes first. Where nobody was
    active in either month the other two mean nothing, and all is due to how many were active.
    """
    in_order = Window.partitionBy("entity", "segment", "tier").orderBy("month")
    was = {name: F.lag(name).over(in_order) for name in ("active_entities", "orders", "gmv")}
    is_alike = F.col("segment").isNull() | (F.lag("fitted_by").over(in_order) == F.col("fitted_by"))
    # Of a month that was looked back on before it was over there is nothing to hold a whole one against.
    is_next = F.lag("as_of").over(in_order) == F.last_day(F.add_months("as_of", -1))
    is_before = is_next & is_alike & F.col("tier").isNull()
    pairs = figures.withColumn("_was", F.when(is_before, F.struct(*[each.alias(name) for name, each in was.items()])))
    before, now = _factors("_was."), _factors("")
    change = (F.col("gmv") - F.col("_was.gmv")).cast(SUM)
    anybody = (F.col("active_entities") > 0) & (F.col("_was.active_entities") > 0)
    frequency, value = (F.when(anybody, _part(before, now, factor)).otherwise(0).cast(SUM) for factor in (1, 2))
    known = F.col("_was").isNotNull()
    told = pairs.withColumns(
        {"gmv_change": change, "by_frequency": F.when(known, frequency), "by_value": F.when(known, value)}
    )
    rest = (F.col("gmv_change") - F.col("by_frequency") - F.col("by_value")).cast(SUM)
    return told.withColumn("by_customers", rest).drop("_was")


def _factors(side: str) -> list[Column]:
    active, orders, gmv = (F.col(f"{side}{name}").cast("double") for name in ("active_entities", "orders", "gmv"))
    return [active, F.try_divide(orders, active), F.try_divide(gmv, orders)]


def _part(before: Sequence[Column], now: Sequence[Column], factor: int) -> Column:
    """What a factor of a product of three does to it, between before and now, to the cent."""
    first, second = (other for other in range(3) if other != factor)
    as_before, as_now = before[first] * before[second], now[first] * now[second]
    mixed = before[first] * now[second] + now[first] * before[second]
    return F.round((now[factor] - before[factor]) * (as_before / 3 + as_now / 3 + mixed / 6), 2)


def cohorts(sold: DataFrame, as_of: date, id: str) -> DataFrame:
    """The rows of the table cohorts but for `entity` and `run_id`, of monthly_sales up to `as_of`."""
    began = sold.groupBy(id).agg(F.min("month").alias("cohort"))
    sizes = began.groupBy("cohort").agg(F.count("*").alias("size"))
    months = sold.join(began, on=id, how="inner").groupBy("cohort", "month")
    active = months.agg(
        F.count("*").alias("active_entities"), F.sum("orders").alias("orders"), F.sum("gmv").cast(SUM).alias("gmv")
    )
    first_day = {name: F.to_date(F.concat(name, F.lit("-01"))) for name in ("cohort", "month")}
    return active.join(sizes, on="cohort", how="inner").select(
        "cohort",
        "month",
        F.months_between(first_day["month"], first_day["cohort"]).cast("int").alias("months_since"),
        "size",
        "active_entities",
        ratio(F.col("active_entities"), F.col("size")).alias("retention_rate"),
        "orders",
        "gmv",
        F.lit(as_of).alias("as_of"),
    )
