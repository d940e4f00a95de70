"""A lake opened by hand: what notebooks start from."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd
from pyspark.sql import DataFrame

from segmentation import schemas
from segmentation.config import Config
from segmentation.entities import ENTITIES, Entity
from segmentation.errors import InputError
from segmentation.lake.tables import Lake
from segmentation.progress import Progress
from segmentation.reporting.data import ReportData
from segmentation.reporting.gather import gather
from segmentation.reporting.voice import Voice, voice_of
from segmentation.run import RUN_ID, Run
from segmentation.schemas import Table
from segmentation.session import get_session
from segmentation.stages.archetypes import marketplace_of
from segmentation.stages.publication import last_run, published_tables
from segmentation.stages.segments import SearchOptions, search_options

PLACE = "SEGMENTATION_LAKE"  # the environment's variable that names another lake
DEFAULT = "build/lake/padi"


@dataclass(frozen=True)
class OpenLake:
    """A lake as its last run left it: the config of the last run that segmented, with all sides that were, the tables,
    and what a report shows of them.
    """

    config: Config
    run: Run
    read: Callable[[Table], DataFrame]

    def small(self, table: str) -> pd.DataFrame:
        """A small table (overview, buyer_profiles, seller_sweep, trade, ledger, …) as a pandas frame."""
        return self.read(schemas.TABLES[table]).toPandas()

    def search_options(self, entity: Entity) -> SearchOptions:
        """What the last run's search went by besides features and plan, for `compare` in what_if.py."""
        return search_options(self.run, entity)

    def report(self) -> ReportData:
        """All that the report shows, as frames."""
        return gather(self.read, self.run, marketplace_of(self.config))

    @property
    def voice(self) -> Voice:
        """The run's language and currency."""
        source = self.config.source
        return voice_of(self.config.lang, source.currency, source.money, source.words)


def open_lake(place: str | None = None) -> OpenLake:
    """The lake at a path or in `CATALOG.SCHEMA`; by default the one that SEGMENTATION_LAKE names, else make run's.

    A path may be relative to the working directory or to the one above it, where notebooks have their own.
    """
    place = place or os.environ.get(PLACE) or _found(DEFAULT)
    lake = Lake(get_session({}, "UTC"), place)
    last, segmented = last_run(lake), last_run(lake, having="segment")
    if last is None or segmented is None:
        raise InputError(
            f"{place}: found no run with segments, expected one that has published; run jobs/segment.py, or set {PLACE}"
        )
    config, published = segmented.config.resolved(), published_tables(lake)
    there = tuple(name for name in config.source.segmentable if published.has(ENTITIES[name].profiles))
    config = config.model_copy(update={"entities": there})
    get_session(config.spark, config.source.time_zone)
    # The run whose versions of tables are the published ones, which need not have segmented.
    started = datetime.strptime(last.run_id, RUN_ID).replace(tzinfo=timezone.utc)
    return OpenLake(config, Run("segment", config, lake, Progress(), started, segmented.as_of), published.read)


def _found(path: str) -> str:
    """The path, seen from here or from the folder above."""
    return path if Path(path).is_dir() else str(Path("..") / path)
