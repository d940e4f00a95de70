"""A lake that is a schema of a catalog: the same tables by name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.errors import InputError
from segmentation.lake.tables import Lake, as_rows
from segmentation.sql import quoted
from segmentation.stages.undo import announce
from tests.support.lakes import in_order
from tests.support.shop import PRODUCTS, USERS, Shop, line, order

SCHEMA = "Shop_2"
DAYS = (
    {"orders": [order("o1", 60), order("o2", "ten")], "lines": [line("o1", 60), line("o3", 5)]},
    {"orders": [order("o2", 20), order("o3", 5), order("o1", 60, status="Dikembalikan")], "lines": [line("o2", 20)],
     "users": USERS, "products": PRODUCTS},
)  # fmt: skip


@pytest.mark.parametrize("name", ["spark_catalog.odd-name", "nosuch.shop"])
def test_a_schema_that_cannot_be_made_is_one_sentence(spark: SparkSession, name: str) -> None:
    lake = Lake(spark, name)
    with pytest.raises(InputError, match=rf"^{name}: the schema cannot be made \(.*set --lake$"):
        lake.overwrite(schemas.RUNS, as_rows(spark, schemas.RUNS, []))


@pytest.mark.full
def test_a_schema_holds_what_a_folder_holds(spark: SparkSession, tmp_path: Path) -> None:
    shop = Shop(spark, tmp_path)
    named = Lake(spark, f"spark_catalog.{SCHEMA}")
    try:
        for day in DAYS:
            folder = shop.export(**day)
            shop.take(folder, "ingest", "features")
            shop.take(folder, "ingest", "features", lake=named.location)
        # What a dead run left behind is undone by name.
        dead = "20990101T000000000000Z"
        announce(named, dead, ["orders"])
        named.append(schemas.ORDERS, named.read(schemas.ORDERS).withColumn("batch_id", F.lit(dead)))
        shop.take(folder, "ingest", lake=named.location)
        assert f"run {dead} did not end: what it wrote to orders is undone" in shop.said.getvalue()
        for name in ("orders", "order_lines", "users", "products", "buyer_features", "seller_features", "overview"):
            found = in_order(named.read(schemas.TABLES[name]).toPandas())
            expected = in_order(spark.read.format("delta").load(str(shop.lake / name)).toPandas())
            pd.testing.assert_frame_equal(found, expected, check_exact=True, obj=name)
        detail = spark.sql("DESCRIBE DETAIL " + quoted("spark_catalog", SCHEMA, "orders")).first()
        assert detail is not None and detail["description"] == schemas.ORDERS.grain
    finally:
        spark.sql("DROP SCHEMA IF EXISTS " + quoted("spark_catalog", SCHEMA) + " CASCADE")
