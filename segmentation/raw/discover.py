"""Raw files and tables as a marketplace exports them: found, checked, and told from those taken in before.

Files are listed through Spark alone, so that any URI works that Spark can reach.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from itertools import count
from pathlib import Path
from posixpath import dirname, normpath
from urllib.parse import unquote

from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from segmentation.errors import InputError
from segmentation.lake.storage import as_written, first_sentence, io_cause
from segmentation.raw.failures import reading
from segmentation.raw.file_order import PART, in_order
from segmentation.raw.inputs import ListedFile, RawFile, RawInput
from segmentation.raw.lines import options_of
from segmentation.raw.read import FILE
from segmentation.raw.tables import (
    columns_of,
    has_newer,
    is_processed,
    load,
    load_files,
    schema_of,
    version_before,
    version_of,
)
from segmentation.session import in_parallel
from segmentation.source import RawTable, Source
from segmentation.sql import quoted

PLAIN = {"header", "sep", "delimiter", "quote", "escape", "nullValue"}  # options with which a line is a row


def find_inputs(
    spark: SparkSession,
    source: Source,
    folder: str,
    taken: Mapping[str, Sequence[ListedFile]] | None = None,
    digested: bool = True,
) -> dict[str, RawInput]:
    """The raw files and tables of a source, by name; every declared column is there, or an InputError says which.

    `taken` are those taken in before, in their order, by name of the raw table: what holds the same is left out, and
    a raw table that has been taken in before may have no file today. Not `digested`: no more of a file is read than its
    header.
    """
    taken = taken or {}
    needs_files = any(not table.path for table in source.raw.values())
    listed, below = _list_files(spark, folder) if needs_files else ([], [])
    passed_over = {
        name: _passed_over(source, name, folder, listed, below, taken.get(name, ()))
        for name, table in source.raw.items()
        if not table.path
    }
    there = {
        name: _files_of(name, source.raw[name], folder, listed, taken.get(name, ()), passed)
        for name, passed in passed_over.items()
    }
    if digested:
        there = _not_taken(spark, source, there, taken)
    searches = [
        partial(_find_table, spark, source, name, folder, taken.get(name, ()), digested)
        if table.path
        else partial(_with_headers, spark, name, table, there[name])
        for name, table in source.raw.items()
    ]
    found = in_parallel(*searches)
    for raw in found:
        _check_columns(raw)
    return {
        raw.name: replace(
            raw,
            passed_over=tuple(passed_over.get(raw.name, ())),
            latest_is_right=raw.name in source.latest_is_right,
        )
        for raw in found
    }


def _list_files(spark: SparkSession, folder: str) -> tuple[list[ListedFile], list[str]]:
    """The files of a folder, and the paths of those below it."""
    try:
        # Without its content no file is opened; asked for its files alone, Spark names the empty ones too. It must not
        # take folders such as month=2024-01, of tables that may stand beside the files, for parts of one table.
        files = spark.read.format("binaryFile").option("recursiveFileLookup", True).load(as_written(folder))
        found = sorted(unquote(file) for file in files.inputFiles())
        paths = _directly_in(folder, found)
        if len(paths) < len(found):  # what is below may be much
            files = spark.read.format("binaryFile").load([as_written(path) for path in paths or found[:1]])
        rows = files.select("path", "length", "modificationTime").collect()
    except Exception as error:
        cause = io_cause(error) or (first_sentence(error) if isinstance(error, PySparkException) else None)
        if cause is None:
            raise
        raise InputError(f"{folder}: cannot be listed ({cause}), expected a folder; set --input") from None
    known = {_plain(row["path"]): (row["length"], row["modificationTime"]) for row in rows}
    direct = {*paths}
    return (
        [ListedFile(path, *known.get(_plain(path), (0, None))) for path in paths],
        [path for path in found if path not in direct],
    )


def _directly_in(folder: str, paths: Sequence[str]) -> list[str]:
    """The files that stand in a folder itself, and in none below it; the folder may be one file."""
    place = _place(folder if ":" in folder else str(Path(folder).absolute()))
    found = [path for path in paths if place in (_place(path), dirname(_place(path)))]
    if found or folder.startswith("/") or ":" in folder:
        return found
    # A relative folder of another file system than this machine's: below the home that it gives one.
    below = [path for path in paths if dirname(_place(path)).endswith("/" + normpath(folder))]
    return [path for path in below if path.count("/") == min(each.count("/") for each in below)]


def _place(path: str) -> str:
    """Where a path leads to on its file system."""
    return normpath("/" + re.sub(r"^[A-Za-z][\w+.-]*:(//[^/]*)?", "", path).lstrip("/"))


def _files_of(
    name: str,
    table: RawTable,
    folder: str,
    listed: Sequence[ListedFile],
    taken: Sequence[ListedFile],
    passed_over: Sequence[str],
) -> list[ListedFile]:
    """The files of a raw table among those that are listed."""
    files = [seen for seen in listed if _matches(table, _name_of(seen.path))]
    if not files and not taken:
        expected = table.glob or f"a name that matches {table.pattern}"
        names = [_name_of(seen.path) for seen in listed]
        near = [*passed_over[:3]] or get_close_matches(table.glob or name, names, n=3, cutoff=0.5)
        hint = f" (there is {', '.join(near)})" if near else ""
        raise InputError(f"{folder}: found no file for {name}, expected {expected}{hint}; set --input")
    return files


def _passed_over(
    source: Source,
    name: str,
    folder: str,
    listed: Sequence[ListedFile],
    below: Sequence[str],
    taken: Sequence[ListedFile],
) -> list[str]:
    """Files that may have been meant: their names match but for capitals, or they stand in a subfolder. As seen from
    the folder.

    Neither parts of tables, nor what was put away there after it had been taken in.
    """
    table = source.raw[name]
    others = [other for other in source.raw.values() if not other.path]
    tables = tuple(f"{other.path}/" for other in source.raw.values() if other.path)
    known = {_name_of(seen.path) for seen in taken}
    root = _place(folder if ":" in folder else str(Path(folder).absolute())).rstrip("/") + "/"
    misspelt = [
        file
        for file in (_name_of(seen.path) for seen in listed)
        if _matches(table, file, whatever_case=True) and not any(_matches(other, file) for other in others)
    ]
    deeper = [
        _place(path).removeprefix(root)
        for path in below
        if _matches(table, _name_of(path), whatever_case=True)
        and _name_of(path) not in known
        and not re.search(PART, path)
    ]
    return [*misspelt, *(path for path in deeper if not path.startswith(tables))]


def _with_headers(spark: SparkSession, name: str, table: RawTable, files: Sequence[ListedFile]) -> RawInput:
    return RawInput(name, table, tuple(in_parallel(*[partial(_with_header, spark, table, seen) for seen in files])))


def _with_header(spark: SparkSession, table: RawTable, seen: ListedFile) -> RawFile:
    with reading(seen.path, table.expected):
        if table.is_text:
            return RawFile(seen.path, _header(spark, table, seen.path), seen)
        schema = schema_of(spark, table, seen.path)
        return RawFile(seen.path, tuple(schema.names), seen, schema)


def _not_taken(
    spark: SparkSession,
    source: Source,
    files: Mapping[str, Sequence[ListedFile]],
    taken: Mapping[str, Sequence[ListedFile]],
) -> dict[str, list[ListedFile]]:
    """By raw table the files that hold something new. A file of the same name, size and time is not read to know it
    again; all others are read at once.

    Of raw tables whose latest delivery is right, what was said before is new where other things were said since: who
    moved away and came back, a price that is what it was. Of a place only what it held last is known there.
    """
    known = {
        name: {_stamp(seen): seen for seen in (_last_of_each(seens) if name in source.latest_is_right else seens)}
        for name, seens in taken.items()
    }
    unknown = {name: [seen for seen in each if _stamp(seen) not in known.get(name, ())] for name, each in files.items()}
    texts = [seen.path for name, each in unknown.items() if source.raw[name].is_text for seen in each]
    lines = _digests_of_lines(spark, sorted(set(texts)))
    found = {}
    for name, each in unknown.items():
        with_contents = _with_contents(spark, source.raw[name], each, lines)
        before = taken.get(name, ())
        if name in source.latest_is_right:
            here = {seen.content for seen in with_contents}
            stay = [known[name][_stamp(seen)] for seen in files[name] if _stamp(seen) in known.get(name, ())]
            found[name] = [seen for seen in with_contents if not _is_copy(seen, before, here, stay)]
        else:
            old = {seen.content for seen in before}
            found[name] = [seen for seen in with_contents if seen.content not in old]
    return found


def _is_copy(file: ListedFile, before: Sequence[ListedFile], here: Set[str], stay: Sequence[ListedFile]) -> bool:
    """Whether a file is one taken in before, by another name or time, and no delivery of what was said before.

    A file is a copy if its content was taken in before and nothing newer contradicts it: every content that was taken
    in after it, and is still the last at its path, is also present now, in today's files (`here`) or in unchanged files
    (`stay`) that come later than this one. None of these count where the file that held the same last is among them:
    then this one stands beside it.
    """
    at = max((at for at, seen in enumerate(before) if seen.content == file.content), default=None)
    if at is None:
        return False
    later = () if before[at] in stay else (seen.content for seen in stay if _is_later(seen, file))
    return {*here, *later}.issuperset(seen.content for seen in _last_of_each(before[at + 1 :]))


def _is_later(file: ListedFile, other: ListedFile) -> bool:
    """Whether a file comes after another by name, or is younger: one that is renamed keeps its time, one that is
    written anew its name.
    """
    is_younger = file.modified and other.modified and file.modified > other.modified
    return bool(is_younger) or in_order(file.path) > in_order(other.path)


def _last_of_each(taken: Sequence[ListedFile]) -> Collection[ListedFile]:
    """Of each path what was taken in there last."""
    return {seen.path: seen for seen in taken}.values()


def _stamp(file: ListedFile) -> tuple[str, int, datetime | None]:
    """What a file is known by without being read."""
    return file.path, file.size, file.modified


def _with_contents(
    spark: SparkSession, table: RawTable, files: Sequence[ListedFile], lines: Mapping[str, Row]
) -> list[ListedFile]:
    if not table.is_text:
        result = []
        for seen in files:
            with reading(seen.path, table.expected):
                content = _content(load_files(spark, table, [seen.path]))
            result.append(replace(seen, content=content, lines=_rows_in(content)))
        return result
    is_plain = table.is_cut or PLAIN.issuperset(table.options)
    result = []
    for seen in files:
        row = lines.get(_plain(seen.path))  # an empty file has no row
        filled = row["filled"] - table.has_header if row else 0
        result.append(replace(seen, content=_named(row) if row else "", lines=filled if is_plain else None))
    return result


def _digests_of_lines(spark: SparkSession, paths: Sequence[str]) -> dict[str, Row]:
    """By path what tells the lines of each file apart, and how many are not blank."""
    if not paths:
        return {}
    lines = spark.read.text([as_written(path) for path in paths]).withColumn(FILE, F.col("_metadata.file_path"))
    # Blank as for Java's trim: such a line is no row.
    filled = F.count_if(F.col("value").rlike(r"[^\x00-\x20]")).alias("filled")
    with reading(", ".join(paths), "lines of text, plain or gzipped"):
        rows = lines.groupBy(FILE).agg(*_digest(F.xxhash64("value")), filled).collect()
    return {_same(row[FILE]): row for row in rows}


def _content(rows: DataFrame) -> str:
    text = F.to_json(F.struct(*[F.col(quoted(name)) for name in rows.columns]))
    return _named(rows.agg(*_digest(F.xxhash64(text))).first())


def _digest(hashed: Column) -> list[Column]:
    """What tells two sets of lines apart, in whatever order they stand: their number and two sums of their hashes."""
    low, high = hashed.bitwiseAND(F.lit(0xFFFFFFFF)), F.shiftrightunsigned(hashed, 32)
    return [F.count("*").alias("number"), F.sum(low).alias("low"), F.sum(high).alias("high")]


def _named(digest: Row | None) -> str:
    return f"{digest['number']}-{digest['low'] or 0:x}-{digest['high'] or 0:x}" if digest else ""


def _rows_in(content: str) -> int | None:
    """How many lines or rows a digest is of; None of a Delta table's version, which does not say."""
    found = re.match(r"\d+(?=-)", content)
    return int(found.group()) if found else None


