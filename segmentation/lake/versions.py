"""A table's earlier versions: whether they are whole, put back, and kept for as long as the lake asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segmentation.errors import InputError
from segmentation.lake.storage import is_gone, is_of_spark
from segmentation.lake.tables import Lake, retention
from segmentation.schemas import Table
from segmentation.sql import literal

# What a dead run overwrote a moment ago is still there, however old the version that it overwrote.
WITHIN_RETENTION = "spark.databricks.delta.vacuum.enforceTimeTravelWithinDeletedFileRetentionDuration"
# Commits that are no work of a run's: RESTORE puts back what a dead one wrote, the others leave all rows as they are.
NO_WORK = ("RESTORE", "OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES")


def check_whole(lake: Lake, table: Table, version: int) -> None:
    """Refuse a version that is no more to be had, or of which files are gone: each is opened, no column is read."""
    lake.read(table, version)
    try:
        lake.frame(table.name, version).select("_metadata.file_path").distinct().count()
    except Exception as error:
        if not is_gone(error):
            raise lake.unreachable(error) from None
        raise InputError(
            f"{lake.place(table.name)}: found files of version {version} gone, expected all of them there; "
            "restore a run whose files no VACUUM has taken"
        ) from None


def restore_version(lake: Lake, name: str, version: int, signed_by: str | None = None) -> None:
    """Make the table what it was at a version of it; its properties stay what they are now.

    signed_by: another run than the lake's, whose commits these are.
    """
    before = properties(lake, name)
    lake.statement("RESTORE TABLE", name, " TO VERSION AS OF " + str(int(version)), signed_by)
    changed = {key: value for key, value in before.items() if properties(lake, name).get(key) != value}
    set_properties(lake, name, changed, signed_by)


def undo_commits(
    lake: Lake, name: str, run_id: str, is_published: Callable[[str], bool], restores: bool = False
) -> bool:
    """Put back what a table held before a run's first work, all of which it signed; whether that could be done.

    The work of a run that `restores` is to restore tables. Where a published run wrote later, there is nothing left
    to put back. What is put back is signed by the run that is undone: whoever does it has that much less to undo.
    The version before is taken whatever its age: it is as old as the commits that replaced it that count, since
    files are removed by these.
    """
    history = lake.spark.sql("DESCRIBE HISTORY " + lake.identifier(name)).where("userMetadata <> ''")
    commits = sorted(map(tuple, history.select("version", "userMetadata", "operation").collect()))
    work = [(version, signed_by) for version, signed_by, operation in commits if operation not in NO_WORK]
    restored = [(version, signed_by) for version, signed_by, operation in commits if operation == "RESTORE"]
    mine = [version for version, signed_by in (restored if restores else work) if signed_by == run_id]
    if not mine:
        return True
    first = mine[0]
    if any(version > first and signed_by > run_id and is_published(signed_by) for version, signed_by in work):
        return True
    if first == 0:
        return False
    try:
        with lake.setting(WITHIN_RETENTION, "false"):
            restore_version(lake, name, first - 1, signed_by=run_id)
    except Exception as error:  # a platform with its own retention, or files that somebody's VACUUM took
        if not is_of_spark(error) or "Concurrent" in str(error):  # what others are at work on can be had again
            raise
        return False
    return True


def properties(lake: Lake, name: str) -> dict[str, str]:
    """The table's Delta properties."""
    row = lake.spark.sql("DESCRIBE DETAIL " + lake.identifier(name)).select("properties").first()
    return dict(row["properties"]) if row else {}


def set_properties(lake: Lake, name: str, properties: Mapping[str, str], signed_by: str | None = None) -> None:
    """Set Delta properties of a table that is there."""
    if properties:
        pairs = ", ".join(f"{literal(key)} = {literal(value)}" for key, value in sorted(properties.items()))
        lake.statement("ALTER TABLE", name, " SET TBLPROPERTIES (" + pairs + ")", signed_by)


def keep_for(lake: Lake, name: str) -> None:
    """Have a table that is there keep replaced rows for as long as the lake does."""
    there, wanted = properties(lake, name), retention(lake.keep)
    set_properties(lake, name, {key: value for key, value in wanted.items() if there.get(key) != value})
