"""What becomes of a row that came in: the labels that every row has one of (`_label`)."""

from __future__ import annotations

ACCEPTED = "accepted"
QUARANTINED = "quarantined"
DUPLICATE = "duplicate"
LABELS = (ACCEPTED, QUARANTINED, DUPLICATE)
