"""Reads back what a report shows: the run's rows of small tables, and counts of large ones, as pandas frames."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.shape import shape
from segmentation.config import RecordedConfig
from segmentation.entities import ENTITIES, Entity
from segmentation.errors import InputError
from segmentation.profiles.attributes import attributes_of
from segmentation.reporting import spread
from segmentation.reporting.activity import activity
from segmentation.reporting.border import nearby
from segmentation.reporting.concentration import concentration, largest_in
from segmentation.reporting.data import Business, EntityData, ReportData, RunInfo
from segmentation.run import Run
from segmentation.schemas import STATUSES, Table
from segmentation.session import cached, in_parallel_by_name
from segmentation.story.marketplace import Marketplace

Read = Callable[[Table], DataFrame]
MONTHS = 36  # of key figures, at most
SIDES_OF = {"province": "buyers", "seller_province": "sellers"}  # dimensions of the overview, and who is there
COHORT_MONTHS = 24  # before the report's month, of first sales


def gather(read: Read, run: Run, suggestions: Marketplace) -> ReportData:
    """The report's data as the lake holds it, whichever run made it."""
    source, names = run.config.source, run.config.entities
    possible = [status for status in STATUSES if source.has_status(status)]
    published = _run(read, run.run_id)
    versions = dict(published["table_versions"]) if published else {}
    ledger = read(schemas.LEDGER).toPandas()
    last = str(ledger["run_id"].max())
    sides = SIDES_OF if source.has_orders else {}
    tasks: dict[str, Callable[[], Any]] = {
        **{name: partial(_entity, read, ENTITIES[name], run, suggestions, versions, published) for name in names},
        **{
            dimension: partial(largest_in, read(ENTITIES[name].features), "province")
            for dimension, name in sides.items()
            if name in names
        },
        "overview": read(schemas.OVERVIEW).toPandas,
        "reasons": partial(_reasons, read, last),
        "warnings": _warnings(read, last).toPandas,
        "trade": read(schemas.TRADE).toPandas if "trade" in versions else pd.DataFrame,
    }
    found = in_parallel_by_name(tasks)
    return ReportData(
        run=RunInfo(
            run_id=run.run_id,
            source=source.title or source.name,
            as_of=run.as_of,
            time_zone=source.time_zone,
            currency=source.currency,
            money=source.money,
            table_versions=versions,
        ),
        overview=found["overview"],
        entities={name: found[name] for name in names},
        ledger=last_batch(ledger),
        all_batches=all_batches(ledger),
        quarantine=found["reasons"],
        warnings=found["warnings"],
        largest={dimension: found[dimension] for dimension in sides if dimension in found},
        trade=found["trade"],
        suggestions=suggestions,
        business=Business(
            has_orders=source.has_orders,
            has_sellers="sellers" in source.segmentable,
            wording=source.words,
            grain=source.grain,
            raw_orders=next((each.counted_on for each in source.tables.get("orders", ())), "orders"),
            counts_identical_rows=source.copies_are_real,
            divisions=source.divisions,
            sales=[status for status in possible if status in source.sales],
            no_sales=[status for status in possible if status not in source.sales],
            next_steps=run.config.next_steps,
            metrics=run.config.metrics,
            of_orders=[name for name, band in source.bands.items() if band.of_orders],
        ),
    )


def _entity(
    read: Read, entity: Entity, run: Run, suggestions: Marketplace, versions: Mapping[str, int], told: Row | None
) -> EntityData:
    profiles = read(entity.profiles).orderBy("segment").toPandas()
    made_by = str(profiles["run_id"].iloc[0])
    made = told if told and told["run_id"] == made_by else _run(read, made_by)
    lang = RecordedConfig.from_json(made["config"]).lang if made else None
    fitted = _fitted(read, entity, made_by)
    names = fitted.coordinates
    # Of the search that found the model: the table is the last one's, which may have found another.
    sweep = read(entity.sweep).where(F.col("run_id") == fitted.fitted_by).orderBy("method", "k").toPandas()
    features = read(entity.features)
    placed = read(entity.segments)
    ranked = run.config.source.worth is not None and not fitted.model.centroids.whitening
    segments = placed.select(entity.id, "segment", "confidence", "runner_up")
    gate = fitted.plan.gate
    with cached(features.join(segments, on=entity.id, how="inner")) as people:
        cells = spread.counted(people, fitted.model.scales)
        return EntityData(
            profiles=profiles,
            sweep=sweep,
            verdict=made[f"verdict_{entity.name}"] if made else None,
            told_in=None if lang == run.config.lang else lang,
            resamples=gate.resamples,
            returns=gate.min_returns,
            steady=gate.min_stability,
            used=tuple(names),
            weights=tuple(scale.weight for scale in fitted.model.scales),
            left_out={dropped.feature: dropped.reason for dropped in fitted.dropped},
            correlation=pd.DataFrame(list(fitted.correlations), index=names, columns=names),
            imputed=fitted.imputed,
            pareto=concentration(features),
            activity=activity(people) if run.config.source.has_orders else None,
            near=nearby(read(entity.moves), people, fitted.model, entity.id, run.config.hysteresis) if ranked else None,
            bins=spread.bins(cells, fitted.model.scales),
            confidence=spread.confidence(cells),
            places=spread.places(cells),
            dependence=spread.dependence(people, suggestions.dependence.at_least),
            # A lake of an earlier release has no such table.
            attributes=read(entity.attributes).toPandas() if entity.attributes.name in versions else None,
            declared=tuple(
                one.name
                for one in attributes_of(run.config.source, features.columns, ())
                if one.name in run.config.source.own_names
            ),
            shape=shape(fitted, people.where("segment > 0"), entity.id),
            migrations=_last_migrations(read, entity, run) if entity.migrations.name in versions else None,
            refit=_refit(entity, made),
            kpis=_last_months(read, entity, run) if schemas.KPIS.name in versions else None,
            cohorts=_cohorts(read, entity, run) if schemas.COHORTS.name in versions else None,
            prediction=_prediction(read, entity, run) if schemas.PREDICTION.name in versions else None,
        )


