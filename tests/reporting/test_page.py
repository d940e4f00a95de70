"""The page as a whole: that it is there, keeps to itself, and says what the tables say."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from segmentation.reporting import write_report
from tests.reporting.fixtures import make_report_data


def test_writes_the_page_and_its_charts(tmp_path: Path) -> None:
    path = write_report(make_report_data(), str(tmp_path), "en")

    page = Path(path).read_text(encoding="utf-8")
    assert Path(path) == tmp_path / "report.html"
    assert {"overview_province.png", "buyers_lift.png", "sellers_elbow.png"} <= {
        file.name for file in (tmp_path / "charts").iterdir()
    }
    assert "Rp 27.5 T" in page
    assert "Rp 27,540,670,420,148" in page
    assert "325,074" in page


def test_policy_allows_the_style_sheet_and_nothing_else(tmp_path: Path) -> None:
    page = Path(write_report(make_report_data(), str(tmp_path), "id")).read_text(encoding="utf-8")

    styles = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert styles is not None
    digest = base64.b64encode(hashlib.sha256(styles.group(1).encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-{digest}" in page.replace("'", "&#39;")
    assert "<script" not in page
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r'(?:src|href|srcset)="(?!data:|#)', page)
    assert "Rp 27,5 T" in page
