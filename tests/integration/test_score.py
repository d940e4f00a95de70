"""A published model puts everyone where the run that made it did, without a search."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from segmentation.entities import BUYERS
from segmentation.errors import InputError
from segmentation.lake.tables import Lake
from segmentation.schemas import BUYER_FEATURES
from segmentation.stages.models import check_features
from tests.support.lakes import in_order, run_job, table_of
from tests.unit.clustering.test_fitted_model import FITTED
from tests.unit.reporting.pages import sketched

SCORED = [f"{side}_{name}" for side in ("buyer", "seller") for name in ("segments", "profiles", "moves", "attributes")]


@pytest.fixture
def copy(lake: Path, tmp_path: Path) -> Path:
    shutil.copytree(lake, tmp_path / "lake")
    return tmp_path


@pytest.mark.slow
def test_the_same_features_are_put_where_they_were(spark: SparkSession, copy: Path, sample: Path) -> None:
    before = {name: table_of(copy / "lake", name) for name in (*SCORED, "trade", "models", "buyer_sweep")}
    with sketched():
        run_job(spark, copy, input=str(sample), stages=("segment", "report"), refit="never")
    for name in (*SCORED, "trade"):
        pd.testing.assert_frame_equal(in_order(table_of(copy / "lake", name)), in_order(before[name]), obj=name)
    pd.testing.assert_frame_equal(table_of(copy / "lake", "buyer_sweep"), before["buyer_sweep"])
    run, made_by = table_of(copy / "lake", "buyer_segments")["run_id"].iloc[0], before["models"]["run_id"].iloc[0]
    models = table_of(copy / "lake", "models")
    assert list(models[models["run_id"] == run]["fitted_by"]) == [made_by, made_by]
    assert list(models[models["run_id"] == run]["checksum"]) == list(before["models"]["checksum"])
    assert (copy / "report" / "report.html").is_file()


@pytest.mark.slow
def test_a_model_that_there_is_not_is_one_sentence(spark: SparkSession, copy: Path, sample: Path) -> None:
    with pytest.raises(
        InputError, match=r"found no model of \w+ of run 'nosuch', expected one such as \d{8}T.*set --model"
    ):
        run_job(spark, copy, input=str(sample), stages=("segment",), refit="never", model="nosuch")


def test_a_model_of_a_feature_that_is_gone_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    lake = Lake(spark, str(tmp_path))
    with pytest.raises(
        InputError, match=r"buyer_features: found no column 'kind', by which the model of run r0 segments buyers"
    ):
        check_features(FITTED, ["buyer_id", "count_orders"], BUYERS, lake)
    assert "count_orders" in BUYER_FEATURES.names
