"""The model as MLflow keeps it: this file is copied to it and run wherever the model is loaded, without Java.

A table of features goes in, with columns as in buyer_features (numbers as float64, NaN where unknown); segment
(int32, 0 without a sale) and segment_name come out, row by row.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from segmentation.clustering.assign import score_pandas
from segmentation.clustering.model import from_json


class Scorer(PythonModel):
    """Segments by a published model: its scales and centres as JSON, and the segments' names."""

    def load_context(self, context: Any) -> None:
        """Read what tracker.py wrote."""
        written = json.loads(Path(context.artifacts["segments"]).read_text(encoding="utf-8"))
        self._model, self._sales = from_json(written["model"]), written["sales"]
        self._names = {int(segment): name for segment, name in written["names"].items()}

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """segment and segment_name of each row of features."""
        segments = score_pandas(model_input, self._model)
        if self._sales is not None:  # who has none is not compared with those who have
            segments = np.where(model_input[self._sales] > 0, segments, 0)
        found = pd.Series(segments, index=model_input.index).astype("int32")
        return pd.DataFrame({"segment": found, "segment_name": found.map(self._names)})


set_model(Scorer())
