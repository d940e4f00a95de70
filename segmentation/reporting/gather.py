"""Reads back what a report shows: the run's rows of small tables, as pandas frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.search import Found
from segmentation.entities import ENTITIES, Entity
from segmentation.record import Record
from segmentation.reporting.data import EntityData, ReportData, Run
from segmentation.schemas import Table

Read = Callable[[Table], DataFrame]


def gather(read: Read, record: Record, found: Mapping[str, Found]) -> ReportData:
    """The report's data as the lake holds it; `found` adds what only the run that searched for segments knows."""
    source = record.config.source
    run = read(schemas.RUNS).where(F.col("run_id") == record.run_id).first()
    versions = dict(run["table_versions"]) if run else {}
    return ReportData(
        run=Run(record.run_id, source.title or source.name, record.as_of, source.time_zone, source.currency, versions),
        overview=read(schemas.OVERVIEW).toPandas(),
        entities={
            name: _entity(read, ENTITIES[name], record.verdicts.get(name), found.get(name))
            for name in record.config.entities
        },
        ledger=_last_batch(read),
        quarantine=_reasons(read, record),
    )


def _entity(read: Read, entity: Entity, verdict: str | None, found: Found | None) -> EntityData:
    data = EntityData(
        profiles=read(entity.profiles).orderBy("segment").toPandas(),
        sweep=read(entity.sweep).orderBy("method", "k").toPandas(),
        verdict=verdict,
    )
    if found is None:
        return data
    names = found.vectors.features
    return EntityData(
        profiles=data.profiles,
        sweep=data.sweep,
        verdict=verdict,
        used=tuple(names),
        left_out={dropped.feature: dropped.reason for dropped in found.vectors.dropped},
        correlation=pd.DataFrame(list(found.vectors.correlations), index=names, columns=names),
    )


def _last_batch(read: Read) -> pd.DataFrame:
    """The ledger of the last run that took anything in."""
    ledger = read(schemas.LEDGER)
    last = ledger.agg(F.max("run_id").alias("run_id"))
    return ledger.join(last, on="run_id", how="inner").orderBy("table_name").toPandas()


def _reasons(read: Read, record: Record) -> pd.DataFrame:
    """Refused rows by table and reason, of the last batch."""
    refused = read(schemas.QUARANTINE)
    last = read(schemas.LEDGER).agg(F.max("run_id").alias("batch_id"))
    reasons = refused.join(last, on="batch_id", how="inner").select("table_name", F.explode("reasons").alias("reason"))
    return reasons.groupBy("table_name", "reason").agg(F.count("*").alias("rows")).toPandas()
