"""Whether segments are searched for anew, or everyone goes where the last model puts them; and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from segmentation import schemas
from segmentation.clustering.baseline import Baseline, SampleStatistics, statistics_of
from segmentation.clustering.fitted_model import FittedModel
from segmentation.clustering.search import seen_by
from segmentation.clustering.vectors import Sample
from segmentation.entities import ENTITIES, Entity
from segmentation.errors import InputError
from segmentation.features.increment import State
from segmentation.i18n.texts import Texts, load_texts
from segmentation.lake.tables import Lake
from segmentation.periodic.drift import Finding, a_year_before, findings, has_drifted, in_season
from segmentation.periodic.fates import Fate
from segmentation.periodic.snapshots import dated, snapshots
from segmentation.run import Run
from segmentation.session import cached
from segmentation.stages.as_of import first_day
from segmentation.stages.models import (
    check_features,
    language_of,
    published_model,
    published_models,
    readable,
    recorded_config,
)


@dataclass(frozen=True)
class Decision:
    """What becomes of one entity's model: whether it is `refit`, the reason (a key of the texts side.refit.reasons)
    with what it names, the model to go by where it is not, the `last` one, of which the lake's segments are, how far
    figures have drifted, and what was `seen` of today's entities (search.seen_by).
    """

    entity: Entity
    refit: bool
    reason: str
    named: Mapping[str, str] = field(default_factory=dict)
    fitted: FittedModel | None = None
    last: FittedModel | None = None
    findings: Sequence[Finding] = ()
    seen: Sample | None = field(default=None, compare=False)

    def sentence(self, texts: Texts) -> str:
        """What is done, and why."""
        named = {key: texts.language(code) for key, code in self.named.items()} if self.reason == "lang" else self.named
        values = {"run": self.fitted.fitted_by if self.fitted else "", **named}
        done = texts.side(self.entity.name, "refit.anew" if self.refit else "refit.kept", **values)
        return f"{done}: {texts.side(self.entity.name, f'refit.reasons.{self.reason}', **values)}"

    def record(self, texts: Texts, became: Sequence[Fate] = ()) -> dict[str, object]:
        """For the table of runs."""
        return {
            "refit": self.refit,
            "reason": self.reason,
            "named": dict(self.named),
            "sentence": self.sentence(texts),
            "fitted_by": self.fitted.fitted_by if self.fitted else None,
            "due": has_drifted(self.findings) if self.findings else None,
            "figures": [found.record() for found in self.findings],
            "became": [{"kind": fate.kind, "earlier": fate.earlier, "later": fate.later} for fate in became],
        }


def check_model(run: Run) -> None:
    """Refuse a run that is to put everyone where a published model does, and cannot: before anything is written."""
    config, lake = run.config, run.lake
    if config.refit != "never" or not run.has("segment"):
        return
    for entity in (ENTITIES[name] for name in config.entities):
        fitted = published_model(lake, entity, config.model)
        lang = language_of(lake, fitted.fitted_by)
        if lang not in (None, config.lang):
            raise InputError(
                f"lang: found {config.lang}, expected {lang}, in which the model of run {fitted.fitted_by} names "
                f"{entity.name}; set --lang {lang}, or search anew with jobs/segment.py --refit always"
            )
        made = run.has("features")
        columns = run.source.features(entity.features).names if made else lake.read(entity.features).columns
        check_features(fitted, columns, entity, lake)


def decide_refit(run: Run, entity: Entity) -> Decision:
    """The config's word, or with `auto` the figures': searched for anew where the last model does not fit what is asked
    for, or where it has drifted.
    """
    config, lake, progress = run.config, run.lake, run.progress
    features = lake.read(entity.features)
    if config.refit == "never":
        fitted = published_model(lake, entity, config.model)
        seen = _seen(run, entity, fitted, features)
        drift = _findings(run, entity, fitted, seen)
        last = _last(lake, entity)[0] if config.model else fitted
        decision = Decision(entity, False, "never", fitted=fitted, last=last, findings=drift, seen=seen)
    elif config.refit == "always":
        decision = Decision(entity, True, "always", last=_last(lake, entity)[0])
    else:
        decision = _by_drift(run, entity, features)
    texts = load_texts("en").worded(config.source.words)
    if config.refit == "auto" or has_drifted(decision.findings):
        facts: dict[str, object] = {
            "entity": entity.name,
            "refit": decision.refit,
            "reason": decision.reason,
            "drift": [found.record() for found in decision.findings if found.level],
        }
        progress.line(f"  {decision.sentence(texts)}", decision.sentence(texts), facts=facts)
        for found in decision.findings:
            if found.level in ("watch", "drifted"):
                progress.line(f"    {_in_words(found)}", _in_words(found))
    return decision


def _by_drift(run: Run, entity: Entity, features: DataFrame) -> Decision:
    fitted, why = _last(run.lake, entity)
    if fitted is None:
        return Decision(entity, True, why)
    why, named = _unfit(run, entity, fitted, features)
    if why:
        return Decision(entity, True, why, named=named, last=fitted)
    seen = _seen(run, entity, fitted, features)
    if fitted.count < fitted.plan.gate.min_entities <= seen[1]:  # both of those whom a search looks at
        return Decision(entity, True, "few", named={"count": f"{fitted.count:,}"}, last=fitted)
    found = _findings(run, entity, fitted, seen)
    drifted = [each for each in found if each.level == "drifted"]
    if drifted:
        what = ", ".join(map(_called, drifted))
        return Decision(entity, True, "drift", named={"what": what}, last=fitted, findings=found)
    return Decision(entity, False, "steady", fitted=fitted, last=fitted, findings=found, seen=seen)


def _last(lake: Lake, entity: Entity) -> tuple[FittedModel | None, str]:
    """The model that the lake's segments are of; None where there is none that can be read, and why."""
    # Of a lake whose only run died there are models, and no runs.
    is_there = lake.exists(schemas.MODELS.name) and lake.exists(schemas.RUNS.name)
    row = published_models(lake, entity).first() if is_there else None
    if row is None:
        return None, "no_model"
    fitted = readable(row)
    return fitted, "" if fitted else "unreadable"


