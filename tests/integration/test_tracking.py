"""What MLflow keeps of a run, and that it is never in a run's way."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.cli.command import run_job as run_command
from segmentation.clustering.assign import score, score_pandas
from segmentation.clustering.centroids import Centroids
from segmentation.clustering.model import Model
from segmentation.clustering.scales import fit_scale, fit_text
from segmentation.clustering.vectors import to_points
from segmentation.config import Config, load_config
from segmentation.errors import InputError
from segmentation.i18n.wording import EntityName
from segmentation.pipeline import segment
from segmentation.plans import Feature
from segmentation.progress import Progress
from segmentation.tracking import begin
from tests.support.lakes import of_few, table_of
from tests.unit.reporting.pages import sketched

REPOSITORY = Path(__file__).parents[2]
LOCAL = str(REPOSITORY / "conf" / "local.yml")


def _config(folder: Path, config: str = LOCAL, **tracking: Any) -> Config:
    options = {"lake": str(folder / "lake"), "output": str(folder / "report"), "tracking": tracking}
    return load_config(config, options)


def test_it_is_off_and_not_even_imported() -> None:
    code = (
        "import sys; from segmentation.config import load_config; from segmentation.pipeline import begin; "
        f"print(begin(load_config({LOCAL!r})), 'mlflow' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, text=True, capture_output=True, check=True)
    assert said.stdout.split() == ["None", "False"]


def test_yaml_reads_on_and_off_as_truths(tmp_path: Path) -> None:
    for written, read in ((True, "on"), (False, "off"), ("auto", "auto")):
        assert _config(tmp_path, mlflow=written).tracking.mlflow == read
    with pytest.raises(InputError, match="tracking.mlflow: found 'yes', expected"):
        _config(tmp_path, mlflow="yes")


@pytest.mark.parametrize(
    "uri",
    [
        "https://me:secret@host",
        "https://secret@host",
        "https://me:pa/secret@host",
        "postgresql://h/db?user=me&password=secret",
    ],
)
def test_a_secret_in_the_uri_is_refused_and_not_repeated(tmp_path: Path, uri: str) -> None:
    with pytest.raises(InputError, match="tracking.uri: found a password or token in it") as refused:
        _config(tmp_path, uri=uri)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("uri", ["sqlite:////a@b/mlflow.db", "https://host:5000/mlflow", "postgresql://me@host/db"])
def test_a_uri_without_secrets_is_taken(tmp_path: Path, uri: str) -> None:
    assert _config(tmp_path, uri=uri).tracking.uri == uri


def test_asked_for_and_not_installed_is_a_sentence_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.setattr("segmentation.cli.command.get_session", lambda *settings: Session())
    monkeypatch.setattr("segmentation.run.Lake", None)  # nothing gets as far as the lake
    (tmp_path / "config.yml").write_text(
        f"source: {REPOSITORY}/conf/sources/padi.yml\ninput: in\nlake: lake\noutput: out\ntracking: {{mlflow: on}}\n"
    )
    assert run_command(segment, "job", ["--config", str(tmp_path / "config.yml")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: tracking.mlflow: found on") and "install the extra mlflow" in said
    assert begin(_config(tmp_path, mlflow="auto")) is None


class Session:
    """A session that is not needed yet."""

    def stop(self) -> None:
        """Nothing to stop."""


def test_a_place_that_is_none_is_a_sentence_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tracking.uri: found 'sqlit:///x.db', which MLflow does not take"):
        begin(_config(tmp_path, mlflow="on", uri="sqlit:///x.db"))


def test_a_mlflow_that_does_not_work_is_as_good_as_none_where_any_will_do(tmp_path: Path) -> None:
    assert begin(_config(tmp_path, mlflow="auto", uri="sqlit:///x.db")) is None


def test_stages_without_segments_are_not_tracked(tmp_path: Path) -> None:
    config = _config(tmp_path, mlflow="on", uri="sqlit:///x.db")
    assert begin(config.model_copy(update={"stages": ("ingest", "features")})) is None


def test_on_databricks_it_is_the_workspaces_where_there_is_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "19.0")
    monkeypatch.setattr("segmentation.tracking.tracker.Tracker", lambda config, uri: uri)
    config = load_config(str(REPOSITORY / "conf" / "databricks.yml"))
    assert begin(config) == "databricks"
    assert config.tracking.experiment == "/Shared/segmentation"  # names there are paths


def _run(spark: SparkSession, config: Config) -> str:
    """The job's lines."""
    said = io.StringIO()
    spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
    with sketched():
        segment(spark, config, Progress(said))
    return said.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    "entities", [("sellers",), pytest.param(("buyers", "sellers"), marks=pytest.mark.full)], ids=["sellers", "both"]
)
def test_a_run_is_kept_and_its_model_scores(
    spark: SparkSession, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entities: tuple[EntityName, ...]
) -> None:
    mlflow = pytest.importorskip("mlflow")
    called, connect = set(), socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        called.add(address[0])
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    shutil.copytree(lake, tmp_path / "lake")
    # Stage by stage, as on Databricks: the report goes into the run whose segments it shows.
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    for stage in ("segment", "report"):
        config = of_few(_config(tmp_path, mlflow="on").model_copy(update={"stages": (stage,), "entities": entities}))
        assert "warning" not in _run(spark, config)
    assert called <= {"127.0.0.1", "localhost"}, "it speaks to Spark alone"

    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("padi")
    assert experiment.artifact_location == str(tmp_path / "mlflow")
    runs = client.search_runs([experiment.experiment_id])
    children = {run.data.params["entity"]: run for run in runs if "mlflow.parentRunId" in run.data.tags}
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    published = table_of(tmp_path / "lake", "runs").sort_values("run_id").iloc[-2]
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert {run.data.params["run_id"] for run in runs} == {published["run_id"]}
    assert (parent.data.params["source"], parent.data.params["as_of"]) == ("padi", str(published["as_of"]))
    orders = table_of(tmp_path / "lake", "ledger").set_index("table_name").loc["orders"]
    assert parent.data.metrics["orders/rows_read"] == orders["rows_read"]
    assert parent.data.metrics["orders/gmv_accepted"] == float(orders["gmv_accepted"])

    kept, report = Path(client.download_artifacts(parent.info.run_id, "")), tmp_path / "report"
    assert (kept / "report.html").read_bytes() == (report / "report.html").read_bytes()
    assert sorted(path.name for path in (kept / "charts").iterdir()) == sorted(
        path.name for path in (report / "charts").iterdir()
    )

    mlflow.set_tracking_uri(uri)
    for entity, run in children.items():
        role = entity.removesuffix("s")
        tables = {
            name: table_of(tmp_path / "lake", f"{role}_{name}")
            for name in ("sweep", "profiles", "features", "segments")
        }
        _holds_the_sweep(client, run, tables["sweep"])
        assert run.data.tags["verdict"] == published[f"verdict_{entity}"]
        assert run.data.metrics["share/segment_1"] == tables["profiles"].set_index("segment").loc[1, "share"]
        model = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
        _scores_as_published(model, tables["features"].merge(tables["segments"], on=f"{role}_id"))
    assert set(children) == set(entities)

    # A server that is not there comes too late to make a run fail.
    absent = _config(tmp_path, mlflow="on", uri="http://127.0.0.1:1")
    said = _run(spark, absent.model_copy(update={"stages": ("report",), "entities": ("sellers",)}))
    assert "warning: the run is published, but MLflow at http://127.0.0.1:1 did not take all of it" in said
    assert "done in" in said
    assert len(table_of(tmp_path / "lake", "runs")) == len(table_of(lake, "runs")) + 3


