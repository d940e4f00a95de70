"""Unique counts, tops and the largest share."""

from decimal import Decimal

from chispa import assert_df_equality

from segmentation.features.spread import largest_share_of, number_of, spread, top_of

SCHEMA = "buyer_id string, seller_id string, category string, gmv decimal(18,2)"
MEASURES = "buyer_id string, sellers bigint, categories bigint, top_category string, largest_seller double"


def measured(spark, rows):
    """Sellers, categories, top category and the largest seller's share, by buyer."""
    categories = spark.createDataFrame([(*row[:3], Decimal(row[3])) for row in rows], SCHEMA)
    measures = [
        number_of("seller_id").alias("sellers"),
        number_of("category").alias("categories"),
        top_of("category").alias("top_category"),
        largest_share_of("seller_id").alias("largest_seller"),
    ]
    return spread(categories, "buyer_id", ["seller_id", "category"], measures)


def test_amounts_are_added_up_before_they_are_compared(spark):
    actual = measured(
        spark, [("b1", "s1", "food", 3), ("b1", "s2", "food", 3), ("b1", "s1", "tools", 5), ("b1", "s2", "food", 1)]
    )
    expected = spark.createDataFrame([("b1", 2, 2, "food", 8 / 12)], MEASURES)
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_ties_go_by_name(spark):
    actual = measured(spark, [("b1", "s1", "wood", 5), ("b1", "s1", "food", 5), ("b1", "s1", "tools", 4)])
    expected = spark.createDataFrame([("b1", 1, 3, "food", 1.0)], MEASURES)
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_the_unknown_is_never_counted_and_never_on_top(spark):
    actual = measured(spark, [("b1", "s1", None, 9), ("b1", "s1", "food", 1), ("b2", "s1", None, 9)])
    expected = spark.createDataFrame([("b1", 1, 1, "food", 1.0), ("b2", 1, 0, None, 1.0)], MEASURES)
    assert_df_equality(actual, expected, ignore_row_order=True, ignore_nullable=True)


def test_without_gmv_there_is_no_share(spark):
    actual = measured(spark, [("b1", "s1", "food", 0)])
    expected = spark.createDataFrame([("b1", 1, 1, "food", None)], MEASURES)
    assert_df_equality(actual, expected, ignore_nullable=True)
