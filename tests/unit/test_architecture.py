"""The house as its imports show it: what a line touches says which room it lives in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCES = sorted([*(REPOSITORY / "segmentation").rglob("*.py"), *(REPOSITORY / "jobs").rglob("*.py")])
ROOMS = {
    "argparse": ("segmentation/cli/", "jobs/"),
    "babel": ("segmentation/i18n/",),
    "logging": ("segmentation/logs.py", "segmentation/progress.py", "segmentation/tracking/"),
    "yaml": ("segmentation/yaml_file.py",),
    "matplotlib": ("segmentation/reporting/",),
    "jinja2": ("segmentation/reporting/",),
    "mlflow": ("segmentation/tracking/",),
    "pyspark.ml": ("segmentation/clustering/",),
    "segmentation.lake.tables": (
        "segmentation/lake/",
        "segmentation/run.py",
        "segmentation/stages/",
        "segmentation/explore.py",
    ),
}
# Rooms (folders of segmentation/, and files that stand beside them) from the lowest to the highest: each imports what
# stands in a line above its own. docs/architecture.md draws them.
ORDER = (
    "errors files keys logs plans schemas session sql",
    "attributes entities i18n lake progress yaml_file",
    "clustering source story",
    "features raw what_if",
    "periodic profiles",
    "exports ingest",
    "config divisions",
    "run",
    "reporting tracking",
    "stages",
    "cli explore pipeline",
)
FORBIDDEN = {
    "what Connect and serverless do not have": r"\.rdd\b|sparkContext|\._j(vm|sc|df|map|seq|sparkSession)\b|createGlobalTempView|inferSchema",
    "names pasted into SQL": r"\.sql\(\s*f[\"']",
    "an error swallowed": r"except( Exception)?:\s*(pass)?$",
}


def _imported(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _modules() -> dict[str, set[str]]:
    """Each module of segmentation/ and those that it imports, wherever in it."""
    paths = {_module(path): path for path in SOURCES if path.is_relative_to(REPOSITORY / "segmentation")}
    return {name: (_imported(path.read_text()) & paths.keys()) - {name} for name, path in paths.items()}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _upwards(imports: Mapping[str, Iterable[str]], order: Iterable[str]) -> list[str]:
    """What imports a room of its own line or of a later one."""
    place = {room: at for at, line in enumerate(order) for room in line.split()}
    return [
        f"{importer} imports {imported}"
        for importer, several in sorted(imports.items())
        for imported in sorted(several)
        if _room(importer) != _room(imported) != "" and place[_room(importer)] <= place[_room(imported)]
    ]


def test_every_room_has_its_place() -> None:
    rooms = {_room(module) for module in _modules()} - {""}
    placed = [room for line in ORDER for room in line.split()]
    assert sorted(placed) == sorted(rooms), "put new rooms into ORDER and docs/architecture.md, and take gone ones out"


def test_rooms_import_lower_rooms_alone() -> None:
    assert _upwards(_modules(), ORDER) == []


def test_an_import_of_a_higher_room_is_found() -> None:
    imports = {"segmentation.a.x": ["segmentation", "segmentation.a.y", "segmentation.b"], "segmentation.b": []}
    assert _upwards(imports, ["b", "a"]) == []
    assert _upwards(imports, ["a", "b"]) == _upwards(imports, ["a b"]) == ["segmentation.a.x imports segmentation.b"]


def test_no_modules_import_each_other() -> None:
    assert len(list(TopologicalSorter(_modules()).static_order())) == len(_modules())  # raises where there is a circle


def test_the_page_shows_the_rooms_in_their_order() -> None:
    page = (REPOSITORY / "docs" / "architecture.md").read_text()
    lines = re.findall(
        r"^\| (`segmentation/.*?) \|", page.split("## The rooms")[1].split("\n## ")[0], flags=re.MULTILINE
    )
    shown = [re.findall(r"`segmentation/(\w+)(?:\.py|/)`", line) for line in lines]
    place = {room: at for at, rooms in enumerate(shown) for room in rooms}
    assert sorted(place) == sorted(room for line in ORDER for room in line.split())
    below = [
        f"{importer} imports {imported}"
        for importer, several in _modules().items()
        for imported in several
        if _room(imported) and place[_room(importer)] < place[_room(imported)]
    ]
    assert below == []


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_is_used_in_its_room_alone(library: str) -> None:
    elsewhere = [
        where
        for path in SOURCES
        if not (where := path.relative_to(REPOSITORY).as_posix()).startswith(ROOMS[library])
        and any(name == library or name.startswith(library + ".") for name in _imported(path.read_text()))
    ]
    assert elsewhere == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_does_not_run_everywhere_is_not_used(what: str) -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(FORBIDDEN[what], line)
    ]
    # sql.py is the one place that puts quoted names into SQL
    assert [line for line in found if not line.startswith("segmentation/sql.py")] == []


def test_reads_and_writes_are_in_tables_and_the_raw_readers_alone() -> None:
    allowed = (
        "segmentation/lake/tables.py",
        "segmentation/raw/discover.py",
        "segmentation/raw/read.py",
        "segmentation/raw/tables.py",
    )
    found = [
        str(where)
        for path in SOURCES
        if (where := path.relative_to(REPOSITORY)).as_posix() not in allowed
        and re.search(r"\bspark\.read\b|\.write\.|\.saveAsTable|DeltaTable", path.read_text())
    ]
    assert found == []
