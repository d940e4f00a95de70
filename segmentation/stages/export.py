"""Exports from the lake: who is in which segment, and who moved between the last two snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from segmentation.config import Config
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.exports import ExportedFile, Form, beginnings, members, movers, write_movers, write_segments
from segmentation.i18n.wording import EntityName
from segmentation.run import Run
from segmentation.stages.publication import published_tables


def export_segments(run: Run) -> None:
    """The last published segments → one CSV per segment in `<output>/exports`."""
    config, lake, source = run.config, run.lake, run.source
    told = [*source.own_names, *(["age"] if source.yields("users", "age") else [])]
    published, begins = published_tables(lake), _beginnings(run)
    segmented = [name for name in config.entities if published.has(ENTITIES[name].segments)]
    for name in segmented or config.entities:
        entity = ENTITIES[name]
        segments, features, profiles = map(published.read, (entity.segments, entity.features, entity.profiles))
        rows = members(segments, features, profiles, entity, list(config.plan(name).features), told)
        columns = [column for column in rows.columns if column != "segment"]
        folder = Path(config.output) / "exports"
        _tell_files(run, name, write_segments(_streamed(rows), columns, begins[name], folder, _form(config)))


def export_movers(run: Run) -> None:
    """The last pair of snapshots → one CSV per path from segment to segment, in `<output>/exports/migrations`."""
    config, lake = run.config, run.lake
    folder, begins = Path(config.output) / "exports" / "migrations", _beginnings(run)
    published = published_tables(lake)
    looked_back = [name for name in config.entities if published.has(ENTITIES[name].movers)]
    if not looked_back:
        place = lake.place(ENTITIES[config.entities[0]].movers.name)
        raise InputError(f"{place}: found no such table, expected one; run jobs/track.py first")
    for name in looked_back:
        entity = ENTITIES[name]
        rows = movers(published.read(entity.movers), published.read(entity.migrations), entity)
        files = write_movers(_streamed(rows), rows.columns, begins[name], folder, _form(config))
        _tell_files(run, name, files)


def _form(config: Config) -> Form:
    return Form(config.separator, config.decimal)


def _beginnings(run: Run) -> dict[EntityName, str]:
    """What the names of an entity's files begin with, whichever entities are exported now."""
    return beginnings({name: _called(run, name) for name in run.source.segmentable})


def _called(run: Run, name: EntityName) -> str:
    """What an entity is called."""
    side = run.source.sides.get(name)
    return side.many.en if side else name


def _tell_files(run: Run, entity: EntityName, files: Iterable[ExportedFile]) -> None:
    """One line per file."""
    called = _called(run, entity)
    for file in files:
        run.progress.line(
            f"  {file.rows:>10,} {called}   {file.path}",
            f"{file.rows:,} {called}: {file.path}",
            path=file.path,
            facts={"entity": entity, "rows": file.rows},
        )


def _streamed(rows: DataFrame) -> Iterator[dict[str, Any]]:
    """The rows one by one: never more than a partition of them is here."""
    return (row.asDict() for row in rows.toLocalIterator())
