"""The table of models holds all that puts an entity into its segment: by NumPy and the table alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.lakes import table_of

pytestmark = pytest.mark.slow


def coordinate(features: pd.DataFrame, transform: dict[str, Any]) -> np.ndarray:
    """A coordinate as docs/tables.md has it: pulled in to the ends, transformed, centred, scaled, weighted."""
    values = (
        features[transform["feature"]].astype(float).fillna(transform["fill"]).clip(transform["low"], transform["high"])
    )
    shaped = {"log1p": np.log1p, "sqrt": np.sqrt, "none": np.asarray}[transform["transform"]](values.to_numpy())
    return (shaped - transform["centre"]) / transform["spread"] * transform["weight"]


@pytest.mark.parametrize(("entity", "role"), [("buyers", "buyer"), ("sellers", "seller")])
def test_whoever_reads_the_table_puts_everyone_where_the_run_did(lake: Path, entity: str, role: str) -> None:
    model = table_of(lake, "models").query("entity == @entity").iloc[-1]
    segments = table_of(lake, f"{role}_segments").query("segment > 0")
    people = segments.merge(table_of(lake, f"{role}_features"), on=f"{role}_id")
    centres = np.array(json.loads(model["centroids"])["centres"])
    points = np.column_stack([coordinate(people, each) for each in json.loads(model["transforms"])])
    nearest = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2).argmin(axis=1) + 1

    assert len(people) == len(segments) == model["entities"] > 100
    # Coordinates are rounded to the sixth decimal: who lies on a border to within that may be on either side.
    assert (nearest != people["segment"]).mean() < 1e-4
    names = {int(segment): name for segment, name in json.loads(model["names"]).items()}
    assert (people["segment"].map(names) == people["segment_name"]).all()
    assert model["k"] == people["segment"].max() and model["run_id"] == people["run_id"].iloc[0]
