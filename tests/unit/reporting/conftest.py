"""Pages that are drawn once and read by many tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmentation.i18n.text import Lang
from segmentation.reporting import write_report
from segmentation.reporting.data import ReportData
from tests.conftest import once
from tests.unit.reporting.fixtures import make_hostile, make_report_data


@pytest.fixture(scope="session")
def english(shared: Path) -> Path:
    """The page of a full run, in English."""
    return _page(shared / "english", make_report_data(), "en")


@pytest.fixture(scope="session")
def indonesian(shared: Path) -> Path:
    """The page of a full run, in Bahasa Indonesia."""
    return _page(shared / "indonesian", make_report_data(), "id")


@pytest.fixture(scope="session")
def hostile(shared: Path) -> Path:
    """The page of a run whose data has hostile names."""
    return _page(shared / "hostile", make_hostile(), "en")


def _page(folder: Path, data: ReportData, lang: Lang) -> Path:
    return once(folder, lambda folder: write_report(data, str(folder), lang)) / "report.html"
