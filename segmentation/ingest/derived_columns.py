"""The columns that a source adds to users: values that mean unknown taken out, bands and groups put in."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from segmentation.attributes import UNKNOWN_TEXTS, Attributes, Band, Group


def with_derived_columns(users: DataFrame, source: Attributes) -> DataFrame:
    """Users (or rows of them) with NULL for what means unknown, and with the source's bands and groups.

    >>> source = Attributes.model_validate({
    ...     "sentinels": {"age": 0}, "bands": {"age_band": {"of": "age", "edges": [25], "labels": ["to 25", "older"]}}})
    >>> users = make_users(spark, [{"age": 25}, {"age": 26}, {"age": 0}])
    >>> with_derived_columns(users, source).select("age", "age_band").show()
    +----+--------+
    | age|age_band|
    +----+--------+
    |  25|   to 25|
    |  26|   older|
    |NULL|    NULL|
    +----+--------+
    """
    kinds = {field.name: field.dataType.simpleString() for field in users.schema.fields}
    known = {name: _known(name, kinds[name], values) for name, values in source.sentinels.items()}
    known |= {name: _known_text(name) for name in source.plain_texts if name in kinds}
    bands = {name: band_of(F.col(band.of), band) for name, band in source.bands.items()}
    groups = {name: group_of(group) for name, group in source.groups.items()}
    for columns in filter(None, (known, {**bands, **groups})):  # Connect refuses to add no column at all
        users = users.withColumns(columns)
    return users


def band_of(value: Column, band: Band) -> Column:
    """The label of the band that a value falls into; NULL where it is unknown."""
    label = F.when(value.isNotNull(), F.lit(band.labels[-1]))
    for edge, name in reversed(list(zip(band.edges, band.labels, strict=False))):
        label = F.when(value <= F.lit(edge), F.lit(name)).otherwise(label)
    return label


def group_of(group: Group) -> Column:
    """The label that a row's values stand under; NULL where all of them are unknown."""
    listed = [_listed(F.col(name), group) for name in group.of]
    last_known = F.coalesce(*[_text(F.col(name)) for name in reversed(group.of)])
    others = last_known if group.others is None else F.when(last_known.isNotNull(), F.lit(group.others))
    return F.coalesce(*listed, others)


def _listed(value: Column, group: Group) -> Column:
    """The label of the first list that has the value; NULL where none has."""
    text = F.lower(_text(value))
    label = F.lit(None).cast("string")
    for name, values in reversed(group.values.items()):
        plain = [each.strip().lower() for each in values if "*" not in each]
        patterns = [_like(each.strip().lower()) for each in values if "*" in each]
        is_listed = text.isin(*plain) if plain else F.lit(False)
        for pattern in patterns:
            is_listed = is_listed | text.like(pattern)
        label = F.when(is_listed, F.lit(name)).otherwise(label)
    return label


def _like(pattern: str) -> str:
    """A text with * as a pattern of LIKE."""
    escaped = pattern.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return escaped.replace("*", "%")


def _text(value: Column) -> Column:
    """A text without blanks around it; NULL where nothing is left."""
    return F.nullif(F.trim(value), F.lit(""))


def _known_text(name: str) -> Column:
    """A text, NULL where it says in so many words that it is unknown."""
    return F.when(~F.lower(F.trim(name)).isin(*UNKNOWN_TEXTS), F.col(name))


def _known(name: str, kind: str, sentinels: tuple[object, ...]) -> Column:
    """The column, NULL where it holds a value that means unknown."""
    unknown = F.lit(False)
    for value in sentinels:
        written = str(value).lower() if isinstance(value, bool) else str(value)
        unknown = unknown | F.coalesce(F.col(name) == F.lit(written).try_cast(kind), F.lit(False))
    return F.when(~unknown, F.col(name))
