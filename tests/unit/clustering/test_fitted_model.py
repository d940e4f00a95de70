"""A search as plain numbers: written as a row and read back, and whatever somebody changed is refused."""

from __future__ import annotations

from datetime import date

import pytest

from segmentation.clustering.baseline import Baseline, Bins, SampleStatistics
from segmentation.clustering.centroids import Centroids
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.model import Model, from_json
from segmentation.clustering.scales import FeatureScale
from segmentation.clustering.vectors import DroppedFeature
from segmentation.errors import InputError
from segmentation.plans import EntityPlan

THIRD = 1 / 3
ORDERS = FeatureScale("count_orders", "log1p", 1.0, 90.0, 4.0, THIRD, 2.0, knots=((1.0, -THIRD), (2.0, 0.1)))
KIND = FeatureScale("kind", "one_hot", 0.0, 1.0, -0.2, -0.2, 0.4, category='Jasa "A"')
FITTED = FittedModel(
    model=Model("kmeans", (ORDERS, KIND), Centroids(((THIRD, 0.1), (-1e-17, 2.0)))),
    fitted_by="r0",
    plan=EntityPlan.model_validate({"features": {"count_orders": {"transform": "log1p"}, "kind": {}}}),
    names={1: "Besar", 2: "Kecil"},
    dropped=(DroppedFeature("age", "age is unknown for everyone"),),
    imputed={"kind": THIRD},
    correlations=((1.0, 0.25), (0.25, 1.0)),
    count=1200,
    candidates={2: Centroids(((0.0, 0.0), (1.0, 1.0))), 3: Centroids(((0.0,),), (((1.0,),),), (0.5,))},
)
ROW = {"run_id": "r1", "entity": "buyers", **FITTED.columns()}


def test_a_row_holds_everything_to_the_last_bit() -> None:
    assert FittedModel.from_row(ROW) == FITTED
    assert (ROW["method"], ROW["k"], ROW["entities"]) == ("kmeans", 2, 1200)


# What earlier releases wrote of one feature and two segments: a row of `models`, and a model in MLflow.
STORED = {
    "run_id": "r0",
    "entity": "buyers",
    "fitted_by": "r0",
    "method": "kmeans",
    "k": 2,
    "entities": 1200,
    "plan": '{"features":{"count_orders":{"transform":"log1p","cap":null,"weight":1.0,"change":null}},"scaling":"standard"}',
    "transforms": '[{"category": null, "centre": 0.5, "feature": "count_orders", "fill": 4.0, "high": 90.0, "knots": [], '
    '"low": 1.0, "spiked": false, "spread": 2.0, "transform": "log1p", "weight": 1.0}]',
    "centroids": '{"centres": [[0.25], [2.0]], "offsets": [], "whitening": []}',
    "candidates": '{"2": {"centres": [[0.25], [2.0]], "offsets": [], "whitening": []}}',
    "left_out": '[{"feature": "age", "reason": "age is unknown for everyone"}]',
    "imputed": "{}",
    "correlations": "[[1.0]]",
    "names": '{"1": "Large", "2": "Small"}',
    "baseline": '{"as_of": "2024-01-31", "bins": {"count_orders": {"bounds": [1.0, 2.0], "categories": []}}, '
    '"figures": {"count": 3, "features": {"count_orders": [0.5, 0.25, 0.25, 0.0]}, "segments": [0.75, 0.25], '
    '"silhouette": 0.5, "unsure": 0.1}}',
    "checksum": "a0d57585420781fef45dca32ddad72f64c8e4c249b783391404b282e7a88b919",
}
STORED_MODEL = f'{{"method": "kmeans", "partition": {STORED["centroids"]}, "scales": {STORED["transforms"]}}}'


def test_what_earlier_releases_wrote_is_read() -> None:
    found = FittedModel.from_row(STORED)
    two, orders = Centroids(((0.25,), (2.0,))), FeatureScale("count_orders", "log1p", 1.0, 90.0, 4.0, 0.5, 2.0)
    assert found.model == from_json(STORED_MODEL) == Model("kmeans", (orders,), two)
    assert (found.candidates, found.names) == ({2: two}, {1: "Large", 2: "Small"})
    figures = SampleStatistics(3, {"count_orders": (0.5, 0.25, 0.25, 0.0)}, (0.75, 0.25), 0.1, 0.5)
    assert found.baseline == Baseline(date(2024, 1, 31), {"count_orders": Bins(bounds=(1.0, 2.0))}, figures)
    written = found.columns()
    same = ("transforms", "centroids", "candidates", "left_out", "names", "baseline", "checksum")
    assert {name: written[name] for name in same} == {name: STORED[name] for name in same}


def test_one_segment_of_everyone_is_a_row_too() -> None:
    alone = FittedModel(Model("none", ()), FITTED.plan, "r0", {1: "Semua"}, (), {}, (), 7, {})
    assert FittedModel.from_row({"run_id": "r1", "entity": "buyers", **alone.columns()}) == alone
    assert alone.columns()["k"] == 1


@pytest.mark.parametrize("column", ["transforms", "centroids", "method"])
def test_a_row_that_somebody_changed_is_refused(column: str) -> None:
    with pytest.raises(
        InputError, match="found buyers of run r1 with a checksum that is not theirs.*run stage segment"
    ):
        FittedModel.from_row({**ROW, column: str(ROW[column]).replace("1", "2") + " "})
