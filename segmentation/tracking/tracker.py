"""Runs of the main job as runs of MLflow: one per run of the job, below it one per entity, with its model.

Only ever after the tables are published: what MLflow does not take is a warning, never a failed run.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from segmentation.clustering.search import SearchResult
from segmentation.config import Config
from segmentation.errors import InputError
from segmentation.progress import Progress
from segmentation.run import Run
from segmentation.session import on_databricks
from segmentation.tracking.figures import Rows, of_a_fit, of_segments, parameters, searched, totals
from segmentation.tracking.model import log_model

RUN = "segmentation.run_id"  # the tag by which a later report finds the run whose segments it shows
SQLITE = "sqlite:///"
# For a server that does not answer: by MLflow's own defaults a finished run would wait for minutes.
PATIENCE = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DATABRICKS_ENDPOINT_HTTP_RETRY_TIMEOUT": "60",
}


def begin(config: Config) -> Tracker | None:
    """The tracker that the config asks for; None where it asks for none, or the stages have nothing to track.

    Raises InputError where MLflow is asked for and not installed, or does not take the uri.
    """
    asked = config.tracking.mlflow
    if asked == "off" or not {"segment", "report"} & set(config.stages):
        return None
    uri = config.tracking.uri or _own_place(config)
    try:
        return Tracker(config, uri)
    except Exception as error:
        if asked == "auto":  # a MLflow that does not work is as good as none
            return None
        raise InputError(_refused(uri, error)) from None


def _refused(uri: str, error: Exception) -> str:
    if isinstance(error, ImportError):
        return (
            f"tracking.mlflow: found on, but not all that it needs ({error}), expected MLflow installed; "
            "install the extra mlflow, or set it to off"
        )
    return (
        f"tracking.uri: found {uri!r}, which MLflow does not take ({_first_line(error)}), "
        "expected one such as sqlite:///build/mlflow.db or https://mlflow.example.com"
    )


def _own_place(config: Config) -> str:
    """The workspace's own server on Databricks, elsewhere a database beside the output."""
    return "databricks" if on_databricks() else f"{SQLITE}{Path(config.output).parent / 'mlflow.db'}"


class Tracker:
    """Writes to one experiment of a tracking server or of a local database."""

    def __init__(self, config: Config, uri: str) -> None:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # read when MLflow is imported
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        import mlflow.pyfunc  # noqa: PLC0415 (takes seconds, and need not be there)

        for logger in map(logging.getLogger, ("mlflow", "alembic", "sqlalchemy.engine")):
            logger.setLevel(logging.WARNING)
            logger.handlers.clear()  # what they say goes the way of all logging: into the JSON, where that is the form
            logger.propagate = True
        self._config, self._uri, self._mlflow = config, uri, mlflow
        self._artifacts: str | None = None  # where the server says
        if uri.startswith(SQLITE):
            database = Path(uri.removeprefix(SQLITE)).resolve()
            database.parent.mkdir(parents=True, exist_ok=True)
            self._artifacts = str(database.with_suffix(""))
        self._client = mlflow.MlflowClient(uri)

    @contextmanager
    def unless_it_fails(self, progress: Progress) -> Iterator[None]:
        """What goes wrong in the block is a line: the tables are there, whatever becomes of their run."""
        try:
            yield
        except Exception as error:
            progress.warning(
                f"warning: the run is published, but MLflow at {self._uri} did not take all of it "
                f"({type(error).__name__}: {_first_line(error)})"
            )

    def log_search(
        self, run: Run, found: Mapping[str, SearchResult], profiles: Mapping[str, Rows], ledger: Rows, spark: str
    ) -> None:
        """A run with what holds for all, and one below it per entity; `spark` is its version."""
        shared = parameters(run, spark)
        tags = {RUN: run.run_id, **{f"verdict_{name}": verdict for name, verdict in run.verdicts.items()}}
        self._mlflow.set_tracking_uri(self._uri)
        with self._mlflow.start_run(experiment_id=self._experiment, run_name=run.run_id, tags=tags):
            self._mlflow.log_params({**shared, "entities": ", ".join(found)})
            self._mlflow.log_metrics(totals(ledger))
            for name, result in found.items():
                self._log_entity(name, result, profiles[name], shared)

    def log_report(self, run_ids: Sequence[str]) -> None:
        """The page and its charts, into the runs that searched for the segments that they show, where tracked."""
        output = Path(self._config.output)
        tracked = [self._client.search_runs([self._experiment], f"tags.`{RUN}` = '{run_id}'") for run_id in run_ids]
        for logged in chain.from_iterable(tracked):
            self._client.log_artifact(logged.info.run_id, str(output / "report.html"))
            self._client.log_artifacts(logged.info.run_id, str(output / "charts"), "charts")

    @cached_property
    def _experiment(self) -> str:
        """Its id; asked for when there is something to log, since the server is not to be waited for before."""
        name = self._config.tracking.experiment or self._config.source.name
        experiment = self._client.get_experiment_by_name(name)
        if experiment:
            return str(experiment.experiment_id)
        return str(self._client.create_experiment(name, artifact_location=self._artifacts))

    def _log_entity(self, name: str, found: SearchResult, profiles: Rows, shared: Mapping[str, Any]) -> None:
        names = {row["segment"]: row["segment_name"] for row in profiles}
        tags = {
            "entity": name,
            "verdict": found.choice.verdict,
            "mlflow.note.content": found.choice.sentence,  # shown as the run's description
            **{f"segment_{segment}": text for segment, text in names.items()},
        }
        run_name = f"{name} {shared['as_of']}"
        with self._mlflow.start_run(experiment_id=self._experiment, run_name=run_name, tags=tags, nested=True):
            self._mlflow.log_params({**shared, "entity": name, **searched(self._config.plan(name), found)})
            sweep: Rows = found.choice.rows()
            for row in sweep:
                figures = of_a_fit(row)
                self._mlflow.log_metrics({f"{row['method']}/{key}": it for key, it in figures.items()}, step=row["k"])
                if row["chosen"]:
                    self._mlflow.log_metrics(figures)
            self._mlflow.log_metrics({"entities": found.vectors.count, **of_segments(profiles)})
            log_model(found.model, names, "count_orders" if self._config.source.has_orders else None)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
