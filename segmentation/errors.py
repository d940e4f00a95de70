"""Errors that are meant for people: one sentence, and the exit status that goes with it.

A sentence says what was found, what is expected and where to mend it. jobs/ turn these into a line on
stderr and an exit status (on Databricks they are raised); anything else is a defect and exits 1.
"""


class SegmentationError(Exception):
    """Anything that stops a run and that a person can act on. Exits 1."""

    exit_status = 1


class InputError(SegmentationError):
    """Bad options, config or source, or an input that is missing or empty: nothing was written. Exits 2."""

    exit_status = 2


class GateError(SegmentationError):
    """The quarantine share or the ledger failed: nothing was published. Exits 3. `table` is the one that did."""

    exit_status = 3

    def __init__(self, sentence: str, table: str = "") -> None:
        super().__init__(sentence)
        self.table = table


class LakeHeldError(SegmentationError):
    """Another run holds the lake. Exits 4."""

    exit_status = 4
