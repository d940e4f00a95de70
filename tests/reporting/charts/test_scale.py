from __future__ import annotations

from segmentation.reporting.charts.scale import Scale


def test_straight_axes_begin_at_nought() -> None:
    scale = Scale([20.0, 80.0], left=100, width=116)

    assert scale(0) == 108
    assert scale(80) == 208
    assert scale.ticks == [0.0, 20.0, 40.0, 60.0, 80.0]


def test_wide_spreads_are_logarithmic_with_room_for_nought() -> None:
    scale = Scale([0.0, 10.0, 100_000.0], left=0, width=116)

    assert scale(0) == 8
    assert scale(0) < scale(10) < scale(1_000) < scale(100_000)
    assert round(scale(100_000), 6) == 108
    assert scale.ticks[0] == 0.0


def test_nothing_but_noughts() -> None:
    assert Scale([0.0, 0.0], left=0, width=116)(0) == 8
