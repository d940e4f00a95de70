"""Who is in each segment: shares counted by hand and by DuckDB, tests held to SciPy's on the entities themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from scipy import stats

from segmentation.entities import BUYERS
from segmentation.profiles.attributes import Attribute, attribute_rows, attributes_of, counts, speak
from segmentation.schemas import BUYER_ATTRIBUTES
from segmentation.source import Source

COLUMNS = [name for name in BUYER_ATTRIBUTES.names if name not in ("run_id", "as_of")]


def told(spark: SparkSession, people: pd.DataFrame, attributes: Sequence[Attribute], schema: str) -> pd.DataFrame:
    """The table of people with segment and attributes; None for what is unknown."""
    rows = people.astype(object).where(people.notna(), None)
    frame = spark.createDataFrame(
        [(f"b{n}", *row) for n, row in enumerate(rows.itertuples(index=False, name=None))], f"buyer_id string, {schema}"
    )
    found = counts(frame.drop("segment"), frame.select("buyer_id", "segment"), BUYERS, attributes).collect()
    return pd.DataFrame(attribute_rows([row.asDict() for row in found], attributes), columns=COLUMNS)


def people_of(values: Mapping[int, Mapping[Any, int]], name: str = "home") -> pd.DataFrame:
    """People by segment, value and how many; None is unknown."""
    rows = [(segment, value) for segment, own in values.items() for value, count in own.items() for _ in range(count)]
    return pd.DataFrame(rows, columns=["segment", name])


def of_segment(table: pd.DataFrame, segment: int | None, column: str) -> dict[str, Any]:
    """A column by value, of one segment; None: all with a sale."""
    which = table["segment"].isna() if segment is None else table["segment"] == segment
    return dict(zip(table[which]["value"], table[which][column], strict=True))


def homes(spark: SparkSession, values: Mapping[int, Mapping[Any, int]]) -> pd.DataFrame:
    return told(spark, people_of(values), [Attribute("home")], "segment int, home string")


def test_shares_are_of_the_known_and_of_all_with_a_sale(spark: SparkSession) -> None:
    found = homes(spark, {1: {"own": 3, "rent": 1, None: 6}, 2: {"own": 2, "rent": 4}, 0: {"rent": 5, None: 1}})
    assert [of_segment(found, s, "size")["own"] for s in (None, 1, 2, 0)] == [16, 10, 6, 6]
    assert [of_segment(found, s, "known")["own"] for s in (None, 1, 2, 0)] == [10, 4, 6, 5]
    assert [of_segment(found, s, "entities") for s in (None, 1, 2, 0)] == [
        {"own": 5, "rent": 5}, {"own": 3, "rent": 1}, {"own": 2, "rent": 4}, {"own": 0, "rent": 5},
    ]  # fmt: skip
    assert of_segment(found, 1, "share") == {"own": 0.75, "rent": 0.25}
    assert of_segment(found, 1, "share_all") == {"own": 0.5, "rent": 0.5}
    assert of_segment(found, 1, "lift") == {"own": 1.5, "rent": 0.5}
    assert of_segment(found, 0, "lift") == {"own": 0.0, "rent": 2.0}
    assert found["value"].notna().all()


def test_blank_and_unknown_are_no_values(spark: SparkSession) -> None:
    found = homes(spark, {1: {"own": 2, " own ": 1, "": 3, "  ": 1, None: 2}})
    assert of_segment(found, 1, "entities") == {"own": 3}
    assert of_segment(found, 1, "size") == {"own": 9}


def test_nobody_known_in_a_segment_is_no_share_of_nought(spark: SparkSession) -> None:
    found = homes(spark, {1: {"own": 2}, 2: {None: 2}})
    assert np.isnan(of_segment(found, 2, "share")["own"])
    assert homes(spark, {1: {None: 4}}).empty


def test_the_commonest_values_one_by_one_and_the_rest_as_others(spark: SparkSession) -> None:
    values: dict[Any, int] = {f"v{n:02}": 30 - n for n in range(15)}
    found = homes(spark, {1: values, 2: {"others": 50, None: 3}})
    assert list(found[found["segment"] == 1]["value"]) == ["others", *(f"v{n:02}" for n in range(11)), "others"]
    own, rest = (
        found[(found["segment"] == 2) & (found["value"] == "others")].sort_values("rest")[["rest", "entities"]].values
    )
    assert (list(own), list(rest)) == [[False, 50], [True, 0]] or (tuple(own), tuple(rest)) == ((False, 50), (True, 0))
    rest_of_1 = found[(found["segment"] == 1) & found["rest"]].iloc[0]
    assert rest_of_1["entities"] == 19 + 18 + 17 + 16  # v11 to v14
    assert found[found["segment"] == 1]["entities"].sum() == sum(values.values())


def test_ids_are_not_told_one_by_one(spark: SparkSession) -> None:
    found = homes(spark, {1: {f"mail{n}@shop": 1 for n in range(200)}, 2: {f"m{n}@shop": 1 for n in range(200)}})
    assert set(found["value"]) == {"others"} and found["rest"].all()
    assert not found["differs"].any()


def test_cities_are_told_where_they_are_few(spark: SparkSession) -> None:
    def cities(count: int) -> pd.DataFrame:
        people = people_of({1: {f"city {n}": 2 for n in range(count)}}, "city")
        return told(spark, people, [Attribute("city")], "segment int, city string")

    assert len(cities(12)) == 2 * 12
    assert cities(13).empty


def test_bands_come_in_their_order_and_booleans_as_texts(spark: SparkSession) -> None:
    people = pd.DataFrame(
        {"segment": 1, "band": ["mid"] * 3 + ["low"] * 2 + ["high"], "coach": [True] * 4 + [False, None]}
    )
    attributes = [Attribute("band", order=("low", "mid", "high")), Attribute("coach")]
    found = told(spark, people, attributes, "segment int, band string, coach boolean")
    own = found[found["segment"] == 1]
    assert list(zip(own["attribute"], own["value"], own["place"], own["entities"], strict=True)) == [
        ("band", "low", 1, 2), ("band", "mid", 2, 3), ("band", "high", 3, 1), ("coach", "true", 1, 4), ("coach", "false", 2, 1),
    ]  # fmt: skip


def test_a_number_is_told_by_quarters_of_all_that_never_part_equals(spark: SparkSession) -> None:
    values = {1: [1, 1, 1, 2, 3, 4], 2: [5, 6, 7, 8.5, float("nan"), None], 0: [0.5, 99]}
    people = pd.DataFrame([(s, v) for s, own in values.items() for v in own], columns=["segment", "fee"])
    found = told(spark, people, [Attribute("fee", is_number=True)], "segment int, fee double")
    # Ten with a sale are known: a value's quarter is that in which the count of lesser ones lies.
    assert of_segment(found, None, "entities") == {"0.5 – 1": 3, "2 – 3": 2, "4 – 6": 3, "7 – 99": 2}
    assert of_segment(found, 1, "entities") == {"0.5 – 1": 3, "2 – 3": 2, "4 – 6": 1, "7 – 99": 0}
    assert of_segment(found, 0, "entities") == {"0.5 – 1": 1, "2 – 3": 0, "4 – 6": 0, "7 – 99": 1}
    assert of_segment(found, 2, "known")["4 – 6"] == 4 and of_segment(found, 2, "size")["4 – 6"] == 6
    assert of_segment(found, None, "low")["4 – 6"] == 4 and of_segment(found, None, "high")["4 – 6"] == 6


def _planted(random: np.random.Generator, size: int = 900) -> pd.DataFrame:
    """Three segments; home goes with them, income and visits do not, and answers are missing by segment."""
    segment = random.choice([1, 2, 3], size, p=[0.2, 0.5, 0.3])
    owners = np.array([0.75, 0.45, 0.4])[segment - 1]
    people = pd.DataFrame(
        {
            "segment": segment,
            "home": np.where(random.random(size) < owners, "own", random.choice(["rent", "parents"], size)),
            "income": random.choice(["low", "mid", "high"], size, p=[0.5, 0.3, 0.2]),
            "visits": random.poisson(4, size).astype(float),
            "fee": random.normal(20 + 3 * segment, 6).round(1),
        }
    )
    missing = random.random((size, 4)) < np.array([0.1, 0.6, 0.4])[segment - 1, None]
    for at, name in enumerate(("home", "income", "visits", "fee")):
        people.loc[missing[:, at], name] = None
    return people


SCHEMA = "segment int, home string, income string, visits double, fee double"
FOUR = [Attribute("home", made=True), Attribute("income"), Attribute("visits", True), Attribute("fee", True)]


def test_counts_are_duckdbs_and_tests_are_scipys(spark: SparkSession) -> None:
    people = _planted(np.random.default_rng(5))
    found = told(spark, people, FOUR, SCHEMA)

    counted = duckdb.sql(
        "SELECT *, sum(entities) OVER (PARTITION BY segment) AS known FROM "
        "(SELECT segment, home AS value, count(*) AS entities FROM people WHERE home IS NOT NULL GROUP BY ALL)"
    ).df()
    ours = found[(found["attribute"] == "home") & found["segment"].notna()]
    both = ours.merge(counted, on=["segment", "value"], suffixes=("", "_duckdb"))
    assert len(both) == len(ours) == 9
    assert (both["entities"] == both["entities_duckdb"]).all() and (both["known"] == both["known_duckdb"]).all()

    verdicts = found.drop_duplicates("attribute").set_index("attribute")
    for name in ("home", "income"):
        expected = stats.chi2_contingency(pd.crosstab(people[name], people["segment"]))
        assert verdicts.loc[name, "p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    for name in ("visits", "fee"):
        expected = stats.kruskal(*(own.dropna() for _, own in people.groupby("segment")[name]))
        assert verdicts.loc[name, "p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert verdicts["differs"].to_dict() == {"home": True, "income": False, "visits": False, "fee": True}
    assert verdicts["made_segments"].to_dict() == {"home": True, "income": False, "visits": False, "fee": False}
    assert (verdicts["p_adjusted"] >= verdicts["p_value"]).all()
    assert verdicts["p_adjusted"].min() == pytest.approx(4 * verdicts["p_value"].min())  # Holm: of four tests
    assert set(verdicts["test"]) == {"chi2", "kruskal"}


def test_that_more_are_unknown_is_no_difference(spark: SparkSession) -> None:
    # Of segment 1 nearly all are known, of segment 2 one in four; among the known the homes are the same.
    found = homes(spark, {1: {"own": 300, "rent": 200, None: 20}, 2: {"own": 150, "rent": 100, None: 750}})
    assert found["p_value"].iloc[0] == pytest.approx(1)
    assert not found["differs"].any()


def test_a_few_do_not_speak_for_a_segment(spark: SparkSession) -> None:
    few = {1: {"own": 400, "rent": 400}, 2: {"own": 29, None: 1}}
    assert homes(spark, few)["test"].isna().all(), "fewer than 30"
    assert homes(spark, {**few, 2: {"own": 40, None: 361}})["test"].isna().all(), "fewer than one in ten"
    assert homes(spark, {**few, 2: {"own": 40, None: 360}})["differs"].all()
    assert (speak(30, 300), speak(29, 29), speak(30, 301)) == (True, False, False)


def test_those_without_a_sale_and_those_too_few_are_not_tested(spark: SparkSession) -> None:
    rented = {0: {"rent": 500}, 3: {"rent": 20}}
    with_them = homes(spark, {1: {"own": 60, "rent": 50}, 2: {"own": 45, "rent": 60}, **rented})
    without = homes(spark, {1: {"own": 60, "rent": 50}, 2: {"own": 45, "rent": 60}})
    assert with_them["p_value"].iloc[0] == without["p_value"].iloc[0]


def test_the_ranks_of_those_too_few_are_not_counted(spark: SparkSession) -> None:
    random = np.random.default_rng(7)
    segments = {1: random.normal(0, 1, 50).round(1), 2: random.normal(0.4, 1, 60).round(1), 3: np.full(9, 9.0)}
    people = pd.DataFrame([(s, float(v)) for s, own in segments.items() for v in own], columns=["segment", "fee"])
    found = told(spark, people, [Attribute("fee", is_number=True)], "segment int, fee double")
    assert found["p_value"].iloc[0] == pytest.approx(stats.kruskal(segments[1], segments[2]).pvalue, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_twenty_attributes_that_are_dice_none_differs(spark: SparkSession, seed: int) -> None:
    random = np.random.default_rng(seed)
    names = [f"a{n}" for n in range(20)]
    people = pd.DataFrame({"segment": random.choice([1, 2, 3, 4], 400)})
    for at, name in enumerate(names):
        people[name] = random.choice([f"v{n}" for n in range(2 + at % 6)], 400)
        people.loc[random.random(400) < 0.03 * at, name] = None
    schema = ", ".join(["segment int", *(f"{name} string" for name in names)])
    verdicts = told(spark, people, [Attribute(name) for name in names], schema).drop_duplicates("attribute")
    assert verdicts["test"].notna().all() and len(verdicts) == 20
    assert verdicts["p_value"].min() < 0.3  # without a correction one in twenty would come near
    assert not verdicts["differs"].any()


def _source(**keys: object) -> Source:
    users = {"counted_on": "who", "select": "SELECT _row, id AS user_id, age, city, province, 1 FROM who"}
    raw = {"who": {"glob": "who*.csv", "columns": {"id": "string"}}}
    return Source.model_validate({"name": "gym", "raw": raw, "tables": {"users": users}, **keys})


def test_which_attributes_there_are_and_which_made_the_segments() -> None:
    source = _source(
        attributes={
            "fee": "decimal", "visits": "integer", "plan": "string", "coach": "boolean", "joined": "date", "job": "string",
        },
        bands={"fee_band": {"of": "fee", "edges": [10], "labels": ["to 10", "over 10"]}},
        groups={"region": {"of": ["city", "province"], "values": {"West": ["Bogor"]}}},
    )  # fmt: skip
    columns = [
        "buyer_id",
        "age",
        "province",
        "city",
        "top_category",
        "total_gmv",
        *(column.name for column in source.own_columns),
    ]

    def made(used: Iterable[str]) -> dict[str, bool]:
        return {attribute.name: attribute.made for attribute in attributes_of(source, columns, set(used))}

    assert list(made([])) == [
        "age", "province", "city", "top_category", "visits", "plan", "coach", "job", "fee_band", "region",
    ]  # fmt: skip
    assert {name for name, is_made in made(["total_gmv", "plan", "fee"]).items() if is_made} == {"plan", "fee_band"}
    assert {name for name, is_made in made(["region"]).items() if is_made} == {"region", "province", "city"}
    numbers = {attribute.name for attribute in attributes_of(source, columns, ()) if attribute.is_number}
    assert numbers == {"age", "visits"}
    assert attributes_of(source, ["seller_id", "province"], ()) == [Attribute("province")]