def _same(path: str) -> str:
    """One spelling of a path, where Spark has several (file:/a%20b, file:///a%20b)."""
    return _plain(unquote(path))


def _plain(path: str) -> str:
    return re.sub(r"^file:/+", "/", path)


def _find_table(
    spark: SparkSession, source: Source, name: str, folder: str, taken: Sequence[ListedFile], digested: bool
) -> RawInput:
    table = source.raw[name]
    place = str(table.path) if table.format == "table" else f"{folder.rstrip('/')}/{table.path}"
    if table.format == "delta" and ":" not in place and not place.startswith("/"):
        place = str(Path(place).absolute())  # Delta takes a path for a table's name only where it is absolute
    raw = RawInput(name, table, place=place)
    columns = columns_of(spark, name, table, place)
    if not digested:
        return replace(raw, files=(RawFile(place, columns, ListedFile(place)),))
    # The version of a Delta table; of others what they hold.
    version = version_of(spark, table, place)
    with reading(place, table.expected):
        content = version or _content(load(spark, table, place))
    before = [seen.content for seen in taken if seen.path == place]
    if version is None and name in source.latest_is_right:
        before = before[-1:]  # it may be again what it was once
    if is_processed(content, before):
        return raw
    since = version_before(content, before)
    if since is not None:
        has_newer_rows = has_newer(spark, table, place, content, since)
        if has_newer_rows is False:
            return raw
        # Where the version is no longer to be had all is read: what was taken in before is a duplicate.
        since = since if has_newer_rows else None
    seen = ListedFile(place, content=content, lines=_rows_in(content))
    return replace(raw, files=(RawFile(place, columns, seen),), since=since)


