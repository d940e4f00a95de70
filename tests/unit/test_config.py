"""Configs: what is right is frozen, what is wrong is one sentence with file, key, found and expected."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from segmentation.config import RecordedConfig, as_json, load_config
from segmentation.errors import InputError
from segmentation.ingest.quality_rules import Standards
from segmentation.stages.archetypes import archetypes_of

SOURCE = """
name: shop
raw:
  sold: {glob: sold.csv, columns: {id: string}}
tables:
  orders: {counted_on: sold, select: 'SELECT _row, id AS order_id, shop AS seller_id FROM sold'}
"""
CONFIG = "source: shop.yml\ninput: in\nlake: lake\noutput: out\n"
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    (tmp_path / "shop.yml").write_text(SOURCE)
    (tmp_path / "config.yml").write_text(CONFIG)
    return tmp_path


def _load(conf: Path, **overrides: object) -> object:
    return load_config(str(conf / "config.yml"), overrides)


def test_options_win_and_what_was_not_given_does_not(conf: Path) -> None:
    config = load_config(
        str(conf / "config.yml"),
        {"lake": "main.gold", "input": None, "as_of": date(2024, 1, 31), "entities": ("sellers",)},
    )
    assert (config.lake, config.input, config.as_of, config.entities) == (
        "main.gold",
        "in",
        date(2024, 1, 31),
        ("sellers",),
    )


def test_a_config_is_frozen(conf: Path) -> None:
    with pytest.raises(ValidationError):
        load_config(str(conf / "config.yml")).lake = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lakee: x", r"config\.yml: lakee: found an unknown key, did you mean lake\?"),
        (
            "plans: {buyers: {features: {f: {}}, sweep: {k_max: ten}}}",
            r"plans\.buyers\.sweep\.k_max: found 'ten', expected",
        ),
        (
            "plans: {buyers: {features: {f: {}}, sweep: {k_maxx: 3}}}",
            r"k_maxx: found an unknown key, did you mean k_max\?",
        ),
        ("plans: {buyers: {features: {f: {}}, sweep: {k_min: 9, k_max: 3}}}", "k_max is 3, expected at least k_min"),
        ("quality: {max_quarantine_share: 5}", r"quality\.max_quarantine_share: found 5, expected .*1"),
        ("lang: fr", "lang: found 'fr', expected 'en' or 'id'"),
        ("stages: []", r"stages: found none, expected at least one$"),
        ("quality: {first_year: 2030, last_year: 2020}", "found 2030 as the first year and 2020 as the last"),
        ("plans: {buyers: {features: {buyer_id: {}}}}", "found 'buyer_id', which is an id; expected a number"),
        ("plans: {buyers: {features: {as_of: {}}}}", "found 'as_of', which is a day; expected a number"),
        ("plans: {buyers: {features: {first_order_at: {}}}}", "found 'first_order_at', which is a day"),
        ("spark: {spark.sql.ansi.enabled: false}", "spark: found spark.sql.ansi.enabled, which every job sets to true"),
        ("spark: {spark.sql.session.timeZone: UTC}", "expected the zone as time_zone in the source file"),
        ("lake: twice", "found the key 'lake' twice"),
        ("a: [", r"config\.yml line \d+: .*expected YAML"),
    ],
)
def test_a_mistake_is_one_sentence(conf: Path, line: str, said: str) -> None:
    (conf / "config.yml").write_text(CONFIG + line + "\n")
    with pytest.raises(InputError, match=said) as error:
        _load(conf)
    assert error.value.exit_status == 2
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("counted_on: sold", "counted_on: bought", r"tables\.orders\.counted_on: found 'bought', expected one of sold"),
        ("id: string", "id: text", r"raw\.sold\.columns\.id\.type: found 'text', expected string"),
        ("glob: sold.csv", "glob: sold.csv, pattern: x", "found glob and pattern, expected exactly one"),
        ("name: shop", "name: shop\ntime_zone: Mars/Base", "time_zone: found 'Mars/Base', expected a time zone"),
        ("name: shop", "name: shop\nstatuses: {done: [x]}", "statuses: found 'done', expected one of completed"),
        ("name: shop", "name: shop\nsales: [unpaid]", "sales: found 'unpaid', which is never a sale"),
        ("name: shop", "name: shop\nsales: []", "sales: found none, expected at least one$"),
        ("orders:", "invoices:", "tables: found 'invoices', expected one of orders"),
        ("  sold:", "  orders:", "raw: found 'orders', expected a name that is not one of"),
    ],
)
def test_a_mistake_in_a_source_names_its_file(conf: Path, old: str, new: str, said: str) -> None:
    (conf / "shop.yml").write_text(SOURCE.replace(old, new, 1))
    with pytest.raises(InputError, match=said) as error:
        _load(conf)
    assert str(error.value).startswith(str(conf / "shop.yml"))


def test_a_missing_file_is_named(conf: Path) -> None:
    with pytest.raises(InputError, match=r"nosuch\.yml: found no such file"):
        _load(conf, source=str(conf / "nosuch.yml"))


CONFIGS = [path.name for path in sorted((REPOSITORY / "conf").glob("*.yml"))]
SOURCES = [path.name for path in sorted((REPOSITORY / "conf" / "sources").glob("*.yml"))]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("source", SOURCES)
def test_the_configs_that_come_with_it_are_right(config: str, source: str) -> None:
    conf = REPOSITORY / "conf"
    loaded = load_config(str(conf / config), {"source": str(conf / "sources" / source)})
    assert loaded.source.name == source.removesuffix(".yml")
    assert all(loaded.plan(name).features for name in loaded.entities)
    assert list(archetypes_of(loaded)) == list(loaded.entities)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("when: {count_orders: highest}", "when: {cout_orders: highest}", "'cout_orders', expected count_orders"),
        (
            "when: {total_revenue: low}",
            "when: {sale_price: low}",
            "'sale_price', expected a feature, or an attribute of",
        ),
    ],
)
def test_a_condition_on_a_feature_that_there_is_not_is_refused(conf: Path, old: str, new: str, said: str) -> None:
    (conf / "config.yml").write_text(CONFIG + "archetypes: {buyers: own.yml}\n")
    right = """
