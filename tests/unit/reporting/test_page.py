"""The page as a whole: it is there, keeps to itself, and says what the tables say."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentation
from segmentation.clustering.shape import SHOWN
from segmentation.i18n.text import Lang
from segmentation.i18n.wording import WORDINGS, Side
from segmentation.reporting import write_report
from segmentation.reporting.data import Business
from segmentation.story.marketplace import load_marketplace
from tests.unit.reporting.fixtures import (
    make_bins,
    make_entity,
    make_overview,
    make_profiles,
    make_report_data,
    make_run,
    make_shape,
    make_sweep,
)
from tests.unit.reporting.pages import Page, sketch, words
from tests.unit.reporting.published import BUYERS, SELLERS

POLICY = "default-src 'none'; img-src data:; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"


def test_writes_one_page_and_its_charts(english: Path) -> None:
    charts = {file.name for file in (english.parent / "charts").iterdir()}

    assert english.name == "report.html"
    assert sorted(file.name for file in english.parent.iterdir()) == ["charts", "report.html"]
    for name in ("overview_month", "overview_province", "overview_pareto", "trust_ledger", "trust_reasons"):
        assert f"{name}.png" in charts
    for name in ("gmv", "voucher_value", "return_rate", "dependence"):
        assert f"trade_{name}.png" in charts
    for entity in ("buyers", "sellers"):
        for name in (
            "value",
            "lift",
            "spread",
            "elbow",
            "silhouette",
            "correlation",
            "where",
            "sure",
            "components",
            "pairs",
        ):
            assert f"{entity}_{name}.png" in charts


def test_figures_are_in_the_form_of_the_language(english: Path, indonesian: Path) -> None:
    in_english, in_indonesian = Page(english).text, Page(indonesian).text

    for figure in ("Rp 27.5 T", "Rp 27,540,670,420,148", "Rp 122.8 B", "325,074", "41.0%", "23 August 2023"):
        assert figure in in_english
    for figure in ("Rp 27,5 T", "Rp 27.540.670.420.148", "Rp 122,8 M", "325.074", "41,0%", "23 Agustus 2023"):
        assert figure in in_indonesian


@pytest.mark.parametrize("variant", ["english", "indonesian", "hostile"])
def test_nothing_is_loaded_and_nothing_runs(variant: str, request: pytest.FixtureRequest) -> None:
    page = Page(request.getfixturevalue(variant))
    tags = {tag for tag, _ in page.elements}
    named = {name for _, attributes in page.elements for name in attributes}
    links = [
        attributes[name] for _, attributes in page.elements for name in ("src", "srcset", "href") if name in attributes
    ]

    assert not tags & {"script", "iframe", "object", "embed", "form", "b-evil"}
    assert not [name for name in named if name == "style" or name.startswith("on")]
    assert all(link.startswith(("data:", "#")) for link in links)
    assert not [link for link in page.all("a") if not link["href"].startswith("#")]


def test_policy_allows_the_style_sheet_only(english: Path) -> None:
    page = Page(english)
    styles = re.search(r"<style>(.*?)</style>", page.source, re.DOTALL)
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]

    assert styles is not None
    digest = base64.b64encode(hashlib.sha256(styles.group(1).encode()).digest()).decode()
    assert policies == [POLICY.format(digest)]


@pytest.mark.parametrize("variant", ["english", "indonesian", "hostile"])
def test_pictures_say_in_words_what_they_show(variant: str, request: pytest.FixtureRequest) -> None:
    page = Page(request.getfixturevalue(variant))

    assert page.all("img")
    for image in page.all("img"):
        assert len(image["alt"]) > 30
        assert image["src"].startswith("data:image/svg+xml;base64,")
    for svg in page.drawings:
        assert words(svg)


@pytest.mark.parametrize("variant", ["english", "indonesian"])
def test_the_page_shows_no_title_twice(variant: str, request: pytest.FixtureRequest) -> None:
    """PNGs have their titles in them; the drawings of the page do not."""
    page = Page(request.getfixturevalue(variant))
    figures = re.findall(r'<figure class="chart.*?</figure>', page.source, re.DOTALL)

    assert len(figures) > 25
    for figure in figures:
        title = html.unescape(re.search(r"<h3><bdi>(.*?)</bdi></h3>", figure)[1])  # type: ignore[index]
        for uri in re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", figure):
            assert title not in " ".join(words(base64.b64decode(uri).decode("utf-8")))


def test_links_within_the_page_lead_somewhere(english: Path) -> None:
    page = Page(english)
    targets = {attributes["id"] for _, attributes in page.elements if "id" in attributes}

    assert {link["href"][1:] for link in page.all("a")} <= targets


def test_unknown_revenue_is_said_and_not_nought(tmp_path: Path) -> None:
    data = make_report_data(overview=make_overview(revenue=False), run=make_run(currency="BRL"))
    page = sketch(data, tmp_path, "en", "overview", "trade", "buyers_value", "sellers_value")

    assert "Platform revenue not published" not in page.text
    assert "Platform revenue: not in the files." in page.text
    assert "R$ 27,540,670,420,148.00" in page.text
    assert "Platform revenue R$ 0" not in page.text
    assert not any("Platform revenue" in words(svg) for svg in page.drawings)


OUTLETS = Side.model_validate({"one": {"en": "outlet", "id": "gerai"}, "many": {"en": "outlets", "id": "gerai"}})


@pytest.mark.parametrize(
    ("lang", "foreign", "own"),
    [
        ("en", r"(?i)buyers?\b|sellers?\b|marketplace|platform|gmv", ("Who are our outlets?", "Top 1% of customers", "Share of sales")),
        ("id", r"(?i)\bpembeli|\bpenjual\b|marketplace|platform|gmv", ("Siapa gerai kita?", "pelanggan teratas", "Porsi penjualan")),
    ],
)  # fmt: skip
def test_a_shop_is_spoken_of_in_its_own_words(tmp_path: Path, lang: Lang, foreign: str, own: tuple[str, ...]) -> None:
    entities = {}
    for name, published in (("buyers", BUYERS), ("sellers", SELLERS)):
        untold = dict.fromkeys(("segment_name", "insight", "recommendation", "strategy"))
        entities[name] = make_entity(published, "tiers", profiles=make_profiles(published).assign(**untold))
    business = Business(wording=WORDINGS["shop"].of({"sellers": OUTLETS}))
    rules = load_marketplace(None, "shop")
    data = make_report_data(business=business, entities=entities, suggestions=rules)
    page = Page(Path(write_report(data, str(tmp_path), lang)))

    drawn = [text for svg in page.drawings for text in words(svg)]
    said = " ".join([page.text, *(image["alt"] for image in page.all("img")), *drawn])
    assert re.findall(foreign, said) == []
    for text in own:
        assert text in said


def test_what_is_absent_leaves_no_gap(tmp_path: Path) -> None:
    nothing = pd.DataFrame()
    empty = pd.DataFrame(columns=["dimension", "value", "orders", "gmv", "revenue", "gmv_share", "revenue_share"])
    data = make_report_data(overview=empty, entities={}, ledger=nothing, quarantine=nothing, run=make_run(as_of=None))

    page = Page(Path(write_report(data, str(tmp_path), "en")))

    assert "This run published no overview." in page.text
    assert "Sellers" not in page.text
    assert page.all("img") == []


def test_one_group_of_everyone_reads_as_what_it_is(tmp_path: Path) -> None:
    everyone = make_profiles(BUYERS).iloc[:2].assign(gmv_share=[0.0, 1.0], segment_name=None)
    sweep = make_sweep(chosen=None).assign(admitted=False, reason="no better than chance")
    buyers = make_entity(BUYERS, "none", profiles=everyone, sweep=sweep)
    sellers = make_entity(SELLERS, None)

    page = sketch(make_report_data(entities={"buyers": buyers, "sellers": sellers}), tmp_path, "en")

    assert "The buyers are shown as one group: no segmentation was asked for, or none held up." in page.text
    assert "Segment 1" in page.text
    assert "no better than chance" in page.text
    assert "was not judged in this run" in page.text


def test_an_earlier_report_makes_way(tmp_path: Path) -> None:
    sketch(make_report_data(), tmp_path, "en", "buyers_value", "buyers_lift")
    assert len(list((tmp_path / "charts").glob("buyers_*"))) == 2
    sketch(make_report_data(entities={}), tmp_path, "en")

    assert not list((tmp_path / "charts").glob("buyers_*"))
    assert "High-Spending Regulars" not in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_works_from_a_zip(tmp_path: Path) -> None:
    root = Path(segmentation.__file__).parents[1]
    archive = tmp_path / "segmentation.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for folder in ("segmentation", "tests/unit/reporting"):
            for file in (root / folder).rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    packed.write(file, file.relative_to(root))
        segments = root / "conf" / "segments"
        for file in segments.rglob("*.yml"):  # as setup.py does
            packed.write(file, f"segmentation/story/segments/{file.relative_to(segments)}")
        for package in ("tests", "tests/unit"):
            packed.write(root / package / "__init__.py", f"{package}/__init__.py")
    out = str(tmp_path / "out")
    script = (
        "import segmentation; from segmentation.reporting import write_report; "
        "from tests.unit.reporting.fixtures import make_report_data; "
        "from segmentation.story.marketplace import load_marketplace; "
        "assert load_marketplace(None, 'shop').low_yield is None; "
        f"assert '.zip' in segmentation.__file__; write_report(make_report_data(entities={{}}), {out!r}, 'id')"
    )

    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, env={"PYTHONPATH": str(archive)})

    assert (tmp_path / "out" / "report.html").stat().st_size > 100_000


@pytest.mark.full
def test_drawing_costs_little(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    names = ["count_orders", "avg_order_value", "unique_buyers", "voucher_orders", "recency_days"]
    segments = np.repeat([1, 2, 3], SHOWN // 3)
    values = pd.DataFrame({name: rng.lognormal(segments, 1.0) for name in names})
    shape = replace(make_shape(names), values=values, segments=segments, components=rng.normal(size=(len(segments), 2)))
    many = {"shape": shape, "bins": make_bins(names), "used": tuple(names)}
    entities = {"buyers": make_entity(BUYERS, "natural", **many), "sellers": make_entity(SELLERS, "tiers", **many)}

    started = time.process_time()
    page = Path(write_report(make_report_data(entities=entities), str(tmp_path), "en"))
    seconds = time.process_time() - started

    print(f"report drawn in {seconds:.1f} s of processor time, {page.stat().st_size / 1e6:.1f} MB")
    assert seconds < 15
    assert page.stat().st_size < 12_000_000
