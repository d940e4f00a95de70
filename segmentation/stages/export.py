"""Exports from the lake: who moved between the last two snapshots, and what is said of files that were written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from segmentation.config import Config
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.exports import ExportedFile, Form, movers, write_movers
from segmentation.i18n.wording import EntityName
from segmentation.progress import Progress
from segmentation.stages.publication import reader
from segmentation.tables import Lake


def export_movers(
    lake: Lake, config: Config, form: Form, named: Mapping[EntityName, str], progress: Progress
) -> None:
    """The last pair of snapshots → one CSV per path from segment to segment, in `<output>/exports/migrations`.

    named: what entities are called in the names of files.
    """
    folder = Path(config.output) / "exports" / "migrations"
    for name in config.entities:
        entity = ENTITIES[name]
        if not lake.exists(entity.movers.name):
            raise InputError(
                f"{lake.place(entity.movers.name)}: found no such table, expected one; run jobs/track.py first"
            )
        read, called = reader(lake), named.get(name, name)
        rows = movers(read(entity.movers), read(entity.migrations), entity)
        tell_files(write_movers(streamed(rows), rows.columns, called, folder, form), name, called, progress)


def tell_files(files: Iterable[ExportedFile], entity: str, called: str, progress: Progress) -> None:
    """One line per file."""
    for file in files:
        progress.line(
            f"  {file.rows:>10,} {called}   {file.path}", f"{file.rows:,} {called}: {file.path}",
            path=file.path, facts={"entity": entity, "rows": file.rows},
        )  # fmt: skip


def streamed(rows: DataFrame) -> Iterator[dict[str, Any]]:
    """The rows one by one: never more than a partition of them is here."""
    return (row.asDict() for row in rows.toLocalIterator())
