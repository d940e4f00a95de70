"""The Databricks bundle, read as its CLI reads it: every target's job by the CLI's own types, and by the repository."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator, Mapping
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from databricks.bundles.jobs import Job

from segmentation.cli.options import parse_options
from segmentation.config import STAGES, Config, load_config

REPOSITORY = Path(__file__).parents[2]
TARGETS = ("dev", "prod", "dev-classic", "prod-classic")
FILES = "/Workspace/files"  # where a deployment puts what the bundle carries along
DEPLOYED = {
    "workspace.file_path": FILES,
    "workspace.current_user.userName": "ann@shop.id",
    "bundle.name": "segmentation",
}
ON_DEPLOYING = {"notify": "team@shop.id", "service_principal": "0a1b2c3d-0000-0000-0000-000000000000"}  # with --var
KEYED = {"tasks": "task_key", "job_clusters": "job_cluster_key", "parameters": "name"}  # lists whose items merge
SECTIONS = {"bundle", "include", "sync", "artifacts", "variables", "targets", "resources"}
OF_A_TARGET = {"default", "mode", "variables", "workspace", "run_as", "resources"}
REFERENCE = re.compile(r"\$\{([^}]+)\}")


def read(root: Path = REPOSITORY) -> dict[str, Any]:
    """databricks.yml with what it includes; relative places become absolute, as the file that names them sees them."""
    bundle: dict[str, Any] = {}
    main = root / "databricks.yml"
    included = [path for glob in yaml.safe_load(main.read_text())["include"] for path in sorted(root.glob(glob))]
    for path in (main, *included):
        bundle = merged(bundle, _placed(yaml.safe_load(path.read_text()), path.parent))
    assert set(bundle) <= SECTIONS
    return bundle


def job_of(bundle: Mapping[str, Any], target: str) -> dict[str, Any]:
    """The one job of a target: resources with the target's over them, and no variable left."""
    chosen = bundle["targets"][target]
    assert set(chosen) <= OF_A_TARGET
    resources = merged(bundle["resources"], chosen["resources"])
    assert set(resources) == {"jobs"}
    ((_, job),) = resources["jobs"].items()
    return resolved(job, values_of(bundle, target))


def values_of(bundle: Mapping[str, Any], target: str) -> dict[str, str]:
    """What references stand for; a target may only set variables that are declared."""
    own = bundle["targets"][target].get("variables", {})
    assert set(own) <= set(bundle["variables"])
    values = {name: declared["default"] for name, declared in bundle["variables"].items() if "default" in declared}
    given = {**values, **ON_DEPLOYING, **own}
    return {**DEPLOYED, "bundle.target": target, **{f"var.{name}": value for name, value in given.items()}}


def merged(below: Any, above: Any, keyed_by: str | None = None) -> Any:
    """Mappings merge, lists are put together (those whose items have a key merge by it), else what is above wins."""
    if isinstance(below, dict) and isinstance(above, dict):
        both = {name: merged(below[name], above[name], KEYED.get(name)) for name in below if name in above}
        return {**below, **above, **both}
    if isinstance(below, list) and isinstance(above, list):
        if keyed_by is None:
            return below + above
        items = {item[keyed_by]: item for item in below}
        for item in above:
            items[item[keyed_by]] = merged(items.get(item[keyed_by], {}), item)
        return list(items.values())
    return above


def resolved(value: Any, values: Mapping[str, str]) -> Any:
    """Every reference replaced by its value; one that stands for nothing is a KeyError."""
    if isinstance(value, dict):
        return {key: resolved(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, values) for inner in value]
    while isinstance(value, str) and REFERENCE.search(value):
        value = REFERENCE.sub(lambda found: values[found[1]], value)
    return value


def strings(value: Any) -> Iterator[str]:
    """Every text in a tree."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def options_of(task: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
    """A task's command line, as Databricks hands it to the job."""
    pattern = re.compile(r"\{\{job\.parameters\.(\w+)\}\}")
    return [pattern.sub(lambda found: parameters[found[1]], word) for word in task["spark_python_task"]["parameters"]]


def asked_of(task: Mapping[str, Any], parameters: Mapping[str, str]) -> tuple[dict[str, Any], Config]:
    """What a task's job takes from its command line, by that job's own options, and the config that follows."""
    job = runpy.run_path(task["spark_python_task"]["python_file"], run_name="job")
    path, options = parse_options(options_of(task, parameters), "job", job["add_options"])
    return options, load_config(path.replace(FILES, str(REPOSITORY)), options)


