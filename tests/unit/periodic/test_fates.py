"""Which segment of a later model is which of the earlier one."""

from types import SimpleNamespace

import pytest

from segmentation.entities import BUYERS, WITH_A_SALE
from segmentation.periodic.fates import Fate, became, fates, fates_by_day, successors
from segmentation.periodic.migrations import rescore_earlier
from segmentation.schemas import BUYER_FEATURES
from tests.support.factories import make_table
from tests.unit.periodic.test_migrations import APRIL, MARCH, NEW, OLD, buyer, placed

STAYED = {(1, 1): 90, (1, 2): 10, (2, 2): 50}


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        (STAYED, [Fate("survived", (1,), (1,)), Fate("survived", (2,), (2,))]),
        ({(1, 2): 9, (2, 1): 7, (0, 1): 99}, [Fate("survived", (2,), (1,)), Fate("survived", (1,), (2,))]),
        # 60 and 40 of a hundred are two parts; 80 and 20 are one, and some who left.
        ({(3, 2): 60, (3, 4): 40}, [Fate("split", (3,), (2, 4))]),
        ({(3, 2): 80, (3, 4): 20}, [Fate("survived", (3,), (2,)), Fate("appeared", (), (4,))]),
        ({(1, 1): 5, (2, 1): 6, (2, 2): 1}, [Fate("merged", (1, 2), (1,)), Fate("appeared", (), (2,))]),
        ({(1, n): 20 for n in range(1, 6)}, [Fate("disappeared", (1,), ()), *(Fate("appeared", (), (n,)) for n in range(1, 6))]),
        # A quarter is a part, and half of the members in parts are enough.
        ({(1, 1): 25, (1, 2): 25, (1, 3): 20, (1, 4): 20, (1, 5): 10},
         [Fate("split", (1,), (1, 2)), Fate("appeared", (), (3,)), Fate("appeared", (), (4,)), Fate("appeared", (), (5,))]),
        ({}, []),
    ],
)  # fmt: skip
def test_by_shared_members(shared, expected):
    assert fates(shared) == expected


def test_in_words():
    said = [fate.sentence for fate in fates({(1, 2): 9, (2, 1): 9, (3, 1): 9, (4, 4): 3, (4, 5): 3})]
    assert said == [
        "segments 2 and 3 were merged into 1",
        "segment 1 is called 2 now",
        "segment 4 was split into 4 and 5",
    ]


def test_a_number_goes_on_where_the_segment_is_still_mostly_the_same():
    assert successors({(0, 0): 9, (1, 2): 90, (1, 1): 10, (2, 1): 50}) == {1: 2, 2: 1}
    assert successors({(1, 1): 60, (1, 2): 40}) == {}  # split
    assert successors({(1, 1): 50, (2, 1): 50}) == {}  # merged
    # All of 3 went into 1, which is mostly what 1 was: 3 is no more, and neither is what 1 lost a part of.
    assert successors({(1, 1): 600, (1, 2): 400, (3, 1): 50, (3, 3): 5}) == {}
    assert successors({}) == {}


def test_of_each_day_by_the_model_of_the_next(spark):
    # By NEW, whose border lies at 6.9 orders instead of 5.1, two of three leave segment 1 for 2.
    rows = [
        buyer("five", 2, 3, None, 0),
        buyer("six", 6, 3, None, 0),
        buyer("too", 6, 3, None, 0),
        buyer("ten", 10, 3, None, 0),
    ]
    march, april = placed(spark, rows, MARCH, OLD, "old"), placed(spark, rows, APRIL, NEW, "new")
    found = fates_by_day(march.unionByName(april), rescore_earlier(march, NEW, "buyer_id"), [MARCH], "buyer_id")
    assert found == {MARCH: [Fate("survived", (2,), (2,)), Fate("split", (1,), (1, 2))]}


def test_of_the_last_model_by_a_search(spark):
    features = make_table(spark, BUYER_FEATURES, [buyer("two", 2, 3, None, 0), buyer("ten", 10, 3, None, 0)])
    segments = spark.createDataFrame([("two", 1), ("ten", 2)], "buyer_id string, segment int")
    found, last = SimpleNamespace(model=NEW, segments=segments), SimpleNamespace(model=OLD)
    # OLD has two orders in segment 2 and ten in 1.
    assert became(features, last, found, BUYERS, WITH_A_SALE) == (
        [Fate("survived", (2,), (1,)), Fate("survived", (1,), (2,))], {1: 2, 2: 1},
    )  # fmt: skip
    assert became(features, SimpleNamespace(model=NEW), found, BUYERS, WITH_A_SALE) == ([], None)
    for gone in (None, SimpleNamespace(model=SimpleNamespace(lacking=lambda columns: ["moons"]))):
        assert became(features, gone, found, BUYERS, WITH_A_SALE) == ([], {})
