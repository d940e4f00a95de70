"""The closing select of a function that returns a declared table."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.schemas import Table


def as_declared(frame: DataFrame, table: Table) -> DataFrame:
    """Exactly the table's columns, in its order and of its types."""
    return frame.select(*[F.col(column.name).cast(column.type) for column in table.columns])
