"""The notebooks run on a lake, define nothing of their own, and are kept without outputs."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from pyspark.sql import SparkSession

from tests.support.jobs import lent
from tests.support.processes import QUICK
from tests.support.shop import Shop, line, order

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXPECTED = ("01_overview", "02_buyers", "03_sellers", "04_what_if")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_all_are_there() -> None:
    assert tuple(path.stem for path in NOTEBOOKS) == EXPECTED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_import_the_project_and_define_nothing(path: Path) -> None:
    nodes = [node for cell in _code(path) for node in ast.walk(ast.parse(cell))]

    assert not [node for node in nodes if isinstance(node, DEFINITIONS)]
    assert any(isinstance(node, ast.ImportFrom) and str(node.module).startswith("segmentation") for node in nodes)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_are_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)

    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)


def _shows(path: Path, outputs: list[set[str]]) -> None:
    """Pictures and tables are among the outputs, of each of which the kinds are given."""
    assert sum("image/png" in kinds for kinds in outputs) >= (0 if path.stem == "04_what_if" else 4)
    assert any("text/html" in kinds for kinds in outputs)


@pytest.fixture
def python(spark: SparkSession, lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython as a kernel has it, with the session at hand for its own."""
    monkeypatch.setenv("SEGMENTATION_LAKE", str(lake))
    with lent(spark):
        yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=pytest.mark.full if path.stem == "04_what_if" else ()) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_their_cells_run(path: Path, python: InteractiveShell) -> None:
    last = []
    with capture_output() as captured:
        for cell in _code(path):
            done = python.run_cell(cell)
            done.raise_error()
            last += [] if done.result is None else [python.display_formatter.format(done.result)[0]]

    _shows(path, [*(set(output.data) for output in captured.outputs), *map(set, last)])


@pytest.mark.slow
@pytest.mark.full
def test_the_published_plan_gives_the_published_verdict(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1,500 orders of like sizes, dealt out at random among 100 buyers: stable tiers, but of nothing that anybody does
    dice, shop = np.random.default_rng(1), Shop(spark, tmp_path)
    buyers, sizes, days = dice.integers(0, 100, 1_500), dice.lognormal(3, 0.3, 1_500), dice.integers(0, 28, 1_500)
    bought = [
        order(f"o{at:04}", round(size), buyer=f"b{buyer:02}", day=f"2024-01-{day + 1:02}")
        for at, (buyer, size, day) in enumerate(zip(buyers, sizes, days, strict=True))
    ]
    plans = {"buyers": {"features": {"count_orders": {}, "total_gmv": {}}}}
    lines = [line(f"o{at:04}", round(size)) for at, size in enumerate(sizes)]
    shop.take(shop.export(bought, lines), "ingest", "features", "segment", plans=plans, entities=["buyers"])
    monkeypatch.setenv("SEGMENTATION_LAKE", str(shop.lake))
    with lent(spark), capture_output():
        python = InteractiveShell.instance()
        for cell in _code(FOLDER / "04_what_if.ipynb"):
            python.run_cell(cell).raise_error()
    compared = python.user_ns["compared"]
    InteractiveShell.clear_instance()

    assert shop.rows("runs", "verdict_buyers") == [("none",)]
    assert list(compared.loc["as published", ["verdict", "alike"]]) == ["none", 1.0]


@pytest.fixture(scope="module")
def kernel(lake: Path) -> Iterator[KernelManager]:
    """One kernel for all: a Spark session is started once, and names are forgotten in between."""
    manager = KernelManager(kernel_name="python3")
    path = os.pathsep.join([str(FOLDER.parent), os.environ.get("PYTHONPATH", "")])
    own = {
        "SEGMENTATION_LAKE": str(lake),
        "PYTHONPATH": path,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "JAVA_TOOL_OPTIONS": QUICK,
    }
    manager.start_kernel(cwd=str(FOLDER), env={**os.environ, **own})
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.full
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_they_run(path: Path, kernel: KernelManager) -> None:
    notebook = nbformat.read(path, as_version=4)
    forget = nbformat.v4.new_code_cell("%reset -f")
    notebook.cells = [forget, *notebook.cells]

    NotebookClient(notebook, km=kernel, timeout=300).execute(cleanup_kc=False, reset_kc=True)

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    _shows(path, [set(output.get("data", {})) for output in outputs])
