"""The latest known of users wins: the same by whatever batches the deliveries come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.ingest.deduplicate import label_versions
from segmentation.ingest.existing import among_existing
from segmentation.schemas import USERS

ONE_WRITE, ANOTHER, THIRD = (f"{letter}2b4c6d8-0000-4000-8000-0123456789ab" for letter in "acb")
Delivery = tuple[str, str, Sequence[tuple[str, str]]]  # batch, file, and who lives where
# One moves away and comes back, one moves in a file whose number is the larger, one is said two things of at once.
DELIVERIES: list[Delivery] = [
    ("1", "file:/in/users_2.csv", [("moves", "Bali"), ("grows", "Jawa Barat"), ("stays", "Papua")]),
    ("1", "file:/in/users_10.csv", [("grows", "Bali"), ("twice", "Aceh"), ("twice", "Riau"), ("twice", "Aceh")]),
    ("2", "file:/in/users_1.csv", [("moves", "Jambi"), ("stays", "Papua"), ("twice", "Aceh"), ("twice", "Riau")]),
    ("3", "file:/in/users_3.csv", [("moves", "Bali"), ("stays", "Papua")]),
]


def _rows(spark: SparkSession, deliveries: Sequence[Delivery]) -> DataFrame:
    """New rows as label_table makes them, on their way to be labelled."""
    cells = [
        (user, province, batch, file, hash((user, province)))
        for batch, file, users in deliveries
        for user, province in users
    ]
    rows = spark.createDataFrame(
        cells, "user_id string, province string, _batch string, _file string, _fingerprint bigint"
    )
    unknown = [name for name in USERS.names if name not in (*rows.columns, "role", "batch_id")]
    return rows.select(
        "*",
        F.lit("buyer").alias("role"),
        *[F.lit(None).cast("int" if name == "age" else "string").alias(name) for name in unknown],
        F.lit(None).cast("string").alias("_rank"),
        F.array().cast("array<string>").alias("_reasons"),
        F.array().cast("array<string>").alias("_warnings"),
        F.col("_fingerprint").alias("_raw_fingerprint"),
        F.lit(None).cast("string").alias("_known_record"),
        F.lit(None).cast("decimal(18,2)").alias("_identical"),
    )


def _labelled(rows: DataFrame, held: DataFrame | None) -> DataFrame:
    return label_versions(among_existing(rows, held, USERS, None, assigned=False), USERS, assign_numbers=False)


def _held(labelled: DataFrame, held: DataFrame | None) -> list[tuple[str, str, str]]:
    """What the table holds when the labels have been acted on."""
    kept = labelled.where("_label = 'accepted'").select("user_id", "province", "_batch").collect()
    spoken_of = {row["user_id"] for row in labelled.select("user_id").collect()}
    others = [tuple(row) for row in held.select("user_id", "province", "batch_id").collect()] if held else []
    return sorted([*map(tuple, kept), *[row for row in others if row[0] not in spoken_of]])


def test_what_is_known_latest_wins_and_what_is_said_again_stays(spark: SparkSession) -> None:
    labelled = _labelled(_rows(spark, DELIVERIES), None)
    assert _held(labelled, None) == [
        ("grows", "Bali", "1"), ("moves", "Bali", "3"), ("stays", "Papua", "1"), ("twice", "Riau", "1"),
    ]  # fmt: skip
    refused = labelled.where("_label = 'quarantined'").select("user_id", "province", "_batch", "_reasons").collect()
    assert [(row["user_id"], row["province"], list(row["_reasons"])) for row in refused] == [
        ("twice", "Aceh", ["conflicting_versions"])
    ]
    assert labelled.count() == sum(len(users) for _, _, users in DELIVERIES)


@pytest.mark.parametrize("dealt_out", [(0, 1), (1, 0)])
def test_parts_that_spark_wrote_are_one_delivery(spark: SparkSession, dealt_out: tuple[int, int]) -> None:
    # Named by people, such files are deliveries of their own.
    by_hand = [
        ("1", f"file:/in/users/part-{number}.csv", [("stays", place)]) for number, place in ((9, "Aceh"), (10, "Riau"))
    ]
    said = [("moves", "Bali"), ("moves", "Jambi")]
    parts = [
        ("1", f"file:/in/users_2/part-0000{part}-{ONE_WRITE}-c000.csv", [row])
        for part, row in zip(dealt_out, said, strict=True)
    ]
    later = ("1", f"file:/in/users_10/part-00000-{ANOTHER}-c000.csv", [("grows", "Bali")])
    earlier = ("1", f"file:/in/users_9/part-00001-{THIRD}-c000.csv", [("grows", "Aceh")])
    labelled = _labelled(_rows(spark, [*parts, later, earlier, *by_hand]), None)
    assert _held(labelled, None) == [("grows", "Bali", "1"), ("moves", "Jambi", "1"), ("stays", "Riau", "1")]
    assert [row["province"] for row in labelled.where("_label = 'quarantined'").collect()] == ["Bali"]


@pytest.mark.parametrize("parts", [[1, 1, 1, 1], [2, 2]])
def test_any_split_of_the_deliveries_gives_the_same(spark: SparkSession, parts: list[int]) -> None:
    held: DataFrame | None = None
    found: list[tuple[str, str, str]] = []
    left = [(str(at), file, users) for at, (_, file, users) in enumerate(DELIVERIES)]
    for number in parts:
        labelled = _labelled(_rows(spark, left[:number]), held)
        found, left = _held(labelled, held), left[number:]
        cells = [(user, "buyer", province, None, None, None, batch) for user, province, batch in found]
        held = spark.createDataFrame(cells, ", ".join(f"{column.name} {column.type}" for column in USERS.columns))
    assert [row[:2] for row in found] == [("grows", "Bali"), ("moves", "Bali"), ("stays", "Papua"), ("twice", "Riau")]
