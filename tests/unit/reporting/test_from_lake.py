"""The report of a real run: its figures are the lake's, and a report that is made later is the same one."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from segmentation import schemas
from tests.support.lakes import run_job
from tests.unit.reporting.pages import Page, sketched

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(lake: Path) -> Page:
    return Page(lake.parent / "report" / "report.html")


def test_every_cited_figure_is_in_its_table(lake: Path, page: Page) -> None:
    figures = page.all("data")
    tables: dict[str, pd.DataFrame] = {}
    for figure in figures:
        name, *key, column = figure["data-of"].split("/")
        if name not in tables:
            tables[name] = DeltaTable(str(lake / name)).to_pandas()
        rows = tables[name]
        for part, value in zip(schemas.TABLES[name].key, key, strict=True):
            rows = rows[rows[part].astype(str) == value]
        (found,) = rows[column]
        assert Decimal(figure["value"]) == Decimal(str(found)), figure
    assert len(figures) > 150
    assert set(tables) == {"overview", "buyer_profiles", "seller_profiles", "trade"}


def test_totals_and_sizes_are_written_out_as_they_are(lake: Path, page: Page) -> None:
    overview = DeltaTable(str(lake / "overview")).to_pandas()
    total = overview[overview["dimension"] == "total"].iloc[0]
    assert f"Rp {total['gmv']:,.0f}" in page.text
    assert f"{total['orders']:,}" in page.text
    ledger = DeltaTable(str(lake / "ledger")).to_pandas()
    for rows in ledger["rows_read"]:
        assert f"{rows:,}" in page.text


def test_a_later_report_is_the_same_report(spark: SparkSession, lake: Path, sample: Path, tmp_path: Path) -> None:
    shutil.copytree(lake, tmp_path / "lake")
    run_job(spark, tmp_path, input=str(sample), stages=("report",))
    first, later = (_timeless(folder / "report" / "report.html") for folder in (lake.parent, tmp_path))
    assert first == later
    charts = [
        sorted(file.name for file in (folder / "report" / "charts").iterdir()) for folder in (lake.parent, tmp_path)
    ]
    assert charts[0] == charts[1]


def test_a_lake_of_an_earlier_release_knows_no_attributes(
    spark: SparkSession, lake: Path, page: Page, sample: Path, tmp_path: Path
) -> None:
    assert "What is known of them" in page.text and "Province" in page.text
    shutil.copytree(lake, tmp_path / "lake", ignore=shutil.ignore_patterns("*_attributes"))
    with sketched():
        run_job(spark, tmp_path, input=str(sample), stages=("report",))
    old = Page(tmp_path / "report" / "report.html")
    assert "What is known of them" not in old.text and "High-Spending Regulars" in old.text


def _timeless(page: Path) -> list[Any]:
    """The page without the run's id, line by line."""
    return re.sub(r"\d{8}T\d+Z", "RUN", page.read_text(encoding="utf-8")).splitlines()
