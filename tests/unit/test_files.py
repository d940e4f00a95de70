"""Files are put in their place whole, on mounts that rename and on those that do not."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NoReturn

import pytest

from segmentation.files import atomic_write


@pytest.mark.parametrize("renames", [True, False])
def test_a_file_takes_the_place_of_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: bool
) -> None:
    def refuse(self: Path, target: Path) -> NoReturn:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    if not renames:
        monkeypatch.setattr(Path, "replace", refuse)
    page = tmp_path / "report.html"
    page.write_text("earlier, and longer")
    with atomic_write(page) as beside:
        beside.write_text("later")
        assert page.read_text() == "earlier, and longer"
    assert page.read_text() == "later"
    assert list(tmp_path.iterdir()) == [page]


def test_a_write_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("earlier")
    with pytest.raises(RuntimeError), atomic_write(page) as beside:
        beside.write_text("half of")
        raise RuntimeError
    assert page.read_text() == "earlier"
