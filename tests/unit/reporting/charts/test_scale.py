from __future__ import annotations

import numpy as np

from segmentation.reporting.charts.scale import Scale, Steps


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


def test_even_steps_where_there_are_two_marks() -> None:
    assert Steps([-2.3, 4.1], left=0, width=316).ticks == [-2.0, 0.0, 2.0, 4.0]


def test_marks_are_equally_far_apart_and_values_beyond_them_are_at_the_ends() -> None:
    axis = Steps([0.0, 10.0, 1_000.0], left=10, width=216)

    assert [axis(value) for value in (-5, 0, 10, 505, 1_000, 5_000)] == [18, 18, 118, 168, 218, 218]
    assert list(axis.places(np.array([0.0, 10.0]))) == [18, 118]


def test_negative_values_have_ticks() -> None:
    assert Steps([-100.0, -10.0, 0.0, 10.0, 100.0], left=0, width=316).ticks == [-100.0, -10.0, 0.0, 10.0, 100.0]
