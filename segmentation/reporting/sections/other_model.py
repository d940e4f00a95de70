"""Where the segments of the later day are by another model than those of the earlier one: what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from segmentation.i18n.numbers import number
from segmentation.periodic.fates import Fate, fates
from segmentation.reporting.voice import Voice
from segmentation.schemas import Row

REFIT = "refit"
Names = Mapping[int, object]


def is_move(row: Row) -> bool:
    """Whether they were in one segment and moved to another: neither new, nor gone, nor elsewhere by the model alone.

    The cause tells, and not the numbers: of two models these say nothing to each other.
    """
    return None not in (row["segment_from"], row["segment_to"]) and row["cause"] not in (None, REFIT)


def called(moved: Iterable[Row], side: str) -> dict[int, object]:
    """Names of the segments of the earlier day (`from`) or of the later one (`to`), by number."""
    return {int(row[f"segment_{side}"]): row[f"name_{side}"] for row in moved if row[f"segment_{side}"] is not None}


def is_by_two_models(moved: Sequence[Row]) -> bool:
    """Whether numbers and ranks of one day say nothing of those of the other."""
    were, are = called(moved, "from"), called(moved, "to")
    both = were.keys() & are.keys() - {0}  # what is called without a sale is no model's
    is_renamed = any(None not in (were[at], are[at]) and were[at] != are[at] for at in both)
    return is_renamed or _is_placed_by_the_later(moved)


def what_became(name: str, moved: Sequence[Row], voice: Voice) -> str:
    """What the later model made of the earlier one's segments, and how many it alone puts elsewhere; "" by one model.

    Counted of those who did not move: they are where the later model puts what was known on the earlier day.
    """
    if not _is_placed_by_the_later(moved):
        return ""
    still = [row for row in moved if None not in (row["segment_from"], row["segment_to"]) and not is_move(row)]
    shared: dict[tuple[int, int], int] = {}
    for row in still:
        pair = int(row["segment_from"]), int(row["segment_to"])
        shared[pair] = shared.get(pair, 0) + _entities(row)
    were, are = called(moved, "from"), called(moved, "to")
    told = [sentence for fate in fates(shared) if (sentence := _in_words(fate, were, are, voice))]
    figures = {
        "second": voice.figures.day(moved[0]["as_of_to"]),
        "count": voice.figures.count(sum(_entities(row) for row in still if row["cause"] == REFIT)),
    }
    if not told:
        return voice.translate.side(name, "past.refitted", **figures)
    return voice.translate.side(name, "past.refitted_fates", fates="; ".join(told), **figures)


def _is_placed_by_the_later(moved: Sequence[Row]) -> bool:
    """Whether causes tell that the later model was asked of the earlier day."""
    is_of_one_number = any(is_move(row) and row["segment_from"] == row["segment_to"] for row in moved)
    return is_of_one_number or any(row["cause"] == REFIT for row in moved)


def _in_words(fate: Fate, were: Names, are: Names, voice: Voice) -> str:
    """A fate by the names of both days; "" of a segment that kept its name and its rank."""
    starts = [voice.labels.segment(at, were.get(at)) for at in fate.earlier]
    ends = [voice.labels.segment(at, are.get(at)) for at in fate.later]
    kind = fate.kind
    if kind == "survived":
        if starts == ends and fate.earlier == fate.later:
            return ""
        kind = "ranked" if starts == ends else "renamed"
    start, end = (_listed(names, voice) for names in (starts, ends))
    return voice.translate(f"past.fates.{kind}", start=start, end=end, rank=fate.later[0] if fate.later else "")


def _listed(names: Sequence[str], voice: Voice) -> str:
    *others, last = [*names] or [""]
    return voice.translate("past.fates.list", others=", ".join(others), last=last) if others else last


def _entities(row: Row) -> int:
    return int(number(row["entities"]) or 0)
