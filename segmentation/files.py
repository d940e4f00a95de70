"""Files of a run's output: written beside their place, then put there whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to; what is there at the end of the block becomes the file.

    Readers see the earlier file or this one, never half of it. Mounts of object stores may refuse to rename (a
    Databricks volume, say): there the file is copied from its beginning to its end, which they all take.
    """
    beside = path.with_name(path.name + ".part")
    yield beside
    try:
        beside.replace(path)
    except OSError:
        shutil.copyfile(beside, path)
        beside.unlink()
