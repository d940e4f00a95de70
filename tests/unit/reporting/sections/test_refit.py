"""What the page says of the model: kept or made anew, why, and each figure beside its limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from segmentation.i18n.text import LANGS
from segmentation.i18n.texts import load_texts
from segmentation.reporting.data import ReportData
from segmentation.reporting.page import write_report
from segmentation.reporting.sections.refit import refits
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_entity, make_report_data
from tests.unit.reporting.published import BUYERS

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")


def figure(kind: str, of: str | None, value: float, level: str | None, season: float | None = None) -> dict[str, Any]:
    return {"kind": kind, "of": of, "value": value, "in_season": season, "watch": 0.1, "limit": 0.25, "level": level}


FIGURES = [
    figure("feature", "recency_days", 1.2345, "steady", 0.0123), figure("feature", "count_orders", 0.4, "drifted", 0.31),
    figure("segments", None, 0.12, "watch"), figure("segment", "1", 0.06, None), figure("unsure", None, -0.01, "steady"),
]  # fmt: skip
DRIFTED = {
    "refit": True,
    "reason": "drift",
    "named": {"what": "count_orders"},
    "fitted_by": None,
    "due": True,
    "figures": FIGURES,
}


def told(**decided: Any) -> ReportData:
    made = make_report_data()
    buyers = make_entity(BUYERS, "natural", refit={**DRIFTED, **decided})
    return replace(made, entities={**made.entities, "buyers": buyers})


def test_why_and_each_figure_beside_its_limit() -> None:
    (found,) = refits(told(), ENGLISH)
    assert found.sentence == (
        "Segments of buyers were searched for anew: they drifted since the model was fitted "
        "(Sales (orders): stability index (PSI))."
    )
    assert found.due == ""  # it has been done
    assert [(line.figure, line.value, line.season, line.limit, line.level) for line in found.lines] == [
        ("Days since last order: stability index (PSI)", "1.235", "0.012", "0.250", "steady"),
        ("Sales (orders): stability index (PSI)", "0.400", "0.310", "0.250", "drifted"),
        ("Sizes of the segments: stability index (PSI)", "0.120", "–", "0.250", "to be watched"),
        ("More on the border between segments (share of all)", "−0.010", "–", "0.250", "steady"),
    ]


def test_a_search_that_is_due_and_not_made_is_told() -> None:
    kept = told(refit=False, reason="never", named={}, fitted_by="run <1>")
    (english,), (indonesian,) = refits(kept, ENGLISH), refits(kept, INDONESIAN)
    assert english.sentence == "Segments of buyers are those of the model of run run <1>: no new search was asked for."
    assert english.due.endswith("a new search is due.")
    assert indonesian.sentence.startswith("Segmen pembeli mengikuti model dari run")
    assert indonesian.due.endswith("sudah waktunya mencari segmen dari awal.")
    (fine,) = refits(told(refit=False, reason="never", named={}, fitted_by="r", due=False), ENGLISH)
    assert fine.due == ""


@pytest.mark.parametrize("reason", sorted(load_texts("en").tree["side"]["refit"]["reasons"]))
@pytest.mark.parametrize("lang", LANGS)
def test_the_page_has_every_reason(tmp_path: Path, reason: str, lang: str) -> None:
    named = {"old": "en", "new": "id", "feature": "recency_days", "count": "12", "what": "count_orders"}
    (found,) = refits(told(reason=reason, named=named, figures=[], due=None), voice_of(lang, "IDR"))
    assert "{" not in found.sentence and found.sentence.endswith(".")


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_has_it_and_escapes_it(tmp_path: Path, lang: str) -> None:
    write_report(told(refit=False, reason="never", named={}, fitted_by="<b>"), str(tmp_path), lang)  # type: ignore[arg-type]
    page = (tmp_path / "report.html").read_text()
    assert load_texts(lang)("refit.heading") in page and "&lt;b&gt;" in page  # type: ignore[arg-type]
    write_report(make_report_data(), str(tmp_path), lang)  # type: ignore[arg-type]
    assert load_texts(lang)("refit.heading") not in (tmp_path / "report.html").read_text()  # type: ignore[arg-type]


def test_languages_are_named() -> None:
    other = told(reason="lang", named={"old": "en", "new": "id"}, figures=[])
    (english,), (indonesian,) = refits(other, ENGLISH), refits(other, INDONESIAN)
    assert english.sentence.endswith("in another language (English) than is asked for now (Indonesian).")
    assert indonesian.sentence.endswith(
        "dalam bahasa lain (bahasa Inggris), bukan yang diminta sekarang (bahasa Indonesia)."
    )
