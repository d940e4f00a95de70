"""What Spark cannot read of somebody's files, as one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from pyspark.errors import AnalysisException

from segmentation.errors import InputError
from segmentation.lake.storage import first_sentence, is_of_spark

# Beside what is known when a query is planned (AnalysisException): what is wrong with a file, not with Spark.
OF_FILES = re.compile(r"FAILED_READ_FILE|CANNOT_MERGE|CONFLICTING_DIRECTORY|URISyntaxException|not a gzip file")
NAMED = re.compile(r"reading file ((?:file:|\w+://|/)\S+?)\.?\s")


@contextmanager
def reading(place: str, expected: str) -> Iterator[None]:
    """For the block, what cannot be read is an InputError that names the file: that which Spark names, else `place`."""
    try:
        yield
    except Exception as error:
        if not is_of_spark(error) or not (isinstance(error, AnalysisException) or OF_FILES.search(str(error))):
            raise
        named = NAMED.search(str(error))
        file = unquote(named[1]) if named else place
        if "URISyntaxException" in str(error) and ":" in file.rsplit("/", 1)[-1]:
            raise InputError(
                f"{file}: found a colon in its name, which Spark does not read here; rename the file"
            ) from None
        mended = "; write times by to_parquet(…, coerce_timestamps='us')" if "TIMESTAMP(NANOS" in str(error) else ""
        raise InputError(f"{file}: cannot be read ({first_sentence(error)}), expected {expected}{mended}") from None
