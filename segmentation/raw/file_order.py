"""Files in the order in which a person counts them: day_2 before day_10."""

from __future__ import annotations

import re

from pyspark.sql import Column
from pyspark.sql import functions as F

WIDTH = 20  # digits
PART = r"/part-[0-9]{5}-([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[^/]*$"


def in_order(path: str) -> tuple[str, str]:
    """What to sort a file by: its name with all numbers equally long, and where names are equal its place."""
    name = path.rsplit("/", 1)[-1]
    return re.sub(r"[0-9]+", lambda number: number.group().zfill(WIDTH)[-WIDTH:], name), path


def delivery(path: Column) -> Column:
    """What a file came with: files that Spark wrote in one go (part-00000-<UUID>…) are parts of one delivery; others
    stand alone.

    A job that wrote the same rows in more parts, or dealt them out otherwise, delivered the same.
    """
    return F.regexp_replace(path, PART, "/$1")


def delivered_as(path: Column) -> Column:
    """The name by which a delivery has its place among others, as name_in_order: the file's, or its parts' folder's."""
    return name_in_order(F.regexp_replace(path, PART, ""))


def name_in_order(path: Column) -> Column:
    """The first of these for a column of files."""
    name = F.substring_index(path, "/", -1)
    longer = F.regexp_replace(name, r"([0-9]+)", "0" * WIDTH + "$1")
    return F.regexp_replace(longer, rf"[0-9]*([0-9]{{{WIDTH}}})(?![0-9])", "$1")
