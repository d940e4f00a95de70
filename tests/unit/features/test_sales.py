"""Which orders count: days, time zones and statuses."""

from datetime import date

from chispa import assert_df_equality
from pyspark.sql import functions as F

from segmentation.features.sales import of_sales, orders_until, sales_until
from tests.support.factories import make_orders

SALES = ["completed", "in_progress"]
AS_OF = date(2024, 1, 31)


def test_the_whole_day_of_as_of_counts(spark):
    orders = make_orders(spark, [{"ordered_at": "2024-01-31 23:59:59"}, {"ordered_at": "2024-02-01 00:00:00"}])
    counted = sales_until(orders, SALES, AS_OF).select("order_id")
    assert_df_equality(counted, spark.createDataFrame([("o1",)], "order_id string"))


def test_a_day_is_the_session_time_zones(spark):
    # 18:00 UTC is 01:00 of the next day in Jakarta.
    orders = make_orders(spark, [{"ordered_at": "2024-01-31 16:00:00"}, {"ordered_at": "2024-01-31 18:00:00"}])
    assert sales_until(orders, SALES, AS_OF).count() == 2
    spark.conf.set("spark.sql.session.timeZone", "Asia/Jakarta")
    assert sales_until(orders, SALES, AS_OF).count() == 1


def test_sales_are_told_from_other_orders_by_status(spark):
    orders = make_orders(
        spark,
        [{"status": "in_progress"}, {"status": "unpaid"}, {"status": "returned"}, {"status": None}],
    )
    told = orders_until(orders, SALES, AS_OF).select("order_id", "is_sale", of_sales("gmv").alias("gmv_of_sale"))
    expected = spark.createDataFrame(
        [("o1", True, 100), ("o2", False, None), ("o3", False, None), ("o4", False, None)],
        "order_id string, is_sale boolean, gmv_of_sale int",
    ).withColumn("gmv_of_sale", F.col("gmv_of_sale").cast("decimal(18,2)"))
    assert_df_equality(told, expected, ignore_row_order=True, ignore_nullable=True)
