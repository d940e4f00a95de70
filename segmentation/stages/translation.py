"""Segments in the language of a page, where the tables tell them in another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyspark.sql import DataFrame

from segmentation.entities import ENTITIES, Entity
from segmentation.i18n.text import Lang
from segmentation.i18n.texts import load_texts
from segmentation.run import Run
from segmentation.schemas import Table
from segmentation.stages.archetypes import story_context
from segmentation.stages.models import language_of, published_model, verdict_of
from segmentation.story import Archetypes, Story, tell, with_stories
from segmentation.story.columns import COLUMNS


def in_language(run: Run, archetypes: Mapping[str, Archetypes]) -> Callable[[Table], DataFrame]:
    """Reads the lake's tables; profiles that another run told in another language are told anew in this one's, and so
    are names in migrations where profiles have them. The tables stay as they are, which is said.
    """
    lake = run.lake
    if run.has("segment"):  # in the run's own language
        return lake.read
    changed: dict[str, DataFrame] = {}
    for entity in (ENTITIES[name] for name in run.config.entities):
        profiles = lake.read(entity.profiles)
        made_by = profiles.select("run_id").first()
        lang = language_of(lake, made_by["run_id"]) if made_by else None
        if made_by is None or lang in (None, run.config.lang):
            continue
        _tell(run, entity, lang)
        told, names = _told_anew(run, entity, profiles, made_by["run_id"], lang, archetypes[entity.name])
        changed[entity.profiles.name] = told
        if lake.exists(entity.migrations.name):
            moved = lake.read(entity.migrations)
            changed[entity.migrations.name] = moved.replace([*names], [*names.values()], ["name_from", "name_to"])
    return lambda table: changed[table.name] if table.name in changed else lake.read(table)


def _told_anew(
    run: Run, entity: Entity, profiles: DataFrame, made_by: str, lang: Lang, archetypes: Archetypes
) -> tuple[DataFrame, dict[str, str]]:
    """Profiles told in the run's language, and what names of `lang` are called in it.

    A segment that has kept a name which today's figures would not give it keeps it here too: what it was called by the
    figures of that day in another language is not known.
    """
    source = run.source
    fitted = published_model(run.lake, entity, made_by)
    verdict = verdict_of(run.lake, entity, fitted)
    rows = [row.asDict() for row in profiles.collect()]  # a row per segment
    stored = {row["segment"]: row["segment_name"] for row in rows}

    def stories(lang: Lang, names: Mapping[int, str]) -> dict[int, Story]:
        known = story_context(source, fitted.model, names)
        return {each.segment: each for each in tell(rows, entity, verdict, archetypes, lang, source.currency, known)}

    today = {segment: told.segment_name for segment, told in stories(lang, {}).items()}
    kept = {segment: name for segment, name in stored.items() if name != today[segment]}
    anew = stories(run.config.lang, kept)
    names = {stored[segment]: told.segment_name for segment, told in anew.items()}
    return with_stories(profiles.drop(*COLUMNS), [*anew.values()]), names


def _tell(run: Run, entity: Entity, lang: Lang) -> None:
    texts = load_texts("en").worded(run.source.words)
    sentence = texts.told_in(entity.name, run.config.lang, lang)
    run.progress.line(f"  {sentence}", sentence, facts={"entity": entity.name, "tables": lang})
