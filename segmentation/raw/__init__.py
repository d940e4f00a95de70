"""Raw files and tables: found, checked, and read as they stand."""

from segmentation.raw.discover import find_inputs
from segmentation.raw.inputs import ListedFile, RawFile, RawInput
from segmentation.raw.read import bounded, read_raw
from segmentation.raw.records import as_raw, as_records

__all__ = [
    "ListedFile",
    "RawFile",
    "RawInput",
    "as_raw",
    "as_records",
    "bounded",
    "find_inputs",
    "read_raw",
]