def _unfit(run: Run, entity: Entity, fitted: FittedModel, features: DataFrame) -> tuple[str, dict[str, str]]:
    """Why a model is not what the config asks for, whatever the data; "" where it is."""
    config = run.config
    told = recorded_config(run.lake, fitted.fitted_by)
    if told and told.lang and told.lang != config.lang:
        return "lang", {"old": told.lang, "new": config.lang}
    missing = fitted.model.lacking(features.columns)
    if missing:
        return "features", {"feature": missing[0]}
    if fitted.plan != config.plan(entity.name):
        return "plan", {}
    if told and told.source and not told.has_source_of(config):
        return "source", {}
    if fitted.baseline is None:
        return "no_baseline", {}
    return "", {}


def _findings(run: Run, entity: Entity, fitted: FittedModel, seen: Sample) -> list[Finding]:
    """Today's entities against those that the model was fitted on; where they have drifted, the season is asked too."""
    baseline = fitted.baseline
    if baseline is None:
        return []
    now = statistics_of(seen[0], fitted.model, baseline.bins)
    found = findings(baseline.figures, now)
    if not has_drifted(found) or not run.source.has_orders:
        return found
    season = _season(run, entity, fitted, baseline)
    return findings(baseline.figures, now, season) if season else found


def _seen(run: Run, entity: Entity, fitted: FittedModel, features: DataFrame) -> Sample:
    return seen_by(features, fitted.model, entity, run.source.members)


def _season(run: Run, entity: Entity, fitted: FittedModel, baseline: Baseline) -> SampleStatistics | None:
    """What the same stretch of time did a year before, from today's orders; None where these do not go back as far."""
    then, since = a_year_before(baseline.as_of), a_year_before(run.day)
    now = State(*map(run.lake.read, run.source.measured_tables))
    first = first_day(now.orders)
    if first is None or first > min(then, since):
        return None
    days = sorted({then, since})
    with cached(snapshots(run.source, *dated(now, run.source.sales, days), now.users, days, entity.name)) as known:
        of_day = {
            day: statistics_of(
                _seen(run, entity, fitted, known.where(F.col("as_of") == F.lit(day)))[0], fitted.model, baseline.bins
            )
            for day in days
        }
    return in_season(baseline.figures, of_day[then], of_day[since])


def _called(found: Finding) -> str:
    """A figure's name on the console."""
    return {
        "feature": found.of or "",
        "segments": "shares of segments",
        "unsure": "share on the border",
        "silhouette": "silhouette lost",
    }[found.kind]


def _in_words(found: Finding) -> str:
    """A figure on the console, against its limit.

    >>> _in_words(Finding("feature", "recency_days", 0.31, 0.25, 0.1, 0.02))
    'recency_days: PSI 0.310, 0.020 against the same season a year before; steady, refitted from 0.250 on'
    """
    name = "PSI " if found.kind in ("feature", "segments") else ""
    season = "" if found.in_season is None else f", {found.in_season:.3f} against the same season a year before"
    return f"{_called(found)}: {name}{found.value:.3f}{season}; {found.level}, refitted from {found.limit or 0:.3f} on"
