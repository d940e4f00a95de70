"""What rules say of themselves."""

from __future__ import annotations

from segmentation.ingest.quality_rules import sentences
from segmentation.ingest.refusals import Refusal


def test_a_reason_is_told_in_the_words_of_its_own_table() -> None:
    told = {table: Refusal(table, "missing_key", 1, "", "").sentence for table in ("orders", "users", "products")}
    assert told == {
        "orders": "the order, its seller or its buyer is unknown",
        "users": "the user is unknown",
        "products": "the product is unknown",
    }
    assert sentences("till")["bad_date"] == "a day or time cannot be read or does not exist"  # of a raw table
