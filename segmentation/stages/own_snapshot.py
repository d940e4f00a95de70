"""The snapshot of a run's own day: the segments that it just made, beside those of other days."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import functions as F

from segmentation.clustering.fitted_model import FittedModel
from segmentation.entities import ENTITIES, Entity
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.source import Source


def add_snapshots(run: Run, models: Mapping[str, FittedModel]) -> None:
    """Segments and features → the snapshot of the run's day, where the config asks for it; those of other days stay."""
    if run.config.history == "off":
        return
    lake = run.lake
    with run.progress.step("history", "segment") as facts:
        for name, fitted in models.items():
            entity = ENTITIES[name]
            known = lake.read(entity.features).drop("as_of")
            rows = lake.read(entity.segments).join(known, on=entity.id, how="inner")
            told = rows.withColumn("fitted_by", F.lit(fitted.fitted_by))
            lake.replace(history_table(run.source, entity), told, "as_of", [run.day])
        facts.add(f"the snapshot of {run.day}", as_of=run.day)


def history_table(source: Source, entity: Entity) -> Table:
    """The table with the columns that the source adds to features."""
    known = source.features(entity.features).columns
    return entity.history.with_columns([column for column in known if column.name not in entity.history.names])
