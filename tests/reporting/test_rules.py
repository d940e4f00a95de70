from __future__ import annotations

import pytest

from segmentation.reporting.voice import voice_of


@pytest.mark.parametrize(
    ("lang", "condition", "said"),
    [
        ("en", "recency_days < 43.5 AND count_orders >= 56", "Days since last sale < 43.5 and Sales (orders) ≥ 56"),
        ("id", "total_gmv >= 1200000 OR age < 30", "GMV ≥ Rp 1,2 jt atau Usia < 30"),
        ("en", "top_category = 'Rice AND Beans\\'s' AND cancel_rate < 0.25", "Top category = Rice AND Beans's and Cancelled orders < 25.0%"),
        ("en", "`odd name` <> '<b>'", "Odd name ≠ <b>"),
        ("en", "avg_order_value < -5", "Average order value < Rp −5"),
        ("en", "true", "true"),
    ],
)  # fmt: skip
def test_a_condition_reads_as_words(lang: str, condition: str, said: str) -> None:
    assert voice_of(lang, "IDR").rule(condition) == said
