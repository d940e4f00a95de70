"""What users say of themselves: place, age and the source's own attributes."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.schemas import USERS, Column


def people(users: DataFrame, role: str) -> DataFrame:
    """Users of one role (buyer, seller): one row per {role}_id, without role and batch."""
    of_role = users.where(F.col("role") == role).drop("role", "batch_id")
    return of_role.withColumnRenamed("user_id", f"{role}_id")


def attributes(users: DataFrame) -> list[Column]:
    """The columns that a source adds to users, with their types."""
    return [
        Column(field.name, field.dataType.simpleString(), "attribute of the source")
        for field in users.schema.fields
        if field.name not in USERS.names
    ]
