"""The generator of a CD shop keeps what it promises: counted from the file that it writes."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from tests.support import cdshop


def test_most_buy_once_a_few_are_heavy_and_all_begin_within_a_quarter(tmp_path: Path) -> None:
    lines = (cdshop.write(tmp_path) / "raw" / "purchases.txt").read_text().splitlines()
    rows = [line.split() for line in lines]
    assert {len(row) for row in rows} == {4} and all(line.startswith(" 00") for line in lines)
    different = {tuple(row) for row in rows}
    purchases = Counter(row[0] for row in different)
    assert len(purchases) == 600
    assert 0.57 < sum(count == 1 for count in purchases.values()) / 600 < 0.63
    assert 10 < sum(count >= 15 for count in purchases.values()) < 40
    days = [date.fromisoformat(f"{row[1][:4]}-{row[1][4:6]}-{row[1][6:]}") for row in rows]
    first: dict[str, date] = {}
    for row, day in zip(rows, days, strict=True):
        first[row[0]] = min(first.get(row[0], day), day)
    assert max(first.values()) < date(1997, 4, 1)
    assert (min(days), max(days)) > (date(1996, 12, 31), date(1998, 6, 1)) and max(days) <= date(1998, 6, 30)
    assert sum(row[3] == "0.00" for row in rows) >= 5
    assert len(rows) - len(different) >= 5  # lines that are equal in full


def test_the_same_seed_writes_the_same_file(tmp_path: Path) -> None:
    one, other = (cdshop.write(tmp_path / name, customers=50, seed=7) for name in ("one", "other"))
    assert (one / "raw" / "purchases.txt").read_bytes() == (other / "raw" / "purchases.txt").read_bytes()
