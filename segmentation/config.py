"""What a run is told: the config as a typed, frozen model, with options of the command line over it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.i18n.text import Lang, Text
from segmentation.i18n.wording import EntityName
from segmentation.ingest.quality_rules import ONLY_WARNINGS, Standards, switchable
from segmentation.logs import LogFormat
from segmentation.plans import EntityPlan, FrozenModel, Share
from segmentation.session import NEEDED, TIME_ZONE
from segmentation.source import Source
from segmentation.yaml_file import load_model, read_yaml, validated

Stage = Literal["ingest", "features", "segment", "report"]
Measure = Literal["arpu", "repeat_rate", "completion_rate", "conversion_rate", "buyers", "orders", "gmv"]
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
SECRET = re.compile(r"^https?://[^/]*@|//[^@]*:[^@]*@|[?&][^=&]*(password|token|secret|key)[^=&]*=", re.IGNORECASE)
T = TypeVar("T")

STAGES: tuple[Stage, ...] = get_args(Stage)


class Quality(FrozenModel):
    """When a run stops rather than publish."""

    max_quarantine_share: Share = 0.05
    first_year: int | None = Field(None, description="of orders, over the source's own")
    last_year: int | None = Field(None, description="of orders, over the source's own")
    rules: dict[str, Literal["quarantine", "warn", "off"]] = Field({}, description="rules switched, by name")

    @field_validator("rules", mode="before")
    @classmethod
    def _switched(cls, rules: object) -> object:
        if not isinstance(rules, dict):
            return rules
        for name in rules:
            if name not in switchable():
                near = get_close_matches(str(name), switchable(), n=1) or ["one of " + ", ".join(switchable())]
                raise ValueError(f"found {name!r}, expected {near[0]}")
        found = {name: "off" if to is False else to for name, to in rules.items()}  # YAML reads off as false
        for name in ONLY_WARNINGS:
            if found.get(name) == "quarantine":
                raise ValueError(f"{name}: found quarantine, expected warn or off: it is only told")
        return found


class Horizon(FrozenModel):
    """A stretch of the time to come and what to do in it."""

    name: Text
    steps: Annotated[tuple[Text, ...], Field(min_length=1)]


class Metric(FrozenModel):
    """Something to track, with its figure today where it is one that the tables hold."""

    name: Text
    measure: Measure | None = None


def _switch(value: object) -> object:
    """YAML reads on and off as true and false."""
    return ("on" if value else "off") if isinstance(value, bool) else value


class Tracking(FrozenModel):
    """Whether and where MLflow keeps parameters, figures, charts and models of the runs."""

    mlflow: Annotated[Literal["off", "on", "auto"], BeforeValidator(_switch)] = Field(
        "off", description="auto: on where MLflow is installed"
    )
    uri: str | None = Field(None, description="default: the workspace's on Databricks, else mlflow.db beside output")
    experiment: str | None = Field(None, description="default: the source's name; on Databricks a path")

    @field_validator("uri")
    @classmethod
    def _without_password(cls, uri: str | None) -> str | None:
        if uri and SECRET.search(uri):  # the config stands in the table of runs
            raise ValueError(
                "found a password or token in it, expected it in MLFLOW_TRACKING_PASSWORD or MLFLOW_TRACKING_TOKEN, "
                "or in the file that the database's driver reads"
            )
        return uri


def _once(values: tuple[T, ...]) -> tuple[T, ...]:
    """Without those that stand twice."""
    return tuple(dict.fromkeys(values))


def _days(value: str) -> str:
    """A number of days, such as 90d."""
    if not re.fullmatch(r"[1-9]\d{0,4}d", value):
        raise ValueError(f"found {value!r}, expected a number of days such as 90d")
    return value


def _sign(value: object) -> str:
    """One sign that can part the cells of a CSV."""
    sign = "\t" if value == "tab" else str(value)
    if sign not in (",", ";", "|", "\t"):
        raise ValueError(f"separator: found {value!r}, expected one of , ; | or tab")
    return sign


class Config(FrozenModel):
    """All that one run needs to know."""

    source: Source
    input: str
    lake: str
    output: str
    as_of: date | None = None
    entities: Annotated[tuple[EntityName, ...], Field(min_length=1), AfterValidator(_once)] = ("buyers", "sellers")
    stages: Annotated[tuple[Stage, ...], Field(min_length=1), AfterValidator(_once)] = STAGES
    lang: Lang = "en"
    log_format: LogFormat = "text"
    verbose: bool = False
    plans: dict[EntityName, EntityPlan] = Field({}, description="over the source's own, per entity")
    archetypes: dict[EntityName | Literal["marketplace"], str] = Field(
        {}, description="files of names and advice, over the source's own"
    )
    next_steps: tuple[Horizon, ...] = Field((), description="what to do, horizon by horizon, for the report")
    metrics: tuple[Metric, ...] = Field((), description="what to track, for the report")
    quality: Quality = Quality()
    tracking: Tracking = Tracking()
    keep: Annotated[str, AfterValidator(_days)] = Field("90d", description="how long replaced rows can be restored")
    upkeep: Literal["off", "daily", "weekly", "monthly"] = Field("weekly", description="how often tables are compacted")
    restore: str | None = Field(None, description="of jobs/upkeep.py: the run to make the present again")
    separator: Annotated[str, BeforeValidator(_sign)] = Field(",", description="of exports, between cells")
    decimal: Literal[".", ","] = Field(".", description="of exports, before a number's fraction")
    migrations: bool = Field(False, description="of jobs/export.py: who moved last, instead of who is where")
    spark: dict[str, str | int | float | bool] = Field({}, description="SQL settings; spark-submit's own win")
    refit: Literal["auto", "always", "never"] = Field(
        "always",
        description="whether a run searches for segments, or puts everyone into those of an earlier one; auto: "
        "searches only where they have drifted",
    )
    hysteresis: Share = Field(
        0.0, description="the confidence below which nobody leaves a segment, where nothing is refitted"
    )
    history: Annotated[Literal["off", "on"], BeforeValidator(_switch)] = Field(
        "off", description="on: each run adds its own day's snapshot to history"
    )
    model: str | None = Field(None, description="of which run, where nothing is refitted; default: the last published")
    months: Annotated[int, Field(gt=0, le=240)] = Field(12, description="of jobs/track.py: month ends to look back on")
    check: bool = Field(False, description="judge a part of each file, say what would come of it, and write nothing")
    rows: Annotated[int, Field(gt=0)] | None = Field(None, description="of each file, with check; default: 1,000")
    time_limit: Annotated[float, Field(gt=0)] | None = Field(None, description="hours after which a run gives up")

    @field_validator("output")
    @classmethod
    def _a_folder(cls, output: str) -> str:
        if URI.match(output):
            raise ValueError(
                f"found {output!r}, expected a folder of this machine or of a mount, such as one in /Volumes on "
                "Databricks; set --output"
            )
        return output

    @model_validator(mode="after")
    def _separator_is_no_decimal(self) -> Config:
        if self.separator == self.decimal:
            raise ValueError(f"decimal: found {self.decimal!r}, which is the separator too; set --separator ';'")
        return self

    @model_validator(mode="after")
    def _model_is_not_refitted(self) -> Config:
        if self.model is not None and self.refit != "never":
            raise ValueError(
                f"model: found {self.model!r} with refit {self.refit}, which goes by the last one or makes one anew; "
                "set --refit never"
            )
        return self

    @model_validator(mode="after")
    def _rows_are_checked(self) -> Config:
        if self.rows is not None and not self.check:
            raise ValueError(f"rows: found {self.rows} without check, which alone looks at a part; set --check")
        return self

    @model_validator(mode="after")
    def _known_features(self) -> Config:
        for name, plan in {**self.source.entities, **self.plans}.items():
            table = self.source.features(ENTITIES[name].features)
            kinds = {column.name: column.type for column in table.columns}
            for feature in plan.features:
                if feature not in table.names:
                    near = get_close_matches(feature, table.names, n=1) or [f"a column of {table.name}"]
                    raise ValueError(f"plans.{name}.features: found {feature!r}, expected {near[0]}")
                if feature in table.key or kinds[feature] in ("date", "timestamp"):
                    found = f"{feature!r}, which is {'an id' if feature in table.key else 'a day'}"
                    raise ValueError(f"plans.{name}.features: found {found}; expected a number or a category")
        return self

    @model_validator(mode="after")
    def _years_in_order(self) -> Config:
        years = self.standards(date.min)
        if years.first_year is not None and years.last_year is not None and years.first_year > years.last_year:
            raise ValueError(
                f"quality.first_year: found {years.first_year} as the first year and {years.last_year} as the last, "
                "expected them in order, here and in the source file"
            )
        return self

    @field_validator("spark")
    @classmethod
    def _settings_of_ones_own(cls, spark: dict[str, str | int | float | bool]) -> dict[str, str | int | float | bool]:
        for key in spark:
            if key in NEEDED:
                raise ValueError(f"found {key}, which every job sets to {NEEDED[key]}; leave it out")
            if key == TIME_ZONE:
                raise ValueError(f"found {key}, expected the zone as time_zone in the source file")
        return spark

    @property
    def max_quarantine_share(self) -> float:
        """The share of refused rows above which nothing is published: the source's, else the config's."""
        own = self.source.max_quarantine_share
        return self.quality.max_quarantine_share if own is None else own

    @property
    def share_is_in(self) -> str:
        """Where to raise that share."""
        if self.source.max_quarantine_share is None:
            return "quality.max_quarantine_share in the config"
        return "max_quarantine_share in the source file"

    @property
    def keep_days(self) -> int:
        """`keep` as a number of days."""
        return int(self.keep.removesuffix("d"))

    @field_validator("upkeep", mode="before")
    @classmethod
    def _switched_off(cls, upkeep: object) -> object:
        return "off" if upkeep is False else upkeep  # YAML reads off as false

    @property
    def years_are_in(self) -> str:
        """Where to mend between which years orders may be."""
        if self.quality.first_year is None and self.quality.last_year is None:
            return "the export, or first_year or last_year in the source file"
        return "the export, or quality.first_year or quality.last_year in the config"

    def standards(self, day: date) -> Standards:
        """What the rules go by in a run that began on a day."""
        quality, source = self.quality, self.source
        return Standards(
            source.first_year if quality.first_year is None else quality.first_year,
            source.last_year if quality.last_year is None else quality.last_year,
            dict(quality.rules),
            day,
        )

    def plan(self, entity: str) -> EntityPlan:
        """The plan of buyers or sellers: the config's, else the source's, else the default."""
        given = self.plans.get(entity) or self.source.entities.get(entity)  # type: ignore[call-overload]
        if given:
            return given
        return DEFAULT_PLANS[entity] if self.source.has_orders else plan_of_attributes(self.source)


DEFAULT_PLANS: dict[str, EntityPlan] = {
    "buyers": EntityPlan.model_validate(
        {"features": {f: {} for f in ("count_orders", "avg_order_value", "voucher_value", "recency_days")}}
    ),
    "sellers": EntityPlan.model_validate(
        {
            "features": {
                f: {} for f in ("count_orders", "avg_order_value", "unique_buyers", "total_vouchers", "recency_days")
            }
        }
    ),
}


def plan_of_attributes(source: Source) -> EntityPlan:
    """The default where there are no orders: every attribute that is a number or a category, and age.

    An attribute that a group is made of gives way to the group. Numbers are shaped as suits them.
    """
    grouped = {group.of[0]: name for name, group in source.groups.items() if group.of[0] in source.attributes}
    names = [grouped.get(name, name) for name, kind in source.attributes.items() if kind not in ("date", "timestamp")]
    ages = ["age"] if source.yields("users", "age") else []
    return EntityPlan.model_validate({"features": {name: {"transform": "auto"} for name in [*ages, *names]}})


def load_config(path: str, overrides: Mapping[str, Any] | None = None) -> Config:
    """The config in a YAML file, with options of the command line over it.

    `source` and `archetypes` name files relative to the config; input, lake and output are relative to the
    working directory, as they are on the command line. Entities are those asked for that the source has: one
    without sellers has buyers alone.
    """
    values = read_yaml(path)
    overrides = {key: value for key, value in (overrides or {}).items() if value not in (None, (), [])}
    source = overrides.pop("source", None)
    if source is None and isinstance(values.get("source"), str):
        source = str(Path(path).parent / values["source"])
    if source is None:
        raise InputError(f"{path}: source: found nothing, expected the path of a source file such as sources/padi.yml")
    model = load_model(source, Source)
    archetypes = {**_beside(source, model.archetypes), **_beside(path, values.get("archetypes", {}))}
    values = {**values, **overrides, "source": model, "archetypes": archetypes}
    config = validated(Config, values, path)
    there = tuple(name for name in config.entities if name in model.segmentable)
    if not there:
        raise InputError(
            f"{path}: entities: found {', '.join(config.entities)}, expected buyers: {source} has no others"
        )
    return config.model_copy(update={"entities": there})


def log_options_in(path: str) -> dict[str, Any]:
    """`log_format` and `verbose` as a config asks for them, whatever else is wrong with it."""
    try:
        values = read_yaml(path)
    except InputError:
        return {}
    asked = {"log_format": values.get("log_format"), "verbose": values.get("verbose")}
    return {key: value for key, value in asked.items() if value in (*get_args(LogFormat), True)}


def _beside(path: str, named: Any) -> Any:
    """Files that are named relative to the file that names them."""
    if not isinstance(named, dict):
        return {"archetypes": named}  # for the model to refuse
    return {key: str(Path(path).parent / str(name)) for key, name in named.items()}


def as_json(config: Config) -> str:
    """The resolved config, for the runs table."""
    return json.dumps(config.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class RecordedConfig:
    """What `as_json` wrote of a run, perhaps in another release: None where that release had no such key."""

    lang: Lang | None
    keep: str | None
    source: Mapping[str, Any] | None
    text: str = field(repr=False)

    @classmethod
    def from_json(cls, text: str) -> RecordedConfig:
        """The config column of a row of `runs`."""
        told = json.loads(text)
        return cls(told.get("lang"), told.get("keep"), told.get("source"), text)

    def has_source_of(self, config: Config) -> bool:
        """Whether the run went by the same source, in every key."""
        return self.source == RecordedConfig.from_json(as_json(config)).source

    def resolved(self) -> Config:
        """The whole config; pydantic's ValidationError where this release knows another form of it."""
        return Config.model_validate_json(self.text)
