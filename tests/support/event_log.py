"""What Spark wrote down of a job: its queries and jobs, and its tasks by stage."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    "spark.eventLog.enabled": "true", "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false",
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """Tasks that succeeded, and the records that they read and shuffled; what is alike wherever the job runs."""

    tasks: int = 0
    records_read: int = 0
    records_shuffled: int = 0


@dataclass(frozen=True)
class Stage:
    """One stage of Spark's: what it is called, and the seconds of each of its tasks."""

    name: str
    seconds: tuple[float, ...]

    @property
    def is_one_long_task(self) -> bool:
        """Whether most of it was done by one task while others could have helped."""
        longest = max(self.seconds)
        return longest > LONG and longest > MOST * sum(self.seconds)


LONG = 15.0  # seconds
MOST = 0.75  # of a stage's seconds


@dataclass(frozen=True)
class Spent:
    """What a run asked of Spark: SQL executions (Delta's own included), Spark jobs, and records read from files and
    from what it held.
    """

    executions: int
    jobs: int
    records_read: int


def settings(folder: Path) -> dict[str, str]:
    """Spark settings that log a job's events into a folder, which is made."""
    folder.mkdir(parents=True)
    return {**SETTINGS, "spark.eventLog.dir": folder.as_uri()}


def spent(folder: Path) -> Spent:
    """What the one log in a folder adds up to."""
    (path,) = [each for each in folder.iterdir() if not each.name.startswith(".")]
    executions = jobs = records_read = 0
    for line in path.open():
        event = json.loads(line)
        name = event["Event"].rsplit(".", 1)[-1]
        executions += name == "SparkListenerSQLExecutionStart"
        jobs += name == "SparkListenerJobStart"
        if name == "SparkListenerTaskEnd":
            records_read += (event.get("Task Metrics") or {}).get("Input Metrics", {}).get("Records Read", 0)
    return Spent(executions, jobs, records_read)


def read(folder: Path) -> tuple[Work, list[Stage]]:
    """The one log in a folder."""
    (path,) = [each for each in folder.iterdir() if not each.name.startswith(".")]
    tasks = records_read = records_shuffled = 0
    seconds: dict[tuple[int, int], list[float]] = defaultdict(list)
    names: dict[int, str] = {}
    for line in path.open():
        event = json.loads(line)
        if event["Event"] == "SparkListenerStageCompleted":
            names[event["Stage Info"]["Stage ID"]] = event["Stage Info"]["Stage Name"]
        if event["Event"] != "SparkListenerTaskEnd" or event["Task End Reason"]["Reason"] != "Success":
            continue
        info, metrics = event["Task Info"], event["Task Metrics"]
        tasks += 1
        records_read += metrics["Input Metrics"]["Records Read"]
        records_shuffled += metrics["Shuffle Write Metrics"]["Shuffle Records Written"]
        seconds[event["Stage ID"], event["Stage Attempt ID"]].append((info["Finish Time"] - info["Launch Time"]) / 1000)
    stages = [Stage(names.get(number, "?"), tuple(times)) for (number, _), times in seconds.items()]
    return Work(tasks, records_read, records_shuffled), stages
