from __future__ import annotations

import pytest

from segmentation.reporting.voice import voice_of


@pytest.mark.parametrize(
    ("lang", "condition", "said"),
    [
        ("en", "recency_days < 43.5 AND count_orders >= 56", "Days since last order < 43.5 and Sales (orders) ≥ 56"),
        ("id", "total_gmv >= 1200000 OR age < 30", "GMV ≥ Rp 1,2 jt atau Usia < 30"),
        ("en", "top_category = 'Rice AND Beans\\'s' AND cancel_rate < 0.25", "Main category = Rice AND Beans's and Cancelled orders < 25.0%"),
        # Nothing is rounded, for the rule is true of the threshold that it has, and none is nought that is not.
        ("en", "cancel_rate < 0.0004 OR return_rate >= 0.00001", "Cancelled orders < 0.04% or Returned orders ≥ 0.001%"),
        ("en", "orders_per_month < 0.04 AND lapse >= 2.125", "Orders per month since the first < 0.04 and Time since last order ÷ usual gap ≥ 2.125"),
        ("en", "total_gmv >= 1249000 AND voucher_value < 0.01", "GMV ≥ Rp 1.249 M and Value of vouchers used < Rp 0.01"),
        ("id", "total_gmv < 1234567.5 AND recency_days < 43.5", "GMV < Rp 1.234.567,5 dan Hari sejak pesanan terakhir < 43,5"),
        ("en", "count_orders < 0.00000005", "Sales (orders) < 0.00000005"),
        ("en", "`odd name` <> '<b>'", "Odd name ≠ <b>"),
        ("en", "avg_order_value < -5", "Average order value < Rp −5"),
        ("en", "true", "true"),
        ("id", "`with_coach` = 'true' AND plan = 'gold'", "With coach = ya dan Plan = gold"),
        ("en", "`with_coach` = 'false'", "With coach = no"),
    ],
)  # fmt: skip
def test_a_condition_reads_as_words(lang: str, condition: str, said: str) -> None:
    assert voice_of(lang, "IDR").rule(condition).replace("\N{NO-BREAK SPACE}", " ") == said


def test_a_line_never_ends_in_a_sign() -> None:
    assert voice_of("en", "IDR").rule("age < 30 OR top_category = 'Rice'") == (
        "Age <\N{NO-BREAK SPACE}30 or Main category =\N{NO-BREAK SPACE}Rice"
    )
