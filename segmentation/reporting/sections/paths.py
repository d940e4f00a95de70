"""Who moved from which segment to which, and what it was worth, as a picture of paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from segmentation.i18n.numbers import number
from segmentation.reporting.charts.paths import Band, Place, draw_paths
from segmentation.reporting.charts.picture import Picture
from segmentation.reporting.sections.other_model import REFIT, called, is_by_two_models, is_move
from segmentation.reporting.theme import FULL, segment_colour
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

MOST = 12  # paths that are drawn; the smaller ones are told


@dataclass(frozen=True)
class Path:
    """From one segment to another: how many, and the GMV that they had brought up to the earlier day."""

    start: int
    end: int
    count: int
    gmv: float

    @property
    def rises(self) -> bool:
        """Whether it leads to a segment of the same model that is worth more: they are numbered by that, and 0 has no
        sale.
        """
        return self.end > 0 and (self.start == 0 or self.end < self.start)


def picture(name: str, moved: Sequence[Row], voice: Voice) -> Picture | None:
    """Rows of migrations between two days as paths; None where nobody moved."""
    moves = [row for row in moved if is_move(row)]
    paths = _paths(moves)
    if not paths:
        return None
    drawn = sorted(sorted(paths, key=lambda path: -path.count)[:MOST], key=lambda path: (path.start or 10**6, path.end))
    were, are = called(moves, "from"), called(moves, "to")
    starts, ends = _in_order({path.start for path in drawn}), _in_order({path.end for path in drawn})
    figures = voice.figures
    bands = [
        Band(
            starts.index(path.start),
            ends.index(path.end),
            path.count,
            f"{figures.count(path.count)} · {figures.money(path.gmv)}",
            figures.count(path.count),
        )
        for path in drawn
    ]
    left = [_place(at, were, "left", sum(path.count for path in paths if path.start == at), voice) for at in starts]
    came = [_place(at, are, "came", sum(path.count for path in paths if path.end == at), voice) for at in ends]
    days = [figures.day(moved[0][column]) for column in ("as_of_from", "as_of_to")]
    said = [f"{left[band.start].name} → {came[band.end].name}: {band.text}" for band in bands]
    return Picture(
        f"{name}_paths",
        _title(name, paths, is_by_two_models(moved), voice),
        "; ".join(said),
        partial(draw_paths, left, came, bands, (days[0], days[1])),
        kicker=voice.translate("past.paths_kicker", first=days[0], second=days[1]),
        note=_note(paths, drawn, any(row["cause"] == REFIT for row in moved), voice),
        width=FULL,
    )


def _paths(moves: Sequence[Row]) -> list[Path]:
    """The moves by segments, whatever the cause."""
    sums: dict[tuple[int, int], tuple[int, float]] = {}
    for row in moves:
        pair = int(row["segment_from"]), int(row["segment_to"])
        count, gmv = sums.get(pair, (0, 0.0))
        sums[pair] = count + int(number(row["entities"]) or 0), gmv + (number(row["gmv_from"]) or 0.0)
    return [Path(*pair, *sums[pair]) for pair in sorted(sums)]


def _in_order(segments: set[int]) -> list[int]:
    """The one that is worth most first, and those without a sale last."""
    return sorted(segments, key=lambda segment: (segment == 0, segment))


def _place(segment: int, names: Mapping[int, object], what: str, count: int, voice: Voice) -> Place:
    told = voice.translate(f"past.paths_{what}", count=voice.figures.count(count))
    return Place(voice.labels.segment(segment, names.get(segment)), told, segment_colour(segment))


def _title(name: str, paths: Sequence[Path], by_two_models: bool, voice: Voice) -> str:
    """How many went to a segment worth less, and to one worth more, and what they had brought; ranks of two models are
    not to be compared.
    """
    if by_two_models:
        count = voice.figures.count(sum(path.count for path in paths))
        money = voice.figures.money(sum(path.gmv for path in paths))
        return voice.translate.side(name, "past.paths_moved", count=count, money=money)
    told = {}
    for key, rises in (("up", True), ("down", False)):
        mine = [path for path in paths if path.rises is rises]
        told[key] = voice.figures.count(sum(path.count for path in mine))
        told[f"{key}_money"] = voice.figures.money(sum(path.gmv for path in mine))
    kinds = {path.rises for path in paths}
    if kinds == {True}:
        return voice.translate.side(name, "past.paths_up", count=told["up"], money=told["up_money"])
    if kinds == {False}:
        return voice.translate.side(name, "past.paths_down", count=told["down"], money=told["down_money"])
    return voice.translate.side(name, "past.paths_both", **told)


def _note(paths: Sequence[Path], drawn: Sequence[Path], is_refitted: bool, voice: Voice) -> str:
    said = [voice.translate("past.paths_note")]
    if is_refitted:
        said.append(voice.translate("past.paths_refitted"))
    rest = sum(path.count for path in paths) - sum(path.count for path in drawn)
    if rest:
        few = voice.figures.count(len(paths) - len(drawn))
        said.append(voice.translate("past.paths_rest", count=voice.figures.count(rest), paths=few))
    return " ".join(said)
