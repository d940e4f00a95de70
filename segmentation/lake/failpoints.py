"""Points at which tests let a run die, as a machine that loses its power does."""

from __future__ import annotations

import os
import signal

VARIABLE = "SEGMENTATION_FAILPOINT"


def reach(point: str) -> None:
    """Die here, where the environment says so; only tests do."""
    if os.environ.get(VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)
