"""How features and confidence spread within segments, counted by hand."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from segmentation.clustering.scales import fit_scale
from segmentation.plans import Feature
from segmentation.reporting.spread import BINS, bins, confidence, counted, dependence, places

SCHEMA = (
    "seller_id string, segment int, confidence double, province string, x double, total_gmv decimal(28,2), "
    "top_buyer_share double"
)


def people(spark: SparkSession, *rows: tuple) -> DataFrame:
    return spark.createDataFrame(list(rows), SCHEMA)


def test_nothing_has_a_bin_of_its_own_beside_millions(spark: SparkSession) -> None:
    money = np.concatenate([np.zeros(60), np.random.default_rng(4).lognormal(12, 1, 60)])
    scale = fit_scale("x", money, Feature(transform="log1p"), "standard", 0.0)
    frame = people(spark, *[("s", 1, None, None, float(value), None, None) for value in money])
    found = bins(counted(frame, [scale]), [scale])

    first = found[found["bin"] == 0].iloc[0]
    assert (first["low"], first["entities"]) == (0.0, 60)
    assert (found["high"] > found["low"]).all()


def test_bins_hold_everyone_known_on_the_scale_of_the_segments(spark: SparkSession) -> None:
    x = np.random.default_rng(4).lognormal(3, 1, 200)
    scale = fit_scale("x", x, Feature(transform="log1p"), "standard", 0.0)
    rows = [("s", 1 + at % 2, None, None, float(value), None, None) for at, value in enumerate(x)]
    frame = people(spark, *rows, ("s", 0, None, None, 5.0, None, None), ("s", 1, None, None, None, None, None))

    found = bins(counted(frame, [scale]), [scale])

    assert len(found) == 2 * BINS
    assert found.groupby("segment")["entities"].sum().to_dict() == {1: 100, 2: 100}
    edges = np.append(found["low"][:BINS], found["high"][BINS - 1])
    assert np.log1p(edges) == pytest.approx(np.linspace(np.log1p(x.min()), np.log1p(x.max()), BINS + 1), abs=1e-4)
    odd = found[found["segment"] == 2]
    assert list(odd["entities"]) == list(np.histogram(x[1::2], edges)[0])


def test_confidence_by_tenths(spark: SparkSession) -> None:
    frame = people(spark, *[("s", segment, sure, None, None, None, None) for segment, sure in (
        (1, 0.0), (1, 0.09), (1, 0.1), (1, 1.0), (2, 0.95), (2, None), (0, None))])  # fmt: skip

    assert confidence(counted(frame, [])).to_numpy().tolist() == [[1, 0, 2], [1, 1, 1], [1, 9, 1], [2, 9, 1]]


def test_places_are_the_most_frequent_and_unknown_is_one(spark: SparkSession) -> None:
    counts = {"Bali": 3, None: 3, "Aceh": 2, "Riau": 1, "Papua": 1, "Banten": 1, "Jambi": 1}
    frame = people(spark, *[("s", 1, None, name, None, None, None) for name, n in counts.items() for _ in range(n)])

    found = places(counted(frame, []))

    assert list(found["province"].where(found["province"].notna(), None)) == ["Bali", None, "Aceh", "Banten", "Jambi"]
    assert list(found["share"]) == pytest.approx([3 / 12, 3 / 12, 2 / 12, 1 / 12, 1 / 12])


def test_dependence_on_one_buyer(spark: SparkSession) -> None:
    frame = people(
        spark,
        ("a", 1, None, None, None, Decimal(30), 0.5),
        ("b", 1, None, None, None, Decimal(10), 0.49),
        ("c", 2, None, None, None, Decimal(0), None),
        ("d", 0, None, None, None, Decimal(0), 1.0),
    )

    found = dependence(frame, 0.5)

    shares = [0.375, 0.0]  # half of the 30 of a, of 40
    expected = pd.DataFrame({"segment": [1, 2], "entities": [2, 1], "dependent": [1, 0], "gmv_dependent": shares})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert dependence(frame.drop("top_buyer_share"), 0.5).empty
