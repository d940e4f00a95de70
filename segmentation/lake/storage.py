"""What Spark or a file system said that refused, in the words of one line: for errors that people can act on."""

from __future__ import annotations

import re

from pyspark.errors import PySparkException

IN_JAVA = re.compile(r"An error occurred while calling \S+\n: ")  # py4j's own first line says nothing
GONE = re.compile(r"FILE_NOT_EXIST|FILE_NOT_FOUND|FileNotFound|NoSuchKey|PathNotFound")
SAYINGS = (
    r"No space left on device",
    r"Permission denied",
    r"Read-only file system",
    r"Not a directory",
    r"Mkdirs failed to create \S+",
    r"Cannot create \S+/_delta_log",
    r"Parent path is not a directory: \S+",
    r"No FileSystem for scheme \S+",
    r"Class \S+FileSystem not found",
    r"ParentNotDirectoryException[^\n]*",
    r"AccessDenied\w*",
    r"cannot create directory[^\n]*",
    r"FileAlreadyExistsException[^\n]*",
    r"UnknownStoreException[^\n]*",
    r"UnknownHostException[^\n]*",
)


def as_written(path: str) -> str:
    """A path for Spark's readers, which else take some signs in it for a pattern and read other files.

    >>> as_written("exports [new]/sold*.csv")
    'exports \\\\[new\\\\]/sold\\\\*.csv'
    """
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", path)


def is_of_spark(error: Exception) -> bool:
    """Whether Spark, or what it asked, refused: a job that failed and Delta's conflicts are py4j's own errors."""
    # py4j's classes cannot be imported on Spark Connect: they are recognised by the module's name
    return isinstance(error, PySparkException) or "py4j" in type(error).__module__


def is_gone(error: Exception) -> bool:
    """Whether a file was asked for that is no more there."""
    return is_of_spark(error) and bool(GONE.search(str(error)))


def io_cause(error: Exception) -> str | None:
    """What the file system said, where it was the file system that refused; None for any other error."""
    if not is_of_spark(error):
        return None
    found = (re.search(saying, str(error), flags=re.IGNORECASE) for saying in SAYINGS)
    return next((match.group(0) for match in found if match), None)


def first_sentence(error: Exception) -> str:
    """The first sentence of what Spark says, without its error class and its plan; of Java's errors the last cause.

    >>> first_sentence(PySparkException("[A.B] No such table. SQLSTATE: 42P01; line 1"))
    'No such table'
    >>> first_sentence(Exception("An error occurred while calling o1.sql.\\n: a.b.Added: [A.B] Files were added. Try"))
    'Files were added. Try'
    """
    said = str(error).strip()
    lines = IN_JAVA.sub("", said, count=1).splitlines() or [type(error).__name__]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    first = causes[-1] if causes and IN_JAVA.match(said) else lines[0]
    first = re.sub(r"^(?:[a-z]\w*\.)+[A-Z][\w$]*: ", "", first)
    return re.sub(r"^\[[A-Z_.]+\]\s*", "", first).split(" SQLSTATE")[0].rstrip(". ")