archetypes:
  - name: {en: Fans, id: Penggemar}
    when: {count_orders: highest}
    insight:
      - {en: "They are {share}.", id: "Mereka {share}.", when: {total_revenue: low}}
    recommendation: {en: "Write to {share}.", id: "Hubungi {share}."}
"""
    (conf / "own.yml").write_text(right)
    assert [one.name.en for one in archetypes_of(load_config(str(conf / "config.yml")))["buyers"].archetypes] == [
        "Fans"
    ]
    (conf / "own.yml").write_text(right.replace(old, new))
    with pytest.raises(InputError, match=rf"own\.yml: archetype 'Fans': when: found the feature {said}"):
        archetypes_of(load_config(str(conf / "config.yml")))


def test_a_feature_that_does_not_exist_is_refused_before_anything_is_read(conf: Path) -> None:
    with pytest.raises(InputError, match=r"plans\.buyers\.features: found 'cout_orders', expected count_orders"):
        _load(conf, plans={"buyers": {"features": {"cout_orders": {}}}})


def test_an_entity_named_twice_is_one(conf: Path) -> None:
    assert _load(conf, entities=("buyers", "buyers")).entities == ("buyers",)


def test_rules_can_be_switched_by_name(tmp_path: Path) -> None:
    text = (REPOSITORY / "conf" / "local.yml").read_text()
    text = text.replace("sources/padi.yml", str(REPOSITORY / "conf" / "sources" / "padi.yml"))
    path = tmp_path / "config.yml"
    path.write_text(text.replace("quality:", "quality:\n  rules: {negative_value: warn, tax_arithmetic: off}"))
    assert load_config(str(path)).quality.rules == {"negative_value": "warn", "tax_arithmetic": "off"}
    path.write_text(text.replace("quality:", "quality:\n  rules: {negative_valu: warn}"))
    with pytest.raises(InputError, match=r"quality.rules: found 'negative_valu', expected negative_value"):
        load_config(str(path))
    path.write_text(text.replace("quality:", "quality:\n  rules: {missing_key: off}"))
    with pytest.raises(InputError, match="found 'missing_key', expected"):
        load_config(str(path))
    path.write_text(text.replace("quality:", "quality:\n  rules: {order_against_lines: quarantine}"))
    with pytest.raises(InputError, match="order_against_lines: found quarantine, expected warn or off"):
        load_config(str(path))


@pytest.mark.parametrize("name", ["cluster", "databricks", "classes"])
def test_orders_are_judged_alike_wherever_a_job_runs(name: str) -> None:
    conf = Path(__file__).parents[2] / "conf"
    assert load_config(str(conf / f"{name}.yml")).quality == load_config(str(conf / "local.yml")).quality


def test_the_years_of_orders_are_the_sources_unless_the_config_says_others(tmp_path: Path) -> None:
    conf = Path(__file__).parents[2] / "conf"
    config = load_config(str(conf / "local.yml"))
    day = date(2024, 5, 1)
    assert config.standards(day) == Standards(2000, None, {}, day)  # an order of 2049 would move every recency
    assert config.years_are_in == "the export, or first_year or last_year in the source file"
    text = (conf / "local.yml").read_text().replace("sources/padi.yml", str(conf / "sources" / "padi.yml"))
    (tmp_path / "config.yml").write_text(text.replace("quality:", "quality:\n  first_year: 1990"))
    config = load_config(str(tmp_path / "config.yml"))
    assert config.standards(day) == Standards(1990, None, {}, day)
    assert "quality.first_year" in config.years_are_in


def test_a_recorded_config_is_read_back_whatever_release_wrote_it(conf: Path) -> None:
    config = load_config(str(conf / "config.yml"), {"lang": "id", "keep": "30d"})
    told = RecordedConfig.from_json(as_json(config))
    assert (told.lang, told.keep, told.resolved()) == ("id", "30d", config)
    assert told.has_source_of(load_config(str(conf / "config.yml")))
    (conf / "shop.yml").write_text(SOURCE + "currency: USD\n")
    assert not told.has_source_of(load_config(str(conf / "config.yml")))
    earlier = RecordedConfig.from_json("{}")
    assert (earlier.lang, earlier.keep, earlier.source) == (None, None, None)


def test_where_to_raise_the_share_of_refused_rows_is_where_it_stands(conf: Path) -> None:
    assert load_config(str(conf / "config.yml")).share_is_in == "quality.max_quarantine_share in the config"
    (conf / "shop.yml").write_text(SOURCE + "max_quarantine_share: 0.4\n")
    assert load_config(str(conf / "config.yml")).share_is_in == "max_quarantine_share in the source file"


@pytest.mark.parametrize("written", ["as_of: 2024-02-30", "lang: \x01"])
def test_what_yaml_itself_refuses_is_a_sentence(tmp_path: Path, written: str) -> None:
    (tmp_path / "config.yml").write_text(written)
    with pytest.raises(InputError, match="config.yml: found what is no YAML"):
        load_config(str(tmp_path / "config.yml"))
