"""Raw rows as they are shown to people."""

from __future__ import annotations

import json

from segmentation.raw.read import CORRUPT

LONGEST = 200  # characters of a record that are shown


def shown(record: str) -> str:
    """A record as a line that can be read: what is unknown in it left out, and no longer than need be.

    >>> shown('{"order_id":"o1","gmv":"10"}')
    'order_id: o1, gmv: 10'
    """
    try:
        values = json.loads(record)
    except ValueError:
        return _short(record)
    if not isinstance(values, dict):
        return _short(record)
    if values.get(CORRUPT):  # of a malformed line nothing else is believed
        return _short(str(values[CORRUPT]))
    return _short(", ".join(f"{name}: {value}" for name, value in values.items()))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
