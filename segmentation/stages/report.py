"""The last stage: what the lake holds → the page and its charts; and what a run says of itself when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame

from segmentation import schemas
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.reporting import write_report
from segmentation.reporting.data import rows
from segmentation.reporting.gather import gather, last_batch
from segmentation.run import Run
from segmentation.stages.models import published_models
from segmentation.stages.segments import Segmentation
from segmentation.stages.translation import in_language
from segmentation.story import Archetypes
from segmentation.story.marketplace import Marketplace
from segmentation.tracking import Tracker

Profiles = Mapping[str, list[dict[str, Any]]]  # by entity, a row per segment


def check_segments(run: Run) -> None:
    """Refuse a page of segments that nobody has made: before anything is written."""
    if not run.has("report") or run.has("segment"):
        return
    for entity in (ENTITIES[name] for name in run.config.entities):
        if not run.lake.exists(entity.profiles.name):
            raise InputError(
                f"{run.lake.place(entity.profiles.name)}: found no such table, expected one from an earlier run; "
                "add stage segment, or set --lake"
            )


def report(run: Run, archetypes: Mapping[str, Archetypes], suggestions: Marketplace) -> None:
    """What the lake holds → report.html and charts, in the language asked for."""
    with run.progress.step("report", "report"):
        write_report(gather(in_language(run, archetypes), run, suggestions), run.config.output, run.config.lang)


def tell_segments(run: Run, done: Mapping[str, Segmentation], tracker: Tracker | None) -> None:
    """Tell MLflow, where it is asked for, and the log of the segments that were published, and where everything is."""
    profiles = {name: _rows(run.lake.read(ENTITIES[name].profiles)) for name in done}
    if tracker:
        _track(run, done, profiles, tracker)
    words = run.source.words.words("en")
    for name, one in done.items():
        fitted, found = one.fitted, one.found
        sentence = found.choice.sentence if found else f"By the model of run {fitted.fitted_by}, without a refit."
        segments = profiles[name]
        shown = [feature for feature in fitted.plan.features if f"mean_{feature}" in segments[0]]
        run.progress.segments(name, sentence, run.verdicts[name], segments, shown, words)
    tell_end(run)


def tell_end(run: Run) -> None:
    """Where the tables are, and the page where there is one; and how long it took."""
    place = run.lake.location
    run.progress.line(f"\ntables  {place}", f"tables: {place}", path=place)
    if run.has("report"):
        page = f"{run.config.output.rstrip('/')}/report.html"
        run.progress.line(f"report  {page}", f"report: {page}", path=page)
    run.progress.done(run.seconds)


def _track(run: Run, done: Mapping[str, Segmentation], profiles: Profiles, tracker: Tracker) -> None:
    """What was published → MLflow: the search of this run, and the page with the searches whose segments it shows."""
    found = {name: one.found for name, one in done.items() if one.found}
    with tracker.unless_it_fails(run.progress), run.progress.step("mlflow", "segment" if found else "report"):
        if found:
            batch = rows(last_batch(run.lake.read(schemas.LEDGER).toPandas()))
            tracker.log_search(run, found, profiles, batch, run.spark.version)
        if run.has("report"):
            tracker.log_report(sorted(_searched_by(run)))


def _searched_by(run: Run) -> set[str]:
    """The runs that searched for the segments that the lake shows."""
    last = [published_models(run.lake, ENTITIES[name]).first() for name in run.config.entities]
    return {row["fitted_by"] for row in last if row}


def _rows(small: DataFrame) -> list[dict[str, Any]]:
    """All rows, of what is a row per segment or per table."""
    return [row.asDict() for row in small.collect()]
