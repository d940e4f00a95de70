"""MLflow, for whoever wants it: off by default, and imported only where it is on."""

from segmentation.tracking.tracker import Tracker, begin

__all__ = ["Tracker", "begin"]
