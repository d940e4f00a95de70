"""What a source can say nothing of is unknown, and never 0."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pyspark.sql import SparkSession

from segmentation.features.known import without_unpublished
from segmentation.profiles.trade import trade
from segmentation.source import Source
from segmentation.yaml_file import load_model
from tests.support import cdshop
from tests.support.factories import make_orders
from tests.support.lakes import REPOSITORY

TRADE = "orders bigint, gmv int, revenue int, voucher_value int, return_rate double"


def test_a_shop_without_vouchers_and_returns_has_unknown_ones(spark: SparkSession, tmp_path: Path) -> None:
    shop = load_model(str(cdshop.write(tmp_path, customers=20) / "source.yml"), Source)
    figures = spark.createDataFrame([(3, 30, None, 0, 0.0)], TRADE)
    features = spark.createDataFrame([(0, 0, 0, 0.0, 0.0)], "count_orders int, total_revenue int, total_vouchers int, "
                                     "cancel_rate double, return_rate double")  # fmt: skip

    (told,) = without_unpublished(figures, shop).collect()
    (known,) = without_unpublished(features, shop).collect()

    assert (told["orders"], told["gmv"], told["voucher_value"], told["return_rate"]) == (3, 30, None, None)
    assert tuple(known) == (0, None, None, None, None)


def test_revenue_that_nobody_published_is_not_0_between_segments_without_a_sale(spark: SparkSession) -> None:
    olist = load_model(str(REPOSITORY / "conf" / "sources" / "olist.yml"), Source)
    orders = make_orders(spark, [{"status": "cancelled"}, {"buyer_id": "b2"}])
    buyers = spark.createDataFrame([("b1", 0), ("b2", 1)], "buyer_id string, segment int")
    sellers = spark.createDataFrame([("s1", 1)], "seller_id string, segment int")

    figures = trade(orders, buyers, sellers, olist.sales, date(2024, 1, 31))
    told = without_unpublished(figures, olist).orderBy("buyer_segment").collect()

    assert [(row["buyer_segment"], row["orders"], row["revenue"]) for row in told] == [(0, 0, None), (1, 1, None)]


def test_what_the_marketplace_publishes_stays(spark: SparkSession) -> None:
    padi = load_model(str(REPOSITORY / "conf" / "sources" / "padi.yml"), Source)
    (told,) = without_unpublished(spark.createDataFrame([(3, 30, 1, 0, 0.0)], TRADE), padi).collect()

    assert (told["revenue"], told["voucher_value"], told["return_rate"]) == (1, 0, 0.0)
