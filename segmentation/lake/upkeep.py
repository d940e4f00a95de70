"""Files of a table: counted, put together, removed. What the table holds stays the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from segmentation.lake.tables import Lake

FOR_UPKEEP = {
    # Bytes: a file of ROWS_PER_FILE rows lies between the two, and is left alone.
    "spark.databricks.delta.optimize.minFileSize": 4 << 20,
    "spark.databricks.delta.optimize.maxFileSize": 32 << 20,
    # VACUUM lists a table's one folder in so many tasks; the default is 10,000.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": 8,
}


@contextmanager
def upkeep_settings(lake: Lake) -> Iterator[None]:
    """The settings of the session in which tables are compacted and vacuumed, side by side."""
    with ExitStack() as settings:
        for key, value in FOR_UPKEEP.items():
            settings.enter_context(lake.setting(key, str(value)))
        yield


def compact(lake: Lake, name: str) -> None:
    """Put a table's small files together; what it holds stays the same."""
    lake.statement("OPTIMIZE", name)


def vacuum(lake: Lake, name: str) -> None:
    """Remove files that no version within the table's retention has."""
    lake.statement("VACUUM", name)


def size(lake: Lake, name: str) -> tuple[int, int]:
    """Files of the latest version, and their bytes."""
    row = lake.spark.sql("DESCRIBE DETAIL " + lake.identifier(name)).select("numFiles", "sizeInBytes").first()
    return (int(row["numFiles"]), int(row["sizeInBytes"])) if row else (0, 0)
