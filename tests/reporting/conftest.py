"""Pages that are drawn once and read by many tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentation.reporting import write_report
from tests.reporting.fixtures import make_hostile, make_report_data


@pytest.fixture(scope="session")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a full run, in English."""
    return Path(write_report(make_report_data(), str(tmp_path_factory.mktemp("english")), "en"))


@pytest.fixture(scope="session")
def indonesian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a full run, in Bahasa Indonesia."""
    return Path(write_report(make_report_data(), str(tmp_path_factory.mktemp("indonesian")), "id"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run whose data has hostile names."""
    return Path(write_report(make_hostile(), str(tmp_path_factory.mktemp("hostile")), "en"))
