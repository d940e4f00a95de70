"""The past: who moved between the last two snapshots, why, and how the months went. A lake without history has none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.periodic.causes import CAUSES
from segmentation.reporting.charts.columns import Series, draw_columns
from segmentation.reporting.charts.heat import Cell, Grid, draw_grid, grid_in_words
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.data import EntityData, ReportData, rows
from segmentation.reporting.sections import cohorts, paths
from segmentation.reporting.sections.months import calendar, full_months, is_open, spans, without_figure
from segmentation.reporting.sections.other_model import REFIT, called, is_by_two_models, is_move, what_became
from segmentation.reporting.sections.overview import by_dimension
from segmentation.reporting.sections.prediction import Prediction, prediction
from segmentation.reporting.theme import FULL, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

STEPS = (0.02, 0.1, 0.4, 0.75)  # of a row: where a colour turns into the next
NEW, GONE = -1, 10**6  # places of who came and who went: before all segments, and after them

Pair = tuple[int, int]


@dataclass(frozen=True)
class Line:
    """One cause: how many moved by it, and their GMV on either day."""

    cause: str
    meaning: str
    entities: str
    gmv_from: str
    gmv_to: str


@dataclass(frozen=True)
class Past:
    """What the page says of the buyers, or the sellers."""

    key: str
    lead: str
    pictures: Sequence[Picture]
    causes: Sequence[Line]
    prediction: Prediction | None = None


def pasts(data: ReportData, voice: Voice) -> list[Past]:
    """Of each side that there is a history of."""
    began = next(iter(full_months(by_dimension(data.overview).get("month", []))), "")
    return [found for name, entity in data.entities.items() if (found := _past(name, entity, data, began, voice))]


def _past(name: str, data: EntityData, report: ReportData, began: str, voice: Voice) -> Past | None:
    moved = rows(data.migrations)
    drawn = [
        paths.picture(name, moved, voice) if moved else None,
        _matrix(name, moved, voice) if moved else None,
        _months(name, rows(data.kpis), report.run.as_of, began, voice),
        cohorts.picture(name, rows(data.cohorts), report.run.as_of, voice, began),
    ]
    pictures, told = [one for one in drawn if one], prediction(name, rows(data.prediction), voice)
    if not pictures and told is None:
        return None
    return Past(name, _lead(name, moved, voice) if moved else "", pictures, _causes(moved, voice), told)


def _count(found: Sequence[Row]) -> int:
    return int(sum(number(row["entities"]) or 0 for row in found))


def _lead(name: str, moved: Sequence[Row], voice: Voice) -> str:
    """How many were there on either day, how many of those changed segment, what another model did to segments, and
    what became of the best one.
    """
    known = [row for row in moved if row["segment_from"] is not None]
    changed, new = [row for row in moved if is_move(row)], [row for row in moved if row["segment_from"] is None]
    count = voice.figures.count
    told = {"moved": count(_count(changed)), "all": count(_count(known)), "new": count(_count(new))}
    said = [voice.translate.side(name, "past.lead", **told, **_days(moved, voice)), what_became(name, moved, voice)]
    best = min((int(row["segment_from"]) for row in known if int(row["segment_from"]) > 0), default=None)
    lost = [row for row in changed if row["segment_from"] == best]
    if lost:
        gmv = sum(number(row["gmv_from"]) or 0.0 for row in lost)
        said.append(
            voice.translate.side(
                name,
                "past.lost",
                count=count(_count(lost)),
                money=voice.figures.money(gmv),
                segment=voice.labels.segment(int(best or 0), lost[0]["name_from"]),
            )
        )
    return " ".join(filter(None, said))


def _days(moved: Sequence[Row], voice: Voice) -> dict[str, str]:
    return {"first": voice.figures.day(moved[0]["as_of_from"]), "second": voice.figures.day(moved[0]["as_of_to"])}


def _matrix(name: str, moved: Sequence[Row], voice: Voice) -> Picture:
    """From where, in rows, to where, in columns; by one model, who stayed lies on the diagonal."""
    counts = _counts(moved)
    starts, ends = (sorted({pair[side] for pair in counts}) for side in (0, 1))
    were, are = called(moved, "from"), called(moved, "to")
    rows_of = {at: _name(at, were.get(at), voice) for at in starts}
    columns_of = {at: _name(at, are.get(at), voice) for at in ends}
    lines = []
    for start in starts:
        whole = sum(count for (each, _), count in counts.items() if each == start)
        shown = [counts.get((start, end), 0) for end in ends]
        steps = [sum(count > limit * whole for limit in STEPS) for count in shown]
        figures = [voice.figures.count(count) if count else "–" for count in shown]
        lines.append([Cell(step if text != "–" else None, text) for step, text in zip(steps, figures, strict=True)])
    grid = Grid(
        [*columns_of.values()],
        [*rows_of.values()],
        lines,
        voice.translate("trade.little"),
        voice.translate("trade.much"),
        [segment_colour(0 if end == GONE else end) for end in ends],
        rising=True,
    )
    return Picture(
        f"{name}_migrations",
        _title(name, _counts([row for row in moved if is_move(row)]), rows_of, columns_of, voice),
        grid_in_words(grid),
        partial(draw_grid, grid),
        kicker=voice.translate("past.kicker", **_days(moved, voice)),
        note=" ".join(voice.translate(key) for key in ("past.note", *["past.note_models"] * is_by_two_models(moved))),
        width=FULL,
    )


def _counts(moved: Sequence[Row]) -> dict[Pair, int]:
    """How many by segments on either day, whatever the cause."""
    counts: dict[Pair, int] = {}
    for row in moved:
        start = NEW if row["segment_from"] is None else int(row["segment_from"])
        end = GONE if row["segment_to"] is None else int(row["segment_to"])
        counts[start, end] = counts.get((start, end), 0) + _count([row])
    return counts


def _title(
    name: str, paths: Mapping[Pair, int], rows_of: Mapping[int, str], columns_of: Mapping[int, str], voice: Voice
) -> str:
    """The path that most took of those who moved."""
    if not paths:
        return voice.translate.side(name, "past.nobody")
    start, end = max(paths, key=lambda pair: (paths[pair], -pair[0], -pair[1]))
    most = voice.figures.count(paths[start, end])
    return voice.translate.side(name, "past.title", count=most, start=rows_of[start], end=columns_of[end])


def _name(segment: int, name: object, voice: Voice) -> str:
    if segment in (NEW, GONE):
        return voice.translate("past.new" if segment == NEW else "past.gone")
    return voice.labels.segment(segment, name)


def _causes(moved: Sequence[Row], voice: Voice) -> list[Line]:
    """Why those who are in another segment are: what they did themselves first, another model last."""
    found = []
    for cause in reversed([one.name for one in CAUSES]):
        mine = [row for row in moved if row["cause"] == cause and (is_move(row) or cause == REFIT)]
        if mine:
            sums = [sum(number(row[side]) or 0.0 for row in mine) for side in ("gmv_from", "gmv_to")]
            before, after = map(voice.figures.money, sums)
            name, meaning = (voice.translate(f"past.{part}.{cause}") for part in ("causes", "meanings"))
            found.append(Line(name, meaning, voice.figures.count(_count(mine)), before, after))
    return found


def _months(name: str, found: Sequence[Row], as_of: date | None, began: str, voice: Voice) -> Picture | None:
    """Active and new ones, and how many came back, month by month. The note says which months are not whole, were not
    looked back on, or have no figure, as where nobody was there to come back. began: the month of the first order."""
    at = {str(row["month"]): row for row in found}
    if len(at) < 2:
        return None
    figures = voice.figures
    months = calendar(min(at), max(at))
    labels = [figures.month(month) for month in months]
    count, share = (figures.count, figures.tick), (figures.share, figures.percent)
    forms = {"active_entities": count, "new_entities": count, "retention_rate": share}
    values = {column: [number(at[month][column]) if month in at else None for month in months] for column in forms}
    series = [
        Series(voice.translate.side(name, f"past.{column}"), values[column], *form)
        for column, form in forms.items()
        if any(values[column])
    ]
    if not series:
        return None
    active = values["active_entities"]
    # Looked back from a day in their midst, and never again since.
    parts = [month for month, row in at.items() if is_open(month, row.get("as_of") or as_of)]
    last = max({*at} - {*parts}, default=months[-1])
    title = voice.translate.side(
        name, "past.months_title", month=figures.month(last), count=figures.count(active[months.index(last)])
    )
    said = [f"{label}: {figures.count(value)}" for label, value in zip(labels, active, strict=True)]
    return Picture(
        f"{name}_kpis",
        title,
        "; ".join(said),
        partial(draw_columns, labels, series, months[-1] in parts),
        kicker=voice.translate.side(name, "past.months"),
        note=" ".join(_left_out(months, sorted(parts), at, began, series, voice)),
        width=FULL,
    )


def _left_out(
    months: Sequence[str],
    parts: Sequence[str],
    known: Collection[str],
    began: str,
    series: Sequence[Series],
    voice: Voice,
) -> list[str]:
    """Which of the months shown are not whole, which are not `known` at all, and which have no figure of a measure."""
    translate, last = voice.translate, months[-1]
    said = [translate("overview.open_month", month=voice.figures.month(last))] if last in parts else []
    if earlier := [month for month in parts if month != last]:
        said.append(translate("by_month.part", months=spans(earlier, voice)))
    if began in months:
        said.append(translate("by_month.first", first=voice.figures.month(began)))
    if missing := [month for month in months if month not in known]:
        said.append(translate("by_month.missing", months=spans(missing, voice)))
    return [*said, *without_figure(months, series, voice, missing)]
