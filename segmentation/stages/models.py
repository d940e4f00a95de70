"""The models of published runs, as the lake has them."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.fitted_model import FittedModel
from segmentation.config import RecordedConfig
from segmentation.entities import Entity
from segmentation.errors import InputError
from segmentation.i18n.text import Lang
from segmentation.lake.tables import Lake


def published_model(lake: Lake, entity: Entity, run_id: str | None = None) -> FittedModel:
    """An entity's model of a published run, by default of the last one that segmented it."""
    if not lake.exists(schemas.MODELS.name):
        raise InputError(f"{lake.location}: found no model of {entity.name}, expected one; run jobs/segment.py first")
    mine = published_models(lake, entity)
    row = (mine.where(F.col("run_id") == run_id) if run_id else mine).first()
    if row is None:
        known = [each["run_id"] for each in mine.select("run_id").limit(3).collect()]
        wanted = f"of run {run_id!r}" if run_id else "of any run"
        there = f"one such as {', '.join(known)}; set --model" if known else "one; run jobs/segment.py first"
        raise InputError(f"{lake.location}: found no model of {entity.name} {wanted}, expected {there}")
    fitted = readable(row)
    if fitted is None:
        raise InputError(
            f"{lake.place(schemas.MODELS.name)}: found the model of {entity.name} of run {row['run_id']} changed, or "
            "of another release, expected one that can be read; run jobs/segment.py to refit, or set --model"
        )
    return fitted


def published_models(lake: Lake, entity: Entity) -> DataFrame:
    """Rows of `models` of an entity whose runs are published, the last first; of a lake that has the table."""
    published = lake.read(schemas.RUNS).select("run_id")
    models = lake.read(schemas.MODELS).join(published, on="run_id", how="left_semi")
    return models.where(F.col("entity") == entity.name).orderBy(F.desc("run_id"))


def verdict_of(lake: Lake, entity: Entity, fitted: FittedModel) -> str:
    """What the run said of an entity's segments that searched for a model; where its row is gone, what the first run
    said that went by the model.
    """
    told = lake.read(schemas.RUNS).select("run_id", F.col(f"verdict_{entity.name}").alias("verdict"))
    mine = published_models(lake, entity).where(F.col("fitted_by") == fitted.fitted_by)
    said = mine.select("run_id").join(told, on="run_id", how="inner").where("verdict IS NOT NULL")
    row = said.orderBy("run_id").first()
    if row is None:
        raise InputError(
            f"{lake.place(schemas.RUNS.name)}: found no verdict of {entity.name} of run {fitted.fitted_by}, expected "
            "one as it was published; run jobs/segment.py to refit"
        )
    return str(row["verdict"])


def language_of(lake: Lake, run_id: str) -> Lang | None:
    """The language in which a published run told its segments; None where its row is gone."""
    told = recorded_config(lake, run_id)
    return told.lang if told else None


def recorded_config(lake: Lake, run_id: str) -> RecordedConfig | None:
    """What a published run was told; None where its row is gone."""
    row = lake.read(schemas.RUNS).where(F.col("run_id") == run_id).select("config").first()
    return RecordedConfig.from_json(row["config"]) if row else None


def readable(row: Row) -> FittedModel | None:
    """The model of a row of `models`; None where it cannot be read: somebody has changed the row, or a release wrote it
    that had other plans.
    """
    try:
        return FittedModel.from_row(row.asDict())
    except (InputError, ValueError):
        return None


def check_features(fitted: FittedModel, columns: Collection[str], entity: Entity, lake: Lake) -> None:
    """Refuse a model that goes by a feature which the table does not have."""
    missing = fitted.model.lacking(columns)
    if missing:
        raise InputError(
            f"{lake.place(entity.features.name)}: found no column {missing[0]!r}, by which the model of run "
            f"{fitted.fitted_by} segments {entity.name}, expected all of its features; run jobs/segment.py to refit, "
            "or set --model"
        )
