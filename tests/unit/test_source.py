"""What a source has, told from what it says."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.config import plan_of_attributes
from segmentation.schemas import BUYER_FEATURES, SELLER_FEATURES
from segmentation.source import Source

RAW = {"sold": {"glob": "*", "columns": {"id": "string", "seller_id": "string", "kind": "string"}}}


def _source(tables: dict[str, str], **more: Any) -> Source:
    selects = {name: {"counted_on": "sold", "select": select} for name, select in tables.items()}
    return Source.model_validate({"name": "shop", "raw": RAW, "tables": selects, **more})


@pytest.mark.parametrize(
    ("tables", "sides"),
    [
        ({"orders": "SELECT _row, id AS order_id, shop AS seller_id FROM sold"}, ("buyers", "sellers")),
        ({"orders": "SELECT _row, id AS order_id FROM sold"}, ("buyers",)),
        ({"orders": "SELECT * FROM sold"}, ("buyers", "sellers")),
        ({"orders": "SELECT _row, id, count(*) OVER () AS n FROM sold", "users": "SELECT kind AS role FROM sold"},
         ("buyers", "sellers")),
        ({"users": "SELECT _row, id AS user_id, age FROM sold"}, ("buyers",)),
        ({"users": "SELECT _row, id AS user_id, age, 'buyer' AS role FROM sold"}, ("buyers",)),
        ({"users": "SELECT _row, id AS user_id, age, lower(kind) AS role FROM sold"}, ("buyers", "sellers")),
    ],
)  # fmt: skip
def test_who_there_is_to_segment(tables: dict[str, str], sides: tuple[str, ...]) -> None:
    assert _source(tables).segmentable == sides


def test_own_columns_are_of_users_and_of_the_features_of_those_who_may_have_them() -> None:
    own = {
        "attributes": {"plan": "string", "visits": "integer"},
        "groups": {"area": {"of": "city", "values": {"a": "b"}}},
    }
    buyers = {"orders": "SELECT shop AS seller_id FROM sold", "users": "SELECT id, 'buyer' AS role FROM sold"}
    both = {**buyers, "users": "SELECT id, kind AS role FROM sold"}
    columns = [(column.name, column.type) for column in _source(buyers, **own).table("users").columns]
    assert columns[-4:-1] == [("plan", "string"), ("visits", "bigint"), ("area", "string")]
    assert _source(buyers, **own).features(BUYER_FEATURES).names[-4:] == ["plan", "visits", "area", "as_of"]
    assert _source(buyers, **own).features(SELLER_FEATURES) == SELLER_FEATURES
    assert _source(both, **own).features(SELLER_FEATURES).names[-4:] == ["plan", "visits", "area", "as_of"]


def test_without_orders_every_attribute_that_can_tell_is_a_feature() -> None:
    source = _source(
        {"users": "SELECT id AS user_id, age FROM sold"},
        attributes={"town": "string", "fee": "decimal", "member": "boolean", "joined": "date"},
        groups={
            "area": {"of": "town", "values": {"north": ["a", "b"]}},
            "region": {"of": "city", "values": {"x": "y"}},
        },
    )
    plan = plan_of_attributes(source)
    assert list(plan.features) == ["age", "area", "fee", "member"]
    assert {feature.transform for feature in plan.features.values()} == {"auto"}


@pytest.mark.parametrize(
    ("tables", "more", "said"),
    [
        ({"products": "SELECT id AS product_id FROM sold"}, {}, "found neither orders nor users"),
        ({"orders": "SELECT id FROM sold"}, {"attributes": {"fee": "decimal"}}, "found no users, expected them: fee"),
        ({"users": "SELECT id AS user_id FROM sold"}, {}, "attributes: found none, expected some"),
    ],
)
def test_what_cannot_be_segmented_is_refused(tables: dict[str, str], more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _source(tables, **more)
