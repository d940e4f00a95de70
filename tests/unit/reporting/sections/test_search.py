"""What is said of how segments were looked for."""

from __future__ import annotations

from dataclasses import replace

from segmentation.reporting.sections import search
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_report_data, make_sweep

ENGLISH = voice_of("en", "IDR")


def test_features_that_count_for_less_are_said_to() -> None:
    entity = replace(
        make_report_data().entities["buyers"], used=("count_orders", "voucher_value"), weights=(1.0, 0.135)
    )
    assert search.used(entity, ENGLISH) == ["Sales (orders)", "Value of vouchers used (weight 0.14)"]


def test_a_share_below_the_floor_does_not_read_as_the_floor() -> None:
    entity = replace(make_report_data().entities["buyers"], sweep=make_sweep().assign(smallest_share=0.0097))
    assert search.fits_table(entity, ENGLISH)[0].cells[5] == "0.97%"
