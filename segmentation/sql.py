"""Names and SELECTs from configs, made safe to run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession

# Instants as JSON, to the microsecond and with their offset: an hour that a clock change doubles is still one of two.
AS_JSON = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}

ASIDE = re.compile(r"""(--[^\n]*|/\*.*?\*/)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`""", re.DOTALL)


def unquoted(select: str) -> str:
    """A SELECT without comments, and with a word in place of each quoted text or name: what it does, by its words.

    >>> unquoted("SELECT 'a, b' AS x -- two\\nFROM `odd name`")
    'SELECT q AS x  \\nFROM q'
    """
    return ASIDE.sub(lambda found: " " if found[1] else "q", select)


def quoted(*parts: str) -> str:
    """An identifier of one or more parts, in backticks.

    >>> quoted("main", "odd`name")
    '`main`.`odd``name`'
    """
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def identifier(name: str) -> str:
    """A dotted name as a config has it, with each part in backticks, whether or not it was written with them.

    >>> identifier("main.odd-name.`orders.2024`")
    '`main`.`odd-name`.`orders.2024`'
    """
    parts = re.findall(r"`(?:[^`]|``)+`|[^.]+", name)
    return quoted(*(part[1:-1].replace("``", "`") if part[0] == part[-1] == "`" else part for part in parts))


def select_from(spark: SparkSession, select: str, views: Mapping[str, DataFrame]) -> DataFrame:
    """Run a SELECT that names the views it reads, without registering any name in the session.

    Temp views resolve late on Spark Connect, so that a view replaced under a name would change the rows of
    an earlier frame: each view is handed over as a frame and named by a common table expression instead.
    """
    used: dict[str, Any] = {name: view for name, view in views.items() if re.search(rf"\b{re.escape(name)}\b", select)}
    named = ", ".join(quoted(name) + " AS (SELECT * FROM {" + name + "})" for name in used)
    body = select.strip().rstrip(";").replace("{", "{{").replace("}", "}}")
    return spark.sql(f"{'WITH ' + named if named else ''} SELECT * FROM (\n{body}\n)", **used)


def resolves(frame: DataFrame, *columns: Column | str) -> bool:
    """Whether Spark can make these columns of a frame's."""
    try:
        return bool(frame.select(*columns).columns)  # on Spark Connect a frame is only looked at when it is asked
    except AnalysisException:
        return False


def literal(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
