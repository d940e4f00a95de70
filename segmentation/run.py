"""What is known of one run: who it is, when it began, what it published."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from segmentation.config import Config, as_json

RUN_ID = "%Y%m%dT%H%M%S%fZ"


@dataclass
class Run:
    """One run, filled in as it goes; its row in `runs` is written last."""

    job: str
    config: Config
    started_at: datetime
    as_of: date | None = None
    verdicts: dict[str, str] = field(default_factory=dict)
    last_day: date | None = None  # of the accepted orders, where all of them came with this run

    @classmethod
    def begin(cls, job: str, config: Config) -> Run:
        """A run that starts now."""
        return cls(job, config, datetime.now(timezone.utc))

    def follow(self, latest: str) -> None:
        """Have an id above that of the latest run, also where the clock was put back since: ids are in order."""
        if latest and self.run_id <= latest:
            self.started_at = datetime.strptime(latest, RUN_ID).replace(tzinfo=timezone.utc) + timedelta(microseconds=1)

    @property
    def run_id(self) -> str:
        """When the run began, in UTC, to the microsecond: unique where one run at a time holds the lake."""
        return self.started_at.strftime(RUN_ID)

    @property
    def day(self) -> date:
        """The day on which the run began, where the source's business is."""
        return self.started_at.astimezone(ZoneInfo(self.config.source.time_zone)).date()

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return (datetime.now(timezone.utc) - self.started_at).total_seconds()

    def row(self, table_versions: dict[str, int]) -> tuple[object, ...]:
        """The run in the order of the columns of `runs`."""
        finished = datetime.now(timezone.utc)
        verdicts = (self.verdicts.get("buyers"), self.verdicts.get("sellers"))
        return (
            self.run_id, self.job, "published", self.started_at, finished, self.config.source.name, self.as_of,
            table_versions, as_json(self.config), *verdicts,
        )  # fmt: skip
