"""The comparison of two lakes tells one row that differs, and passes over what names a run."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest
from deltalake import write_deltalake

SCRIPT = Path(__file__).parents[3] / "scripts" / "compare_lakes.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_lakes", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_lake(folder: Path, run: str, gmv: list[float], record: str = '{"a":1}') -> Path:
    orders = {"order_id": ["o1", "o2", "o2"][: len(gmv)], "gmv": gmv, "batch_id": [run] * len(gmv)}
    write_deltalake(str(folder / "orders"), pa.table(orders))
    log = {"run_id": [run], "record": [record], "tags": [[("k", run[:1])]]}
    kinds = pa.schema([("run_id", pa.string()), ("record", pa.string()), ("tags", pa.map_(pa.string(), pa.string()))])
    write_deltalake(str(folder / "undo_log"), pa.table(log, schema=kinds))
    return folder


def test_runs_and_order_do_not_count(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = make_lake(tmp_path / "one", "r1", [1.0, 2.0, 3.0], '{"a":1,"batch_id":"r1"}')
    other = make_lake(tmp_path / "other", "r2", [1.0, 3.0, 2.0], '{"a":1,"batch_id":"r2"}')
    assert script.compare(one, other)
    assert capsys.readouterr().out.splitlines() == [
        "orders               equal, 3 rows", "undo_log             equal, 1 rows",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gmv", "record", "said"),
    [
        ([1.0, 2.0, 2.0], '{"a":1}', "orders               differs, 3 rows; 1 rows only before, 1 only after"),
        ([1.0, 2.0], '{"a":1}', "orders               differs, 3 rows; 1 rows only before, 0 only after"),
        ([1.0, 2.0, 3.0], '{"a":2}', "undo_log             differs, 1 rows; 1 rows only before, 1 only after"),
        # To the last bit.
        ([1.0, 2.0, 3.0000000000000004], '{"a":1}', "orders               differs, 3 rows; 1 rows only before, 1 only after"),
    ],
)  # fmt: skip
def test_one_row_is_told(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], gmv: list[float], record: str, said: str
) -> None:
    one = make_lake(tmp_path / "one", "r1", [1.0, 2.0, 3.0])
    other = make_lake(tmp_path / "other", "r2", gmv, record)
    assert not script.compare(one, other)
    assert said in capsys.readouterr().out.splitlines()


def test_missing_tables_are_told(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = make_lake(tmp_path / "one", "r1", [1.0])
    write_deltalake(
        str(tmp_path / "other" / "orders"), pa.table({"order_id": ["o1"], "gmv": [1.0], "batch_id": ["r2"]})
    )
    assert not script.compare(one, tmp_path / "other")
    assert "undo_log             only before" in capsys.readouterr().out
