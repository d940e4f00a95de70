"""What users say of themselves."""

from chispa import assert_df_equality
from pyspark.sql import functions as F

from segmentation.features.people import attributes, people
from segmentation.schemas import Column
from tests.support.factories import make_users


def test_a_user_in_both_roles_is_one_person_in_each(spark):
    users = make_users(
        spark,
        [{"user_id": "u1", "province": "Bali"}, {"user_id": "u1", "role": "seller", "province": "Jakarta"}],
    )
    sellers = people(users, "seller").select("seller_id", "province")
    assert_df_equality(sellers, spark.createDataFrame([("u1", "Jakarta")], "seller_id string, province string"))


def test_attributes_are_what_the_source_adds(spark):
    users = make_users(spark, [{}]).withColumn("price", F.lit(1).cast("decimal(18,2)"))
    assert attributes(users) == [Column("price", "decimal(18,2)", "attribute of the source")]