def _placed(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {key: _placed(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [_placed(inner, folder) for inner in value]
    is_place = isinstance(value, str) and value.startswith(("./", "../"))
    return str((folder / value).resolve()) if is_place else value


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    return read()


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def job(bundle: dict[str, Any], target: str) -> dict[str, Any]:
    return job_of(bundle, target)


def test_these_are_all_targets(bundle: dict[str, Any]) -> None:
    assert tuple(bundle["targets"]) == TARGETS
    assert [name for name, target in bundle["targets"].items() if target.get("default")] == ["dev"]


def test_a_target_s_job_is_one_that_the_cli_takes(job: dict[str, Any]) -> None:
    typed = Job.from_dict(job)  # refuses unknown keys, wrong types and values that are none of an enumeration's
    assert typed.max_concurrent_runs == 1
    assert typed.queue is not None and typed.timeout_seconds
    assert typed.email_notifications and typed.email_notifications.on_failure
    assert typed.schedule and typed.schedule.timezone_id == "Asia/Jakarta"
    assert all(0 < task.max_retries <= 2 and task.timeout_seconds for task in typed.tasks)
    assert all(task.disable_auto_optimization for task in typed.tasks)  # serverless would try again beyond that


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ((), "nosuch"),
        (("tasks", 0), "nosuch"),
        (("tasks", 2, "spark_python_task"), "nosuch"),
        (("schedule",), "nosuch"),
    ],
)
def test_an_unknown_key_is_refused(bundle: dict[str, Any], where: tuple[Any, ...], said: str) -> None:
    job = job_of(bundle, "dev")
    inner = job
    for step in where:
        inner = inner[step]
    inner["nosuch"] = 1
    with pytest.raises(ValueError, match=said):
        Job.from_dict(job)


def test_one_task_per_stage_each_after_the_one_before(job: dict[str, Any]) -> None:
    assert [task["task_key"] for task in job["tasks"]] == ["ingest", "features", "segment", "track", "report"]
    assert {task["task_key"] for task in job["tasks"]} - {"track"} == set(STAGES)
    before = [[one["task_key"] for one in task.get("depends_on", [])] for task in job["tasks"]]
    assert before == [[], ["ingest"], ["features"], ["segment"], ["segment", "track"]]


def test_segments_are_reported_also_where_the_past_cannot_be_rebuilt(job: dict[str, Any]) -> None:
    conditions = {task["task_key"]: task.get("run_if") for task in job["tasks"]}
    # Where segment fails, track is not run either: then nothing of the two succeeded.
    assert conditions.pop("report") == "AT_LEAST_ONE_SUCCESS"
    assert set(conditions.values()) == {None}


def test_the_job_reads_what_the_bundle_hands_it(bundle: dict[str, Any], target: str, job: dict[str, Any]) -> None:
    defaults = {one["name"]: one["default"] for one in job["parameters"]}
    assert all(isinstance(default, str) for default in defaults.values())
    used = set()
    for task in job["tasks"]:
        options, config = asked_of(task, defaults)
        used |= set(re.findall(r"job\.parameters\.(\w+)", " ".join(task["spark_python_task"]["parameters"])))
        assert options["stages"] == (None if task["task_key"] == "track" else (task["task_key"],))
        assert (options["as_of"], options["source"]) == (None, None)  # empty parameters
        assert (config.refit, config.months) == ("never" if task["task_key"] == "track" else "always", 12)
        schema = bundle["targets"][target].get("variables", {}).get("schema", "segmentation")
        assert options["lake"] == f"main.{schema}"
        assert config.input == f"/Volumes/main/{schema}/exports"
        assert (config.output, config.lang, config.source.name) == (f"/Volumes/main/{schema}/report", "en", "padi")
    assert used == set(defaults)


def test_a_parameter_that_is_set_reaches_the_job(bundle: dict[str, Any]) -> None:
    job = job_of(bundle, "prod")
    defaults = {one["name"]: one["default"] for one in job["parameters"]}
    olist = f"{REPOSITORY}/conf/sources/olist.yml"
    given = {**defaults, "as_of": "2024-02-29", "source": olist, "lang": "id", "refit": "auto", "months": "3"}
    configs = {}
    for task in job["tasks"]:
        _, configs[task["task_key"]] = asked_of(task, given)
    for config in configs.values():
        assert (str(config.as_of), config.lang, config.source.name) == ("2024-02-29", "id", "olist")
    assert (configs["segment"].refit, configs["track"].months) == ("auto", 3)


def test_every_variable_is_declared_used_and_has_a_value(bundle: dict[str, Any]) -> None:
    referred = {found for text in strings(bundle) for found in REFERENCE.findall(text)}
    assert {name.removeprefix("var.") for name in referred if name.startswith("var.")} == set(bundle["variables"])
    assert {name for name in referred if not name.startswith("var.")} <= {*DEPLOYED, "bundle.target"}
    for name, declared in bundle["variables"].items():
        assert declared["description"]
        has_value = "default" in declared or all(
            name in bundle["targets"][at]["variables"] for at in ("dev", "dev-classic")
        )
        assert has_value, f"{name}: dev cannot be deployed without it"
    assert {name for name, declared in bundle["variables"].items() if "default" not in declared} == set(ON_DEPLOYING)


def test_what_the_job_opens_is_carried_along(bundle: dict[str, Any], job: dict[str, Any]) -> None:
    carried = [REPOSITORY / path for path in bundle["sync"]["paths"]]
    config = next(one["default"] for one in job["parameters"] if one["name"] == "config")
    opened = {task["spark_python_task"]["python_file"] for task in job["tasks"]}
    assert opened == {str(REPOSITORY / "jobs" / f"{job}.py") for job in ("segment", "track")}
    for path in (*map(Path, opened), Path(config.replace(FILES, str(REPOSITORY)))):
        assert path.is_file() and any(path.is_relative_to(folder) for folder in carried)


def test_every_task_has_the_package_and_nothing_that_stops_the_session(target: str, job: dict[str, Any]) -> None:
    wheel = str(REPOSITORY / "dist" / "segmentation-*.whl")
    is_classic = target.endswith("-classic")
    assert bool(job.get("job_clusters")) is is_classic and bool(job.get("environments")) is not is_classic
    if is_classic:
        (cluster,) = job["job_clusters"]
        assert cluster["new_cluster"]["spark_version"].startswith("19.")  # Spark 4.2
        for task in job["tasks"]:
            assert task["job_cluster_key"] == cluster["job_cluster_key"] and "environment_key" not in task
            assert task["libraries"] == [{"whl": wheel}]
    else:
        (environment,) = job["environments"]
        assert environment["spec"]["dependencies"] == [wheel]
        for task in job["tasks"]:
            assert task["environment_key"] == environment["environment_key"]
            assert "job_cluster_key" not in task and "libraries" not in task
    installed = [line for line in requires("segmentation") or [] if "extra ==" not in line]
    assert installed and not [line for line in installed if re.match(r"(pyspark|delta)", line)]


def test_the_wheel_is_built_by_a_script_that_is_there(bundle: dict[str, Any]) -> None:
    (artifact,) = bundle["artifacts"].values()
    assert artifact["type"] == "whl"
    script = REPOSITORY / artifact["build"]
    assert script.is_file() and script.stat().st_mode & 0o100


def test_dev_waits_and_prod_runs_by_itself(bundle: dict[str, Any], target: str, job: dict[str, Any]) -> None:
    chosen = bundle["targets"][target]
    is_prod = target.startswith("prod")
    assert chosen["mode"] == ("production" if is_prod else "development")
    assert job["schedule"]["pause_status"] == ("UNPAUSED" if is_prod else "PAUSED")
    if is_prod:  # the CLI refuses production without a place that is said, and asks for one to run as
        values = values_of(bundle, target)
        assert resolved(chosen["run_as"], values) == {"service_principal_name": ON_DEPLOYING["service_principal"]}
        assert resolved(chosen["workspace"]["root_path"], values).endswith(f"/.bundle/segmentation/{target}")
        assert bundle["variables"]["schedule"]["default"] == "PAUSED"


def test_targets_merge_by_key_as_the_cli_merges() -> None:
    below = {"tasks": [{"task_key": "a", "timeout_seconds": 1}, {"task_key": "b"}], "tags": {"x": "1"}}
    above = {"tasks": [{"task_key": "b", "environment_key": "e"}, {"task_key": "c"}], "tags": {"x": "2"}}
    assert merged(below, above) == {
        "tasks": [
            {"task_key": "a", "timeout_seconds": 1},
            {"task_key": "b", "environment_key": "e"},
            {"task_key": "c"},
        ],
        "tags": {"x": "2"},
    }