def _last_migrations(read: Read, entity: Entity, run: Run) -> pd.DataFrame:
    """Who moved between the last two snapshots up to the report's day."""
    known = read(entity.migrations).where(F.col("as_of_to") <= F.lit(run.as_of))
    last = known.agg(F.max("as_of_to").alias("as_of_to"))
    return known.join(last, on="as_of_to", how="inner").orderBy("segment_from", "segment_to", "cause").toPandas()


def _run(read: Read, run_id: str) -> Row | None:
    """The row of a published run; None where it is gone."""
    return read(schemas.RUNS).where(F.col("run_id") == run_id).first()


def _refit(entity: Entity, made: Row | None) -> Mapping[str, Any]:
    """What the run that made the segments decided of their model, and why; {} of runs of earlier releases."""
    told: Mapping[str, Any] = json.loads(made["refit"]) if made and made["refit"] else {}
    return told.get(entity.name, {})


def _last_months(read: Read, entity: Entity, run: Run) -> pd.DataFrame:
    """Key figures of everybody in the last MONTHS up to the report's day, in order."""
    everybody = (F.col("entity") == entity.name) & F.col("segment").isNull() & F.col("tier").isNull()
    known = read(schemas.KPIS).where(everybody & (F.col("as_of") <= F.lit(run.as_of)))
    return known.orderBy(F.desc("month")).limit(MONTHS).orderBy("month").toPandas()


def _cohorts(read: Read, entity: Entity, run: Run) -> pd.DataFrame:
    """All cohorts, where they speak of no later day than the report: a row per two months, never per buyer."""
    theirs = (F.col("entity") == entity.name) & (F.col("as_of") <= F.lit(run.as_of))
    first = F.date_format(F.add_months(F.lit(run.as_of), -COHORT_MONTHS), "yyyy-MM")
    return read(schemas.COHORTS).where(theirs & (F.col("cohort") >= first)).orderBy("cohort", "month").toPandas()


def _prediction(read: Read, entity: Entity, run: Run) -> pd.DataFrame:
    """What segments said of the quarters up to the report's day."""
    known = (F.col("entity") == entity.name) & (F.add_months("as_of", 3) <= F.lit(run.as_of))
    return read(schemas.PREDICTION).where(known).orderBy("as_of", "target", "measure", "predictor").toPandas()


def _fitted(read: Read, entity: Entity, run_id: str) -> FittedModel:
    """The model that the published segments are of."""
    models = read(schemas.MODELS).where((F.col("run_id") == run_id) & (F.col("entity") == entity.name))
    row = models.first()
    if row is None:
        raise InputError(f"models: found none of {entity.name} of run {run_id}, expected one; run stage segment")
    return FittedModel.from_row(row.asDict())


def last_batch(ledger: pd.DataFrame) -> pd.DataFrame:
    """Of the ledger's rows those of the last run that took anything in."""
    return ledger[ledger["run_id"] == ledger["run_id"].max()].sort_values("table_name", ignore_index=True)


def all_batches(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger's sums over all batches, a row per table, and how many batches there were of each."""
    sums = [name for name in ledger.columns if name.startswith(("rows_", "gmv_"))]
    rows = [
        {"table_name": name, "batches": len(lines), **{column: _sum(lines[column]) for column in sums}}
        for name, lines in ledger.groupby("table_name")
    ]
    return pd.DataFrame(rows, columns=["table_name", "batches", *sums])


def _sum(values: pd.Series) -> Any:
    """The exact sum of what is known; None where nothing is."""
    known = values.dropna()
    return sum(known) if len(known) else None


def _warnings(read: Read, last: str) -> DataFrame:
    """What is to be known of accepted rows of the last batch: rows of the table of warnings."""
    return read(schemas.WARNINGS).where(F.col("run_id") == last).orderBy("table_name", "warning")


def _reasons(read: Read, last: str) -> pd.DataFrame:
    """Refused rows by table and reason, of the last batch."""
    refused = read(schemas.QUARANTINE).where(F.col("batch_id") == last)
    reasons = refused.select("table_name", F.explode("reasons").alias("reason"))
    return reasons.groupBy("table_name", "reason").agg(F.count("*").alias("rows")).toPandas()
