"""Stories beside the rows that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame

from segmentation.keys import by_segment
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
    cells = {name: {story.segment: _cell(getattr(story, name)) for story in stories} for name in columns}
    return frame.select(*frame.columns, *[by_segment(cells[name], COLUMNS[name]).alias(name) for name in columns])


def _cell(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value
