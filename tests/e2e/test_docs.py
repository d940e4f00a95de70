"""What the docs show works."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.ingest.batch import Batch, labelled_batch
from segmentation.ingest.quality_rules import Standards
from segmentation.logs import EVENTS, FIELDS
from segmentation.progress import Progress
from segmentation.raw import find_inputs
from segmentation.schemas import TABLES

REPOSITORY = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(page.relative_to(REPOSITORY)) for page in REPOSITORY.glob("docs/**/*.md")),
]


def test_the_smallest_source(spark: SparkSession, tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "sources.md").read_text()
    blocks = re.findall(r"```(?:yaml)?\n(.*?)```", text, flags=re.DOTALL)
    sales, source = blocks[:2]
    (tmp_path / "sales_2024-01.csv").write_text(sales)
    (tmp_path / "shop.yml").write_text(source)
    config = load_config(str(REPOSITORY / "conf" / "local.yml"), {"source": str(tmp_path / "shop.yml")})
    inputs = find_inputs(spark, config.source, str(tmp_path))
    orders = labelled_batch(spark, config.source, Batch("b", inputs), Standards(), Progress(io.StringIO()))["orders"]
    (order,) = orders.accepted.collect()
    assert (order.order_id, order.seller_id, order.buyer_id, order.status) == ("1001", "s1", "c7", "completed")
    assert str(order.gmv) == "125000.00"


@pytest.mark.parametrize("form", ["blanks", "positions"])
def test_files_without_a_header(spark: SparkSession, tmp_path: Path, form: str) -> None:
    text = (REPOSITORY / "docs" / "sources.md").read_text()
    blocks = re.findall(r"```(?:yaml)?\n(.*?)```", text, flags=re.DOTALL)
    at = next(number for number, block in enumerate(blocks) if "19970101" in block)
    purchases, source, positions = blocks[at : at + 3]
    if form == "positions":
        before, after = source.split("  purchases:\n")[0], source[source.index("\ntables:") :]
        source = before + positions + after
    (tmp_path / "CDNOW_master.txt").write_text(purchases)
    (tmp_path / "shop.yml").write_text(source)
    config = load_config(str(REPOSITORY / "conf" / "local.yml"), {"source": str(tmp_path / "shop.yml")})
    inputs = find_inputs(spark, config.source, str(tmp_path))
    orders = labelled_batch(
        spark, config.source, Batch("b", inputs), config.standards(date(2026, 1, 1)), Progress(io.StringIO())
    )["orders"]
    accepted = [(row.buyer_id, f"{row.ordered_at:%Y-%m-%d}", str(row.gmv)) for row in orders.accepted.collect()]
    assert sorted(accepted) == [
        ("00001", "1997-01-01", "11.77"), ("00002", "1997-01-12", "12.00"), ("00002", "1997-01-12", "77.00"),
        ("00003", "1998-05-28", "20.99"),
    ]  # fmt: skip


def test_the_page_of_tables_is_what_is_declared() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import tables_doc; print(tables_doc.page(), end='')"],
        cwd=REPOSITORY / "scripts", env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, text=True, check=True,
        capture_output=True,
    )  # fmt: skip
    assert made.stdout == (REPOSITORY / "docs" / "tables.md").read_text(), "make docs writes it anew"


def test_the_list_of_tables_is_complete() -> None:
    """In README, `…_segments` is the table of either side."""
    rows = (REPOSITORY / "README.md").read_text().split("| tables | what they hold |\n|---|---|\n")[1].split("\n\n")[0]
    names = re.findall(r"`(…?\w+)`", "\n".join(row.split(" | ")[0] for row in rows.splitlines()))
    listed = {name.replace("…", side) for name in names for side in ("buyer", "seller")}
    assert listed == set(TABLES)


def test_the_page_of_logs_has_the_events_and_fields_that_are_declared() -> None:
    page = (REPOSITORY / "docs" / "logs.md").read_text()
    tables = [
        dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", part, flags=re.MULTILINE)) for part in page.split("| field |")
    ]
    assert tables == [EVENTS, FIELDS]
    assert list(tables[1]) == list(FIELDS)
    for event in map(json.loads, re.findall(r"^\{.*\}$", page, flags=re.MULTILINE)):
        assert event["event"] in EVENTS
        assert list(event) == [field for field in FIELDS if field in event]


def test_the_order_that_is_followed_is_one_of_the_sample(sample: Path) -> None:
    page = (REPOSITORY / "docs" / "architecture.md").read_text().split("## One order")[1].split("\n## ")[0]
    found = re.search(r"An order of `(.*?)`:\n\n```\n(.*?)\n```", page)
    assert found and found[1] == "scripts/make_sample.py padi --scale 0.02"  # as the fixture is made
    order = found[2].split(",")
    assert found[2] in (sample / "df_order.csv").read_text(errors="replace").splitlines()
    assert f"`{order[12]}`" in page and f"`{order[5][:8]}…`" in page and f"`{order[2]}`" in page


@pytest.mark.parametrize("page", PAGES)
def test_places_that_a_page_names_are_there(page: str) -> None:
    """Files and folders between backticks, and functions that are said to be in a file."""
    text = (REPOSITORY / page).read_text()
    places = set(re.findall(r"`((?:segmentation|conf|tests|docs|scripts|jobs|notebooks)/[\w./]*)`", text))
    named = re.findall(r"`(\w+)`\s+in\s+`([\w/]+\.py)`", text)
    assert [place for place in sorted(places) if not (REPOSITORY / place).exists()] == []
    for name, file in named:
        assert re.search(rf"^(def |class )?{name}\b", (REPOSITORY / file).read_text(), flags=re.MULTILINE), (name, file)
