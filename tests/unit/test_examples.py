"""The examples in docstrings do what they say."""

import doctest
import pkgutil
from datetime import date
from importlib import import_module

import pytest

import segmentation
from segmentation.features.categories import category_sales
from segmentation.schemas import BUYER_FEATURES
from tests.support.factories import make_lines, make_orders, make_users

MODULES = [module.name for module in pkgutil.walk_packages(segmentation.__path__, "segmentation.")]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def examples(name):
    """Those of one module."""
    return [test for test in doctest.DocTestFinder().find(import_module(name)) if test.examples]


@pytest.mark.parametrize("name", [name for name in MODULES if examples(name)])
def test_examples(spark, name):
    known = {
        "spark": spark,
        "date": date,
        "make_orders": make_orders,
        "make_lines": make_lines,
        "make_users": make_users,
        "category_sales": category_sales,
        "BUYER_FEATURES": BUYER_FEATURES,
    }
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    for test in examples(name):
        test.globs = {**known, **test.globs}
        runner.run(test)
    assert runner.summarize().failed == 0
