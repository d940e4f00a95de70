"""Raw CSV, row by row as bytes: what no CSV writer would write must be written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sample.draw import Floats, Ints, Rng

HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def quoted(text: str) -> bytes:
    """The text as one CSV field."""
    if any(mark in text for mark in ',"'):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode()


def words(texts: Sequence[str], codes: Ints) -> pa.Array:
    """A column of few different texts, given by their numbers."""
    return pa.array([quoted(text) for text in texts], pa.binary()).take(pa.array(codes))


def numbers(values: Ints) -> pa.Array:
    """A column of plain integers."""
    return pa.array(values).cast(pa.string()).cast(pa.binary())


def times(seconds: Ints) -> pa.Array:
    """A column of `YYYY-MM-DD HH:MM:SS`."""
    return pa.array(seconds.astype("datetime64[s]")).cast(pa.string()).cast(pa.binary())


def make_ids(seconds: Ints, rng: Rng) -> pa.Array:
    """Ids of 24 hex digits as MongoDB makes them: time, five bytes of the machine, a counter.

    The machine is drawn once per call, so that ids of different calls do not meet.
    """
    count = len(seconds)
    machine = rng.integers(0, 256, 5, dtype=np.uint8)
    counter = (int(rng.integers(0, 2**23)) + rng.permutation(count)) % 2**24
    raw = np.empty((count, 12), dtype=np.uint8)
    raw[:, :4] = seconds.astype(">u4").view(np.uint8).reshape(count, 4)
    raw[:, 4:9] = machine
    raw[:, 9:] = counter.astype(">u4").view(np.uint8).reshape(count, 4)[:, 1:]
    digits = HEX[np.stack((raw >> 4, raw & 15), axis=2)].reshape(-1)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(24), count, [None, pa.py_buffer(digits.tobytes())]).cast(
        pa.binary()
    )


@dataclass(frozen=True)
class RawTable:
    """The clean rows of one raw file, column by column, each value as its bytes in the file."""

    columns: tuple[str, ...]
    values: tuple[pa.Array, ...]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.values[0])

    def row(self, i: int) -> dict[str, bytes]:
        """One row, by column name."""
        return {name: column[i].as_py() for name, column in zip(self.columns, self.values, strict=True)}

    def take(self, rows: Ints) -> "RawTable":
        """These rows, in this order."""
        return RawTable(self.columns, tuple(column.take(pa.array(rows)) for column in self.values))


def write(path: Path, table: RawTable, extra: Sequence[bytes], places: Floats) -> None:
    """The table's rows and the extra ones; an extra row with place 7.5 goes between rows 7 and 8."""
    lines = pc.binary_join_element_wise(*table.values, pa.scalar(b",", pa.binary()))
    where = np.concatenate((np.arange(table.count, dtype=float), places))
    lines = pa.concat_arrays([lines, pa.array(list(extra), pa.binary())]).take(
        pa.array(np.argsort(where, kind="stable"))
    )
    ends = pc.binary_join_element_wise(lines, pa.scalar(b"", pa.binary()), pa.scalar(b"\n", pa.binary()))
    with path.open("wb") as file:
        file.write(",".join(table.columns).encode() + b"\n")
        # An array of bytes lies in memory as the file shall be: value after value.
        file.write(memoryview(ends.buffers()[2])[: sum_of_lengths(ends)])


def sum_of_lengths(column: pa.Array) -> int:
    """How many bytes a column's values take, all together."""
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)
