"""Stories beside the rows that they are about."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation.story.tell import Story

COLUMNS = {
    "segment_name": "string",
    "insight": "string",
    "recommendation": "string",
    "strategy": "map<string,string>",
    "priority": "int",
}


def with_stories(frame: DataFrame, stories: Sequence[Story], columns: Sequence[str] = tuple(COLUMNS)) -> DataFrame:
    """The frame with what its segments' stories say, as the named columns."""
    schema = ", ".join(["segment int", *(f"{name} {COLUMNS[name]}" for name in columns)])
    cells = [(story.segment, *(_cell(getattr(story, name)) for name in columns)) for story in stories]
    told = frame.sparkSession.createDataFrame(cells, schema)
    return frame.join(F.broadcast(told), on="segment", how="left").select(*frame.columns, *columns)


def _cell(value: object) -> object:
    return dict(value) if isinstance(value, dict) else value
