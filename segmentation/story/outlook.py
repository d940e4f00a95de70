"""What a config says of the time to come: next steps by horizon, and what to track."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segmentation.i18n.text import Text
from segmentation.plans import Model

Measure = Literal["arpu", "repeat_rate", "completion_rate", "conversion_rate", "buyers", "orders", "gmv"]


class Horizon(Model):
    """A stretch of time and what to do in it."""

    name: Text
    steps: Annotated[tuple[Text, ...], Field(min_length=1)]


class Metric(Model):
    """Something to track, with its figure today where it is one that the tables hold."""

    name: Text
    measure: Measure | None = None
