"""One run of a job: all that its stages need to know, handed on as one value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from segmentation.config import Config, as_json
from segmentation.lake.tables import Lake
from segmentation.progress import Progress
from segmentation.source import Source

RUN_ID = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Run:
    """What a run was told, the lake it works on, how it speaks, and who it is.

    What becomes known on the way (its day, the verdicts) makes another value of it: no stage changes what another sees.
    Its row in `runs` is written last.
    """

    job: str
    config: Config
    lake: Lake
    progress: Progress
    started_at: datetime
    as_of: date | None = None  # until it is resolved: stages/as_of.py
    verdicts: Mapping[str, str] = field(default_factory=dict)  # by entity
    refits: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # by entity: stages/refit_decision.py
    id_later: datetime | None = None  # than the run began: ids are in order, also where the clock was once ahead

    @classmethod
    def begin(cls, job: str, spark: SparkSession, config: Config, progress: Progress) -> Run:
        """A run that starts now."""
        lake = Lake(spark, config.lake, config.keep_days)
        return cls(job, config, lake, progress, datetime.now(timezone.utc))._signed()

    def after(self, latest: str) -> Run:
        """With an id above that of the latest run, also where the clock was put back since."""
        if not latest or self.run_id > latest:
            return self
        later = datetime.strptime(latest, RUN_ID).replace(tzinfo=timezone.utc) + timedelta(microseconds=1)
        return replace(self, id_later=later)._signed()

    def on(self, day: date) -> Run:
        """The same run, which speaks of that day."""
        return replace(self, as_of=day)

    def judged(self, verdicts: Mapping[str, str]) -> Run:
        """The same run, with what its segments may be called."""
        return replace(self, verdicts=dict(verdicts))

    def decided(self, refits: Mapping[str, Mapping[str, object]]) -> Run:
        """The same run, with what was decided of the models that its segments are by."""
        return replace(self, refits=dict(refits))

    def _signed(self) -> Run:
        """Commits and lines carry the id."""
        self.lake.signed_by = self.progress.run_id = self.run_id
        return self

    @property
    def spark(self) -> SparkSession:
        """The session that the lake is read and written by."""
        return self.lake.spark

    @property
    def source(self) -> Source:
        """What the config says of the business."""
        return self.config.source

    @property
    def run_id(self) -> str:
        """When the run began, in UTC, to the microsecond: unique where one run at a time holds the lake."""
        return self.id_at.strftime(RUN_ID)

    @property
    def id_at(self) -> datetime:
        """What the id says of when the run began: a microsecond after the latest one's where that is later."""
        return self.id_later or self.started_at

    @property
    def day(self) -> date:
        """The day that the run speaks of; only to be asked for once it is resolved."""
        assert self.as_of is not None
        return self.as_of

    @property
    def today(self) -> date:
        """The day on which the run began, where the source's business is."""
        return self.started_at.astimezone(ZoneInfo(self.source.time_zone)).date()

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return (datetime.now(timezone.utc) - self.started_at).total_seconds()

    def stamp(self, rows: DataFrame, columns: Sequence[str] = ("run_id", "as_of")) -> DataFrame:
        """Rows with who the run is, and with the day that it speaks of."""
        told = {"run_id": self.run_id, "as_of": self.as_of}
        return rows.withColumns({name: F.lit(told[name]) for name in columns})

    def has(self, stage: str) -> bool:
        """Whether the run was told to go through a stage."""
        return stage in self.config.stages

    def row(self, table_versions: dict[str, int]) -> tuple[object, ...]:
        """The run in the order of the columns of `runs`."""
        finished = datetime.now(timezone.utc)
        refits = json.dumps(self.refits, ensure_ascii=False, sort_keys=True) if self.refits else None
        verdicts = (self.verdicts.get("buyers"), self.verdicts.get("sellers"))
        return (
            self.run_id,
            self.job,
            "published",
            self.started_at,
            finished,
            self.source.name,
            self.as_of,
            table_versions,
            as_json(self.config),
            *verdicts,
            refits,
        )