def _matches(table: RawTable, name: str, whatever_case: bool = False) -> bool:
    if table.pattern:
        return bool(re.fullmatch(table.pattern, name, flags=re.IGNORECASE if whatever_case else 0))
    glob = table.glob or ""
    return fnmatchcase(name.lower(), glob.lower()) if whatever_case else fnmatchcase(name, glob)


def _name_of(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _header(spark: SparkSession, table: RawTable, path: str) -> tuple[str, ...]:
    fields: Sequence[str] = spark.read.options(**{**options_of(table), "header": True}).csv(as_written(path)).columns
    if not fields:
        expected = "a header and rows" if table.has_header else "rows"
        raise InputError(f"{path}: found nothing in it, expected {expected}; mend the export")
    if table.format == "fixed" or not table.has_header:
        return tuple(table.columns)
    if any(_may_be_renamed(name, at) for at, name in enumerate(fields)):
        fields = _first_row(spark, table, path)
    if table.is_cut:
        fields = str(fields[0]).split()
    names = [(value or "").removeprefix("\ufeff").strip() for value in fields]
    return _told_apart(names, table, path)


def _told_apart(names: Sequence[str], table: RawTable, path: str) -> tuple[str, ...]:
    """The names of a header, of which Spark wants each once, whatever its case: further columns of a name that nobody
    declares get a number.
    """
    taken = Counter(name.casefold() for name in (*names, *table.columns))
    declared, seen, result = {name.casefold() for name in table.columns}, set[str](), []
    for position, name in enumerate(names, 1):
        name = name or f"_unnamed_{position}"
        if name.casefold() in seen:
            if name.casefold() in declared:
                raise InputError(f"{path}: found the column {name!r} twice in the header, expected it once")
            number = next(at for at in count(2) if f"{name}_{at}".casefold() not in taken)
            name = f"{name}_{number}"
            taken[name.casefold()] += 1
        seen.add(name.casefold())
        result.append(name)
    return tuple(result)


def _may_be_renamed(name: str, position: int) -> bool:
    """Whether a name may be one that Spark gave a column that stands twice, or has no name: by its position."""
    return name.endswith(str(position))


def _first_row(spark: SparkSession, table: RawTable, path: str) -> Sequence[str]:
    """The header's names as they stand, read as data."""
    options = {**options_of(table), "header": False}
    # Only the file's first part: which row a limit takes of several parts is not said.
    first_part = spark.read.options(**options).csv(as_written(path)).where(F.col("_metadata.file_block_start") == 0)
    return tuple(first_part.limit(1).collect()[0])


def _check_columns(raw: RawInput) -> None:
    for file in raw.files:
        spelled = {other.casefold() for other in file.columns}
        for column, declared in raw.table.columns.items():
            # One that may be missing is not: Spark could not tell it apart from that of earlier days.
            is_misspelt = column.casefold() in spelled
            if column in file.columns or (declared.optional and not is_misspelt):
                continue
            near = get_close_matches(column.lower(), [other.lower() for other in file.columns], n=3)
            found = [other for other in file.columns if other.lower() in near]
            hint = f"found {', '.join(map(repr, found))} instead" if found else f"found {', '.join(file.columns)}"
            raise InputError(
                f"{file.name}: the column {column!r} of {raw.name} is missing, {hint}; "
                "mend the export, or the column's name in the source file"
            )