def _holds_the_sweep(client: Any, run: Any, sweep: pd.DataFrame) -> None:
    for figure in ("silhouette", "wssse", "smallest_share", "stability", "chance", "admitted"):
        kept = {at.step: at.value for at in client.get_metric_history(run.info.run_id, f"kmeans/{figure}")}
        known = sweep.dropna(subset=[figure])
        assert kept == dict(zip(known["k"], known[figure].astype(float), strict=True))
    chosen = sweep[sweep["chosen"]].iloc[0]
    assert run.data.params["k"] == str(chosen["k"])
    assert run.data.metrics["silhouette"] == chosen["silhouette"]


def _scores_as_published(model: Any, people: pd.DataFrame) -> None:
    columns = {column.name: column.type.name for column in model.metadata.get_input_schema().inputs}
    scored = model.predict(
        people[list(columns)].astype({name: float for name, kind in columns.items() if kind == "double"})
    )
    assert list(scored["segment"]) == list(people["segment"])
    assert list(scored["segment_name"]) == list(people["segment_name"])


def test_a_row_is_scored_alike_in_spark_and_in_numpy(spark: SparkSession) -> None:
    """With unknown numbers and texts, and those beyond the ends."""
    schema = "id string, amount double, kind string"
    given = [(None, None), (float("inf"), " "), (float("nan"), "a "), (-5.0, "b"), (1e9, "a"), (7.0, " b"), (2.5, "c")]
    rows = [(str(i), *row) for i, row in enumerate(given)]
    seen = pd.DataFrame({"amount": [1.0, 2.0, 3.0, 50.0] * 10, "kind": ["a", "b", "a", "b"] * 10})
    scales = [
        fit_scale("amount", seen["amount"].to_numpy(), Feature(), "standard", 0.0),
        *fit_text("kind", seen["kind"], Feature(transform="none")),
    ]
    points = to_points(pd.DataFrame({"amount": [1.0, 50.0, 50.0], "kind": ["a", "b", None]}), scales)
    model = Model("kmeans", tuple(scales), Centroids(tuple(map(tuple, points.tolist()))))
    by_spark = score(spark.createDataFrame(rows, schema), model, "id").orderBy("id").toPandas()["segment"]
    by_numpy = score_pandas(pd.DataFrame(rows, columns=["id", "amount", "kind"]), model)
    assert list(by_numpy) == list(by_spark) and len(set(by_numpy)) > 1
