"""What was found of the raw files and tables of a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from segmentation.raw.file_order import in_order
from segmentation.source import RawTable


@dataclass(frozen=True)
class ListedFile:
    """A file or table as it is now: `content` is the same for the same lines, whatever their file's name and order."""

    path: str
    size: int = -1
    modified: datetime | None = None
    content: str = ""
    lines: int | None = None  # that are not blank, less the header; or rows; None where only a look at all rows tells


def file_name(path: str | None) -> str:
    """What a person calls the file of a path, as Spark tells it; "" where it tells none."""
    return unquote((path or "").rsplit("/", 1)[-1])


@dataclass(frozen=True)
class RawFile:
    """One file to take in, with the names in its header, and their types where it has any."""

    path: str
    columns: tuple[str, ...]
    seen: ListedFile = ListedFile("")
    schema: StructType | None = None

    @property
    def name(self) -> str:
        """What a person calls the file."""
        return file_name(self.path)


@dataclass(frozen=True)
class RawInput:
    """What there is of one raw table: its files, or the place of its table."""

    name: str
    table: RawTable
    files: tuple[RawFile, ...] = ()
    place: str = ""
    since: int | None = None  # the version of a Delta table up to which its rows were taken in before
    rows: DataFrame | None = None  # those looked at, where not all are; see bounded
    is_whole: bool = True  # whether these are all that there are
    passed_over: tuple[
        str, ...
    ] = ()  # files that are none of it for their name's case, or as they stand in a subfolder
    latest_is_right: bool = False  # whether it feeds nothing but tables of which the latest delivery is right

    @property
    def columns(self) -> list[str]:
        """Every column that any of the files has, in order of appearance."""
        return list(dict.fromkeys(column for file in self.files for column in file.columns))

    @property
    def unexpected(self) -> list[str]:
        """Columns that the source does not declare: kept in records, used by nothing."""
        return [column for column in self.columns if column not in self.table.columns]

    @property
    def repeated(self) -> list[tuple[str, str]]:
        """Files that hold what one before them by name holds, and that one: it says nothing later than the first did.

        None where the latest is right: there it takes back what was said in between. Named as Spark names a row's file.
        """
        if self.latest_is_right:
            return []
        first: dict[str, str] = {}
        found = []
        for file in sorted(self.files, key=lambda file: in_order(file.path)):
            path = _as_spark_has_it(file.path)
            if file.seen.content and first.setdefault(file.seen.content, path) != path:
                found.append((path, first[file.seen.content]))
        return found


def _as_spark_has_it(path: str) -> str:
    """A path as that of a row's file: a URI of Java's, in which letters beyond ASCII stand as they are, but no blanks
    and controls; of this machine with one slash.
    """
    path = re.sub(r"^file:/+", "file:/", path)
    return re.sub(r"[\x00-\x9f\s]+", lambda part: quote(part.group(), safe="/:@!$&'()*+,;=~"), path)
