"""The declaration of tables."""

import pytest
from pyspark.sql import types as T

from segmentation.schemas import TABLES, USERS, Column


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_well_declared(name):
    table = TABLES[name]
    assert table.name == name
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert all(column.comment for column in table.columns)


def test_types_are_sparks(spark):
    for table in TABLES.values():
        declared = T.StructType.fromDDL(", ".join(f"{column.name} {column.type}" for column in table.columns))
        assert [field.dataType.simpleString() for field in declared] == [column.type for column in table.columns]


def test_a_sources_attributes_have_a_place():
    tier = Column("tier", "string", "price tier")
    assert USERS.with_columns([tier]).names[-1] == "tier"
    assert USERS.with_columns([tier], before="batch_id").names[-2:] == ["tier", "batch_id"]
