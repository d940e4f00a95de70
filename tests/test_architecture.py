"""The house as its imports show it: what a line touches says which room it lives in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
SOURCES = sorted([*(REPOSITORY / "segmentation").rglob("*.py"), *(REPOSITORY / "jobs").rglob("*.py")])
ROOMS = {
    "yaml": ("segmentation/yaml_file.py",),
    "matplotlib": ("segmentation/reporting/",),
    "jinja2": ("segmentation/reporting/",),
    "mlflow": ("segmentation/tracking/",),
    "pyspark.ml": ("segmentation/clustering/",),
    "segmentation.tables": ("segmentation/pipeline.py", "segmentation/stages/", "segmentation/explore.py"),
}
FORBIDDEN = {
    "what Connect and serverless do not have": r"\.rdd\b|sparkContext|\._j(vm|sc|df|map|seq|sparkSession)\b|createGlobalTempView|inferSchema",
    "names pasted into SQL": r"\.sql\(\s*f[\"']",
    "an error swallowed": r"except( Exception)?:\s*(pass)?$",
}


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_is_used_in_its_room_alone(library: str) -> None:
    elsewhere = [
        where
        for path in SOURCES
        if not (where := path.relative_to(REPOSITORY).as_posix()).startswith(ROOMS[library])
        and any(name == library or name.startswith(library + ".") for name in _imported(path))
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
    allowed = ("segmentation/tables.py", "segmentation/raw.py", "segmentation/raw_tables.py")
    found = [
        str(where)
        for path in SOURCES
        if (where := path.relative_to(REPOSITORY)).as_posix() not in allowed
        and re.search(r"\bspark\.read\b|\.write\.|\.saveAsTable|DeltaTable", path.read_text())
    ]
    assert found == []
