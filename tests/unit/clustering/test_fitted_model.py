"""A search as plain numbers: written as a row and read back, and whatever somebody changed is refused."""

from __future__ import annotations

import pytest

from segmentation.clustering.centroids import Centroids
from segmentation.clustering.fitted_model import FittedModel, fitted_in
from segmentation.clustering.model import Model
from segmentation.clustering.scales import Scale
from segmentation.clustering.vectors import DroppedFeature
from segmentation.errors import InputError
from segmentation.plans import EntityPlan

THIRD = 1 / 3
ORDERS = Scale("count_orders", "log1p", 1.0, 90.0, 4.0, THIRD, 2.0, knots=((1.0, -THIRD), (2.0, 0.1)))
KIND = Scale("kind", "one_hot", 0.0, 1.0, -0.2, -0.2, 0.4, category='Jasa "A"')
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
    assert fitted_in(ROW) == FITTED
    assert (ROW["method"], ROW["k"], ROW["entities"]) == ("kmeans", 2, 1200)


def test_one_segment_of_everyone_is_a_row_too() -> None:
    alone = FittedModel(Model("none", ()), FITTED.plan, "r0", {1: "Semua"}, (), {}, (), 7, {})
    assert fitted_in({"run_id": "r1", "entity": "buyers", **alone.columns()}) == alone
    assert alone.columns()["k"] == 1


@pytest.mark.parametrize("column", ["transforms", "centroids", "method"])
def test_a_row_that_somebody_changed_is_refused(column: str) -> None:
    with pytest.raises(
        InputError, match="found buyers of run r1 with a checksum that is not theirs.*run stage segment"
    ):
        fitted_in({**ROW, column: str(ROW[column]).replace("1", "2") + " "})
